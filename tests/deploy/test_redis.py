"""The Redis of the manifests, started as its pod would start it: open, and with passwords and users of few rights."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from manifests import TARGET
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError, ResponseError
from redis.retry import Retry

from tests.cast import ALICE
from tests.clients import Session, get
from tests.deploy.chart import pick
from tests.deploy.monitoring import DASHBOARDS, RedisExporter, asked_by_panels, names
from tests.servers import ROOT, Replica, Server, manage, program, wait_until

OBJECTS = list(yaml.safe_load_all((TARGET / "redis/redis-deployment.yaml").read_text()))
POD = pick(OBJECTS, "Deployment")["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
PASSWORDS = {"REDISCLI_AUTH": "an operator's $(password) 'quoted'", "REDIS_APP_PASSWORD": "of-the-application"}
EXPORTER = {"REDIS_EXPORTER_PASSWORD": "of-the-exporter"}


class PodsRedis(Server):
    """Redis by the pod's command and ConfigMap, with its mounts in a folder and on a port of its own."""

    name = "redis"

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder)
        program("redis-server")
        self.environment = environment
        mounts = {mount["mountPath"]: mount["name"] for mount in CONTAINER["volumeMounts"]}
        for path in mounts:
            (self.folder / path.lstrip("/")).mkdir(parents=True)
        (config,) = [path for path, name in mounts.items() if name == "config"]
        for name, text in pick(OBJECTS, "ConfigMap")["data"].items():
            here = re.sub(rf"(?<= )(?={'|'.join(mounts)})", str(self.folder), text)
            own = f"port {self.port}\nbind 127.0.0.1\n" if name.endswith(".conf") else ""
            (self.folder / config.lstrip("/") / name).write_text(here + own)
        self.arguments = [word.replace(config, f"{self.folder}{config}") for word in CONTAINER["command"]]

    def command(self) -> list[str]:
        return self.arguments

    def popen_options(self) -> dict[str, Any]:
        return {"env": {"PATH": os.environ["PATH"], **self.environment}}

    def is_ready(self, log: str) -> bool:
        return "Ready to accept connections" in log

    def connect(self, username: str | None = None, password: str | None = None) -> redis.Redis:
        return redis.Redis(
            port=self.port,
            username=username,
            password=password,
            decode_responses=True,
            protocol=2,
            socket_timeout=5,
            retry=Retry(NoBackoff(), 0),
        )


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PodsRedis]:
    with PodsRedis(tmp_path_factory.mktemp("closed"), **PASSWORDS, **EXPORTER) as server:
        yield server


@pytest.fixture
def todo(closed: PodsRedis) -> Iterator[redis.Redis]:
    """The application's user."""
    with closed.connect("todo", PASSWORDS["REDIS_APP_PASSWORD"]) as connection:
        yield connection


def ping(server: PodsRedis) -> bool:
    """What the pod's probes say; all three ask the same."""
    probes = [CONTAINER[name]["exec"]["command"] for name in ("startupProbe", "livenessProbe", "readinessProbe")]
    assert probes[0] == probes[1] == probes[2]
    *shell, script = probes[0]
    script = script.replace("redis-cli", f"redis-cli -p {server.port}")
    environment = {"PATH": os.environ["PATH"], **server.environment}
    done = subprocess.run([*shell, script], env=environment, timeout=10, check=False, capture_output=True)
    return done.returncode == 0


def test_without_a_secret_it_is_open(tmp_path):
    """It answers PONG without a password, evicts at 256 MB, and keeps what it has over a restart."""
    with PodsRedis(tmp_path) as server, server.connect() as connection:
        assert connection.ping()
        assert ping(server)
        wanted = {"maxmemory": str(256 * 1024**2), "maxmemory-policy": "allkeys-lru", "appendonly": "yes"}
        assert {name: connection.config_get(name)[name] for name in wanted} == wanted
        connection.set("websocket:kept", "yes")
        assert server.stop() == 0
        server.start()
        assert connection.get("websocket:kept") == "yes"
        server.kill()
        assert not ping(server)


def test_with_a_secret_it_is_closed(closed):
    """Nobody gets in without a password or with a wrong one; the operator may do everything, and the probes work."""
    for username, password in ((None, None), (None, "wrong"), ("todo", "wrong"), ("todo", PASSWORDS["REDISCLI_AUTH"])):
        with closed.connect(username, password) as connection, pytest.raises(redis.AuthenticationError):
            connection.ping()
    with closed.connect(None, PASSWORDS["REDISCLI_AUTH"]) as connection:
        assert connection.acl_whoami() == "default"
        assert connection.info("memory")
    assert ping(closed)
    for password in (PASSWORDS | EXPORTER).values():
        assert password not in closed.log.read_text()
        assert password not in (closed.folder / "run/redis/users.acl").read_text()


@pytest.mark.parametrize("name", PASSWORDS)
def test_half_a_secret_stops_the_start(tmp_path, name):
    """With one of the two passwords missing it does not start open, and says which one it is."""
    with (
        pytest.raises(AssertionError, match="is missing in the Secret redis-auth"),
        PodsRedis(tmp_path, **{name: PASSWORDS[name]}),
    ):
        pass


def test_the_applications_user_can_do_its_work(todo):
    """Publish and hear on its own channels, and use its own keys as a cache does."""
    assert todo.ping()
    with todo.pubsub() as subscription:
        subscription.subscribe("websocket:broadcast:all")
        assert subscription.get_message(timeout=5)["type"] == "subscribe"
        assert todo.publish("websocket:broadcast:all", "a message") == 1
        assert subscription.get_message(timeout=5)["data"] == "a message"
        subscription.unsubscribe("websocket:broadcast:all")
    assert todo.set("websocket:1:a", "1", ex=60, nx=True)
    assert todo.incrby("websocket:1:a", 2) == 3
    assert todo.mget(["websocket:1:a"]) == ["3"]
    assert todo.expire("websocket:1:a", 30)
    assert todo.persist("websocket:1:a")
    with todo.pipeline() as pipeline:
        pipeline.mset({"websocket:1:b": "2"})
        pipeline.expire("websocket:1:b", 60)
        assert pipeline.execute() == [True, True]
    assert todo.delete("websocket:1:a") == 1
    assert not todo.exists("websocket:1:a")


ALLOWED = {
    *("auth", "hello", "ping", "quit", "client|setname", "publish", "subscribe", "unsubscribe"),
    *("get", "set", "mget", "mset", "del", "exists", "expire", "persist", "incrby", "decrby"),
    *("multi", "exec", "discard"),
    "reset",  # signs off; no user can be kept from it
}


def commands(connection: redis.Redis) -> dict[str, int]:
    """Each command of this Redis, and each subcommand as "command|sub", with the number of words that it takes."""
    found: dict[str, int] = {}
    # As bytes on a plain connection, since redis-py would make an object of the answer.
    raw = connection.connection_pool.get_connection()
    try:
        raw.send_command("COMMAND")
        rows = raw.read_response()
    finally:
        connection.connection_pool.release(raw)
    for row in rows:
        parts = row[9] if len(row) > 9 and row[9] else [row]
        found |= {part[0]: abs(part[1]) for part in parts}
    return found


def beyond(closed: PodsRedis, connection: redis.Redis, allowed: set[str]) -> list[str]:
    """The commands beside those allowed that are not refused."""
    with closed.connect(None, PASSWORDS["REDISCLI_AUTH"]) as operator:
        known = commands(operator)
    assert len(known) > 300
    assert known.keys() > allowed
    let_through = []
    for name, words in known.items():
        if name in allowed:
            continue
        command = name.upper().split("|")
        try:
            connection.execute_command(*command, *["1"] * (words - len(command)))
            let_through.append(name)
        except ResponseError as refusal:
            # DEBUG and MODULE are off for everybody, the operator too. EXEC says first that there is no transaction.
            if not re.search("no permissions|command not allowed", str(refusal)):
                let_through.append(name)
    return let_through


def test_the_applications_user_can_do_nothing_else(closed, todo):
    """Each command of Redis that it has no use for is refused; so are the channels and keys of others."""
    assert not beyond(closed, todo, ALLOWED)
    for words_of_others in (
        ("PUBLISH", "other:all", "x"),
        ("PUBLISH", "websocketx", "x"),
        ("SUBSCRIBE", "other:all"),
        ("GET", "other"),
        ("SET", "other", "x"),
        ("MGET", "websocket:1:a", "other"),
        ("DEL", "other"),
    ):
        with pytest.raises(NoPermissionError):
            todo.execute_command(*words_of_others)


FIGURES = {
    *("auth", "hello", "ping", "info", "client|setname", "config|get"),
    *("slowlog|get", "slowlog|len", "latency|latest", "latency|histogram"),
    "reset",
    "quit",  # as with reset
}


def test_the_exporters_user_sees_figures_and_nothing_else(tmp_path, closed):
    """All that the dashboard of Redis shows; no key, no channel, and no command that changes anything."""
    with closed.connect(None, PASSWORDS["REDISCLI_AUTH"]) as operator:
        operator.acl_log_reset()
        operator.publish("websocket:broadcast:all", "so that there are figures of it")
        variables = {"REDIS_USER": "exporter", "REDIS_PASSWORD": EXPORTER["REDIS_EXPORTER_PASSWORD"]}
        with RedisExporter(tmp_path, f"redis://127.0.0.1:{closed.port}", **variables) as exporter:
            asked = {
                name
                for title, expression in asked_by_panels()
                if title.startswith(DASHBOARDS["redis"]["title"])
                for name in names(expression)
            }
            assert len(asked) > 15
            assert asked <= set(exporter.samples())
        assert not operator.acl_log()
    with closed.connect("exporter", EXPORTER["REDIS_EXPORTER_PASSWORD"]) as connection:
        assert not beyond(closed, connection, FIGURES)


def test_the_documented_exporter_has_these_rights(closed):
    """Those of docs/redis.md are those of the pod."""
    (command,) = re.findall(r"ACL SETUSER exporter (.*?)```", (ROOT / "docs/redis.md").read_text(), re.DOTALL)
    with closed.connect(None, PASSWORDS["REDISCLI_AUTH"]) as operator:
        (given,) = [line for line in operator.acl_list() if line.startswith("user exporter")]
    assert set(re.findall(r"\+([\w|]+)", command)) == set(re.findall(r"\+([\w|]+)", given))


@pytest.mark.parametrize("written", ["as a command", "in redis.conf"])
def test_the_documented_user_can_do_its_work_and_nothing_else(start_redis, sqlite_database, written):
    """check_redis has no complaint and finds no right too many; nobody else is disconnected or held up by this user."""
    text = (ROOT / "docs/redis.md").read_text().replace("\\\n", "")
    command, line = (
        re.findall(pattern, text)[0]
        for pattern in (r"ACL SETUSER todo reset (on .*\+unsubscribe)", r"\nuser todo (on .*)\n")
    )
    assert line.split()[2:] == shlex.split(command)[2:], "both ways are the same user"
    server = start_redis()
    server.run("ACL", "SETUSER", "todo", "reset", *shlex.split(command if written == "as a command" else line))
    server.run(
        "ACL", "SETUSER", "wide", "on", ">a", "resetchannels", "&websocket:*", "-@all", "+@connection", "+@pubsub"
    )
    server.run("ACL", "SETUSER", "default", "off")
    wide = {"REDIS_URL": f"redis://wide:a@127.0.0.1:{server.port}/0", **sqlite_database}
    assert "disconnect others" in manage("check_redis", env=wide), "the control"
    url = f"redis://todo:long-random-password@127.0.0.1:{server.port}/0"
    printed = manage("check_redis", env={"REDIS_URL": url, **sqlite_database})
    assert "none that the application does not need" in printed
    with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0)) as connection:
        assert connection.publish("websocket:broadcast:all", "x") == 0
        for words in (
            ("CLIENT", "PAUSE", "1"),
            ("CLIENT", "KILL", "TYPE", "normal"),
            ("CLIENT", "LIST"),
            ("CLIENT", "NO-EVICT", "on"),
            ("PUBSUB", "CHANNELS"),
            ("CONFIG", "GET", "maxmemory"),
            ("PUBLISH", "other", "x"),
            ("GET", "websocket:cache:1"),
        ):
            with pytest.raises(NoPermissionError):
                connection.execute_command(*words)


def test_without_its_password_there_is_no_exporter(tmp_path):
    """A Secret of before has only the other two."""
    with PodsRedis(tmp_path, **PASSWORDS) as server, server.connect(None, PASSWORDS["REDISCLI_AUTH"]) as operator:
        assert operator.acl_users() == ["default", "todo"]


def test_the_application_works_with_these_rights(tmp_path, closed, sqlite_database):
    """A replica hears itself through it, with the url that the Secret would have, and serves."""
    with closed.connect(None, PASSWORDS["REDISCLI_AUTH"]) as operator:
        operator.acl_log_reset()
    url = f"redis://todo:{PASSWORDS['REDIS_APP_PASSWORD']}@127.0.0.1:{closed.port}/0"
    with Replica(tmp_path, env={**sqlite_database, "REDIS_URL": url}) as replica:
        wait_until(lambda: get(f"{replica.url}/readyz").json().get("redis") == "ok", what="Redis to be well")
        with Session(replica.url, ALICE) as session:
            assert session.post("/api/tasks", json={"title": "through Redis"}).status_code == 201
        with closed.connect(None, PASSWORDS["REDISCLI_AUTH"]) as operator:
            assert "websocket:broadcast:all" in operator.pubsub_channels()
            # redis-py says its name and version to Redis 7.2 or newer, and does without where it may not.
            assert {entry["object"] for entry in operator.acl_log()} <= {"client|setinfo"}
