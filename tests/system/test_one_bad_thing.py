"""What one bad message, one other installation or one hung database may not stop, on real replicas."""

import asyncio
import contextlib
import itertools
import os
import signal
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import redis

from tests.clients import Client, Session, ok
from tests.servers import PostgresServer, RedisServer, Replica, manage, wait_until
from tests.system.cluster import about, hears_redis, titled
from tests.system.quick_heartbeats import HEARTBEAT_SECONDS

Connect = Callable[..., Awaitable[Client]]
Start = Callable[..., Replica]
SignIn = Callable[..., Session]


def message(*events: Any, **more: Any) -> bytes:
    packed: bytes = msgpack.packb({"type": "realtime.events", "stream": "all", "events": list(events), **more})
    return packed


BAD: dict[str, Callable[[int], bytes]] = {
    "no text": lambda seq: message([seq, None, None, 0]),
    "an effect that is text": lambda seq: message([seq, "{}", "leave", 0]),
    "a time that is text": lambda seq: message([seq, "{}", None, "now"]),
    "a far number": lambda seq: message([10**9, "{}", None, 0.0]),
    "of another log": lambda seq: message([seq, "{}", {"leave": "*"}, 0.0], log="another"),
    "about another stream": lambda seq: message([seq, "{}", {"leave": "*"}, 0.0], stream="list.1"),
    "no message": lambda seq: b"hello",
}
"""Of the number that comes next."""


async def test_a_bad_message_on_redis_stops_no_stream(
    sqlite_database: dict[str, str],
    redis_server: RedisServer,
    start_replica: Start,
    sign_in: SignIn,
    connect: Connect,
    show: Callable[[str], None],
) -> None:
    """Each kind of it, on the channel of a stream that is in use: the events after it arrive at once, and once."""
    replica = start_replica({**sqlite_database, "REDIS_URL": redis_server.url})
    alice = sign_in(replica)
    client = await connect(replica, token=alice.token)
    await asyncio.to_thread(wait_until, lambda: hears_redis(replica), what="Redis to be heard")
    start = client.positions["all"]
    slowest = 0.0
    with redis.Redis.from_url(redis_server.url) as publisher:
        for what, bad in BAD.items():
            publisher.publish("websocket:broadcast:all", bad(client.positions["all"] + 1))
            for _ in range(2):
                began = time.monotonic()
                task = ok(await asyncio.to_thread(alice.post, "/api/tasks", json={"title": what}))
                await client.until(about(task), timeout=5)
                slowest = max(slowest, time.monotonic() - began)
    show(f"after each of {len(BAD)} bad messages, from POST to the client at most {slowest:.2f} s")
    assert client.numbers("all") == list(range(start + 1, start + 1 + 2 * len(BAD)))
    # Told when the log's own epoch has been read again, which is at most a comparison later.
    foreign = "Another installation"
    await asyncio.to_thread(wait_until, lambda: foreign in replica.log.read_text(), what="the other one to be told of")
    log = replica.log.read_text()
    assert "can't be read" in log
    assert log.count(foreign) == 1
    assert "Traceback" not in log


async def test_replicas_of_two_versions_understand_each_other(
    sqlite_database: dict[str, str],
    redis_server: RedisServer,
    start_replica: Start,
    sign_in: SignIn,
    connect: Connect,
) -> None:
    """A message without a version and one of the next version are delivered at once, and not by the log."""
    replica = start_replica({**sqlite_database, "REDIS_URL": redis_server.url})
    alice = sign_in(replica)
    client = await connect(replica, token=alice.token)
    await asyncio.to_thread(wait_until, lambda: hears_redis(replica), what="Redis to be heard")
    seq = client.positions["all"]
    texts = [
        f'{{"type":"task.created","stream":"all","seq":{seq + n},"data":{{"id":"{n}","title":"by another version"}}}}'
        for n in (1, 2)
    ]
    with redis.Redis.from_url(redis_server.url) as publisher:
        publisher.publish("websocket:broadcast:all", message([seq + 1, texts[0], None, time.time()]))
        newer = [seq + 2, texts[1], {"leave": [], "mute": [1]}, time.time(), "trace", {"more": 1}]
        publisher.publish("websocket:broadcast:all", message(newer, version=2, log="", trace={"id": 1}))
        await client.until_position("all", seq + 2)
    assert "can't be read" not in replica.log.read_text()


async def test_two_installations_on_one_redis_keep_to_themselves(
    tmp_path: Path,
    sqlite_template: Path,
    redis_server: RedisServer,
    start_replica: Start,
    sign_in: SignIn,
    connect: Connect,
) -> None:
    """Neither shows the other's tasks, and neither misses its own; the log says once that there is another one."""
    replicas = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.sqlite3"
        path.write_bytes(sqlite_template.read_bytes())
        env = {"DATABASE_URL": f"sqlite:///{path}", "REDIS_URL": redis_server.url}
        manage("new_epoch", env=env)
        replicas.append(start_replica(env))
    sessions = [sign_in(replica) for replica in replicas]
    clients = [await connect(replica, token=session.token) for replica, session in zip(replicas, sessions, strict=True)]
    for replica in replicas:
        await asyncio.to_thread(wait_until, partial(hears_redis, replica), what="Redis to be heard")
    starts = [client.positions["all"] for client in clients]
    for number in range(10):
        for session, name in zip(sessions, ("one", "two"), strict=True):
            ok(await asyncio.to_thread(session.post, "/api/tasks", json={"title": f"{name} {number}"}))
    for client, name, start in zip(clients, ("one", "two"), starts, strict=True):
        await client.until(titled(f"{name} 9"))
        assert client.numbers("all") == list(range(start + 1, start + 11))
        assert all(event["data"]["title"].startswith(name) for event in client.events("all"))
        assert client.is_open
    for replica in replicas:
        told = partial(_times_told_of_another, replica)
        await asyncio.to_thread(wait_until, told, what="the other installation to be told of")
        assert told() == 1


def _times_told_of_another(replica: Replica) -> int:
    return replica.log.read_text().count("Another installation")


async def test_heartbeats_while_postgresql_hangs(
    tmp_path: Path,
    postgres_dump: Path,
    start_replica: Start,
    sign_in: SignIn,
    connect: Connect,
    show: Callable[[str], None],
) -> None:
    """All its processes are stopped in the middle of their work: each heartbeat comes in its time."""
    with PostgresServer(tmp_path) as postgres:
        postgres.load(postgres_dump)
        env = {"DATABASE_URL": postgres.url()}
        replica = start_replica(env, DJANGO_SETTINGS_MODULE="tests.system.quick_heartbeats")
        client = await connect(replica, token=sign_in(replica).token)
        await client.until("heartbeat", timeout=40)
        times = [time.monotonic()]
        stop(postgres)
        try:
            for number in (2, 3):
                wanted = number
                await client.until(lambda _: len(beats(client)) >= wanted, timeout=40)  # noqa: B023 -- awaited here
                times.append(time.monotonic())
        finally:
            go_on(postgres)
    pauses = [after - before for before, after in itertools.pairwise(times)]
    show(f"heartbeats while PostgreSQL hangs: {', '.join(f'{pause:.1f}' for pause in pauses)} s apart")
    assert all(pause < 4 * HEARTBEAT_SECONDS for pause in pauses), "not one was left out"


def beats(client: Client) -> list[Any]:
    return [frame for frame in client.frames if frame["type"] == "heartbeat"]


def _processes(postgres: PostgresServer) -> list[int]:
    assert postgres.process is not None
    parent = postgres.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [*map(int, children), parent]


def stop(postgres: PostgresServer) -> None:
    """Also the processes that serve connections."""
    _signal(postgres, "SIGSTOP")


def go_on(postgres: PostgresServer) -> None:
    _signal(postgres, "SIGCONT")


def _signal(postgres: PostgresServer, name: str) -> None:
    for pid in _processes(postgres):
        with contextlib.suppress(ProcessLookupError):  # one that served a connection, and has ended
            os.kill(pid, signal.Signals[name])
