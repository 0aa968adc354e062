"""Deletes old history, old trash, and what was kept of old requests."""

import logging
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from realtime.events.clock import database_now, deletion_now
from tasks.core.api import creations, idempotency
from tasks.core.changes import Change
from tasks.core.deletion import BATCH, delete_in_batches
from tasks.history.models import Trashed

logger = logging.getLogger(__name__)


class Pruned(NamedTuple):
    changes: int
    trashed: int


def prune_by_itself() -> None:
    """What the servers do every hour, with a line in the log of what is gone."""
    now = deletion_now()
    if now is None:
        return
    answers = idempotency.forget_old()
    pruned = prune(now=now)
    if answers or any(pruned):
        text = "Deleted: %d changes older than %g days, %d objects longer than %g days in the trash, %d kept answers"
        logger.info(text, pruned.changes, settings.HISTORY_DAYS, pruned.trashed, settings.TRASH_DAYS, answers)


def prune(*, history_days: float | None = None, trash_days: float | None = None, now: datetime | None = None) -> Pruned:
    """Deletes what is older than that many days; with 0 all. None: those of the settings, of which 0 deletes nothing.

    `now`: by default the database's time.
    """
    idempotency.forget_old()
    now = now or database_now()
    creations.forget_old(now)
    history = _cut_off(now, history_days, settings.HISTORY_DAYS)
    trash = _cut_off(now, trash_days, settings.TRASH_DAYS)
    return Pruned(prune_changes(history) if history else 0, prune_trash(trash) if trash else 0)


def _cut_off(now: datetime, days: float | None, setting: float) -> datetime | None:
    if days is None:
        return now - timedelta(days=setting) if setting else None
    return now - timedelta(days=days) if days else datetime.max.replace(tzinfo=UTC)


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
    return delete_in_batches(Trashed.objects.filter(deleted_at__lt=before).order_by("deleted_at"), batch=batch)
