"""Deletes many rows, a few at a time so that other writers need not wait long."""

from typing import Any

from django.db.models import QuerySet

BATCH = 2_000


def delete_in_batches(rows: QuerySet[Any], *, batch: int = BATCH) -> int:
    """Deletes the rows; returns how many they were."""
    count = 0
    while keys := list(rows.values_list("pk", flat=True)[:batch]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        count += len(keys)
    return count
