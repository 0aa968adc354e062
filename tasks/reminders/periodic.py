"""The servers send reminders by themselves, one of them at a time."""

from django.conf import settings

from realtime import periodic
from realtime.attribution import attribution
from tasks.reminders.mail import send_mails
from tasks.reminders.sending import send_due

SECONDS = 5.0


def connect() -> None:
    """Called once by the app's configuration."""
    if settings.SEND_REMINDERS:
        periodic.register("send reminders", send_reminders, seconds=SECONDS)


def send_reminders() -> tuple[int, int]:
    """Sends what is due; returns how many events and how many mails."""
    with attribution(source="server"):
        return send_due(), send_mails()
