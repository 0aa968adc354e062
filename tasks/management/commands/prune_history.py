from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tasks.history import retention


class Command(BaseCommand):
    help = (
        "Deletes old history, what has been in the trash for long, and the answers kept for Idempotency-Key. The "
        "servers do so by themselves every hour."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=float, help="keep the history of the last N days (0: none; default: HISTORY_DAYS)"
        )
        parser.add_argument(
            "--trash-days", type=float, help="keep the trash of the last N days (0: none; default: TRASH_DAYS)"
        )

    def handle(self, *, days: float | None, trash_days: float | None, verbosity: int, **options: Any) -> None:
        for name, value in (("--days", days), ("--trash-days", trash_days)):
            if value is not None and not 0 <= value <= 36_500:
                raise CommandError(f"{name} must be from 0 to 36500.")
        pruned = retention.prune(history_days=days, trash_days=trash_days)
        if verbosity:
            self.stdout.write(f"{pruned.changes} changes and {pruned.trashed} deleted objects are gone for good.")
