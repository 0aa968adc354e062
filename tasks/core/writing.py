"""Writes many live rows, each with values of its own, with few statements."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, models
from django.db.models import Case, Value, When
from django.db.models.functions import Cast

ROWS_AT_ONCE = 500


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
        for start in range(0, len(found), ROWS_AT_ONCE):
            _write(model, columns, found[start : start + ROWS_AT_ONCE])


def needs_save(row: models.Model, names: set[str]) -> bool:
    """Whether a column is among them on which others depend. Who wrote last is none of these."""
    fields = [row._meta.get_field(name) for name in names - {"updated_by", "completed_by"}]
    return any(isinstance(field, models.ForeignKey | models.JSONField) for field in fields)


def _write(model: type[Any], names: Iterable[str], rows: Sequence[Any]) -> None:
    """In one statement. A column that is the same in all rows is written as that, which costs far less than `CASE`."""
    queryset = model._default_manager.filter(pk__in=[row.pk for row in rows])
    casts = connections[queryset.db].features.requires_casted_case_in_updates
    values: dict[str, Any] = {}
    for name in names:
        field = model._meta.get_field(name)
        found = [getattr(row, field.attname) for row in rows]
        if all(value == found[0] for value in found):
            values[field.attname] = found[0]
            continue
        whens = [When(pk=row.pk, then=Value(value, output_field=field)) for row, value in zip(rows, found, strict=True)]
        case = Case(*whens, output_field=field)
        values[field.attname] = Cast(case, output_field=field) if casts else case
    queryset.update(**values)


def insert_rows(model: type[models.Model], rows: Sequence[Any], using: str) -> None:
    """Inserts plain rows whose keys the database makes. `bulk_create()` costs more for a single one."""
    connection = connections[using]
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    place = f"({', '.join(['%s'] * len(fields))})"
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        values = [field.get_db_prep_save(getattr(row, field.attname), connection) for row in part for field in fields]
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES {', '.join([place] * len(part))}", values)  # noqa: S608
