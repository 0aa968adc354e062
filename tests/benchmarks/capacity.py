"""What one replica takes: memory of its own, of each connection and of each person, in Redis and in PostgreSQL; what
its CPU does in a second; what a list takes in writes, and what the log takes on disk.

Work is told per second of CPU time, so that a busy machine spoils it less. `sizing` computes from it what people need.
"""

import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import psycopg

from tests.benchmarks import one_list
from tests.benchmarks.broadcast import Publisher, broadcast, wait_quietly
from tests.benchmarks.contestants import Todo
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.machine import cpu_seconds, private_kilobytes
from tests.benchmarks.opening import CrowdError, Door
from tests.benchmarks.surroundings import Surroundings

FIRST = 200
"""Connections that warm a replica up before any are counted."""

SETTLE_SECONDS = 5.0
LOAD_SECONDS = 5.0
POSTS = 300

RECEIVED = 4000
"""Events that come from another process, each for one connection."""

AT_ONCE = (1, 20)
"""Of these in one transaction. What people need is computed from the last."""


class Measured(NamedTuple):
    """What `sizing` needs. CPU in seconds, sizes in bytes."""

    post_cpu: float
    """A creation by POST, in the replica that takes it."""
    receive_cpu: float
    """An event from another replica, to one connection here."""
    delivery_cpu: float
    """An event to one more connection, where a thousand get it."""
    replica_bytes: float
    person_bytes: float
    """A person's connection, in a replica."""
    subscription_bytes: float
    """In Redis."""
    enter_cpu: float
    """A connection of another person that comes in."""
    event_bytes: float
    """A change in the event log, on disk, with its indexes."""
    change_bytes: float
    """The same change in the history."""
    list_writes: float
    """Creations in one list, a second."""


class Taken(NamedTuple):
    """What is in use at a moment."""

    kilobytes: int
    redis_bytes: int
    subscriptions: int
    redis_clients: int
    database_connections: int


class Figure(NamedTuple):
    what: str
    value: str


def taken(around: Surroundings, replica: Todo) -> Taken:
    subscribed = around.redis.run("PUBSUB", "CHANNELS")
    with psycopg.connect(around.environment["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    return Taken(
        private_kilobytes(replica.pid),
        int(around.redis.run("INFO", "memory")["used_memory"]),
        sum(dict(zip(*[iter(around.redis.run("PUBSUB", "NUMSUB", *subscribed))] * 2, strict=True)).values()),
        int(around.redis.run("INFO", "clients")["connected_clients"]) - 1,
        row[0],
    )


def growth(around: Surroundings, doors: list[Door], what: str, found: dict[str, float]) -> Iterator[Figure]:
    """What each further connection takes, by the doors given."""
    with Todo(around) as replica, Crowd(replica.port, greeting=replica.greeting) as crowd:
        empty = taken(around, replica)
        yield Figure("a replica, nobody connected", f"{empty.kilobytes / 1024:.0f} MiB, {_links(empty)}")
        crowd.connect(doors[:FIRST])
        wait_quietly(crowd, SETTLE_SECONDS)
        before, cpu = taken(around, replica), cpu_seconds(replica.pid)
        crowd.connect(doors[FIRST:])
        cpu = cpu_seconds(replica.pid) - cpu
        wait_quietly(crowd, SETTLE_SECONDS)
        after, count = taken(around, replica), len(doors) - FIRST
        each = (after.kilobytes - before.kilobytes) / count
        in_redis, subscribed = after.redis_bytes - before.redis_bytes, after.subscriptions - before.subscriptions
        yield Figure(
            f"{count:,} more connections, {what}",
            f"{each:.1f} KiB each; in Redis {subscribed:,} subscriptions, {in_redis / 1024:.0f} KiB; {_links(after)}; "
            f"{count / cpu:,.0f} come in per CPU-second",
        )
        found |= {"replica_bytes": empty.kilobytes * 1024, "person_bytes": each * 1024, "enter_cpu": cpu / count}
        found["subscription_bytes"] = in_redis / max(subscribed, 1)


def work(around: Surroundings, connections: int, found: dict[str, float]) -> Iterator[Figure]:
    """What a second of CPU does, in a replica with so many connections."""
    with Todo(around) as replica, Crowd(replica.port, greeting=replica.greeting) as crowd:
        crowd.connect(replica.doors(connections))
        with _publisher(replica, replica.kind) as publisher:
            for in_flight in (50, 1):
                load = broadcast(crowd, publisher, pid=replica.pid, in_flight=in_flight, seconds=LOAD_SECONDS)
                yield Figure(
                    f"events to {connections:,} connections, {in_flight} at a time",
                    f"{load.deliveries_per_cpu_second:,.0f} deliveries per CPU-second, "
                    f"{load.deliveries_per_cpu_second / connections:,.0f} events",
                )
        found["delivery_cpu"] = 1 / load.deliveries_per_cpu_second
    with Todo(around) as replica:
        _post(replica, around.tokens[0], 20)
        cpu, log, history = cpu_seconds(replica.pid), *_sizes(around)
        _post(replica, around.tokens[0], POSTS)
        found["post_cpu"] = (cpu_seconds(replica.pid) - cpu) / POSTS
        yield Figure("POST /api/tasks", f"{1 / found['post_cpu']:,.0f} per CPU-second of a replica")
        yield Figure("PostgreSQL, after it", _links(taken(around, replica)))
        log, history = (after - before for after, before in zip(_sizes(around), (log, history), strict=True))
        found |= {"event_bytes": log / POSTS, "change_bytes": history / POSTS}
        yield Figure("a creation on disk", f"{log / POSTS:,.0f} bytes of log, {history / POSTS:,.0f} of history")


def receive(around: Surroundings, doors: list[Door], found: dict[str, float]) -> Iterator[Figure]:
    """What an event takes that comes from another process, for one connection here. `doors`: everybody's."""
    with Todo(around) as replica, Crowd(replica.port, greeting=replica.greeting) as crowd:
        crowd.connect(doors)
        with _publisher(replica, "people") as publisher:
            publisher.publish(max(AT_ONCE))
            wait_quietly(crowd, 1)
            for at_once in AT_ONCE:
                crowd.forget()
                cpu, end = cpu_seconds(replica.pid), time.monotonic() + 60
                for published in range(at_once, RECEIVED + 1, at_once):
                    publisher.publish(at_once)
                    while crowd.total < published:
                        crowd.read(0.01)
                        if time.monotonic() > end:
                            raise CrowdError(f"{crowd.total} of {published} events have arrived")
                cpu = (cpu_seconds(replica.pid) - cpu) / RECEIVED
                found["receive_cpu"] = cpu
                yield Figure(
                    f"events of another process, to one connection each, {at_once} in a transaction",
                    f"{1 / cpu:,.0f} per CPU-second",
                )


def hot_list(around: Surroundings, seconds: float, found: dict[str, float]) -> Iterator[Figure]:
    """How many changes one list takes, from people at two replicas on all cores."""
    result = one_list.run(around, seconds=seconds)
    found["list_writes"] = result.creates_per_second
    yield Figure(
        f"{result.writers} writers in one list, two replicas",
        f"{result.creates_per_second:,.0f} creations a second, p99 {result.p99:.0f} ms, "
        f"{result.cpu_milliseconds:.1f} ms of CPU each; the row is held {result.held_milliseconds:.2f} ms; these "
        "cores also had the writers and PostgreSQL",
    )


def idle(around: Surroundings) -> Iterator[Figure]:
    """What a replica uses for itself."""
    with Todo(around) as replica:
        time.sleep(SETTLE_SECONDS)
        cpu, commands = cpu_seconds(replica.pid), _commands(around)
        time.sleep(2 * SETTLE_SECONDS)
        seconds = 2 * SETTLE_SECONDS
        yield Figure(
            "a replica that does nothing",
            f"{100 * (cpu_seconds(replica.pid) - cpu) / seconds:.1f} % of a core, "
            f"{(_commands(around) - commands) / seconds:.1f} commands to Redis a second",
        )


def _publisher(replica: Todo, kind: str) -> Publisher:
    command = [sys.executable, "-m", "tests.benchmarks.publisher", kind]
    return Publisher(command, env=replica.environment(), log=replica.folder / "publisher.txt")


def _post(replica: Todo, token: str, count: int) -> None:
    url, headers = f"http://127.0.0.1:{replica.port}/api/tasks", {"Authorization": f"Bearer {token}"}
    with httpx.Client(headers=headers, trust_env=False, timeout=30) as client:
        for _ in range(count):
            client.post(url, json={"title": "a task among many"}).raise_for_status()


def _sizes(around: Surroundings) -> tuple[float, float]:
    """Bytes that the rows of the log, and of the history, take with their indexes, by the average of all rows."""
    with psycopg.connect(around.environment["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT pg_total_relation_size('realtime_event'), pg_total_relation_size('tasks_change')"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def _commands(around: Surroundings) -> int:
    return int(around.redis.run("INFO", "stats")["total_commands_processed"])


def _links(found: Taken) -> str:
    return f"{found.redis_clients} connections to Redis, {found.database_connections} to PostgreSQL"


def run(around: Surroundings, *, seconds: float) -> Measured:
    """Prints a row for each figure."""
    found: dict[str, float] = {}
    people = len(around.tokens)
    of_one = [Door(f"/ws/tasks?token={around.tokens[0]}")] * people
    of_each = [Door(f"/ws/tasks?token={token}") for token in around.tokens]
    print("| measured | |\n|---|---|")
    for figures in (
        idle(around),
        growth(around, of_one, "all of one person", found),
        growth(around, of_each, "each of another person", found),
        work(around, min(people, 1000), found),
        receive(around, of_each, found),
        hot_list(around, seconds, found),
    ):
        for figure in figures:
            print(f"| {figure.what} | {figure.value} |", flush=True)
    return Measured(**found)
