"""A reminder as the API and the events show it, to its person alone."""

from typing import Any

from tasks.core.representation import isoformat_utc
from tasks.items.models import Task
from tasks.items.representation import task_json
from tasks.reminders.models import Reminder


def reminder_json(reminder: Reminder) -> dict[str, Any]:
    return {
        "id": str(reminder.pk),
        "task": str(reminder.task_id),
        "user": reminder.user_id,
        "at": isoformat_utc(reminder.at),
        "minutes_before": reminder.minutes_before,
        "fires_at": isoformat_utc(reminder.fires_at),
        "sent_at": isoformat_utc(reminder.sent_at),
        "version": reminder.version,
        "created_at": isoformat_utc(reminder.created_at),
    }


def due_json(reminder: Reminder, task: Task) -> dict[str, Any]:
    """What the event `reminder.due` says: the reminder's id, and enough of the task for a notification."""
    shown = task_json(task)
    return {
        "id": str(reminder.pk),
        "task": shown["id"],
        **{name: shown[name] for name in ("list", "title", "due_date", "due_time", "due_zone")},
        "fires_at": isoformat_utc(reminder.fires_at),
    }
