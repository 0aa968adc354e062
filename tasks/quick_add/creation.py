"""A task out of what a line says, with its new labels: all of it or nothing, in the caller's transaction."""

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

from tasks.accounts.models import User
from tasks.items.models import Priority, RecurrenceFrom, Task
from tasks.labels.models import Label, key_of
from tasks.lists.models import TaskList
from tasks.quick_add.meaning import Fields
from tasks.quick_add.sigils import NewLabel
from tasks.quick_add.vocabulary import Name
from tasks.reminders.models import Reminder

REFERENCES = ("list", "parent", "section", "assignee", "completed_by", "created_by", "updated_by")
"""Rows that were looked up just before: asking for each of them again would be a query."""


class Created(NamedTuple):
    task: Task
    labels: list[Label]
    """The new ones."""

    reminders: list[Reminder]
    """Of the person who writes the line; nobody else's."""


def now_in(zone: str, moment: datetime | None = None) -> datetime:
    """The moment there, the present one if none is given. Raises what ZoneInfo raises: check the zone's name first."""
    return (moment or timezone.now()).astimezone(ZoneInfo(zone))


def create(title: str, fields: Fields, *, task_list: TaskList, zone: str, person: User | None, **extra: Any) -> Created:
    """Writes the task. `extra`: fields of the task that win over those of the line.

    The caller has checked that the person may write in the list. Raises Django's ValidationError.
    """
    labels = [label_called(label.name, task_list) for label in fields.labels if isinstance(label, NewLabel)]
    known = [str(label.id) for label in fields.labels if isinstance(label, Name)]
    values = {
        "title": title,
        "priority": Priority[(fields.priority or "none").upper()],
        "label_ids": sorted({*known, *(str(label.pk) for label in labels)}),
        "assignee_id": fields.assignee.id if fields.assignee else None,
        "due_date": fields.due_date,
        "due_time": fields.due_time,
        "due_zone": zone if fields.due_time is not None else None,
        "recurrence": fields.recurrence,
        "recurrence_from": RecurrenceFrom.COMPLETION if fields.from_completion else RecurrenceFrom.DUE,
    }
    task = Task(list=task_list, created_by=person, updated_by=person, **{**values, **extra})
    task.clean_fields(exclude=REFERENCES)
    task.clean()  # a rule that has no other date
    task.save(force_insert=True)
    return Created(task, labels, [_reminder(task, person, minutes) for minutes in fields.reminders if person])


def _reminder(task: Task, person: User, minutes: int) -> Reminder:
    reminder = Reminder(task=task, user=person, minutes_before=minutes)
    reminder.save(force_insert=True)
    return reminder


def label_called(name: str, task_list: TaskList) -> Label:
    """The list's label of this name, which is made if it is missing. Raises Django's ValidationError."""
    found: Label | None = Label.objects.filter(list=task_list, name_key=key_of(name)).first()
    if found is None:
        found = Label(list=task_list, name=name)
        found.clean_fields(exclude=["list", "name_key"])
        found.save(force_insert=True)
    return found
