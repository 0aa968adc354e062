"""When a reminder fires."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from realtime.events.clock import database_now
from tasks.accounts.models import User
from tasks.items.models import Task
from tasks.recurrence.due import Due, minutes_before
from tasks.reminders.models import Reminder

LATEST = timedelta(days=1)
"""A reminder that could not be sent for so long, since no process ran, is left out: it would come as a surprise."""


def fires_at(reminder: Reminder, task: Task, person: User) -> datetime | None:
    """A time of its own; or by the due date, in the person's zone where that is a day; None without a due date."""
    if reminder.minutes_before is None:
        return reminder.at
    if task.due_date is None:
        return None
    due = Due(task.due_date, task.due_time, task.due_zone)
    return minutes_before(due.moment(zone=person.time_zone), reminder.minutes_before)


def plan_again(reminders: Iterable[Reminder]) -> None:
    """Writes when they fire now that their task or their person's zone has changed, with their events. They must have
    been read with both.

    What would have fired before this moment stays silent: the change was made by somebody who knows of it.
    """
    rows, changed = list(reminders), []
    now = database_now() if rows else None
    for reminder in rows:
        planned = fires_at(reminder, reminder.task, reminder.user)
        planned = planned if planned is not None and now and planned > now else None
        if planned == reminder.fires_at or (planned is None and reminder.sent_at is not None):
            continue
        reminder.fires_at, reminder.sent_at = planned, None
        changed.append(reminder)
    Reminder.objects.bulk_update(changed, ["fires_at", "sent_at"], batch_size=100)
