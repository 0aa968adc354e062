"""What keeps reminders in step with their tasks and their people, by whichever way these change. Within the transaction
of the change."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from realtime.events.clock import database_now
from realtime.events.live import deleted, model_of, saved, written
from tasks.accounts.models import User
from tasks.items.models import Task
from tasks.items.recurring import repeated
from tasks.lists.access import readable_pairs
from tasks.lists.models import Membership, TaskList
from tasks.reminders.models import Reminder, lock_task
from tasks.reminders.timing import fires_at, plan_again

RECENTLY = timedelta(minutes=1)
DUE_FIELDS = ("due_date", "due_time", "due_zone")


def connect() -> None:
    """Called once by the app's configuration."""
    saved.connect(reminder_saved, sender=Reminder)
    written.connect(tasks_written, sender=Task)
    repeated.connect(task_repeated, sender=Task)
    saved.connect(person_saved, sender=User)
    saved.connect(member_saved, sender=Membership)
    deleted.connect(member_deleted, sender=Membership)


def reminder_saved(instance: Reminder, previous: Reminder | None, **kwargs: Any) -> None:
    """Plans it. A new time makes it one that has not been sent.

    A number of minutes before a due date that is so near, or past, leaves nothing to send.
    """
    if previous is not None and (previous.at, previous.minutes_before) == (instance.at, instance.minutes_before):
        return
    lock_task(instance.task_id)
    planned = fires_at(instance, Task.objects.get(pk=instance.task_id), User.objects.get(pk=instance.user_id))
    sent_at = instance.sent_at if previous is None else None
    now = database_now()
    comes_back = previous is None and instance.created_at < now - RECENTLY  # from the trash
    if planned and planned <= now and (comes_back or instance.minutes_before is not None):
        planned = None
    if (planned, sent_at) != (instance.fires_at, instance.sent_at):
        instance.fires_at, instance.sent_at = planned, sent_at
        write_silently(instance)


def write_silently(reminder: Reminder) -> None:
    """The event of the write that is going on shows it."""
    QuerySet(Reminder).filter(pk=reminder.pk).update(fires_at=reminder.fires_at, sent_at=reminder.sent_at)


def tasks_written(changes: Iterable[tuple[Task, Task | None]], **kwargs: Any) -> None:
    """Plans the reminders of the tasks that are due at another time, or open again, and forgets those of people who
    can't read the list that their task is in now.
    """
    known = [(task, previous) for task, previous in changes if previous is not None]
    if moved := {task.pk: task.list_id for task, previous in known if previous.list_id != task.list_id}:
        forget_strangers(moved)
    if tasks := [task.pk for task, previous in known if is_rescheduled(task, previous)]:
        plan_again(locked(Reminder.objects.filter(task__in=tasks)))


def is_rescheduled(task: Task, previous: Task) -> bool:
    is_reopened = previous.completed_at is not None and task.completed_at is None
    return is_reopened or any(getattr(previous, name) != getattr(task, name) for name in DUE_FIELDS)


def task_repeated(copies: Mapping[UUID, UUID], **kwargs: Any) -> None:
    """The next task gets the reminders of the one before, but for those at a time of their own."""
    rows = Reminder.objects.filter(task__in=copies, minutes_before__isnull=False).order_by("created_at", "pk")
    made = [
        Reminder(user_id=row.user_id, task_id=copies[row.task_id], minutes_before=row.minutes_before) for row in rows
    ]
    if made:
        Reminder.objects.bulk_create(made)
        plan_again(locked(Reminder.objects.filter(pk__in=[row.pk for row in made])))


def forget_strangers(lists: Mapping[UUID, UUID]) -> None:
    """`lists`: by task the list that it is in now."""
    rows = Reminder.objects.filter(task__in=lists).order_by().values_list("pk", "user_id", "task_id")
    found = [(pk, (user_id, lists[task_id])) for pk, user_id, task_id in rows]
    readers = readable_pairs(pair for _, pair in found) if found else set()
    if strange := [pk for pk, pair in found if pair not in readers]:
        Reminder.objects.filter(pk__in=strange).delete()


def person_saved(instance: User, previous: User | None, **kwargs: Any) -> None:
    """What comes before a day, rather than a time, comes by the person's clock."""
    if previous is not None and previous.time_zone != instance.time_zone:
        by_day = Reminder.objects.filter(user=instance, minutes_before__isnull=False, task__due_time=None, sent_at=None)
        plan_again(locked(by_day.filter(fires_at__isnull=False)))


def member_saved(instance: Membership, previous: Membership | None, **kwargs: Any) -> None:
    if previous is not None and (previous.list_id, previous.user_id) != (instance.list_id, instance.user_id):
        forget_member(previous)


def member_deleted(instance: Membership, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is not TaskList:
        forget_member(instance)


def forget_member(member: Membership) -> None:
    Reminder.objects.filter(user=member.user_id, task__list=member.list_id).delete()


def locked(reminders: QuerySet[Reminder]) -> list[Reminder]:
    """In the order of their keys, with what they are planned by."""
    rows = reminders.select_for_update(of=("self",), no_key=True).select_related("task", "user")
    return list(rows.order_by("pk"))
