"""Ways to write recurring tasks and reminders, beside those of `writes`."""

from datetime import date, time, timedelta
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from tasks.models import Reminder, Task
from tests.tasks.world import Refused, World, pick, request, write
from tests.tasks.writes_by_command import task_command


def reminder(number: int) -> Reminder:
    found: Reminder = pick(Reminder.objects.order_by("created_at", "pk"), number)
    return found


def make_recur(task: Task, c: int) -> None:
    task.due_date, task.due_time, task.due_zone = date(2095, 1, 7), time(17), "Europe/Berlin"
    task.recurrence = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=FR;COUNT=2", "FREQ=MONTHLY")[c % 3]
    task.save()


@write
def rest_completes_a_recurring_task(world: World, a: int, b: int, c: int) -> None:
    """And reopens it, now and then, with a reminder that goes along."""
    task = world.task(b)
    make_recur(task, c)
    Reminder.objects.create(user=world.person(c), task=task, minutes_before=a)
    request(world.person(a), "patch", f"tasks/{task.pk}", {"completed": True})
    if c % 2:
        request(world.person(a), "patch", f"tasks/{task.pk}", {"completed": False})


@write
def rest_reschedules_a_recurring_task(world: World, a: int, b: int, c: int) -> None:
    make_recur(world.task(b), c)
    request(world.person(a), "patch", f"tasks/{world.task(b).pk}", {"due_date": "2095-01-08"})


@write
def queryset_completes_recurring_tasks(world: World, a: int, b: int, c: int) -> None:
    for number in range(3):
        make_recur(world.task(number), c)
    rows = Task.objects.filter(list=world.task(b).list_id)
    rows.mark(completed=True, by=world.person(a))
    if c % 2:
        rows.mark(completed=False, by=world.person(a))


@write
def command_completes_a_recurring_task(world: World, a: int, b: int, c: int) -> None:
    make_recur(world.task(b), c)
    task_command(world, a, "done", str(world.task(b).pk))


@write
def rest_adds_a_reminder(world: World, a: int, b: int, c: int) -> None:
    when: dict[str, Any] = {"minutes_before": c} if c % 2 else {"at": "2095-01-07T17:00:00+01:00"}
    request(world.person(a), "post", "reminders", {"task": str(world.task(b).pk), **when})


@write
def rest_changes_a_reminder(world: World, a: int, b: int, c: int) -> None:
    rest_adds_a_reminder(world, a, b, c)
    found = reminder(b)
    changes: list[dict[str, Any]] = [{"minutes_before": c}, {"at": "2096-01-01T00:00:00Z"}]
    request(found.user, "patch", f"reminders/{found.pk}", changes[c % 2])


@write
def rest_deletes_a_reminder(world: World, a: int, b: int, c: int) -> None:
    rest_adds_a_reminder(world, a, b, c)
    request(reminder(b).user, "delete", f"reminders/{reminder(b).pk}")


@write
def orm_reminds_and_moves_the_task(world: World, a: int, b: int, c: int) -> None:
    """To a list that its person may not be able to read."""
    task = world.task(b)
    Reminder.objects.create(user=world.person(a), task=task, minutes_before=10)
    make_recur(task, a)
    if c % 2:
        task.list = world.list(c)
        task.save()
    else:
        Task.objects.filter(pk=task.pk).update(list=world.list(c))


@write
def orm_reminds_and_removes_the_member(world: World, a: int, b: int, c: int) -> None:
    member = world.member(b)
    if member.role == "owner":
        raise Refused
    task: Task = pick(Task.objects.filter(list=member.list_id).order_by("pk"), c)
    Reminder.objects.create(user=member.user, task=task, at=timezone.now() + timedelta(days=c))
    member.delete()


@write
def orm_changes_the_zone_of_who_is_reminded(world: World, a: int, b: int, c: int) -> None:
    person = world.person(a)
    Task.objects.filter(pk=world.task(b).pk).update(due_date=date(2095, 1, 7), due_time=None)
    Reminder.objects.create(user=person, task=world.task(b), minutes_before=c)
    person.time_zone = ("Asia/Tokyo", "America/New_York")[c % 2]
    person.save()


@write
def bulk_creates_reminders(world: World, a: int, b: int, c: int) -> None:
    task = world.task(b)
    rows = [Reminder(user=world.person(number), task=task, minutes_before=number) for number in range(c + 1)]
    Reminder.objects.bulk_create(rows)
    Reminder.objects.filter(task=task).update(minutes_before=c)


@write
def command_sends_reminders(world: World, a: int, b: int, c: int) -> None:
    """Also to somebody who can't read the list."""
    task = world.task(b)
    for number in range(3):
        Reminder.objects.create(user=world.person(number), task=task, at=timezone.now() - timedelta(minutes=number))
    call_command("send_reminders", verbosity=0)
