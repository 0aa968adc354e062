"""The mails of reminders.

A mail is claimed in a short transaction, by one process, and sent outside of it; one that fails is tried again later. A
process that ends after the mail server took the mail, and before that could be noted, sends it a second time when the
claim has run out: mail has no transaction. Both then have the same Message-ID, by which many receivers drop the second.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connections, transaction

from realtime.events.clock import database_now
from tasks.lists.access import readable_pairs
from tasks.recurrence.due import Due, zone_called
from tasks.reminders.metrics import mails_failed, reminders_sent
from tasks.reminders.models import Reminder

logger = logging.getLogger(__name__)

OFF = "django.core.mail.backends.dummy.EmailBackend"

CLAIM = timedelta(minutes=5)
"""How long a mail is left to the process that sends it: longer than a mail server may take."""

OF_THE_MAIL = (SMTPRecipientsRefused, SMTPDataError)
"""Failures for which the mail is the cause, or its address."""

MAX_ATTEMPTS = 10
LONGEST_PAUSE = timedelta(hours=1)


def is_mail_on() -> bool:
    return bool(settings.EMAIL_BACKEND != OFF)


def send_mails() -> int:
    """Sends the mails that are due; returns how many. Ends early where the mail server is the cause of a failure."""
    if not is_mail_on():
        return 0
    count = 0
    connection = get_connection()
    try:
        for reminder in claimed_mails():
            error = _send(reminder, connection)
            if error is None:
                count += 1
            elif isinstance(error, OSError) and not isinstance(error, OF_THE_MAIL):
                break
    finally:
        connection.close()
    return count


def claimed_mails() -> Iterator[Reminder]:
    """The reminders whose mail is due, each when it is asked for. Mails that are not wanted any more are left out."""
    while (reminder := _claim()) is not None:
        is_readable = readable_pairs([(reminder.user_id, reminder.task.list_id)])
        if is_readable and reminder.user.is_active and reminder.user.email and reminder.task.completed_at is None:
            yield reminder
        else:
            _note(reminder, mail_at=None)


@transaction.atomic
def _claim() -> Reminder | None:
    now = database_now()
    skip_locked = connections[Reminder.objects.db].features.has_select_for_update_skip_locked
    locked = Reminder.objects.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked)
    due = locked.filter(mail_at__lte=now).select_related("task__list", "user")
    reminder: Reminder | None = due.order_by("mail_at", "pk").first()
    if reminder is not None:
        _note(reminder, mail_at=now + CLAIM, mail_attempts=reminder.mail_attempts + 1)
    return reminder


def _note(reminder: Reminder, **fields: Any) -> None:
    """Silent fields. Nothing is noted where the reminder was sent again meanwhile, with a new mail."""
    Reminder.objects.filter(pk=reminder.pk, mail_at=reminder.mail_at).update(**fields)
    for name, value in fields.items():
        setattr(reminder, name, value)


def _send(reminder: Reminder, connection: Any) -> Exception | None:
    """What went wrong, if something did."""
    try:
        connection.open()  # kept for the mails that follow
        message_of(reminder, connection).send()
    except Exception as error:  # noqa: BLE001 -- logged, counted, and tried again
        _failed(reminder, error)
        return error
    _note(reminder, mail_at=None)
    reminders_sent.labels("mail").inc()
    return None


def _failed(reminder: Reminder, error: Exception) -> None:
    given_up = reminder.mail_attempts >= MAX_ATTEMPTS
    pause = min(LONGEST_PAUSE, timedelta(minutes=2 ** (reminder.mail_attempts - 1)))
    _note(reminder, mail_at=None if given_up else database_now() + pause)
    mails_failed.labels("given_up" if given_up else "again").inc()
    outcome = "is given up" if given_up else f"is tried again in {pause}"
    expected = None if isinstance(error, OSError) else error
    logger.warning("The mail of reminder %s failed (%s) and %s", reminder.pk, error, outcome, exc_info=expected)


def message_of(reminder: Reminder, connection: Any = None) -> EmailMessage:
    """The mail, in English, with the due date on the person's clock."""
    task = reminder.task
    title = " ".join(task.title.split())
    lines = [title, "", f"List: {task.list.name}"]
    if task.due_date is not None:
        lines.insert(2, f"Due: {due_text(Due(task.due_date, task.due_time, task.due_zone), reminder.user.time_zone)}")
    if settings.PUBLIC_URL:
        lines += ["", settings.PUBLIC_URL]
    sent_at = reminder.sent_at or reminder.created_at
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return EmailMessage(
        subject=f"Reminder: {title}"[:200],
        body="\n".join(lines) + "\n",
        to=[reminder.user.email],
        headers={
            "Message-ID": f"<reminder-{reminder.pk}-{sent_at:%Y%m%d%H%M%S}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=connection,
    )


def due_text(due: Due, zone: str) -> str:
    if due.clock is None:
        return f"{due.day:%A} {due.day.day} {due.day:%B %Y}"
    local: datetime = due.moment(zone=zone).astimezone(zone_called(zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({zone})"
