"""How long a person with many tasks in many lists waits for the pages that are asked for most."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import httpx

from tests.benchmarks.broadcast import percentile
from tests.benchmarks.contestants import Todo
from tests.benchmarks.filling import words
from tests.benchmarks.machine import say
from tests.benchmarks.surroundings import Surroundings
from tests.clients.http import PLAIN
from tests.servers import ROOT

TASKS, LISTS = 100_000, 200

Times = dict[str, dict[str, float]]
"""Milliseconds by request: p50, p95 and the longest."""


def run(around: Surroundings, *, count: int, tasks: int = TASKS) -> Times:
    """So many requests of each kind, one after the other, by a client on a kept connection."""
    say(f"Filling {tasks:,} tasks into {LISTS} lists")
    command = [sys.executable, "-m", "tests.benchmarks.filling", str(tasks), str(LISTS)]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "todo_project.settings", **around.environment}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    with Todo(around) as server:
        headers = {"Authorization": f"Bearer {around.tokens[0]}", "Accept-Encoding": "gzip"}
        address = f"http://127.0.0.1:{server.port}"
        with httpx.Client(base_url=address, headers=headers, **PLAIN) as client:
            return {name: times(client, paths, count) for name, paths in requests(client).items()}


def requests(client: httpx.Client) -> dict[str, Iterator[str]]:
    """For each kind of request the addresses to ask, without end."""
    lists = [row["id"] for row in client.get("/api/lists?kind=list&limit=200").raise_for_status().json()["results"]]
    random = Random(3)
    return {
        "50 tasks of all lists": endless(lambda: "/api/tasks?limit=50"),
        "50 tasks of one list": endless(lambda: f"/api/tasks?limit=50&list={random.choice(lists)}"),
        "a search, at each letter typed": keystrokes(random),
        "Today": endless(lambda: "/api/today"),
        "Upcoming, seven days": endless(lambda: "/api/upcoming"),
        "sync of one list": endless(lambda: f"/api/sync?stream=list.{random.choice(lists)}"),
    }


def endless(make: Any) -> Iterator[str]:
    while True:
        yield make()


def keystrokes(random: Random) -> Iterator[str]:
    """What is asked while one or two words are typed, common ones and rare ones."""
    vocabulary = words(Random(11))
    while True:
        text = " ".join(random.choice(vocabulary[:2_000]) for _ in range(random.randrange(1, 3)))
        for length in range(1, len(text) + 1):
            if text[length - 1] != " ":
                yield f"/api/search?q={text[:length].replace(' ', '%20')}"


def times(client: httpx.Client, paths: Iterator[str], count: int) -> dict[str, float]:
    took = []
    for number in range(count + 5):
        path = next(paths)
        began = time.perf_counter()
        client.get(path).raise_for_status()
        if number >= 5:  # the first ones open connections and fill caches
            took.append(time.perf_counter() - began)
    return {"p50": percentile(took, 50) or 0, "p95": percentile(took, 95) or 0, "longest": 1000 * max(took)}
