"""A world of lists, tasks and people. A way to write in it is a function of it and three small numbers.

    @write
    def rest_moves_a_task(world, a, b, c): ...

A write may find nothing to do, and may be refused; refusals are raised.
"""

import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.test import Client
from rest_framework.test import APIClient

from realtime.models import Event, Stream
from tasks.history.models import Trashed
from tasks.models import (
    EVERYONE_ID,
    Change,
    Creation,
    Label,
    Membership,
    Reminder,
    Role,
    Section,
    Task,
    TaskList,
    User,
)
from tasks.places.models import Place
from tasks.saved_filters.models import SavedFilter

CAST = [f"{name}@example.com" for name in ("alice", "bob", "carol", "root")]

Write = Callable[["World", int, int, int], Any]
WRITES: dict[str, Write] = {}


def write(function: Write) -> Write:
    WRITES[function.__name__] = function
    return function


class Refused(Exception):
    """The API or the admin said no; that is no error."""


class World:
    """Alice's two lists, of which bob edits one and carol sees it; a task in each; and an administrator's browser."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.numbers = itertools.count(1)
        self.alice, self.bob, self.carol = (User.objects.get(username=name) for name in ("alice", "bob", "carol"))
        shared = TaskList.objects.create(name="Shared", owner=self.alice)
        Membership.objects.create(list=shared, user=self.bob)
        Membership.objects.create(list=shared, user=self.carol, role=Role.VIEWER)
        private = TaskList.objects.create(name="Private", owner=self.alice)
        for task_list in (shared, private):
            Task.objects.create(list=task_list, title=f"In {task_list}", created_by=self.bob)

    @staticmethod
    def clear() -> None:
        """Takes away what an example has left, without a word to anybody, and gives people their names back."""
        for model in (SavedFilter, Reminder, Place, Task, Label, Section, Membership):
            QuerySet(model).all()._raw_delete("default")
        QuerySet(TaskList).exclude(pk=EVERYONE_ID)._raw_delete("default")
        QuerySet(TaskList).update(name="Everyone", color="#4f6bed")
        QuerySet(User).exclude(email__in=CAST)._raw_delete("default")
        for email in CAST:
            QuerySet(User).filter(email=email).update(
                username=email.partition("@")[0], name="", is_active=True, time_zone="UTC"
            )
        for noted in (Change, Trashed, Creation):
            QuerySet(noted).delete()
        Event.objects.all().delete()
        Stream.objects.all().delete()

    def text(self) -> str:
        return f"text {next(self.numbers)}"

    def id(self) -> UUID:
        return UUID(int=next(self.numbers) << 64)

    def task(self, number: int) -> Task:
        found: Task = pick(Task.objects.order_by("created_at", "pk"), number)
        return found

    def list(self, number: int) -> TaskList:
        """Everyone is the first."""
        found: TaskList = pick(TaskList.objects.order_by("created_at", "pk"), number)
        return found

    def own_list(self, number: int) -> TaskList:
        found: TaskList = pick(TaskList.objects.exclude(pk=EVERYONE_ID).order_by("created_at", "pk"), number)
        return found

    def member(self, number: int) -> Membership:
        found: Membership = pick(Membership.objects.order_by("list__created_at", "user__pk"), number)
        return found

    def person(self, number: int) -> User:
        """One of the three, active or not."""
        found: User = User.objects.get(pk=(self.alice, self.bob, self.carol)[number % 3].pk)
        return found

    def guest(self) -> User | None:
        """Somebody who came later, and may be deleted."""
        return User.objects.exclude(email__in=CAST).first()


def pick(rows: Any, number: int) -> Any:
    """One of the rows; raises the model's DoesNotExist where there are none."""
    count = rows.count()
    if not count:
        raise rows.model.DoesNotExist
    return rows[number % count]


def request(person: User, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    if not person.is_active:
        raise Refused("Not active.")
    client = APIClient()
    client.force_authenticate(person)
    response = getattr(client, method)(f"/api/{path}", data, format="json")
    assert response.status_code < 500, response.content
    if response.status_code >= 400:
        raise Refused(response.content)
    found: dict[str, Any] = response.json() if response.content else {}
    return found
