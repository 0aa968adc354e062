"""Snapshots are made once for all who ask, and kept within bounds."""

import json
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from realtime import events
from tasks.models import Task, TaskList
from tasks.sync.deflate import Piece, compress, store
from tasks.sync.parts import Form
from tasks.sync.shared import PART_BYTES, Bounds, Key, SharedParts, SnapshotsBusy
from tests.tasks.answers import Api, People, body_of, problem
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


KEEP_ALL = Bounds(keep_from_bytes=0)


def part(text: str) -> dict[str, Piece]:
    return {"tasks": compress([text.encode()])}


def key(stream: str, seq: int = 1) -> Key:
    return Key("epoch", stream, seq)


def held(made: list[str], may_go: threading.Event) -> Any:
    """Makes parts, each after it may go on; `made` gets the streams when it begins."""

    def make(streams: Collection[str], form: Form) -> Any:
        made.extend(streams)
        assert may_go.wait(20)
        return {stream: part(stream) for stream in streams}

    return make


def test_those_who_ask_while_it_is_made_get_the_same() -> None:
    """And need no thread for it: they get the promise at once."""
    made: list[str] = []
    may_go = threading.Event()
    parts = SharedParts(held(made, may_go), bounds=KEEP_ALL)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(parts.get, [key("a")])
        while not made:
            time.sleep(0.001)
        others = [parts.get([key("a")])[key("a")] for _ in range(100)]
        assert not any(other.done() for other in others)
        may_go.set()
        result = first.result()[key("a")].result()
    assert made == ["a"]
    assert all(other.result(30) is result for other in others)
    assert parts.get([key("a")])[key("a")].result() is result


def test_all_that_one_asks_for_is_promised_at_once() -> None:
    """Who asks for the last of many streams need not wait for a slot while the first one is made."""
    made: list[str] = []
    may_go = threading.Event()
    parts = SharedParts(held(made, may_go), bounds=KEEP_ALL)
    keys = [key(f"s{number}") for number in range(5)]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(parts.get, keys)
        while not made:
            time.sleep(0.001)
        others = [parts.get(keys[::-1]) for _ in range(100)]
        may_go.set()
        results = {name: future.result() for name, future in first.result(20).items()}
    assert len(made) == 5
    for other in others:
        assert {name: future.result(30) for name, future in other.items()} == results


def test_how_many_are_made_at_once_is_bounded() -> None:
    """The next ones wait, then they are refused; those behind them at once. Afterwards all goes on."""
    bounds = Bounds(longest_wait=0.2)
    may_go, running, most = threading.Event(), [], []

    def make(streams: Collection[str], form: Form) -> Any:
        running.append(streams)
        most.append(len(running))
        assert may_go.wait(20)
        running.remove(streams)
        return {stream: part(stream) for stream in streams}

    parts = SharedParts(make, bounds=bounds)
    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(parts.get, [key(f"s{number}")]) for number in range(20)]
        wait_until(lambda: sum(call.done() for call in calls) == 20 - bounds.at_once, what="the others to be refused")
        refused = [call for call in calls if call.done()]
        assert all(isinstance(call.exception(), SnapshotsBusy) for call in refused)
        may_go.set()
        for call in set(calls) - set(refused):
            call.result(20)
    assert max(most) == bounds.at_once
    assert parts.get([key("later")])[key("later")].done()


def test_one_that_fails_is_made_again() -> None:
    """The error belongs to those who asked; the next one tries it again."""
    failures = [RuntimeError("the database is away")]

    def make(streams: Collection[str], form: Form) -> Any:
        if failures:
            raise failures.pop()
        return {stream: part(stream) for stream in streams}

    parts = SharedParts(make, bounds=KEEP_ALL)
    with pytest.raises(RuntimeError):
        parts.get([key("a")])
    assert parts.get([key("a")])[key("a")].result()["tasks"].size == 1


def test_many_small_parts_are_kept_together() -> None:
    """A hundred short lists take as long to make as a long one; a few do not."""
    made: list[str] = []

    def make(streams: Collection[str], form: Form) -> Any:
        made.extend(streams)
        return {stream: {"tasks": store(b"x" * 100)} for stream in streams}

    parts = SharedParts(make, bounds=Bounds(keep_from_bytes=1_000))
    many, few = [key(f"m{number}") for number in range(10)], [key(f"f{number}") for number in range(9)]
    for keys in (many, many, few, few):
        parts.get(keys)
    assert len(made) == 10 + 9 + 9


def test_what_is_kept_is_bounded() -> None:
    """In bytes and in time; what was asked for last stays."""
    bounds = Bounds(keep_from_bytes=0, keep_bytes=3 * (3_000 + PART_BYTES) + 1_000)
    made: list[str] = []

    def make(streams: Collection[str], form: Form) -> Any:
        made.extend(streams)
        return {stream: {"tasks": store(b"x" * 3_000)} for stream in streams}

    parts = SharedParts(make, bounds=bounds)
    for number in range(10):
        parts.get([key(f"s{number}")])
    parts.get([key("s9"), key("s8"), key("s7")])
    assert len(made) == 10
    parts.get([key("s0")])
    assert made[-1] == "s0"
    at_once_old = SharedParts(make, bounds=Bounds(keep_from_bytes=0, keep_seconds=0.0))
    for _ in range(2):
        at_once_old.get([key("s0")])
    assert made[-3:] == ["s0", "s0", "s0"]


@pytest.mark.django_db(transaction=True)
def test_busy_is_503(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Retry-After, as a problem."""

    def busy(keys: Any) -> Any:
        raise SnapshotsBusy

    monkeypatch.setattr("tasks.sync.views.shared_parts.get", busy)
    response = api(people["alice"]).get("/api/sync")
    problem(response, 503)
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.django_db(transaction=True)
def test_many_at_the_same_moment(api: Api, people: People, shared: TaskList) -> None:
    """Thirty requests while somebody writes: each is complete for its position."""
    Task.objects.bulk_create([Task(list=shared, title=f"{index}") for index in range(200)])
    start, found = threading.Barrier(30), []
    alice = people["alice"]

    def ask(client: APIClient) -> None:
        start.wait()
        try:
            response = client.get("/api/sync")
            if response.status_code == 200:
                found.append(json.loads(body_of(response)))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[api(alice)]) for _ in range(30)]
    for thread in threads:
        thread.start()
    Task.objects.create(list=shared, title="meanwhile")
    for thread in threads:
        thread.join()
    head = events.heads([f"list.{shared.pk}"])[f"list.{shared.pk}"]
    assert found
    for snapshot in found:
        assert len(snapshot["tasks"]) >= 200 + (snapshot["positions"][f"list.{shared.pk}"] == head)
