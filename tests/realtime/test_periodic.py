"""Work that a project registers, and that one of the processes does at each turn."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.db.models import F

from realtime import metrics, periodic
from realtime.delivery.turns import give_turns
from realtime.models import PeriodicRun
from realtime.testing import running_hub
from tests.realtime.hubs import until

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def calls() -> Iterator[list[str]]:
    """What the tasks `rare` and `everywhere` have noted; both are registered."""
    found: list[str] = []
    periodic.register("rare", lambda: found.append("rare"), seconds=3600)
    periodic.register("everywhere", lambda: found.append("everywhere"), seconds=0.01, everywhere=True)
    yield found
    periodic.unregister("rare")
    periodic.unregister("everywhere")


def registered(name: str) -> periodic.PeriodicTask:
    (found,) = [task for task in periodic.periodic_tasks() if task.name == name]
    return found


def test_one_of_all_processes_does_it(calls: list[str]) -> None:
    """At each turn, by the database's clock; what is done everywhere is done by each."""
    for _ in range(3):
        registered("rare").run_if_due()
        registered("everywhere").run_if_due()
    assert calls == ["rare", *["everywhere"] * 3]
    PeriodicRun.objects.update(began_at=F("began_at") - timedelta(minutes=53))
    registered("rare").run_if_due()
    assert calls.count("rare") == 1
    PeriodicRun.objects.update(began_at=F("began_at") - timedelta(minutes=2))
    registered("rare").run_if_due()
    assert calls.count("rare") == 2


@pytest.mark.parametrize(
    ("name", "seconds"), [("rare", 1), ("", 1), ("x" * 65, 1), ("new", 0), ("new", -1), ("new", float("nan"))]
)
def test_what_can_not_be_registered(calls: list[str], name: str, seconds: float) -> None:
    with pytest.raises(ValueError, match="can't be"):
        periodic.register(name, lambda: None, seconds=seconds)


async def test_a_failure_is_counted_and_the_next_turn_comes() -> None:
    """It is logged once, as it may fail each time."""
    turns, enough = 0, Event()

    def fail() -> None:
        nonlocal turns
        turns += 1
        if turns == 3:
            enough.set()
        raise RuntimeError("no")

    task = periodic.PeriodicTask("failing", fail, 0.01, everywhere=True)
    running = asyncio.create_task(give_turns(task))
    assert await sync_to_async(enough.wait, thread_sensitive=False)(10)
    running.cancel()
    errors: Any = metrics.periodic_errors.labels("failing")
    assert errors._value.get() >= 2


async def test_a_turn_that_the_database_ends_is_counted() -> None:
    """Once and no more: a repeat would find that the turn has been taken, and would do nothing, successfully."""
    called = Event()

    def fail() -> None:
        called.set()
        raise OperationalError("server closed the connection unexpectedly")

    running = asyncio.create_task(give_turns(periodic.PeriodicTask("cut", fail, 3600, everywhere=False), first=0))
    assert await sync_to_async(called.wait, thread_sensitive=False)(10)
    errors: Any = metrics.periodic_errors.labels("cut")
    await until(lambda: errors._value.get() == 1)
    running.cancel()


async def test_the_hub_gives_turns() -> None:
    """Of each process that serves, whatever its server."""
    done = Event()
    periodic.register("hub", done.set, seconds=0.01, everywhere=True)
    try:
        async with running_hub():
            assert await sync_to_async(done.wait, thread_sensitive=False)(10)
    finally:
        periodic.unregister("hub")
