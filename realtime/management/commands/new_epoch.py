from typing import Any

from django.core.management.base import BaseCommand

from realtime.events import retention


class Command(BaseCommand):
    help = (
        "Gives the event log a new identity. Run it after the database was restored from a back-up or loaded from a "
        "fixture: every client then fetches a snapshot, and no old position is mistaken for a new one."
    )

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"The log's epoch is now {retention.renew_epoch()}.")
