"""`manage.py check_redis` against set-ups that are broken, each in its own way: it names what is wrong."""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer
from typing import Any, NamedTuple

import pytest
import redis as redis_py
from django.core.management import call_command

from realtime.broker.layer import channel_layers
from tests.certificates import Authority
from tests.servers import ROOT, RedisServer, Server, manage, wait_until
from tests.servers.redis_forms import (
    CONNECTION_RIGHTS,
    MASTER,
    SMALLEST_ACL,
    Guarded,
    SentinelServer,
    acl_user,
    redis_cluster,
    tls_arguments,
)
from todo_project.cache import caches

PASSWORD = "not-for-the-screen"
SECONDS = 0.7
"""For each step: what answers at all does so sooner."""

StartRedis = Callable[..., RedisServer]


class Outcome(NamedTuple):
    status: int
    findings: list[dict[str, str]]
    took: float

    def named(self, status: str) -> dict[str, str]:
        """What the findings of this status say, by check."""
        return {one["check"]: one["said"] for one in self.findings if one["status"] == status}

    def fails(self, check: str, *words: str) -> None:
        """Asserts that this check, and no other, failed with these words, and that there is advice."""
        assert self.status == 1
        failed = [one for one in self.findings if one["status"] == "failed"]
        assert {one["check"] for one in failed} == {check}, failed
        assert all(word in failed[0]["said"] for word in words), failed
        assert all(one["advice"] for one in failed)


Look = Callable[..., Outcome]


@pytest.fixture
def look(settings: Any) -> Look:
    """look(url, password=...): what check_redis finds; takes what channel_layers takes. No password may be shown."""

    def look(url: str = "", **more: Any) -> Outcome:
        settings.CHANNEL_LAYERS = channel_layers(
            url, max_connections=10, connect_timeout=2.0, socket_timeout=2.0, **more
        )
        text, status = io.StringIO(), 0
        began = time.monotonic()
        try:
            call_command("check_redis", "--json", f"--timeout={SECONDS}", stdout=text)
        except SystemExit as ended:
            status = int(str(ended.code))
        took = time.monotonic() - began
        assert PASSWORD not in text.getvalue()
        found = json.loads(text.getvalue())
        assert found["ok"] == (status == 0)
        return Outcome(status, found["findings"], took)

    return look


# In order


def test_a_redis_in_order(start_redis: StartRedis, look: Look) -> None:
    """Every step is named; what is only unwise is a warning, and no failure."""
    redis = start_redis(password=PASSWORD, arguments=["--maxmemory", "64mb"])
    with redis_py.Redis.from_url(redis.url) as client, client.pubsub() as replica:
        replica.subscribe("websocket:broadcast:all")
        assert replica.get_message(timeout=5)
        found = look(redis.url)
    assert found.status == 0
    assert list(found.named("ok")) == [
        *("name", "tcp", "answer", "sign-in", "role", "subscribe", "publish", "round trip", "unsubscribe"),
        *("memory", "persistence", "slow log", "listeners"),
    ]
    assert "median of 50" in found.named("ok")["round trip"]
    assert found.named("ok")["listeners"].startswith("1 on websocket:broadcast:all")
    assert list(found.named("warning")) == ["more rights"]


def test_the_smallest_acl_is_enough(start_redis: StartRedis, look: Look) -> None:
    """What the user may not look at is no fault."""
    redis = start_redis(arguments=acl_user("todo", PASSWORD))
    found = look(redis.url, username="todo", password=PASSWORD)
    assert (found.status, found.named("warning")) == (0, {})
    assert list(found.named("not allowed to look")) == ["memory", "persistence", "slow log", "listeners"]


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        (("~websocket:cache:*", "+get", "+set", "+expire", "+persist", "+del"), None),
        (("~websocket:cache:*", "+get", "+set", "+del"), "expire, persist"),
        ((), "set, get, expire, persist, del"),
    ],
)
def test_rights_on_the_keys_of_a_cache(
    start_redis: StartRedis, look: Look, settings: Any, rules: Any, missing: Any
) -> None:
    """Only where there is one; each right by itself, and what to grant."""
    redis = start_redis(arguments=acl_user("todo", PASSWORD, *SMALLEST_ACL, *rules))
    assert "cache" not in look(redis.url, username="todo", password=PASSWORD).named("ok")
    settings.CACHES = caches(redis.url, sessions=False, username="todo", password=PASSWORD)
    found = look(redis.url, username="todo", password=PASSWORD)
    if missing is None:
        assert (found.status, found.named("ok")["cache"]) == (0, "allowed on ~websocket:cache:*")
    else:
        found.fails("cache", f": {missing}")


def test_over_tls_with_a_certificate_of_its_own(tmp_path: Path, start_redis: StartRedis, look: Look) -> None:
    """As the application itself connects."""
    authority = Authority(tmp_path)
    certificate, key = authority.issue("client")
    redis = start_redis(arguments=[*tls_arguments(authority), "--requirepass", PASSWORD])
    found = look(
        f"rediss://127.0.0.1:{redis.port}",
        password=PASSWORD,
        ca_file=str(authority.certificate),
        cert_file=str(certificate),
        key_file=str(key),
    )
    assert found.status == 0
    assert found.named("ok")["tls"] == "the certificate is good"


def test_nodes_of_a_cluster(tmp_path: Path, look: Look) -> None:
    """Each is looked at."""
    with redis_cluster(tmp_path) as nodes:
        found = look(",".join(node.url for node in nodes), cluster=True)
    assert found.status == 0
    roles = [one["said"] for one in found.findings if one["check"] == "role"]
    assert len(roles) == 3
    assert all("cluster master" in role for role in roles)


# The network


def test_a_name_that_is_unknown(look: Look) -> None:
    """Or that no name server answers for."""
    look("redis://no-such-host.invalid:6379").fails("name")


def test_a_name_server_that_answers_too_late(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it, and its answer does no harm."""
    asked, answer = [], threading.Event()

    def ask(*_: Any) -> list[Any]:
        asked.append(threading.current_thread())
        assert answer.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    found = look("redis://slow.invalid:6379")
    answer.set()
    asked[0].join()
    found.fails("name", "not resolved within")
    assert found.took < 5


def test_a_closed_port(tmp_path: Path, look: Look) -> None:
    """Nothing listens."""
    server = RedisServer(tmp_path)
    look(server.url).fails("tcp", "nothing listens there")
    server.close()


def test_a_port_that_swallows_connections(look: Look) -> None:
    """As behind a firewall that drops packets: here a full queue of connections that nobody accepts."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        found = look(f"redis://127.0.0.1:{listener.getsockname()[1]}")
    found.fails("tcp", "no answer to the attempt to connect")
    assert found.took < 5


def test_a_black_hole(look: Look) -> None:
    """It takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = look(f"redis://:{PASSWORD}@127.0.0.1:{listener.getsockname()[1]}")
    found.fails("answer", "answers nothing within")
    assert found.took < 5


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"HTTP/1.0 400 Bad Request\r\n\r\n", "not Redis"),
        (b"+OK POP3 server ready\r\n", "not Redis"),
        (b"-ERR unknown\r\n", "refused: "),
        (b"\x15\x03\x01\x00\x02\x02\x46", "speaks TLS"),
        (b"", "without an answer"),
    ],
)
def test_something_that_is_not_redis(reply: bytes, said: str, look: Look) -> None:
    """A web server, say. It is never shown the password."""
    heard: list[bytes] = []

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            heard.append(self.request.recv(1000))
            self.wfile.write(reply)

    with TCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        look(f"redis://:{PASSWORD}@127.0.0.1:{server.server_address[1]}").fails("answer", said)
        server.shutdown()
    assert heard
    assert PASSWORD.encode() not in b"".join(heard)


def test_a_unix_socket(start_redis: StartRedis, tmp_path: Path, look: Look) -> None:
    """In order, and one that is not there."""
    path = tmp_path / "redis.sock"
    redis = start_redis(arguments=["--unixsocket", str(path), "--requirepass", PASSWORD])
    found = look(f"unix://{path}", password=PASSWORD)
    assert (found.status, "round trip" in found.named("ok")) == (0, True)
    redis.kill()
    look(f"unix://{path}.other").fails("tcp", "No such file")


# TLS


def test_tls_where_something_else_is(look: Look) -> None:
    """It closes each connection."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.connection.recv(10)

    with TCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        look(f"rediss://:{PASSWORD}@127.0.0.1:{server.server_address[1]}").fails("tls", "no TLS with it")
        look(f"redis://:{PASSWORD}@127.0.0.1:{server.server_address[1]}").fails("answer", "without an answer")
        server.shutdown()


def test_tls_where_redis_has_none(start_redis: StartRedis, look: Look) -> None:
    """rediss:// instead of redis://."""
    redis = start_redis()
    look(f"rediss://127.0.0.1:{redis.port}").fails("tls", "without TLS")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def with_tls(authority: Authority, start_redis: StartRedis) -> RedisServer:
    """A Redis over TLS that wants no client's certificate."""
    return start_redis(arguments=[*tls_arguments(authority, clients="no"), "--requirepass", PASSWORD])


def test_no_tls_where_redis_wants_it(with_tls: RedisServer, look: Look) -> None:
    """redis:// instead of rediss://."""
    look(f"redis://127.0.0.1:{with_tls.port}", password=PASSWORD).fails("answer", "it speaks TLS")


def test_an_authority_that_is_not_trusted(with_tls: RedisServer, tmp_path: Path, look: Look) -> None:
    """No authority is named, or another one."""
    url = f"rediss://127.0.0.1:{with_tls.port}"
    look(url, password=PASSWORD).fails("tls", "authority is not trusted")
    other = Authority(tmp_path, "other")
    look(url, password=PASSWORD, ca_file=str(other.certificate)).fails("tls", "authority is not trusted")


def test_a_certificate_for_another_name(with_tls: RedisServer, authority: Authority, look: Look) -> None:
    """It is for 127.0.0.1 alone."""
    found = look(f"rediss://localhost:{with_tls.port}", password=PASSWORD, ca_file=str(authority.certificate))
    found.fails("tls", "for another name")


def test_a_client_without_the_certificate_that_is_wanted(
    authority: Authority, start_redis: StartRedis, look: Look
) -> None:
    """Redis wants one of each client unless it is told otherwise."""
    redis = start_redis(arguments=tls_arguments(authority))
    found = look(f"rediss://127.0.0.1:{redis.port}", ca_file=str(authority.certificate))
    found.fails("answer", "a certificate of this client is missing")


# Sign-in and rights


def test_a_wrong_password(start_redis: StartRedis, look: Look) -> None:
    """Of the default user, and of one with a name."""
    redis = start_redis(password="another", arguments=acl_user("todo", "another"))
    url = f"redis://127.0.0.1:{redis.port}"
    look(url, password=PASSWORD).fails("sign-in", "the password of the default user is refused")
    look(url, username="todo", password=PASSWORD).fails("sign-in", "the password of user 'todo' is refused")


def test_no_password_where_one_is_wanted(start_redis: StartRedis, look: Look) -> None:
    """It was forgotten."""
    redis = start_redis(password=PASSWORD)
    look(f"redis://127.0.0.1:{redis.port}").fails("sign-in", "wants a password")


def test_a_password_where_none_is_set(start_redis: StartRedis, look: Look) -> None:
    """The other way round."""
    look(start_redis().url, password=PASSWORD).fails("sign-in", "Redis has none")


def test_a_server_that_repeats_the_password(start_redis: StartRedis, look: Look) -> None:
    """Redis quotes the arguments of a command that it does not know."""
    redis = start_redis(arguments=["--rename-command", "AUTH", ""])
    look(redis.url, password=PASSWORD).fails("sign-in", "unknown command", "…")


def test_a_database_that_does_not_exist(start_redis: StartRedis, look: Look) -> None:
    """The application would not be able to connect."""
    look(f"redis://127.0.0.1:{start_redis().port}/99").fails("sign-in", "DB index is out of range")


@pytest.mark.parametrize(
    ("check", "rules"),
    [
        ("publish", ("resetchannels", "&websocket:*", "-@all", *CONNECTION_RIGHTS, "+subscribe", "+unsubscribe")),
        ("subscribe", ("resetchannels", "&websocket:*", "-@all", *CONNECTION_RIGHTS, "+publish", "+unsubscribe")),
        ("unsubscribe", ("resetchannels", "&websocket:*", "-@all", *CONNECTION_RIGHTS, "+publish", "+subscribe")),
    ],
)
def test_a_user_who_lacks_a_right(check: str, rules: tuple[str, ...], start_redis: StartRedis, look: Look) -> None:
    """It is named, with the rules that give it."""
    redis = start_redis(arguments=acl_user("todo", PASSWORD, *rules))
    found = look(redis.url, username="todo", password=PASSWORD)
    found.fails(check, "not allowed")
    assert "+subscribe +unsubscribe" in str(found.findings)
    assert "ACL SETUSER todo resetchannels &websocket:* " in str(found.findings)


@pytest.mark.parametrize("channels", ["other:*", "websocket:broadcast:*"])
def test_a_user_who_may_use_other_channels_alone(channels: str, start_redis: StartRedis, look: Look) -> None:
    """The streams' channels are not enough: the beat has one too."""
    rules = ("resetchannels", f"&{channels}", "-@all", *CONNECTION_RIGHTS, "+publish", "+subscribe", "+unsubscribe")
    redis = start_redis(arguments=acl_user("todo", PASSWORD, *rules))
    found = look(redis.url, username="todo", password=PASSWORD)
    assert found.status == 1
    assert set(found.named("failed")) == {"publish", "subscribe"}


def test_protected_mode(start_redis: StartRedis, look: Look) -> None:
    """Without a password Redis talks to its own machine alone."""
    address = _own_address()
    redis = start_redis(arguments=["--bind", address, "--protected-mode", "yes"])
    look(f"redis://{address}:{redis.port}").fails("answer", "protected mode")


def _own_address() -> str:
    """An address of this machine that is not its loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no address but its loopback")
        return str(asking.getsockname()[0])


# What Redis is, and how it is


def test_no_more_connections(start_redis: StartRedis, look: Look) -> None:
    """maxclients are here already."""
    redis = start_redis(arguments=["--maxclients", "1"])
    with redis_py.Redis.from_url(redis.url) as client:
        client.ping()
        look(redis.url).fails("answer", "no more connections")


def test_a_hung_redis(start_redis: StartRedis, look: Look) -> None:
    """Stopped with SIGSTOP: the kernel takes connections, and nobody answers."""
    redis = start_redis(password=PASSWORD)
    redis.pause()
    found = look(redis.url)
    redis.resume()
    found.fails("answer", "answers nothing within")
    assert found.took < 5


class Loading(RedisServer):
    """Takes its time over each key that it loads."""

    def command(self) -> list[str]:
        return [*super().command(), "--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024"]

    def is_ready(self, log: str) -> bool:
        return "Server initialized" in log


def test_a_redis_that_loads_its_data(start_redis: StartRedis, tmp_path: Path, look: Look) -> None:
    """After a restart with much in it."""
    full = start_redis()
    with redis_py.Redis.from_url(full.url) as client:
        client.mset({f"key {number}": "x" * 100 for number in range(2000)})
        client.save()
    loading = Loading(tmp_path)
    (full.folder / "dump.rdb").rename(loading.folder / "dump.rdb")
    with loading:
        wait_until(lambda: _is_loading(loading), what="the loading to begin")
        look(loading.url).fails("answer", "still loading")


def _is_loading(server: Server) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=5) as asking:
        asking.sendall(b"PING\r\n")
        return asking.recv(100).startswith(b"-LOADING")
    return False


def test_a_read_only_replica(start_redis: StartRedis, look: Look) -> None:
    """What is published there is heard there alone."""
    primary = start_redis(arguments=["--repl-diskless-sync-delay", "0"])
    replica = start_redis(arguments=["--replicaof", "127.0.0.1", str(primary.port)])
    look(replica.url).fails("role", "read-only replica")


def test_a_redis_that_is_nearly_full(start_redis: StartRedis, look: Look) -> None:
    """With noeviction writes fail; news still pass, so it is a warning."""
    redis = start_redis(arguments=["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"])
    with redis_py.Redis.from_url(redis.url) as client, contextlib.suppress(redis_py.exceptions.OutOfMemoryError):
        for number in range(1000):
            client.set(f"key {number}", "x" * 10_000)
    found = look(redis.url)
    assert found.status == 0
    assert "policy noeviction" in found.named("warning")["memory"]
    assert "full" in found.named("warning")["memory"]


def test_slow_commands(start_redis: StartRedis, look: Look) -> None:
    """They are counted, and named without their arguments."""
    redis = start_redis(arguments=["--slowlog-log-slower-than", "1000"])
    redis.run("EVAL", f"local n = 0 for i = 1, 3000000 do n = n + i end return '{PASSWORD}'", "0")
    found = look(redis.url)
    assert found.status == 0
    assert "the slowest EVAL with" in found.named("warning")["slow log"]


def test_a_disk_that_cannot_be_written(start_redis: StartRedis, look: Look) -> None:
    """A snapshot failed."""
    redis = start_redis()
    (redis.folder / "dump.rdb").mkdir()
    redis.run("BGSAVE")
    wait_until(lambda: redis.run("INFO", "persistence")["rdb_last_bgsave_status"] == "err", what="the failure")
    found = look(redis.url)
    assert "rdb_last_bgsave_status" in found.named("warning")["persistence"]


def test_hosts_that_are_no_cluster(start_redis: StartRedis, look: Look) -> None:
    """Each would carry some of the news, and nobody would hear all."""
    urls = ",".join(start_redis().url for _ in range(2))
    look(urls, cluster=True).fails("role", "not a node of a cluster")


# Sentinels


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    with Guarded(tmp_path, password=PASSWORD, sentinel_password=f"{PASSWORD}-either") as guarded:
        yield guarded


def test_behind_sentinels(guarded: Guarded, look: Look) -> None:
    """In order, with one of them dead, without that primary, with a wrong password, and mistaken for a Redis."""
    given = {
        "sentinels": guarded.env["REDIS_SENTINELS"],
        "sentinel_master": MASTER,
        "password": PASSWORD,
        "sentinel_password": f"{PASSWORD}-either",
    }
    found = look(**given)
    assert found.status == 0
    assert f"by {len(guarded.sentinels)} of {len(guarded.sentinels)}" in found.named("ok")["primary"]
    assert "round trip" in found.named("ok")

    look(**given | {"sentinel_master": "mymaster"}).fails("primary", "knows no 'mymaster'", f"but: {MASTER}")
    refused = look(**given | {"sentinel_password": "wrong"})
    assert set(refused.named("failed")) == {"sign-in", "primary"}
    address = guarded.env["REDIS_SENTINELS"].partition(",")[0]
    look(f"redis://{address}", password=f"{PASSWORD}-either").fails("role", "as a Sentinel")
    guarded.sentinels[0].kill()
    found = look(**given)
    assert found.status == 0
    assert "nothing listens there" in found.named("warning")["tcp"]


def test_a_primary_that_is_down(start_redis: StartRedis, tmp_path: Path, look: Look) -> None:
    """Its Sentinel knows, and there is no stand-by."""
    primary = start_redis()
    with SentinelServer(tmp_path, primary) as sentinel:
        primary.kill()
        wait_until(lambda: sentinel.state()["is_sdown"], what="the Sentinel to notice")
        look(sentinels=f"127.0.0.1:{sentinel.port}", sentinel_master=MASTER).fails("primary", f"{MASTER!r} is down")


def test_advice_names_the_setting_that_is_wrong(look: Look) -> None:
    """For a Sentinel that is not REDIS_URL."""
    found = look(sentinels="127.0.0.1:1")
    advice = next(one["advice"] for one in found.findings if one["check"] == "tcp")
    assert "REDIS_SENTINELS" in advice
    assert "REDIS_URL" not in advice


def test_no_redis_at_all(look: Look) -> None:
    """An application that should have one, and was not told where it is."""
    look().fails("REDIS_URL", "single instance")


def test_a_redis_in_the_place_of_a_sentinel(redis_server: RedisServer, look: Look) -> None:
    """The ports were mixed up."""
    look(sentinels=f"127.0.0.1:{redis_server.port}").fails("primary", "it is no Sentinel")


# The command line


def test_its_exit_status(redis_server: RedisServer) -> None:
    """0, 1 for what does not work, 2 for what it does not understand; a setting that can't be used is named."""
    assert "0 failed" in manage("check_redis", env={"REDIS_URL": redis_server.url})
    status, output = _run({"REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:{redis_server.port}"})
    assert (status, "❌" in output, PASSWORD in output) == (1, True, False)
    status, output = _run({"REDIS_URL": redis_server.url}, "--timeout", "soon")
    assert status == 2
    status, output = _run({"REDIS_URL": f"redis://:{PASSWORD}#@localhost"})
    assert (status, output.count("\n")) == (1, 1)
    assert output.startswith("manage.py: REDIS_URL can't be used: ")
    assert PASSWORD not in output


def _run(env: dict[str, str], *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", "check_redis", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
