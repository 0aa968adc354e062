"""What is off costs nothing; what is on arrives at a collector."""

import os
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.clients import get
from tests.collector import Collector
from tests.servers import ROOT, manage, wait_until
from todo_project import VERSION, telemetry

BLOCK = """
import importlib.abc, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ("sentry_sdk", "opentelemetry"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
"""

SENTRY = {"SENTRY_DSN": "https://key@sentry.example.com/1"}
OTEL = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.fixture(scope="module")
def extras(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process that has the packages; in .venv they would slow down the start of all others."""
    folder = tmp_path_factory.mktemp("extras")
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(folder)]
    done = subprocess.run(
        [*install, "--constraint", str(ROOT / "requirements.txt"), *telemetry.SENTRY, *telemetry.OTEL],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    if done.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"the extras can't be installed: {done.stderr}")
    return {"PYTHONPATH": str(folder)}


def break_tasks(database: dict[str, str]) -> None:
    """From now on requests for a task get an error."""
    with sqlite3.connect(database["DATABASE_URL"].removeprefix("sqlite:///")) as connection:
        connection.execute("ALTER TABLE tasks_task RENAME TO gone")
    connection.close()


def test_the_pins_agree():
    """What the start says to install is what the extras are."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert tuple(extras["sentry"]) == telemetry.SENTRY
    assert tuple(extras["otel"]) == telemetry.OTEL


def test_off_means_not_even_imported(extras):
    """By the application as a server loads it, though all of it is there."""
    code = "import sys, todo_project.asgi; print(*sys.modules)"
    loaded = manage("shell", "--no-imports", "--verbosity", "0", "--command", code, env=extras).split()
    assert "todo_project.asgi" in loaded
    assert Path(extras["PYTHONPATH"], "sentry_sdk").is_dir()
    # redis-py imports OpenTelemetry's metrics by itself, where they are installed.
    unwanted = {"sentry_sdk", "opentelemetry.sdk.trace", "opentelemetry.exporter", "opentelemetry.instrumentation"}
    assert not unwanted & set(loaded)


@pytest.mark.parametrize(("env", "packages"), [(SENTRY, telemetry.SENTRY), (OTEL, telemetry.OTEL)])
def test_without_its_packages_the_start_says_what_to_install(tmp_path, env, packages):
    """In one line; where it is off nobody misses them."""
    (tmp_path / "sitecustomize.py").write_text(BLOCK)
    with pytest.raises(AssertionError) as error:
        manage("check", env={**env, "PYTHONPATH": str(tmp_path)})
    (name,) = env
    said = f"manage.py: {name} is set, but what it needs is missing: pip install {' '.join(packages)}"
    assert str(error.value).splitlines()[1:] == [said]
    manage("check", env={"PYTHONPATH": str(tmp_path)})


async def test_errors_go_to_sentry(start_replica, sqlite_database, extras, sign_in):
    """With the way that led to them, and with neither a token nor a password nor what was typed."""
    with Collector() as collector:
        dsn = f"http://key@127.0.0.1:{collector.port}/1"
        alice = sign_in(start_replica(sqlite_database | extras, SENTRY_DSN=dsn))
        break_tasks(sqlite_database)
        answers = [
            alice.get("/api/tasks?search=of-a-query"),
            alice.post("/api/tasks", json={"title": "a private matter"}),
        ]
        assert {answer.status_code for answer in answers} == {500}
        path, event = "/api/1/envelope/", b'{"type":"event",'
        wait_until(lambda: collector.bodies(path).count(event) == len(answers), what="the errors to arrive")
        sent = collector.bodies(path)
    assert b"no such table" in sent
    assert f"todo@{VERSION}".encode() in sent
    for secret in (alice.token, "of-a-query", "a private matter", alice.person.password):
        assert secret.encode() not in sent


async def test_requests_go_to_a_collector(start_replica, sqlite_database, extras, sign_in):
    """A span for each with its route and id, none for probes; it is all out when the server has ended."""
    with Collector() as collector:
        endpoint = f"http://127.0.0.1:{collector.port}"
        replica = start_replica(
            sqlite_database | extras, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_SERVICE_NAME="todo-test"
        )
        request_id = sign_in(replica).get("/api/tasks").headers["X-Request-ID"]
        assert get(f"{replica.url}/readyz", headers={"Host": "10.1.2.3"}).status_code == 200
        assert replica.stop() == 0
        sent = collector.bodies("/v1/traces")
    assert b"todo-test" in sent
    assert b"GET api/tasks/?$" in sent
    assert request_id.encode() in sent
    assert b"readyz" not in sent


async def test_a_collector_that_is_gone_holds_nobody_up(start_replica, sqlite_database, extras, sign_in):
    """Not even, for long, the end."""
    replica = start_replica(sqlite_database | extras, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert sign_in(replica).get("/api/tasks").status_code == 200
    assert replica.stop(timeout=8) == 0
