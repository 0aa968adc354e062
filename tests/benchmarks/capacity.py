"""python -m tests.benchmarks.capacity [--people 4000]

What one replica takes: memory of its own, of each connection and of each person, in Redis, in PostgreSQL, and what its
CPU does in a second. Prints a table. Work is told per second of CPU time, so that a busy machine spoils it less.
"""

import argparse
import time
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import psycopg

from tests.benchmarks import machine
from tests.benchmarks.broadcast import Publisher, broadcast, wait_quietly
from tests.benchmarks.contestants import Todo
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.machine import cpu_seconds, private_kilobytes
from tests.benchmarks.opening import Door
from tests.benchmarks.surroundings import POSTGRESQL, Surroundings, surroundings

FIRST = 200
"""Connections that warm a replica up before any are counted."""

SETTLE_SECONDS = 5.0
LOAD_SECONDS = 5.0
POSTS = 300


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


def growth(around: Surroundings, doors: list[Door], what: str) -> Iterator[Figure]:
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
        yield Figure(
            f"{count:,} more connections, {what}",
            f"{(after.kilobytes - before.kilobytes) / count:.1f} KiB each; in Redis "
            f"{after.subscriptions - before.subscriptions:,} subscriptions, "
            f"{(after.redis_bytes - before.redis_bytes) / 1024:.0f} KiB; {_links(after)}; "
            f"{count / cpu:,.0f} come in per CPU-second",
        )


def work(around: Surroundings, connections: int) -> Iterator[Figure]:
    """What a second of CPU does, in a replica with so many connections."""
    with Todo(around) as replica, Crowd(replica.port, greeting=replica.greeting) as crowd:
        crowd.connect(replica.doors(connections))
        with Publisher(
            replica.publisher(), env=replica.environment(), log=replica.folder / "publisher.txt"
        ) as publisher:
            for in_flight in (1, 50):
                load = broadcast(crowd, publisher, pid=replica.pid, in_flight=in_flight, seconds=LOAD_SECONDS)
                yield Figure(
                    f"events to {connections:,} connections, {in_flight} at a time",
                    f"{load.deliveries_per_cpu_second:,.0f} deliveries per CPU-second, "
                    f"{load.deliveries_per_cpu_second / connections:,.0f} events",
                )
    with Todo(around) as replica:
        cpu = cpu_seconds(replica.pid)
        _post(replica, around.tokens[0])
        yield Figure("POST /api/tasks", f"{POSTS / (cpu_seconds(replica.pid) - cpu):,.0f} per CPU-second of a replica")
        yield Figure("PostgreSQL, after it", _links(taken(around, replica)))


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


def _post(replica: Todo, token: str) -> None:
    url, headers = f"http://127.0.0.1:{replica.port}/api/tasks", {"Authorization": f"Bearer {token}"}
    with httpx.Client(headers=headers, trust_env=False, timeout=30) as client:
        for _ in range(POSTS):
            client.post(url, json={"title": "a task among many"}).raise_for_status()


def _commands(around: Surroundings) -> int:
    return int(around.redis.run("INFO", "stats")["total_commands_processed"])


def _links(found: Taken) -> str:
    return f"{found.redis_clients} connections to Redis, {found.database_connections} to PostgreSQL"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.capacity", description=__doc__)
    parser.add_argument("--people", type=int, default=4000, help="connections to count with (default: %(default)s)")
    people = parser.parse_args().people
    machine.pin_this_process()
    machine.say(machine.description())
    with surroundings(database=POSTGRESQL, people=people) as around:
        of_one = [Door(f"/ws/tasks?token={around.tokens[0]}")] * people
        of_each = [Door(f"/ws/tasks?token={token}") for token in around.tokens]
        print("| | |\n|---|---|")
        for figures in (
            idle(around),
            growth(around, of_one, "all of one person"),
            growth(around, of_each, "each of another person"),
            work(around, min(people, 1000)),
        ):
            for figure in figures:
                print(f"| {figure.what} | {figure.value} |", flush=True)


if __name__ == "__main__":
    main()
