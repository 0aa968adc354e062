"""What a broadcast costs those who use the REST API of the same process at the same time."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.broadcast import Load, Publisher, broadcast, percentile, wait_quietly
from tests.benchmarks.contestants import Todo
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.surroundings import Surroundings
from tests.servers import ROOT, manage

TASKS = 50

ADD_TASKS = f"""
from tasks.models import EVERYONE_ID, Task
Task.objects.bulk_create(Task(list_id=EVERYONE_ID, title=f"Task {{number}}") for number in range({TASKS}))
"""


@dataclass(frozen=True)
class Latency:
    """Milliseconds of a request: one after the other, by one client on a kept connection."""

    requests: int
    p50: float
    p99: float


@dataclass(frozen=True)
class HttpLatency:
    connections: int
    idle: Latency
    busy: Latency
    load: Load
    """What was sent to the sockets meanwhile, one event at a time."""


def run(around: Surroundings, *, connections: int, seconds: float) -> HttpLatency:
    manage("shell", "--verbosity", "0", "--command", ADD_TASKS, env=around.environment)
    with Todo(around) as server, Crowd(server.port, greeting=server.greeting) as crowd:
        crowd.connect(server.doors(connections))
        command = [sys.executable, "-m", "tests.benchmarks.http_client", str(server.port), around.tokens[0]]
        with (
            Publisher(server.publisher(), env=server.environment(), log=server.folder / "publisher.txt") as publisher,
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client,
        ):
            # What follows shares a core with the database that answers the requests; it must not stand in its way.
            os.setpriority(os.PRIO_PROCESS, 0, 19)
            ask(client, seconds / 4)
            wait_quietly(crowd, seconds / 4)
            answer(client)
            ask(client, seconds)
            wait_quietly(crowd, seconds)
            idle = answer(client)
            ask(client, seconds)
            load = broadcast(crowd, publisher, pid=server.pid, in_flight=1, seconds=seconds, pause=0.1)
            return HttpLatency(connections, idle, answer(client), load)


def ask(client: "subprocess.Popen[str]", seconds: float) -> None:
    assert client.stdin
    client.stdin.write(f"{seconds}\n")
    client.stdin.flush()


def answer(client: "subprocess.Popen[str]") -> Latency:
    assert client.stdout
    took: Sequence[float] = json.loads(client.stdout.readline())
    return Latency(len(took), percentile(took, 50) or 0, percentile(took, 99) or 0)
