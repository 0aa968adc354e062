"""Gives many rows values of their own with one statement for all of them."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connections, models

ROWS_AT_ONCE = 500
"""Rows of one statement; SQLite takes 32,766 parameters."""


def write_values(rows: Sequence[Any], names: Collection[str], alias: str) -> None:
    """Writes the named fields of these rows, which exist and are of one model. Values are plain, without F()."""
    tables: dict[type[models.Model], list[Any]] = {}
    for field in rows[0]._meta.concrete_fields:
        if field.name in names:
            tables.setdefault(field.model, []).append(field)
    for model, fields in tables.items():
        for start in range(0, len(rows), ROWS_AT_ONCE):
            _write(model, fields, rows[start : start + ROWS_AT_ONCE], connections[alias])


def _write(model: type[models.Model], fields: Sequence[Any], rows: Sequence[Any], connection: Any) -> None:
    """A column that is the same in all rows is written as that; the others come from a table of values."""
    quote, key = connection.ops.quote_name, model._meta.pk
    table = quote(model._meta.db_table)
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in fields]
    same = [all(value == column[0] for value in column) for column in values]
    own = [key, *(field for field, is_same in zip(fields, same, strict=True) if not is_same)]
    columns = [
        [key.get_db_prep_save(row.pk, connection) for row in rows],
        *(column for column, is_same in zip(values, same, strict=True) if not is_same),
    ]
    sources = {field: _typed(f"given.column{number}", field, connection) for number, field in enumerate(own, 1)}
    sets = ", ".join(f"{quote(field.column)} = {sources.get(field, '%s')}" for field in fields)
    line = f"({', '.join(['%s'] * len(own))})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} FROM (VALUES {', '.join([line] * len(rows))}) AS given "  # noqa: S608 -- names
            f"WHERE {table}.{quote(key.column)} = {sources[key]}",
            [column[0] for column, is_same in zip(values, same, strict=True) if is_same]
            + [value for row in zip(*columns, strict=True) for value in row],
        )


def _typed(column: str, field: Any, connection: Any) -> str:
    """PostgreSQL takes values in a table for text. Without the length: a cast to it would cut off what is longer."""
    if connection.vendor != "postgresql":
        return column
    return f"CAST({column} AS {re.sub(r'[(].*?[)]', '', field.cast_db_type(connection))})"
