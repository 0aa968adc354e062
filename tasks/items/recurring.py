"""Recurring tasks: when one is completed, by whichever way, the next one is made; see docs/decisions/recurrence.md.

The completed task stays. The next one has an id that follows from it, so that none is made twice, and takes its place.
An undo writes what was before by itself: within `paused()` nothing follows.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.signals import ModelSignal

from realtime.events.live import saved
from tasks.items.models import RecurrenceFrom, Task
from tasks.items.next_ids import free_id, next_ids
from tasks.recurrence.due import Due, today_in
from tasks.recurrence.occurrences import following
from tasks.recurrence.rule import RuleError, parse, with_count

logger = logging.getLogger(__name__)

repeated = ModelSignal()
"""Sent when the next task has been made, inside the transaction, with `copies`: the ids of the new tasks by those of
the tasks that they are copies of, which are the completed task and its subtasks."""

OF_ITS_OWN = {
    "id", "version", "created_at", "updated_at", "completed_at", "completed_by", "due_date", "due_time", "due_zone",
    "recurrence", "recurrence_anchor", "parent",
}  # fmt: skip
"""What the next task does not simply take over."""

NOT_COMPARED = {"position", "created_by", "updated_by"}

_is_paused: ContextVar[bool] = ContextVar("tasks_recurring_is_paused", default=False)

is_taking_back: ContextVar[bool] = ContextVar("tasks_recurring_is_taking_back", default=False)
"""Whether what is deleted is a next task that was made by mistake: nobody is to find it in the trash."""


@contextmanager
def paused() -> Iterator[None]:
    """Completing makes no next task inside, and reopening takes none back."""
    with _set(_is_paused):
        yield


@contextmanager
def taking_back() -> Iterator[None]:
    with _set(is_taking_back):
        yield


@contextmanager
def _set(variable: ContextVar[bool]) -> Iterator[None]:
    token = variable.set(True)
    try:
        yield
    finally:
        variable.reset(token)


def connect() -> None:
    """Called once by the capability's rules, before the events of tasks are published."""
    saved.connect(task_saved, sender=Task)


def task_saved(instance: Task, previous: Task | None, **kwargs: Any) -> None:
    if previous is None:
        return
    keep_anchor(instance, previous)
    if instance.recurrence is None or _is_paused.get():
        return
    if previous.completed_at is None and instance.completed_at is not None:
        make_next(instance)
    elif previous.completed_at is not None and instance.completed_at is None:
        take_back(previous, instance)


def due_of(task: Task) -> Due | None:
    return None if task.due_date is None else Due(task.due_date, task.due_time, task.due_zone)


def scheduled(task: Task) -> Due | None:
    """When the task was to be due by its rule, before it was rescheduled; None without a due date."""
    try:
        return due_of(task) if task.recurrence_anchor is None else Due.from_text(task.recurrence_anchor)
    except ValueError:
        return due_of(task)


def keep_anchor(task: Task, previous: Task) -> None:
    """A new date is for this occurrence alone: the rule goes on from the date that it had given. A new rule begins at
    the due date. A new time of the same day is for those that follow, too.
    """
    anchor = task.recurrence_anchor
    if task.recurrence is None or task.recurrence != previous.recurrence:
        anchor = None
    elif anchor == previous.recurrence_anchor and task.due_date != previous.due_date:
        due, before = due_of(task), scheduled(previous)
        anchor = None if before is None or before == due else before.text()
    if anchor != task.recurrence_anchor:
        task.recurrence_anchor = anchor
        QuerySet(Task).filter(pk=task.pk).update(recurrence_anchor=anchor)  # shown by the event that is about to come


def upcoming(task: Task, *, today: date) -> Iterator[Due]:
    """When the tasks after this one are due, if it is completed on `today`. None for a rule that can't be followed."""
    from_completion = task.recurrence_from == RecurrenceFrom.COMPLETION
    present = due_of(task) if from_completion else scheduled(task)
    try:
        rule = parse(task.recurrence or "")
    except RuleError:
        logger.warning("Task %s has a rule that can't be followed: %r", task.pk, task.recurrence)
        return
    yield from following(rule, present or Due(today), today=today, from_completion=from_completion)


def today_of(task: Task) -> date:
    """The day on which the task is completed, or was: where it is due, or else where the person is who did it."""
    zone = task.due_zone if task.due_time else None
    if zone is None:
        zone = settings.TIME_ZONE if task.completed_by is None else task.completed_by.time_zone
    return today_in(zone, task.completed_at or task.updated_at)


def make_next(task: Task) -> None:
    """Unless the rule has ended, or the next one has been made before."""
    if is_done_with_its_parent(task) or Task.objects.filter(pk__in=next_ids(task.pk)).exists():
        return
    rows = next_rows(task, free_id(task.pk))
    if not rows:
        return
    first, *subtasks = rows.values()
    first.save(force_insert=True)
    Task.objects.bulk_create(subtasks)
    repeated.send(sender=Task, copies={key: row.pk for key, row in rows.items()})


def take_back(completed: Task, reopened: Task) -> None:
    """Deletes the next task when the one before is reopened, if it still is what was made when that was completed. Not
    where one statement reopens both.
    """
    candidates = Task.objects.select_for_update(no_key=True).filter(pk__in=next_ids(completed.pk))
    found = candidates.order_by("-created_at", "pk").first()
    if found is None or found.updated_at == reopened.updated_at:
        return
    expected = {row.pk: row for row in next_rows(completed, found.pk).values()}
    rows = [found, *Task.objects.filter(parent=found.pk)]
    if {row.pk for row in rows} == expected.keys() and all(is_untouched(row, expected[row.pk]) for row in rows):
        with taking_back():
            found.delete()


def next_rows(task: Task, pk: UUID) -> dict[UUID, Task]:
    """The task that follows a completed one, under this id, and its subtasks, by the ids of those that they are copies
    of; not saved. Empty where none follows.
    """
    due = next(upcoming(task, today=today_of(task)), None)
    before = scheduled(task)
    if due is None:
        return {}
    rule = task.recurrence or ""
    count = parse(rule).count
    first = copy_of(
        task,
        id=pk,
        parent_id=task.parent_id,
        due_date=due.day,
        due_time=due.clock,
        due_zone=due.zone,
        recurrence=rule if count is None else with_count(rule, count - 1),
    )
    later = due.day - (before or due).day
    return {task.pk: first} | {subtask.pk: subtask_copy(subtask, first, later) for subtask in subtasks_to_repeat(task)}


def subtasks_to_repeat(task: Task) -> list[Task]:
    """All of them, done or not; of one that recurs by itself only the newest."""
    subtasks = [*Task.objects.filter(parent=task.pk).order_by("position", "pk")]
    keys = {subtask.pk for subtask in subtasks}
    return [row for row in subtasks if row.recurrence is None or keys.isdisjoint(next_ids(row.pk))]


def subtask_copy(subtask: Task, parent: Task, later: timedelta) -> Task:
    """Due as long after its parent as before."""
    try:
        day = None if subtask.due_date is None else subtask.due_date + later
    except OverflowError:
        day = subtask.due_date
    return copy_of(
        subtask,
        id=uuid5(parent.pk, str(subtask.pk)),
        parent_id=parent.pk,
        due_date=day,
        due_time=subtask.due_time,
        due_zone=subtask.due_zone,
        recurrence=subtask.recurrence,
    )


def copy_of(task: Task, **values: Any) -> Task:
    copied = {name: getattr(task, name) for name in copied_names()}
    copied["label_ids"] = [*task.label_ids]
    return Task(**copied, **values)


def copied_names() -> list[str]:
    return [field.attname for field in Task._meta.concrete_fields if field.name not in OF_ITS_OWN]


def is_untouched(row: Task, made: Task) -> bool:
    """Whether nobody has changed it since it was made. Its place does not count."""
    ours = {"version", "created_at", "updated_at", *NOT_COMPARED}
    fields = [field for field in Task._meta.concrete_fields if field.name not in ours]
    return all(getattr(row, field.attname) == getattr(made, field.attname) for field in fields)


def is_done_with_its_parent(task: Task) -> bool:
    """A subtask comes again with its parent."""
    return task.parent_id is not None and Task.objects.filter(pk=task.parent_id, completed_at__isnull=False).exists()
