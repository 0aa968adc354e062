"""Sends the reminders that are due: an event on the person's own stream, and a mail.

The event is written in the transaction that notes the reminder as sent, so it is sent once, by however many processes
at a time. Its mail is noted there too, and sent after it, see `tasks.reminders.mail`.
"""

from django.db import connections, transaction
from django.db.models import QuerySet

from realtime.events import publish
from realtime.events.clock import database_now
from tasks.core.streams import user_stream
from tasks.lists.access import readable_pairs
from tasks.reminders.mail import is_mail_on
from tasks.reminders.metrics import reminders_sent
from tasks.reminders.models import Reminder
from tasks.reminders.representation import due_json
from tasks.reminders.timing import LATEST

BATCH = 100
"""Reminders that are sent in one transaction."""


def send_due() -> int:
    """Sends the events of all reminders that are due and that no other process is sending; returns how many."""
    total = 0
    while True:
        taken, sent = _send_batch()
        reminders_sent.labels("event").inc(sent)
        total += sent
        if taken < BATCH:
            return total


@transaction.atomic
def _send_batch() -> tuple[int, int]:
    """How many were taken up, and how many of those sent; the others belonged to people who can't read the list."""
    now = database_now()
    skip_locked = connections[Reminder.objects.db].features.has_select_for_update_skip_locked
    locked = Reminder.objects.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked)
    rows = [*due_between(locked, now - LATEST, now).select_related("task", "user").order_by("fires_at", "pk")[:BATCH]]
    pairs = readable_pairs((row.user_id, row.task.list_id) for row in rows)
    readable = [row for row in rows if (row.user_id, row.task.list_id) in pairs]
    Reminder.objects.filter(pk__in=[row.pk for row in rows if row not in readable]).delete()
    for row in readable:
        publish(user_stream(row.user_id), "reminder.due", due_json(row, row.task))
    with_mail = [row.pk for row in readable if row.user.email] if is_mail_on() else []
    keys = [row.pk for row in readable]
    QuerySet(Reminder).filter(pk__in=with_mail).update(mail_at=now, mail_attempts=0)
    Reminder.objects.filter(pk__in=keys).update(sent_at=now)
    return len(rows), len(readable)


def due_between(reminders: QuerySet[Reminder], first: object, last: object) -> QuerySet[Reminder]:
    """Of open tasks and active people. The range of times keeps the search short: those of completed tasks stay."""
    return reminders.filter(
        fires_at__gt=first,
        fires_at__lte=last,
        sent_at=None,
        task__completed_at=None,
        task__list__archived_at=None,
        user__is_active=True,
    )
