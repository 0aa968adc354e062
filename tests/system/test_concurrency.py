"""Many writers at once: numbers without a gap, in the order of the commits, and nobody waits for anybody in vain."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.servers import ROOT, manage
from tests.system.queries import Query, reader
from tests.system.writers import LISTS

Environment = dict[str, str]

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


@contextmanager
def writers(env: Environment, processes: int, threads: int, seconds: float) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.system.writers", str(threads), str(seconds)]
    with ExitStack() as stack:
        running = []
        for number in range(processes):
            process = subprocess.Popen(
                [*command, f"p{number}"], cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True
            )
            running.append(stack.enter_context(process))
            stack.callback(process.kill)
        yield running


def check_while(query: Query, running: list[subprocess.Popen[str]]) -> int:
    """Looks at the log until the writers are done; returns how many different moments it saw.

    In each of them a stream's events are 1, 2, 3 up to its head: so numbers are in the order of the commits.
    """
    moments = set()
    while any(process.poll() is None for process in running):
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
    request: pytest.FixtureRequest, show: Callable[[str], None], kind: str, processes: int, threads: int
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
        with writers(env, processes, threads, seconds=3) as running:
            moments = check_while(query, running)
            results = [json.loads(process.communicate(timeout=30)[0]) for process in running]
        assert [error for result in results for error in result["errors"]] == []
        committed = sum(result["committed"] for result in results)
        show(f"{processes * threads} writers on {kind}: {committed} transactions in 3 s, {moments} moments seen")
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
    done = subprocess.run(
        [sys.executable, "-m", "tests.system.writers", "check"],
        cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def titles(query: Query, stream: str, after: int) -> list[str]:
    """What the events of writers say was written, in the order of the log."""
    events = query(f"SELECT text FROM realtime_event WHERE stream = '{stream}' AND seq > {after} ORDER BY seq")
    frames = [json.loads(text) for (text,) in events]
    kinds = ("test.written", "task.created", "task.updated")
    return [frame["data"]["title"] for frame in frames if frame["type"] in kinds]
