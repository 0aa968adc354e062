"""An id names one object for ever: it is not free again while anything that refers to an object by it is kept.

Otherwise a new object would get what is stored under the id of an old one: its history, its entry in the trash, and for
a list the rights to its stream. Every creation whose id a client chooses is checked here, of whichever kind.
"""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, models

from realtime.events.database import log_alias
from realtime.events.kinds import kinds
from tasks.core.changes import Change
from tasks.core.models import Creation
from tasks.core.sql import placeholders


class Column(NamedTuple):
    """Where ids are kept. `value_of`: what is stored there for an id."""

    model: type[models.Model]
    name: str
    value_of: Callable[[UUID], Any]


_columns: dict[tuple[type[models.Model], str], Column] = {}


def register(model: type[models.Model], name: str, value_of: Callable[[UUID], Any] = lambda key: key) -> None:
    """Ids in this column are used. To be called when the app is configured."""
    _columns[model, name] = Column(model, name, value_of)


def used_among(keys: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are no longer free, for anybody: some object has one of them or had it, of whichever kind.
    One query; none without ids. One that is used at the same moment is found by `creations.note`.
    """
    if not keys:
        return set()
    connection = connections[log_alias()]
    names: dict[str, UUID] = {}
    parts: list[str] = []
    parameters: list[Any] = []
    for model, name, value_of in _all_columns():
        field: Any = model._meta.get_field(name)
        values = {field.get_db_prep_value(value_of(key), connection): key for key in keys}
        names |= {str(value): key for value, key in values.items()}
        column, table = (connection.ops.quote_name(each) for each in (field.column, model._meta.db_table))
        parts.append(f"SELECT CAST({column} AS text) FROM {table} WHERE {column} IN ({placeholders(values)})")  # noqa: S608 -- names of columns
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(parts), parameters)
        return {names[name] for (name,) in cursor.fetchall()}


def _all_columns() -> list[Column]:
    live = {each.model: each.model._meta.pk for each in kinds()}
    keyed = [Column(model, pk.name, lambda key: key) for model, pk in live.items() if isinstance(pk, models.UUIDField)]
    noted = Column(Creation, "id", lambda key: key)
    return [*keyed, noted, Column(Change, "object_id", lambda key: key), *_columns.values()]
