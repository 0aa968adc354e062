from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from realtime.conf import config
from realtime.events import retention
from realtime.events.clock import database_now

LONGEST_DAYS = 36_500


class Command(BaseCommand):
    help = "Deletes old events from the log. A client that was away for longer fetches a snapshot instead."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=float, help="keep those of the last N days (0: none; default: EVENT_DAYS)")

    def handle(self, *, days: float | None, verbosity: int, **options: Any) -> None:
        if days is None:
            days = config().event_days
            if not days:
                raise CommandError("EVENT_DAYS is 0, which keeps all events. Say how many days to keep: --days 7.")
        if not 0 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days must be from 0 to {LONGEST_DAYS}.")
        before = database_now() - timedelta(days=days)
        count = retention.prune(before)
        if verbosity:
            self.stdout.write(f"{count} events older than {before:%Y-%m-%d %H:%M} UTC ({days:g} days) deleted.")
