"""docs/operations.md names nothing that does not exist, and its restore does what it says."""

import logging
import re
import shlex
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from logging.config import DictConfigurator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class
from manifests import NAMESPACE, RELEASE, manifests

from tests.cast import ALICE
from tests.clients import Client, Session, ok
from tests.deploy.chart import render, validate
from tests.servers import ROOT, Replica, manage, program
from tests.system.cluster import about
from todo_project.log import logging_config

TEXT = (ROOT / "docs/operations.md").read_text()
BLOCKS = re.findall(r"^```bash\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = "\n".join(BLOCKS).replace("\\\n", " ")
(VALUES,) = re.findall(r"^```yaml\n(metrics:.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
WATCHED = yaml.safe_load(VALUES)
OBJECTS = [one for text in manifests().values() for one in yaml.safe_load_all(text)]


def test_a_shell_can_read_them():
    """Quotes and parentheses are closed in each block."""
    for block in BLOCKS:
        done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, timeout=10, check=False)
        assert done.returncode == 0, f"{block}\n{done.stderr}"


def test_commands_of_manage_exist():
    """With the options that are given."""
    found = re.findall(r"manage\.py ([a-z_]+)((?: --?[\w=-]+(?: \d+)?| [\w./-]+\.sqlite3)*)", COMMANDS)
    assert {name for name, _ in found} >= {"first_user", "new_epoch", "prune_events"}
    for name, options in found:
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        parser.parse_args(shlex.split(options))


def test_the_commands_ask_under_names_that_are_allowed():
    """By the settings that the installations of this document write."""
    asked = set(re.findall(r"http://([\w.]+):8000\b", TEXT))
    allowed = [set(hosts.split(",")) for hosts in re.findall(r"ALLOWED_HOSTS=([\w.,-]+)", TEXT)]
    assert asked == {"localhost", "127.0.0.1"}
    assert len(allowed) == 3
    assert all(asked < hosts for hosts in allowed)


@pytest.mark.parametrize("format", ["text", "json"])
def test_warnings_are_found_in_each_form_of_the_log(format):
    """By the search of "Where to look"."""
    (pattern,) = re.findall(r"grep -E '(.*warning.*)'", COMMANDS)
    settings = logging_config(format=format, level="INFO")
    formatter = DictConfigurator(settings).configure_formatter(settings["formatters"]["chosen"])
    lines = [
        formatter.format(logging.LogRecord("realtime", level, "", 0, "Redis is away", (), None))
        for level in (logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
    ]
    assert [bool(re.search(pattern, line)) for line in lines] == [False, True, True, True]


def test_objects_exist():
    """In the manifests, under the names that are typed."""
    named = set(re.findall(r"\b(deployment|statefulset|service|cronjob)/([a-z-]+)", TEXT))
    assert len(named) >= 3
    assert named <= {(one["kind"].lower(), one["metadata"]["name"]) for one in OBJECTS}
    assert {*re.findall(r"delete job ([a-z-]+)", TEXT)} <= {
        one["metadata"]["name"] for one in OBJECTS if one["kind"] == "Job"
    }
    assert {*re.findall(r"-n ([a-z0-9-]+)", COMMANDS)} == {NAMESPACE}
    assert {*re.findall(r"helm (?:upgrade --install|test|rollback) ([a-z0-9-]+)", TEXT)} == {RELEASE}


def test_secrets_are_those_that_the_pods_read():
    """Each name, with each key."""
    made: dict[str, set[str]] = {}
    for name, rest in re.findall(r"create secret generic ([a-z-]+)(.*)", COMMANDS):
        made[name] = set(re.findall(r"--from-literal=([\w-]+)=", rest))
    read: dict[str, set[str]] = {}
    for found in references([*OBJECTS, *render(WATCHED)]):
        read.setdefault(found["name"], set()).add(found["key"])
    assert made == read


def references(part: Any) -> Iterator[dict[str, str]]:
    """Whatever in these objects names a Secret and a key in it."""
    if isinstance(part, dict):
        if {"name", "key"} <= part.keys() <= {"name", "key", "optional"}:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from references(one)


def test_the_chart_takes_the_values_for_prometheus():
    """As they are written there."""
    objects = render(WATCHED)
    validate(objects)
    assert {"ServiceMonitor", "PrometheusRule"} <= {one["kind"] for one in objects}


def test_services_and_files_exist():
    """Those of compose.yaml, and of this repository."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for line in COMMANDS.splitlines():
        if found := re.match(r"docker compose (?:exec|run|stop|start|up) (.*)", line):
            words = [word for word in found[1].split() if not word.startswith("-")]
            assert not words or words[0] in services, line
    for path in re.findall(r"(?:^|[\s`(])((?:kubernetes|helm|deploy)/[\w./-]*)", TEXT):
        assert (ROOT / path).exists(), path


@pytest.mark.timeout(300)
async def test_after_a_restore_nobody_trusts_an_old_position(tmp_path, postgres_database):
    """A client that knows events from after the back-up is sent for a snapshot, even where the numbers would fit."""
    restore = re.search(r"pg_restore -U todo --dbname todo (.*?) <", COMMANDS)
    assert restore
    url, dump = postgres_database["DATABASE_URL"], tmp_path / "todo.dump"
    replica = Replica(tmp_path, env=postgres_database)
    with replica, Session(replica.url, ALICE) as session:
        kept = ok(session.post("/api/tasks", json={"title": "before the back-up"}))
        _run(program("pg_dump"), "--format=custom", f"--file={dump}", url)
        lost = ok(session.post("/api/tasks", json={"title": "after the back-up"}))
        client = await Client.connect(replica.ws_url, token=session.token)
        before = (await client.until("ready"))["positions"]["all"]
        await client.close()
        hello = {**client.hello, "token": session.token}
    _run(program("pg_restore"), "--dbname", url, *restore[1].split(), str(dump))
    manage("new_epoch", env=postgres_database)
    with replica, Session(replica.url, ALICE) as session:
        # As many events as were lost, so that the numbers alone would not tell.
        made = ok(session.post("/api/tasks", json={"title": "after the restore"}))
        client = await Client.connect(replica.ws_url, hello=hello)
        assert (await client.until("ready"))["positions"]["all"] == before
        reset = await client.until(lambda frame: frame["type"] == "reset" and frame["stream"] == "all")
        assert reset["reason"] == "epoch"
        ids = {task["id"] for task in ok(session.get("/api/sync"))["tasks"]}
        assert {kept["id"], made["id"]} <= ids
        assert lost["id"] not in ids
        await client.close()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.timeout(300)
async def test_a_restore_under_a_client_sends_it_for_a_snapshot(tmp_path, database, start_replica, sign_in, connect):
    """The replica runs on, and has told its client of events that the restored database does not know."""
    url = database["DATABASE_URL"]
    replica = start_replica(database)
    session = sign_in(replica)
    _back_up(url, tmp_path / "back-up")
    client = await connect(replica, token=session.token)
    lost = [ok(session.post("/api/tasks", json={"title": "after the back-up"})) for _ in range(3)]
    await client.until(about(lost[-1]))
    told = client.positions["all"]
    _restore(url, tmp_path / "back-up")
    said = manage("new_epoch", env=database)
    assert await client.closed(timeout=15) == 4503
    hello = {**client.hello, "token": session.token}
    again = await connect(replica, hello=hello)
    reset = await again.until(lambda frame: frame["type"] == "reset" and frame["stream"] == "all")
    if again.epoch not in said:
        # The replica saw that the log had gone back before it saw the new epoch, which then closes this one as well.
        assert reset["reason"] == "ahead"
        assert await again.closed(timeout=15) == 4503
        again = await connect(replica, hello=hello)
        reset = await again.until(lambda frame: frame["type"] == "reset" and frame["stream"] == "all")
    assert reset["reason"] == "epoch"
    assert not {one["id"] for one in lost} & {task["id"] for task in ok(session.get("/api/sync"))["tasks"]}
    # The numbers of the lost events are given out once more, and what bears them arrives.
    made = ok(session.post("/api/tasks", json={"title": "after the restore"}))
    event = await again.until(about(made))
    assert event["seq"] == reset["seq"] + 1
    assert event["seq"] < told


def _back_up(url: str, path: Path) -> None:
    if url.startswith("sqlite"):
        _copy(_file(url), path)
    else:
        _run(program("pg_dump"), "--format=custom", f"--file={path}", url)


def _restore(url: str, path: Path) -> None:
    if url.startswith("sqlite"):
        _copy(path, _file(url))
    else:
        _run(program("pg_restore"), "--dbname", url, "--clean", "--if-exists", "--single-transaction", str(path))


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _copy(source: Path, target: Path) -> None:
    """As SQLite does it for a database that is in use."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
