"""docs/redis.md is followed as it stands: its shell blocks are typed, and do what the text says."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from manifests import NAMESPACE, RELEASE, manifests

from tests.clients import Client
from tests.deploy.documents import Block, Walk, blocks, chapters
from tests.servers import ROOT, program, wait_until

DOCUMENT = ROOT / "docs/redis.md"
BLOCKS = blocks(DOCUMENT)
LINES = [line for block in BLOCKS if block.language == "bash" for line in block.lines]


def of(chapter: str) -> Iterator[Block]:
    """Its shell blocks that can be followed on any machine."""
    return (one for one in BLOCKS if one.chapter == chapter and one.language == "bash" and not one.is_elsewhere)


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    for name in ("redis-server", "redis-cli", "curl", "prometheus-redis-exporter"):
        program(name)
    with Walk(tmp_path, {}) as walk:
        yield walk


# What is looked at


def test_the_table_of_contents():
    """Names every chapter, in order, with the address that it has."""
    listed = re.findall(r"^\d+\. \[(.*)\]\(#(.*)\)$", DOCUMENT.read_text().partition("\n## ")[0], re.MULTILINE)
    assert [title for title, _ in listed] == list(chapters(DOCUMENT))
    assert [address for _, address in listed] == [_address(title) for title, _ in listed]


def test_links_lead_somewhere():
    """To headings of this document and of its neighbours, and to files."""
    for path, address in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", DOCUMENT.read_text()):
        target = DOCUMENT.parent / path if path else DOCUMENT
        assert target.exists(), path
        headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE) if address else []
        assert not address or address in map(_address, headings), f"{path}#{address}"


def test_a_shell_can_read_it():
    for block in BLOCKS:
        if block.language == "bash":
            done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{block.text}\n{done.stderr}"


def test_what_is_typed_in_a_cluster_exists():
    """Files, names, labels and the image are those of the manifests."""
    objects = [one for text in manifests().values() for one in yaml.safe_load_all(text)]
    typed = "\n".join(line for line in LINES if line.startswith(("kubectl", "helm", "docker")))
    assert {*re.findall(r"-n ([a-z0-9-]+)", typed)} == {NAMESPACE}
    assert {*re.findall(r"helm upgrade --install (\S+)", typed)} == {RELEASE}
    for path in re.findall(r"(?:-f |helm upgrade --install \S+ )([\w./-]+/[\w./-]*)", typed):
        assert (ROOT / path).exists(), path
    named = {*re.findall(r"\b(deployment)/([a-z-]+)", typed)}
    assert named <= {(one["kind"].lower(), one["metadata"]["name"]) for one in objects}
    pods = [one["spec"]["template"] for one in objects if one["kind"] == "Deployment"]
    assert {*re.findall(r"-l app=(\S+)", typed)} <= {pod["metadata"]["labels"]["app"] for pod in pods}
    images = {container["image"] for pod in pods for container in pod["spec"]["containers"]}
    assert {*re.findall(r"redis:[\w.-]*alpine", typed)} <= images


def test_the_values_are_those_of_the_chart():
    (block,) = [one for one in BLOCKS if one.chapter == "Kubernetes" and one.language == "yaml"]
    values = yaml.safe_load((ROOT / "helm/todo-phase5/values.yaml").read_text())
    assert yaml.safe_load(block.text)["env"][0] in values["env"]


# What is followed


@pytest.mark.timeout(180)
def test_quick_start_local_development_testing_monitoring_and_performance(walk):
    """In the order of the page, with two servers in terminals of their own."""
    printed = [walk.run(block) for block in of("Quick start") if "pip install" not in block.text]
    (password,) = re.findall(r"with the password (\S+)", "".join(printed))
    assert any("PONG" in text for text in printed)
    assert any("0 failed" in text for text in printed)
    for server in walk.terminals:
        server.until("✅ Redis WebSocket manager enabled: redis://localhost")
        server.until("✅ Redis pub/sub initialized successfully")

    for block in of("Local development"):
        if "--reload" not in block.text:
            walk.run(block)
    monitor = walk.terminals[-1]

    answers = {block.text: walk.run(block, given=f"{password}\n") for block in of("Testing")}
    first, second, passing = walk.terminals[-3:]
    for watcher in (first, second):
        watcher.until("Test Multi-Instance")
    channels = next(text for block, text in answers.items() if "pubsub channels" in block)
    assert "websocket:broadcast:all\n" in channels
    assert "websocket:broadcast:all\n2\n" in channels
    assert "used_memory_human" in channels
    stats = json.loads(next(text for block, text in answers.items() if "/ws/stats" in block))
    (shown,) = [json.loads(one.text) for one in BLOCKS if one.chapter == "Testing" and one.language == "json"]
    assert stats.keys() == shown.keys()
    assert stats["redis_enabled"] is True
    assert stats["total_instances"] == 2

    (task,) = [block for block in of("Testing") if "curl -X POST" in block.text]
    walk.run(task)
    passing.until("websocket:broadcast:all\n")
    wait_until(lambda: '"websocket:broadcast:all"' in monitor.text, what="the change to be seen by redis-cli monitor")

    watched = "".join(walk.run(block) for block in of("Monitoring"))
    assert "realtime_redis_up 1.0\n" in watched
    assert "websocket:broadcast:all\n3\n" in watched, "both servers listen, and who sees the changes pass"
    assert "evicted_keys:0" in watched
    assert re.search(r"^redis_pubsub_channels [3-9]", watched, re.MULTILINE)

    for block in of("Performance"):
        walk.run(block)
    assert "256mb" not in walk.type("redis-cli config get maxmemory")
    assert "268435456" in walk.type("redis-cli config get maxmemory")
    assert "allkeys-lru" in walk.type("redis-cli config get maxmemory-policy")
    for server in walk.terminals[:2]:
        assert "Traceback" not in server.text


def test_the_server_of_local_development_reloads(walk):
    """After a change of the code it serves again on the same port; when the command ends, all of it ends."""
    setting_up, *_ = of("Quick start")
    walk.run(setting_up)
    (block,) = [block for block in of("Local development") if "--reload" in block.text]
    walk.run(block)
    (server,) = walk.terminals
    # Seen once a second, by the files' times; what changed before it looked for the first time is not.
    changed = time.time()

    def serves_again() -> bool:
        nonlocal changed
        changed += 1
        os.utime(walk.folder / "tasks/urls.py", (changed, changed))
        return bool(server.text.count("Listening on") > 1)

    wait_until(serves_again, timeout=60, what="the server to start again")
    server.stop()
    with pytest.raises(AssertionError):
        walk.type("curl -s http://localhost:8000/livez")


AS_AFTER_YEARS = """
from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from tasks.models import EVERYONE_ID, Task
Permission.objects.all().delete()
ContentType.objects.all().delete()
for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
    create_permissions(config, verbosity=0)
Group.objects.create(name="editors").permissions.add(Permission.objects.get(codename="change_task"))
Task.objects.create(list_id=EVERYONE_ID, title="Straße nach 東京")
"""
"""Numbers that a new database does not give again, as after some upgrades; a group with a permission; a task."""

ASK = """
from django.contrib.auth.models import Group
from tasks.models import Task
print(*Group.objects.get(name="editors").permissions.values_list("content_type__app_label", "codename"))
print(*Task.objects.filter(search_entry__words__matches="strasse 京").values_list("title", flat=True))
"""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("way", ["sqlite", "sqlite-to-postgres", "postgres"])
async def test_migration(walk, way, postgres):
    """From one server without Redis to two with it, under a client that goes on; and back to the back-up. A new
    database has the same permissions by name, whatever their numbers are there, and its index of the search is filled.
    """
    urls = [postgres.url(postgres.create_database()) for _ in range(2)]
    if way == "postgres":
        walk.env["DATABASE_URL"] = urls[0]
    walk.env |= {"TARGET": urls[1], "PATH": f"{Path(program('pg_dump')).parent}:{walk.env['PATH']}"}
    setting_up, *_ = of("Quick start")
    (password,) = re.findall(r"with the password (\S+)", walk.run(setting_up))
    shell = "python manage.py shell --verbosity 0 --command"
    if way == "sqlite-to-postgres":
        walk.type(f"{shell} '{AS_AFTER_YEARS}'")
    alone = walk.start("python manage.py serve --port 8000", "Listening on")
    sign_in, *_ = of("Testing")
    walk.run(sign_in, given=f"{password}\n")
    token = walk.type('echo "$TOKEN"').strip()
    hello = await _hello_of_a_client(walk, token)

    steps = list(of("Migration"))
    (back,) = [block for block in steps if "restore before.sqlite3" in block.text]
    answers = ""
    for block in steps:
        if block is back or not _belongs(block, way):
            continue
        if "dumpdata" in block.text or "serve --port 8000" in block.text:
            alone.stop()
        answers += walk.run(block)
    assert '"total_instances":2' in answers.replace(" ", "")
    assert "websocket:broadcast:all\n2\n" in answers
    watcher = walk.terminals[-1]
    watcher.until("Seen at both")

    # Who was there before comes back and goes on; where events were left behind, by a snapshot.
    for port in ("8000", "8001"):
        client = await Client.connect(f"ws://127.0.0.1:{walk.ports[port]}/ws/tasks", hello={**hello, "token": token})
        await client.until("caught_up")
        resets = [frame["reason"] for frame in client.frames if frame["type"] == "reset"]
        assert set(resets) == ({"epoch"} if way == "sqlite-to-postgres" else set())
        titles = [event["data"]["title"] for event in client.events("all")]
        assert titles == ([] if resets else ["Seen at both"])
        newer = client.hello
        await client.close()
    assert Path(walk.folder / "before.sqlite3").exists() == (way != "postgres")
    if way == "sqlite-to-postgres":
        assert walk.type(f"{shell} '{ASK}'").splitlines() == ["('tasks', 'change_task')", "Straße nach 東京"]
    if way == "sqlite":
        await _go_back(walk, back, {**newer, "token": token})


def _belongs(block: Block, way: str) -> bool:
    """Whether one who goes this way types it."""
    ways = {"before.sqlite3": "sqlite", "pg_dump": "postgres", "dumpdata": "sqlite-to-postgres"}
    return all(way.startswith(one) for word, one in ways.items() if word in block.text)


async def _hello_of_a_client(walk: Walk, token: str) -> dict[str, Any]:
    """What a client knows that was there from the start, and has seen a task being made."""
    (task,) = [line for block in of("Testing") for line in block.lines if "curl -X POST" in line]
    client = await Client.connect(f"ws://127.0.0.1:{walk.ports['8000']}/ws/tasks", token=token)
    await client.until("ready")
    walk.type(task)
    await client.until("task.created")
    await client.close()
    return client.hello


async def _go_back(walk: Walk, back: Block, hello: dict[str, Any]) -> None:
    """The back-up is put in the place of the database: nobody trusts the newer position."""
    for terminal in reversed(walk.terminals):
        terminal.stop()
    walk.run(back)
    walk.type("sed -i /^REDIS_URL=/d .env")
    walk.start("python manage.py serve --port 8000", "Listening on")
    # As many events as were lost, so that the numbers alone would not tell.
    walk.type("python manage.py task add 'After the restore'")
    client = await Client.connect(f"ws://127.0.0.1:{walk.ports['8000']}/ws/tasks", hello=hello)
    await client.until("caught_up")
    assert {frame["reason"] for frame in client.frames if frame["type"] == "reset"} == {"epoch"}
    await client.close()


def _address(title: str) -> str:
    return re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
