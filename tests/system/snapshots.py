"""Measures a crowd that asks for its snapshot at once: `python -m tests.system.snapshots [--tasks N] [--requests N]`.

Prints for one replica the memory at its highest, how long /livez took meanwhile, and how the requests ended.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx

from tests.benchmarks.snapshots import VARIANTS
from tests.cast import ALICE
from tests.clients.http import Session
from tests.servers import PostgresServer, Replica, manage

FILL = """
from tests.cast import add_cast; add_cast()
from tasks.models import Task, TaskList, User
alice = User.objects.get(username="alice")
for name in {names}:
    target = TaskList.objects.create(name=name, owner=alice)
    for start in range(0, {tasks}, 1000):
        Task.objects.bulk_create(
            [Task(list=target, title=f"Task number {{index}}", notes="Notes of this task. " * 10, created_by=alice)
             for index in range(start, min(start + 1000, {tasks}))])
"""


WATCH = """
import json, sys, threading, time, urllib.request
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set())).start()
slowest = 0
while not ended.wait(0.05):
    started = time.monotonic()
    urllib.request.urlopen(sys.argv[1], timeout=60).read()
    slowest = max(slowest, time.monotonic() - started)
print(slowest)
"""
"""In a process of its own, or the clients' threads would slow it down."""


class Watch:
    """How long /livez takes, at most, until it ends."""

    def __init__(self, replica: Replica) -> None:
        self.url = f"{replica.url}/livez"
        self.slowest = 0.0

    def __enter__(self) -> "Watch":
        self._process = subprocess.Popen(
            [sys.executable, "-c", WATCH, self.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *exc: object) -> None:
        self.slowest = float(self._process.communicate("")[0])


def memory_mib(pid: int, name: str) -> float:
    """VmRSS (now) or VmHWM (highest) of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def ask(url: str, token: str, said: dict[str, str]) -> tuple[int, int, float]:
    """Status, bytes on the wire and seconds of one snapshot."""
    started = time.monotonic()
    headers = {"Authorization": f"Bearer {token}", **said}
    with httpx.stream("GET", f"{url}/api/sync", headers=headers, timeout=120) as response:
        size = sum(len(part) for part in response.iter_raw())
    return response.status_code, size, time.monotonic() - started


def measure(replica: Replica, *, token: str, variant: str, requests: int) -> None:
    """Prints what `requests` at once cost."""
    assert replica.process is not None
    with Watch(replica) as watch, ThreadPoolExecutor(requests) as pool:
        started = time.monotonic()
        answers = list(pool.map(lambda _: ask(replica.url, token, VARIANTS[variant]), range(requests)))
        seconds = time.monotonic() - started
    highest = memory_mib(replica.process.pid, "VmHWM")
    times = sorted(answer[2] for answer in answers)
    print(
        f"{variant:<16} {requests} at once: {dict(Counter(answer[0] for answer in answers))}, {seconds:.1f} s in all, "
        f"median {times[len(times) // 2]:.1f} s, largest {max(answer[1] for answer in answers) / 1e6:.2f} MB; "
        f"highest RSS {highest:.0f} MiB, slowest /livez {watch.slowest * 1000:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=20_000)
    parser.add_argument("--lists", type=int, default=1)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--postgresql", action="store_true")
    arguments = parser.parse_args()
    os.environ.setdefault("SECRET_KEY", "only-for-measuring-and-long-enough-to-sign-tokens-with-it")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        env = {"DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}", "ENV_FILE": os.devnull}
        if arguments.postgresql:
            server = stack.enter_context(PostgresServer())
            env["DATABASE_URL"] = server.url(server.create_database())
        manage("migrate", "--verbosity", "0", env=env)
        names = [f"List {number}" for number in range(arguments.lists)]
        fill = FILL.format(names=names, tasks=arguments.tasks // arguments.lists)
        manage("shell", "--verbosity", "0", "--command", fill, env=env)
        for number, variant in enumerate(VARIANTS):
            replica = stack.enter_context(Replica(folder, env=env, name=f"replica-{number}"))
            token = Session(replica.url, ALICE).token
            assert replica.process is not None
            print(f"{'':<16} before: {memory_mib(replica.process.pid, 'VmRSS'):.0f} MiB")
            measure(replica, token=token, variant=variant, requests=arguments.requests)


if __name__ == "__main__":
    main()
