"""Many people write into one list at the same time, over several replicas on PostgreSQL."""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from tests.benchmarks.broadcast import percentile
from tests.benchmarks.contestants import Todo
from tests.benchmarks.machine import CORES, children, cpu_seconds
from tests.benchmarks.surroundings import Surroundings

WRITERS = 16
WARM_UP_SECONDS = 1.0

NOTE_LOCKED = """
ALTER TABLE realtime_event ADD COLUMN locked timestamptz;
ALTER TABLE realtime_event ALTER COLUMN locked SET DEFAULT clock_timestamp()
"""
"""The statement that numbers an event writes it right after it has locked the stream's row."""

HELD = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM pg_xact_commit_timestamp(xmin) - locked) * 1000)
FROM realtime_event WHERE locked IS NOT NULL
"""


class Unpinned(Todo):
    """On all cores, as the database and the writers are here; with as many workers."""

    def __init__(self, around: Surroundings, workers: int) -> None:
        super().__init__(around)
        self.workers = workers

    def command(self) -> list[str]:
        cores = ",".join(map(str, CORES))
        return ["taskset", "--cpu-list", cores, *super().command()[3:], "--workers", str(self.workers)]

    @property
    def cpu(self) -> float:
        """Seconds, of the process and its workers."""
        return sum(map(cpu_seconds, [self.pid, *children(self.pid)]))


@dataclass(frozen=True)
class OneList:
    writers: int
    replicas: int
    workers: int
    """Of each replica."""
    creates_per_second: float
    p50: float
    """Milliseconds of a POST."""
    p99: float
    cpu_milliseconds: float
    """Of the replicas' processes, for one creation."""
    held_milliseconds: float
    """Median: how long PostgreSQL holds the list's row, from its lock to the commit."""


class Writer(threading.Thread):
    """One person who creates tasks, one after the other, in the list Everyone, over a kept connection."""

    def __init__(self, port: int, token: str, until: float) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.until = until
        self.seconds: list[float] = []
        self.refused: list[str] = []

    def run(self) -> None:
        body = json.dumps({"title": "one of many"})
        while (began := time.monotonic()) < self.until:
            self.connection.request("POST", "/api/tasks", body, self.headers)
            answer = self.connection.getresponse()
            text = answer.read()
            if answer.status == 201:
                self.seconds.append(time.monotonic() - began)
            else:
                self.refused.append(f"{answer.status} {text[:200]!r}")
        self.connection.close()


def run(around: Surroundings, *, seconds: float, replicas: int = 2, workers: int = 1) -> OneList:
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Unpinned(around, workers)) for _ in range(replicas)]
        _write(around, servers, WARM_UP_SECONDS)
        with psycopg.connect(around.environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(NOTE_LOCKED)
        cpu = sum(server.cpu for server in servers)
        began = time.monotonic()
        took = _write(around, servers, seconds)
        passed = time.monotonic() - began
        cpu = sum(server.cpu for server in servers) - cpu
        with psycopg.connect(around.environment["DATABASE_URL"]) as connection:
            ((held,),) = connection.execute(HELD).fetchall()
    return OneList(
        writers=WRITERS,
        replicas=replicas,
        workers=workers,
        creates_per_second=len(took) / passed,
        p50=percentile(took, 50) or 0,
        p99=percentile(took, 99) or 0,
        cpu_milliseconds=1000 * cpu / len(took),
        held_milliseconds=float(held),
    )


def _write(around: Surroundings, servers: Sequence[Todo], seconds: float) -> list[float]:
    """What each creation took."""
    until = time.monotonic() + seconds
    writers = [Writer(servers[number % len(servers)].port, around.tokens[number], until) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    refused = [text for writer in writers for text in writer.refused]
    assert not refused, f"{len(refused)} creations were refused, the first with {refused[0]}"
    return [one for writer in writers for one in writer.seconds]
