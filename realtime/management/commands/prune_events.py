from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from realtime.models import Event, Stream

BATCH = 5000


class Command(BaseCommand):
    help = "Deletes old events from the log. A client that was away for longer fetches a snapshot instead."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=float, default=7.0, help="keep the events of so many days (default: 7)")

    def handle(self, *, days: float, verbosity: int, **options: Any) -> None:
        if days < 0:
            raise CommandError("--days must be 0 or more.")
        before = timezone.now() - timedelta(days=days)
        count = 0
        newest = Event.objects.filter(at__lt=before).values("stream").annotate(last=Max("seq"))
        for stream, last in newest.values_list("stream", "last"):
            count += self._prune(stream, last)
        if verbosity:
            self.stdout.write(f"{count} events older than {before:%Y-%m-%d %H:%M} UTC deleted.")

    def _prune(self, stream: str, last: int) -> int:
        """In batches, oldest first, each with its floor, so that a reader never sees a hole it could mistake."""
        count = 0
        while True:
            rows = Event.objects.filter(stream=stream, seq__lte=last).order_by("seq")
            seqs = list(rows.values_list("seq", flat=True)[:BATCH])
            if not seqs:
                return count
            with transaction.atomic():
                Event.objects.filter(stream=stream, seq__lte=seqs[-1]).delete()
                Stream.objects.filter(pk=stream).update(floor=seqs[-1] + 1)
            count += len(seqs)
