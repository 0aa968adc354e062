"""Work that the serving processes do again and again, registered by a project.

    class NotesConfig(AppConfig):
        def ready(self):
            periodic.register("purge notes", purge_notes, seconds=3600)

Each process that serves connections looks every `seconds`, or every five minutes, whether it is time, and one of all
does the work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models.functions import Now

from realtime.models import PeriodicRun

EARLY = 0.9
"""The share of the interval after which a turn is due, so that a process that looks a little early takes it."""


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """What `register()` was told."""

    name: str
    function: Callable[[], Any]
    seconds: float
    everywhere: bool

    def run_if_due(self) -> None:
        """Calls the function, unless a process has begun to within the last `seconds`."""
        if self.everywhere or _claim(self.name, timedelta(seconds=self.seconds * EARLY)):
            self.function()


_registered: dict[str, PeriodicTask] = {}


def register(name: str, function: Callable[[], Any], *, seconds: float, everywhere: bool = False) -> None:
    """Calls `function()` about every `seconds` in one of the processes that serve; with `everywhere` in each. To
    be called from an `AppConfig.ready()`.

    It runs in a thread of its own with a database connection of its own, never twice at once in one process, without a
    time limit. What it raises is logged and counted, and the next turn follows as usual. A process may end in the
    middle, and a function that takes longer than `seconds` may run in two processes at once: it has to tolerate both.
    Raises ValueError for a name that is taken, too long, or for a time that is not positive.
    """
    if name in _registered or not 0 < len(name) <= 64:
        raise ValueError(f"{name!r} can't be the name of a periodic task: it is taken, or longer than 64 characters")
    if not seconds > 0:
        raise ValueError(f"{name!r} can't be done every {seconds} seconds")
    _registered[name] = PeriodicTask(name, function, seconds, everywhere)


def unregister(name: str) -> None:
    """Ends what `register()` began, in hubs that are started later."""
    del _registered[name]


def periodic_tasks() -> tuple[PeriodicTask, ...]:
    """All of them, in the order of their registration."""
    return tuple(_registered.values())


def _claim(name: str, interval: timedelta) -> bool:
    """Whether the turn is this process's, by the database's clock."""
    rows = PeriodicRun.objects.filter(pk=name)
    due = rows.exclude(began_at__range=(Now() - interval, Now() + interval))  # in the future: by a wrong clock
    if not due.exists():  # looked up first: on SQLite each update waits for all other writers
        if rows.exists():
            return False
        never = PeriodicRun(name=name, began_at=datetime(1970, 1, 1, tzinfo=UTC))
        PeriodicRun.objects.bulk_create([never], ignore_conflicts=True)
    return bool(due.update(began_at=Now()))
