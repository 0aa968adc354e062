from typing import Any

from django.core.management.base import BaseCommand

from tasks.reminders.periodic import send_reminders


class Command(BaseCommand):
    help = (
        "Sends the reminders that are due: an event to the person, and a mail. The servers do so by themselves, unless "
        "SEND_REMINDERS is off; run at the same time, each reminder is still sent once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        events, mails = send_reminders()
        self.stdout.write(f"{events} reminders and {mails} mails sent")
