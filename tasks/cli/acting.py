"""Who runs a command, what they may see and write, and what the names and ids on the command line mean."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import CommandError
from django.db.models import QuerySet

from tasks.accounts.models import User
from tasks.cli.terminal import clean
from tasks.core.zones import validate_zone
from tasks.items.models import Task
from tasks.lists.access import lists_visible_to, rights_in
from tasks.lists.models import EVERYONE_ID, Role, TaskList
from tasks.quick_add.creation import now_in

SHORTEST_ID = 4


class Acting:
    """A person, or None for the operator, who may do all. Methods raise CommandError with a sentence that helps."""

    def __init__(self, username: str | None) -> None:
        self.user = None if username is None else person_called(username)

    @property
    def zone(self) -> str:
        return self.user.time_zone if self.user else settings.TIME_ZONE

    def now(self, zone: str | None = None) -> datetime:
        """In this zone, by default the person's."""
        try:
            validate_zone(zone or self.zone)
        except ValidationError as error:
            raise CommandError(f"due_zone: {' '.join(error.messages)}") from None
        return now_in(zone or self.zone)

    def lists(self) -> QuerySet[TaskList]:
        if self.user:
            return lists_visible_to(self.user)
        lists: QuerySet[TaskList] = TaskList.objects.all()
        return lists if settings.EVERYONE_LIST else lists.exclude(pk=EVERYONE_ID)

    def tasks(self) -> QuerySet[Task]:
        tasks: QuerySet[Task] = Task.objects.filter(list__in=self.lists().values("pk")).select_related("list")
        return tasks

    def check_write(self, task_list: TaskList) -> None:
        rights = rights_in(self.user, task_list)
        if rights.is_archived:
            raise CommandError(f"The list {clean(task_list.name)} is archived: it can only be read.")
        if self.user and rights.role is None:
            raise CommandError(f"{self.user} is no member of the list {clean(task_list.name)} any more.")
        if self.user and rights.role == Role.VIEWER:
            raise CommandError(f"{self.user} may read the list {clean(task_list.name)}, not write in it.")

    def default_list(self) -> TaskList:
        if self.user:
            return TaskList.objects.inbox_of(self.user)
        if not settings.EVERYONE_LIST:
            raise CommandError("The list Everyone is switched off: say which --list, or whose Inbox with --user.")
        everyone: TaskList = TaskList.objects.get(pk=EVERYONE_ID)
        return everyone

    def list_called(self, name: str) -> TaskList:
        as_id = uuid_or_none(name)
        found = [*(self.lists().filter(name__iexact=name) if as_id is None else self.lists().filter(pk=as_id))]
        if not found:
            known = ", ".join(sorted({clean(row.name) for row in self.lists()[:20]}))
            raise CommandError(f"There is no list {name!r}. There is: {known or 'none'}.")
        if len(found) > 1:
            ids = ", ".join(str(row.pk) for row in found)
            raise CommandError(f"{len(found)} lists are called {name!r}; take an id: {ids}")
        only: TaskList = found[0]
        return only

    def tasks_called(self, ids: Iterable[str]) -> list[Task]:
        """The tasks, locked, each once and in the order of their ids."""
        keys = sorted({self.task_called(text).pk for text in ids})
        locked = Task.objects.select_for_update(of=("self",)).select_related("list")
        rows = [*locked.filter(pk__in=keys).order_by("pk")]
        for row in rows:
            self.check_write(row.list)
        return rows

    def task_called(self, text: str) -> Task:
        digits = text.replace("-", "").lower()
        if not SHORTEST_ID <= len(digits) <= 32 or not set(digits) <= set("0123456789abcdef"):
            raise CommandError(
                f"{text!r} is no id: give at least its first {SHORTEST_ID} digits, as `task list` shows them."
            )
        first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
        found = [*self.tasks().filter(pk__gte=first, pk__lte=last).order_by("pk")[:5]]
        if not found:
            raise CommandError(f"There is no task that begins with {text}.")
        if len(found) > 1:
            known = ", ".join(f"{str(row.pk)[: len(digits) + 6]} {row.title!r}" for row in found)
            raise CommandError(f"Several tasks begin with {text}; give more digits: {known}.")
        return found[0]


def person_called(name: str) -> User:
    found: User | None = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise CommandError(f"There is nobody called {name!r} who is active.")
    return found


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def sentences(error: ValidationError) -> str:
    """A model's errors as one line: title: This field cannot be blank."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    named = {"" if name == NON_FIELD_ERRORS else f"{name}: ": texts for name, texts in error.message_dict.items()}
    return "; ".join(f"{name}{' '.join(texts)}" for name, texts in named.items())


def chosen(options: dict[str, Any], *names: str) -> dict[str, Any]:
    """Those of the options that were given."""
    return {name: options[name] for name in names if options.get(name) is not None}
