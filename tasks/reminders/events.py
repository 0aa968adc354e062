"""A reminder's events go to its person's own stream, and nobody else's."""

from collections.abc import Collection

from django.db.models import QuerySet

from realtime.events import live
from tasks.core.streams import user_stream, users_of
from tasks.reminders.models import Reminder
from tasks.reminders.representation import reminder_json
from tasks.reminders.serializers import ReminderSerializer


def connect() -> None:
    """Called once by the app's configuration."""
    # Without the task as its parent: it stays in the same stream where the task moves to another one, and clients must
    # not forget it with the task's old place.
    live.register(
        Reminder,
        kind="reminder",
        fields=ReminderSerializer.Meta.fields,
        represent=reminder_json,
        stream=lambda reminder: user_stream(reminder.user_id),
        rows=reminders_in,
    )


def reminders_in(streams: Collection[str]) -> QuerySet[Reminder]:
    rows: QuerySet[Reminder] = Reminder.objects.filter(user__in=users_of(streams))
    return rows
