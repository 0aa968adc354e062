"""A model's rows to be shown, in a fraction of the time that the ORM takes to make its instances.

The ORM makes the query, and the database's own text of an id or a time is taken where that is what will be shown. So
`represent()` finds ids and times as text, and gives the same as for an instance.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import UTC
from enum import Enum, auto
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
    model: Any = queryset.model
    connection = connections[queryset.db]
    fields = model._meta.concrete_fields
    query = queryset.query.clone()
    has_iso_times = _has_iso_times(connection)
    columns = _columns_of(model, query.get_initial_alias(), connection.vendor, with_keys, has_iso_times)
    query.set_select([expression for expression, _ in columns])
    all_columns = [*columns, *((annotation, Conversion.AS_ORM) for annotation in query.annotation_select.values())]
    converts = [
        _as_orm(expression, connection) if convert is Conversion.AS_ORM else convert
        for expression, convert in all_columns
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


class Conversion(Enum):
    AS_ORM = auto()
    """By functions that depend on the connection."""


Column = tuple[Any, Convert | Conversion | None]
"""An expression, and what is done with each of its values."""


@lru_cache(maxsize=64)
def _columns_of(model: Any, alias: str, vendor: str, with_keys: bool, has_iso_times: bool) -> list[Column]:
    """Of all fields. Kept: to make the expressions is a good part of what a page costs."""
    return [
        _column(field, field.get_col(alias), on_sqlite=vendor == "sqlite", with_keys=with_keys, iso=has_iso_times)
        for field in model._meta.concrete_fields
    ]


def _column(field: Any, column: Any, *, on_sqlite: bool, with_keys: bool, iso: bool) -> Column:
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(target, models.JSONField) and target.decoder is None:
        return column, _json
    if isinstance(target, models.UUIDField) and with_keys and on_sqlite:
        return column, UUID if field.primary_key else _uuid
    if isinstance(target, models.UUIDField) and not with_keys:
        dashed = _dashed if field.primary_key else lru_cache(1024)(_dashed)
        return Cast(column, models.TextField()), dashed if on_sqlite else None
    if isinstance(target, models.DateTimeField) and iso:
        return Cast(column, models.TextField()), _time
    if on_sqlite and type(target) in (models.DateField, models.TimeField):
        return Cast(column, models.TextField()), None  # the same as isoformat() gives
    return column, Conversion.AS_ORM


def _as_orm(expression: Any, connection: BaseDatabaseWrapper) -> Convert | None:
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
