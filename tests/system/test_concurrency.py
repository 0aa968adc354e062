"""Many writers at once: numbers without a gap, in the order of the commits, and nobody waits for anybody in vain."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.servers import manage
from tests.servers.application import run
from tests.servers.process import Process
from tests.servers.quickly import AS_INSTALLED, start
from tests.system.queries import Query, reader
from tests.system.writers import LISTS

Environment = dict[str, str]

SECONDS = 2
"""How long they write."""

SETUP = f"""
from tasks.models import EVERYONE_ID, TaskList, User
TaskList.objects.get(pk=EVERYONE_ID).save()  # the only row without an event of its creation
alice = User.objects.get(username="alice")
for name in {LISTS}:
    TaskList.objects.create(name=name, owner=alice)
"""

LOG = """
SELECT stream.name, head, count(event.seq), min(event.seq), max(event.seq)
FROM realtime_stream AS stream LEFT JOIN realtime_event AS event ON event.stream = stream.name
GROUP BY stream.name, head
"""


class Writers(NamedTuple):
    """A process of them, and what it prints."""

    process: Process
    output: Path
    errors: Path

    def result(self) -> dict[str, Any]:
        assert self.process.wait(30) == 0, self.errors.read_text()
        found: dict[str, Any] = json.loads(self.output.read_text())
        return found


@contextmanager
def writers(
    folder: Path, env: Environment, processes: int, threads: int, seconds: float
) -> Iterator[Sequence[Writers]]:
    command = [sys.executable, "-m", "tests.system.writers", str(threads), str(seconds)]
    with ExitStack() as stack:
        running = []
        for number in range(processes):
            output, errors = folder / f"p{number}.json", folder / f"p{number}.txt"
            with output.open("wb") as out, errors.open("wb") as err:
                process = start(
                    [*command, f"p{number}"], env={**os.environ, **AS_INSTALLED, **env}, stdout=out, stderr=err
                )
            stack.callback(process.wait)
            stack.callback(process.kill)
            running.append(Writers(process, output, errors))
        yield running


def check_while(query: Query, running: Sequence[Writers]) -> int:
    """Looks at the log until the writers are done; returns how many different moments it saw.

    In each of them a stream's events are 1, 2, 3 up to its head: so numbers are in the order of the commits.
    """
    moments = set()
    while any(one.process.poll() is None for one in running):
        log = query(LOG)
        for stream, head, count, first, last in log:
            assert (count, first or 1, last or 0) == (head, 1, head), (
                f"{stream}: {count} events up to {last}, head {head}"
            )
        moments.add(frozenset((stream, head) for stream, head, *_ in log))
    return len(moments)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("kind", "processes", "threads"), [("postgres", 2, 25), ("sqlite", 3, 2)], ids=["50 on PostgreSQL", "6 on SQLite"]
)
def test_writers_in_each_others_way(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    show: Callable[[str], None],
    kind: str,
    processes: int,
    threads: int,
) -> None:
    """No error, no deadlock; what was committed is in the log, once, and nothing else; and it plays to the end."""
    env: Environment = {
        **request.getfixturevalue(f"{kind}_database"),
        "DATABASE_POOL_SIZE": str(threads + 5),
        "LOG_LEVEL": "WARNING",
    }
    manage("shell", "--verbosity", "0", "--command", SETUP, env=env)
    with reader(env["DATABASE_URL"]) as query:
        before = {stream: head for stream, head, *_ in query(LOG)}
        with writers(tmp_path, env, processes, threads, seconds=SECONDS) as running:
            moments = check_while(query, running)
            results = [one.result() for one in running]
        assert [error for result in results for error in result["errors"]] == []
        committed = sum(result["committed"] for result in results)
        show(
            f"{processes * threads} writers on {kind}: {committed} transactions in {SECONDS} s, {moments} moments seen"
        )
        assert committed > processes * threads
        assert moments > 10

        wanted: dict[str, list[str]] = {}
        for result in results:
            for stream, tokens in result["written"].items():
                wanted.setdefault(stream, []).extend(tokens)
        for stream, tokens in wanted.items():
            assert sorted(titles(query, stream, before.get(stream, 0))) == sorted(tokens), stream
        if kind == "postgres":
            ((deadlocks,),) = query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            assert deadlocks == 0
    run("-m", "tests.system.writers", "check", env=env, timeout=60)


def titles(query: Query, stream: str, after: int) -> list[str]:
    """What the events of writers say was written, in the order of the log."""
    events = query(f"SELECT text FROM realtime_event WHERE stream = '{stream}' AND seq > {after} ORDER BY seq")
    frames = [json.loads(text) for (text,) in events]
    kinds = ("test.written", "task.created", "task.updated")
    return [frame["data"]["title"] for frame in frames if frame["type"] in kinds]
