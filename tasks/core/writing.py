"""Writes many rows, each with values of its own, with few statements."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.db import connections, models

ROWS_AT_ONCE = 500


def write_rows(rows: Iterable[tuple[Any, Collection[str]]]) -> None:
    """Writes the named columns of each row, as `save(update_fields=...)` does. Rows must be locked."""
    by_model: dict[type[Any], list[tuple[Any, Collection[str]]]] = {}
    for row, names in rows:
        if names:
            by_model.setdefault(type(row), []).append((row, names))
    for model, found in by_model.items():
        model._default_manager.write(found)


def insertions(model: type[models.Model], rows: Sequence[Any], using: str) -> Iterator[tuple[str, list[Any]]]:
    """The statements, with their parameters, that insert plain rows whose keys the database makes."""
    connection = connections[using]
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table, place = connection.ops.quote_name(model._meta.db_table), f"({', '.join(['%s'] * len(fields))})"
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in part for field in fields]
        yield f"INSERT INTO {table} ({names}) VALUES {', '.join([place] * len(part))}", values  # noqa: S608 -- names
