"""What a snapshot of a large list costs the server's process, and how many bytes it is on the wire."""

import os
import subprocess
import sys
from typing import Any

import httpx

from tests.benchmarks.contestants import Todo
from tests.benchmarks.machine import cpu_seconds, say
from tests.benchmarks.summary import Spread
from tests.benchmarks.surroundings import Surroundings
from tests.clients.http import PLAIN
from tests.servers import ROOT

TASKS = 10_000
VARIANTS = {
    "gzip, by columns": {"Accept-Encoding": "gzip", "Prefer": "columns"},
    "gzip": {"Accept-Encoding": "gzip"},
    "identity": {"Accept-Encoding": "identity"},
}
"""What a request says; the page asks for the first."""

NOTES = {"none": 0, "eleven words": 11}
"""The notes of each task. A title has five words."""

WARM_UP = 2

Snapshots = dict[str, dict[str, Any]]
"""By variant: milliseconds of CPU to build one, and to send one that is built already, and its bytes."""


def run(around: Surroundings, *, count: int, tasks: int = TASKS, notes: int) -> Snapshots:
    """So many snapshots of each variant, each after a change of the list, and each asked for a second time."""
    say(f"Filling {tasks:,} tasks with {notes} words of notes into a list on {around.database}")
    command = [sys.executable, "-m", "tests.benchmarks.filling", str(tasks), "1", str(notes)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "todo_project.settings", **around.environment}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    with Todo(around) as server:
        headers = {"Authorization": f"Bearer {around.tokens[0]}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, **PLAIN) as client:
            rows = client.get("/api/lists").raise_for_status().json()["results"]
            crowded = next(row["id"] for row in rows if row["name"] == "List 0")
            return {name: measure(client, server.pid, crowded, said, count) for name, said in VARIANTS.items()}


def measure(client: httpx.Client, pid: int, of_list: str, said: dict[str, str], count: int) -> dict[str, Any]:
    address = f"/api/sync?stream=list.{of_list}"
    built: list[float] = []
    shared: list[float] = []
    size = 0
    for number in range(count + WARM_UP):
        client.post("/api/tasks", json={"list": of_list, "title": "One more"}).raise_for_status()
        for costs in (built, shared):
            before = cpu_seconds(pid)
            with client.stream("GET", address, headers=said) as answer:
                answer.raise_for_status()
                assert answer.headers.get("Content-Encoding", "identity") == said["Accept-Encoding"]
                size = sum(len(part) for part in answer.iter_raw())
            if number >= WARM_UP:
                costs.append(1000 * (cpu_seconds(pid) - before))
    return {"built": Spread.of(built), "shared": Spread.of(shared), "bytes": size}
