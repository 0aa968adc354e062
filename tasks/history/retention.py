"""Deletes old history, old trash and old answers, a few at a time so that other writers need not wait long."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from tasks.core.api.idempotency import forget_old
from tasks.core.changes import Change
from tasks.history.models import Trashed

BATCH = 2_000


class Pruned(NamedTuple):
    changes: int
    trashed: int


def prune(*, history_days: float | None = None, trash_days: float | None = None) -> Pruned:
    """Deletes what is older than so many days, by default those of the settings; with 0 nothing of it."""
    forget_old()
    now = timezone.now()
    history = settings.HISTORY_DAYS if history_days is None else history_days
    trash = settings.TRASH_DAYS if trash_days is None else trash_days
    return Pruned(
        prune_changes(now - timedelta(days=history)) if history else 0,
        prune_trash(now - timedelta(days=trash)) if trash else 0,
    )


def prune_changes(before: datetime, *, batch: int = BATCH) -> int:
    """In the order of their ids, which is about that of their times: no index on the time is needed for it."""
    count = 0
    while True:
        oldest = list(Change.objects.order_by("id").values_list("id", "at")[:batch])
        old = [pk for pk, at in oldest if at < before]
        count += Change.objects.filter(pk__in=old).delete()[0]
        if len(old) < batch:
            return count


def prune_trash(before: datetime, *, batch: int = BATCH) -> int:
    count = 0
    while True:
        rows = Trashed.objects.filter(deleted_at__lt=before).order_by("deleted_at")
        old = list(rows.values_list("pk", flat=True)[:batch])
        count += Trashed.objects.filter(pk__in=old).delete()[0]
        if len(old) < batch:
            return count
