"""Writes many live rows, each with values of its own, with few statements."""

from collections.abc import Iterable
from typing import Any

from django.db import models

ROWS_AT_ONCE = 100
"""In one statement: more make it slower, since each row is a branch of each column's CASE."""


def write_rows(rows: Iterable[tuple[Any, set[str]]]) -> None:
    """Writes the named columns of each row, as `save(update_fields=...)` does. Rows must be locked.

    Rows whose foreign keys or JSON change are saved one by one, since models have rules for these; the others together.
    """
    groups: dict[tuple[type[Any], frozenset[str]], list[Any]] = {}
    for row, names in rows:
        if names and not needs_save(row, names):
            groups.setdefault((type(row), frozenset(names)), []).append(row)
        elif names:
            row.save(update_fields=names)
    for (model, columns), found in groups.items():
        model._default_manager.bulk_update(found, sorted(columns), batch_size=ROWS_AT_ONCE)


def needs_save(row: models.Model, names: set[str]) -> bool:
    """Whether a column is among them on which others depend. Who wrote last is none of these."""
    fields = [row._meta.get_field(name) for name in names - {"updated_by", "completed_by"}]
    return any(isinstance(field, models.ForeignKey | models.JSONField) for field in fields)
