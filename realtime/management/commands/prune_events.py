from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from realtime.events import retention


class Command(BaseCommand):
    help = "Deletes old events from the log. A client that was away for longer fetches a snapshot instead."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=float, default=7.0, help="keep the events of so many days (default: 7)")

    def handle(self, *, days: float, verbosity: int, **options: Any) -> None:
        try:
            before = timezone.now() - timedelta(days=days)
        except (OverflowError, ValueError):
            raise CommandError("--days is too large, or not a number.") from None
        if days < 0:
            raise CommandError("--days must be 0 or more.")
        count = retention.prune(before)
        if verbosity:
            self.stdout.write(f"{count} events older than {before:%Y-%m-%d %H:%M} UTC deleted.")
