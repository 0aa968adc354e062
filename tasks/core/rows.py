"""A model's rows to be shown, in a fraction of the time that the ORM takes to make its instances.

The ORM makes the query, and the database's own text of an id or a time is taken where that is what will be shown. So
`represent()` finds ids and times as text, and gives the same as for an instance.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import UTC
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Cast

CHUNK = 500
"""Rows that are read at once."""

Convert = Callable[[Any], Any]


def rows_of(queryset: models.QuerySet[Any], *, with_keys: bool = True, at_once: bool = False) -> Iterator[Any]:
    """The rows of a queryset of whole instances: tuples with the columns and the annotations as attributes, and `pk`.
    Relations can't be followed. `with_keys`: ids are UUIDs and not their text. `at_once`: for a page; otherwise a chunk
    at a time is in memory.
    """
    model, connection = queryset.model, connections[queryset.db]
    fields = model._meta.concrete_fields
    query = queryset.query.clone()
    alias = query.get_initial_alias()
    columns = [_Column(field, field.get_col(alias), connection, with_keys=with_keys) for field in fields]
    query.set_select([column.expression for column in columns])
    converts = [
        *(column.convert for column in columns),
        *(_ordinary(expression, connection) for expression in query.annotation_select.values()),
    ]
    compiler = query.get_compiler(connection=connection)
    chunks = compiler.execute_sql(chunked_fetch=not at_once, chunk_size=CHUNK)
    make = _row_type((*(field.attname for field in fields), *query.annotation_select, "pk"))._make
    key = next(index for index, field in enumerate(fields) if field.primary_key)
    for chunk in chunks:
        values = [
            some if convert is None else list(map(convert, some))
            for convert, some in zip(converts, zip(*chunk, strict=True), strict=True)
        ]
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
            self.convert: Convert | None = _json
        elif isinstance(target, models.UUIDField) and with_keys and on_sqlite:
            self.convert = UUID if field.primary_key else _uuid
        elif isinstance(target, models.UUIDField) and not with_keys:
            self.expression = Cast(column, models.TextField())
            self.convert = (_dashed if field.primary_key else lru_cache(1024)(_dashed)) if on_sqlite else None
        elif isinstance(target, models.DateTimeField) and _has_iso_times(connection):
            self.expression = Cast(column, models.TextField())
            self.convert = _time
        elif on_sqlite and type(target) in (models.DateField, models.TimeField):
            self.expression = Cast(column, models.TextField())  # the same as isoformat() gives
            self.convert = None
        else:
            self.convert = _ordinary(column, connection)


def _ordinary(expression: Any, connection: BaseDatabaseWrapper) -> Convert | None:
    """As the ORM converts."""
    functions = [*connection.ops.get_db_converters(expression), *expression.get_db_converters(connection)]

    def convert(value: Any) -> Any:
        for function in functions:
            value = function(value, expression, connection)
        return value

    return convert if functions else None


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
