"""What one REST request costs the server's process, beside a stock REST framework project on Daphne and SQLite."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.contestants import Todo
from tests.benchmarks.http_latency import ADD_TASKS
from tests.benchmarks.machine import cpu_seconds, pinned, say
from tests.benchmarks.surroundings import Surroundings
from tests.clients.http import PLAIN
from tests.servers import ROOT, Server, manage

Costs = dict[str, dict[str, list[float]]]
"""Milliseconds of CPU for one request: by request and server, one figure for each round."""

WARM_UP = 20
BODY = {"title": "Buy milk", "notes": "Two bottles, the blue ones."}


class StockDrf(Server):
    """`peers/stock_drf.py` on Daphne, on the servers' core."""

    name = "stock"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.env = {**os.environ, "STOCK_DATABASE": str(self.folder / "db.sqlite3"), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "tests.benchmarks.peers.stock_drf"]
        done = subprocess.run(command, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, text=True, check=True)
        self.token = done.stdout.strip()

    def command(self) -> list[str]:
        where = ["-b", "127.0.0.1", "-p", str(self.port), "--verbosity", "1", "--access-log", os.devnull]
        return pinned([sys.executable, "-m", "daphne", *where, "tests.benchmarks.peers.stock_drf:application"])

    def popen_options(self) -> dict[str, Any]:
        return {"cwd": ROOT, "env": self.env}

    def is_ready(self, log: str) -> bool:
        return "Listening on TCP" in log


@dataclass
class Side:
    """One of the two servers, a client on a kept connection, and one of the fifty tasks."""

    name: str
    pid: int
    http: httpx.Client
    tasks: str
    """The URL of all tasks; that of one is the same with its id and `end`."""
    end: str = ""

    def __post_init__(self) -> None:
        page = self.http.get(self.tasks).raise_for_status().json()["results"]
        assert len(page) == 50, f"{self.name} shows {len(page)} tasks"
        self.one: str = self.url(page[0]["id"])

    def url(self, task: str) -> str:
        return f"{self.tasks.rstrip('/')}/{task}{self.end}"

    def requests(self) -> dict[str, Callable[[], httpx.Response]]:
        return {
            "GET one": lambda: self.http.get(self.one),
            "GET fifty": lambda: self.http.get(self.tasks),
            "POST": lambda: self.http.post(self.tasks, json=BODY),
            "PATCH": lambda: self.http.patch(self.one, json=BODY),
        }

    def milliseconds(self, kind: str, count: int) -> float:
        """CPU of the process for one request of this kind."""
        request = self.requests()[kind]
        before = cpu_seconds(self.pid)
        answers = [request().raise_for_status() for _ in range(count)]
        used = cpu_seconds(self.pid) - before
        if kind == "POST":
            for answer in answers:
                self.http.delete(self.url(answer.json()["id"])).raise_for_status()
        return 1000 * used / count


def run(around: Surroundings, *, rounds: int, count: int) -> Costs:
    """Rounds of `count` requests of each kind; within a round the two servers take turns."""
    manage("shell", "--verbosity", "0", "--command", ADD_TASKS, env=around.environment)
    costs: Costs = {}
    with Todo(around) as todo, StockDrf(around.folder) as stock:
        assert stock.process is not None
        with _client(todo.port, around.tokens[0]) as ours, _client(stock.port, stock.token) as theirs:
            sides = [
                Side("this application", todo.pid, ours, "/api/tasks"),
                Side("stock", stock.process.pid, theirs, "/api/tasks/", "/"),
            ]
            for number in range(rounds + 1):
                say(f"REST, round {number} of {rounds}" if number else "REST, warming up")
                for kind in sides[0].requests():
                    for side in sides:
                        found = side.milliseconds(kind, count if number else WARM_UP)
                        if number:
                            costs.setdefault(kind, {}).setdefault(side.name, []).append(found)
    return costs


def _client(port: int, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, **PLAIN)
