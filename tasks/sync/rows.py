"""A model's rows for a snapshot, in a fraction of the time that the ORM takes to make its instances.

The ORM makes the query, and the database's own text of an id or a time is taken where that is what will be shown. So
`represent()` finds ids and times as text, and gives the same as for an instance.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import UTC
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Cast

CHUNK = 500
"""Rows that are read at once."""

Convert = Callable[[Any], Any]


def rows_of(queryset: models.QuerySet[Any], *, with_keys: bool = True) -> Iterator[Any]:
    """The rows of a queryset of whole instances, a chunk at a time: tuples with the columns as attributes, and `pk`.
    Relations can't be followed. `with_keys`: ids are UUIDs and not their text.
    """
    model, connection = queryset.model, connections[queryset.db]
    fields = model._meta.concrete_fields
    query = queryset.query.clone()
    alias = query.get_initial_alias()
    columns = [_Column(field, field.get_col(alias), connection, with_keys=with_keys) for field in fields]
    query.set_select([column.expression for column in columns])
    chunks = query.get_compiler(connection=connection).execute_sql(chunked_fetch=True, chunk_size=CHUNK)
    make = _row_type((*(field.attname for field in fields), "pk"))._make
    key = next(index for index, field in enumerate(fields) if field.primary_key)
    for chunk in chunks:
        values = [column.converted(some) for column, some in zip(columns, zip(*chunk, strict=True), strict=True)]
        yield from map(make, zip(*values, values[key], strict=True))


@lru_cache(maxsize=64)
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)


class _Column:
    def __init__(self, field: Any, column: Any, connection: BaseDatabaseWrapper, *, with_keys: bool) -> None:
        self.expression = column
        target = field.target_field if isinstance(field, models.ForeignKey) else field
        on_sqlite = connection.vendor == "sqlite"
        if isinstance(target, models.JSONField) and target.decoder is None:
            self._convert: Convert | None = _json
        elif isinstance(target, models.UUIDField) and with_keys and on_sqlite:
            self._convert = UUID if field.primary_key else _uuid
        elif isinstance(target, models.UUIDField) and not with_keys:
            self.expression = Cast(column, models.TextField())
            self._convert = (_dashed if field.primary_key else lru_cache(1024)(_dashed)) if on_sqlite else None
        elif isinstance(target, models.DateTimeField) and _has_iso_times(connection):
            self.expression = Cast(column, models.TextField())
            self._convert = _time
        elif on_sqlite and type(target) in (models.DateField, models.TimeField):
            self.expression = Cast(column, models.TextField())  # the same as isoformat() gives
            self._convert = None
        else:
            functions = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
            self._convert = partial(_ordinary, functions, column, connection) if functions else None

    def converted(self, values: tuple[Any, ...]) -> Any:
        return values if self._convert is None else list(map(self._convert, values))


def _ordinary(functions: Any, expression: Any, connection: BaseDatabaseWrapper, value: Any) -> Any:
    """As the ORM converts."""
    for function in functions:
        value = function(value, expression, connection)
    return value


@lru_cache(maxsize=1024)
def _json(value: str | None) -> Any:
    """The same object for the same text: most rows have none or few labels."""
    return value if value is None else json.loads(value)


@lru_cache(maxsize=1024)
def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _dashed(value: str | None) -> str | None:
    """A UUID as text, from the digits that SQLite has."""
    return value and f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def _time(value: str | None) -> str | None:
    """A time in UTC as isoformat_utc() gives it, from "2026-02-28 09:30:00" with or without a fraction of a second.
    PostgreSQL adds "+00", and leaves out zeros at the end of the fraction."""
    if value is None:
        return None
    text = value.removesuffix("+00")
    if len(text) not in _WHOLE:
        text = text.ljust(max(_WHOLE), "0")
    return f"{text[:10]}T{text[11:]}Z"


_WHOLE = (len("2026-02-28 09:30:00"), len("2026-02-28 09:30:00.500000"))


def _has_iso_times(connection: Any) -> bool:
    """Whether the database's text of a time is known here: in UTC, and not in a form that its configuration chose."""
    if connection.vendor == "sqlite":
        return connection.timezone is UTC
    connection.ensure_connection()
    status = connection.connection.info.parameter_status
    return bool(status("DateStyle").startswith("ISO") and status("TimeZone") == "UTC")
