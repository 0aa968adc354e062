"""`manage.py check_redis` against set-ups that are broken, each in its own way: it names what is wrong."""

import gc
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer
from typing import Any

import pytest
import redis as redis_py

from tests.certificates import Authority
from tests.servers import ROOT, RedisServer, manage
from tests.servers.redis_forms import (
    CONNECTION_RIGHTS,
    SMALLEST_ACL,
    acl_user,
    redis_cluster,
    tls_arguments,
)
from tests.system.check_redis import BRIEF, PASSWORD, Look
from todo_project.cache import caches

StartRedis = Callable[..., RedisServer]


# In order


def test_a_redis_in_order(start_redis: StartRedis, look: Look) -> None:
    """Every step is named; what is only unwise is a warning, and no failure."""
    redis = start_redis(password=PASSWORD)
    with redis_py.Redis.from_url(redis.url) as client, client.pubsub() as replica:
        replica.subscribe("websocket:broadcast:all")
        assert replica.get_message(timeout=5)
        found = look(redis.url)
    assert found.status == 0
    steps = ["connection", "sign-in", "role", "subscribe", "publish", "round trip", "unsubscribe", "listeners"]
    assert list(found.named("ok")) == steps
    assert "median of 20" in found.named("ok")["round trip"]
    assert found.named("ok")["listeners"].startswith("1 on websocket:broadcast:all")
    assert list(found.named("warning")) == ["more rights"]


def test_the_smallest_acl_is_enough(start_redis: StartRedis, look: Look) -> None:
    """What the user may not look at is no fault."""
    redis = start_redis(arguments=acl_user("todo", PASSWORD))
    found = look(redis.url, username="todo", password=PASSWORD)
    assert (found.status, found.named("warning")) == (0, {})
    assert list(found.named("not allowed to look")) == ["listeners"]


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
    assert "its certificate is good" in found.named("ok")["connection"]


def test_nodes_of_a_cluster(tmp_path: Path, look: Look) -> None:
    """Each is looked at."""
    with redis_cluster(tmp_path) as nodes:
        found = look(",".join(node.url for node in nodes), cluster=True)
    assert found.status == 0
    roles = [one["said"] for one in found.findings if one["check"] == "role"]
    assert len(roles) == 3
    assert all("cluster master" in role for role in roles)


# The connection


def test_what_redis_py_says_is_shown(tmp_path: Path, start_redis: StartRedis, look: Look) -> None:
    """A name, a port, a database, a server that hangs: its text, without the password, and no waiting."""
    look("redis://no-such-host.invalid:6379").fails("connection", "connecting to no-such-host.invalid:6379")
    look("redis://127.0.0.1:1").fails("connection", "Error 111 connecting to 127.0.0.1:1")
    look(f"unix://{tmp_path}/redis.sock").fails("connection", "No such file")
    absent = look(f"redis://127.0.0.1:{start_redis().port}/99")
    absent.fails("sign-in", "DB index is out of range")
    assert "number of a database" in absent.advice()
    hung = start_redis(password=PASSWORD)
    hung.pause()
    found = look(hung.url, seconds=BRIEF)
    hung.resume()
    found.fails("connection", "Timeout reading")
    assert found.took < 10


def test_a_redis_that_takes_no_more_connections(tmp_path: Path, start_redis: StartRedis, look: Look) -> None:
    """The advice is about its connections, not about its address. Over TLS it can't say why it closes one."""
    authority = Authority(tmp_path)
    trusted = {"ca_file": str(authority.certificate)}
    full = start_redis(arguments=["--maxclients", "1"])
    with redis_py.Redis.from_url(full.url) as holder:
        holder.ping()
        found = look(full.url)
    found.fails("connection", "max number of clients reached")
    assert "raise maxclients" in found.advice()
    over_tls = start_redis(arguments=[*tls_arguments(authority, clients="no"), "--maxclients", "1"])
    address = f"rediss://127.0.0.1:{over_tls.port}"
    with redis_py.Redis.from_url(address, ssl_ca_certs=trusted["ca_file"]) as holder:
        holder.ping()
        found = look(address, **trusted)
    found.fails("connection")
    assert "raise maxclients" in found.advice()


def test_a_redis_whose_memory_is_full(start_redis: StartRedis, look: Look, settings: Any) -> None:
    """Events pass nevertheless; a cache in the same Redis can't be written, which is no missing right."""
    redis = start_redis(arguments=["--maxmemory", "1", "--maxmemory-policy", "noeviction"])
    assert look(redis.url).status == 0
    settings.CACHES = caches(redis.url, sessions=False)
    found = look(redis.url)
    found.fails("cache", "used memory > 'maxmemory'")
    assert "raise maxmemory" in found.advice()
    assert "round trip" in found.named("ok")


def test_a_cache_in_a_read_only_replica(start_redis: StartRedis, look: Look, settings: Any) -> None:
    """What Redis says is shown; no right is missing."""
    primary = start_redis()
    replica = start_redis(arguments=["--replicaof", "127.0.0.1", str(primary.port)])
    settings.CACHES = caches(replica.url, sessions=False)
    found = look(primary.url)
    found.fails("cache", "read only replica")
    assert "ACL" not in found.advice()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"HTTP/1.0 400 Bad Request\r\n\r\n", "Protocol error"),
        (b"+OK POP3 server ready\r\n", "Protocol error"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "speaks TLS"),
        (b"", "Connection closed"),
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
        look(f"redis://:{PASSWORD}@127.0.0.1:{server.server_address[1]}").fails("connection", said)
        server.shutdown()
    assert heard
    assert PASSWORD.encode() not in b"".join(heard)


# TLS


def test_tls_with_something_that_is_silent(tmp_path: Path, look: Look) -> None:
    """It does not even answer the farewell of TLS, and no socket stays open."""
    authority = Authority(tmp_path)
    certificate, key = authority.issue("silent")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    is_over = threading.Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with context.wrap_socket(self.request, server_side=True) as connection:
                while connection.recv(1000):
                    pass
                is_over.wait(30)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        address = f"rediss://127.0.0.1:{server.server_address[1]}"
        look(address, ca_file=str(authority.certificate), seconds=BRIEF).fails("connection", "Timeout")
        gc.collect()  # where a socket that was forgotten would be told of
        is_over.set()
        server.shutdown()


def test_tls_where_redis_has_none(start_redis: StartRedis, look: Look) -> None:
    """rediss:// instead of redis://."""
    redis = start_redis()
    look(f"rediss://127.0.0.1:{redis.port}", seconds=2.0).fails("connection", "without TLS")


def test_no_tls_where_redis_wants_it(tmp_path: Path, start_redis: StartRedis, look: Look) -> None:
    """redis:// instead of rediss://, and then an authority that is not trusted, a name and a certificate that do not
    fit."""
    authority = Authority(tmp_path)
    place = f"127.0.0.1:{start_redis(arguments=tls_arguments(authority)).port}"
    look(f"redis://{place}").fails("connection", "it speaks TLS")
    for known in ({}, {"ca_file": str(Authority(tmp_path, "another").certificate)}):
        untrusted = look(f"rediss://{place}", **known)
        untrusted.fails("connection", "CERTIFICATE_VERIFY_FAILED")
        assert "REDIS_CA_FILE" in untrusted.advice()
    trusted = {"ca_file": str(authority.certificate)}
    misnamed = look(f"rediss://{place.replace('127.0.0.1', 'localhost')}", **trusted)
    misnamed.fails("connection", "Hostname mismatch")
    assert "a name in REDIS_URL" in misnamed.advice()
    without = look(f"rediss://{place}", **trusted)
    without.fails("connection")
    assert "certificate required" in without.named("failed")["connection"] or any(
        "may require a client certificate" in one["advice"] for one in without.findings
    )  # the kernel may drop Redis's alert, as it comes right before the end


# Sign-in and rights


def test_a_password_that_is_wrong_or_missing(start_redis: StartRedis, look: Look) -> None:
    """Each is a failed sign-in. Redis quotes the arguments of a command that it does not know: not the password."""
    url = start_redis(password="another").url
    look(url.replace("another", PASSWORD)).fails("sign-in", "invalid username-password pair")
    look(url.replace(":another@", "")).fails("sign-in", "Authentication required")
    look(start_redis().url, password=PASSWORD).fails("sign-in", "without any password")
    redis = start_redis(arguments=["--rename-command", "AUTH", ""])
    look(redis.url, password=PASSWORD).fails("sign-in", "unknown command", "…")


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
    found.fails(check, "no permissions")
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


# What Redis is


def test_a_read_only_replica(start_redis: StartRedis, look: Look) -> None:
    """What is published there is heard there alone."""
    primary = start_redis(arguments=["--repl-diskless-sync-delay", "0"])
    replica = start_redis(arguments=["--replicaof", "127.0.0.1", str(primary.port)])
    look(replica.url).fails("role", "read-only replica")


def test_hosts_that_are_no_cluster(start_redis: StartRedis, look: Look) -> None:
    """Each would carry some of the news, and nobody would hear all."""
    urls = ",".join(start_redis().url for _ in range(2))
    look(urls, cluster=True).fails("role", "not a node of a cluster")


def test_no_redis_at_all(look: Look) -> None:
    """An application that should have one, and was not told where it is."""
    look().fails("REDIS_URL", "single instance")


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
