"""Reads the event log, always in the database where it is written. Synchronous; uses the database."""

from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.models.expressions import RawSQL

from realtime.events.database import log_alias
from realtime.events.stored_event import StoredEvent
from realtime.models import Event, Log, Stream


def since(stream: str, after: int, limit: int = 500, *, size: int | None = None) -> list[StoredEvent]:
    """At most `limit` events of `stream` with a number above `after`, in order. With `size` it ends with the event
    whose text makes it that large or larger (in bytes; on SQLite in characters)."""
    rows = Event.objects.filter(stream=stream, seq__gt=after).order_by("seq")
    if size is not None:
        rows = rows.filter(seq__lte=_last_within(size, stream, after, limit))
    found = rows.values_list("seq", "text", "effect", "at")[:limit]
    return [StoredEvent(seq, text, effect, at.timestamp()) for seq, text, effect, at in found]


def _last_within(size: int, stream: str, after: int, limit: int) -> RawSQL:
    """The number of the last event of such a page. The database adds up the lengths, so no text is read for it."""
    # PostgreSQL knows the bytes of a compressed text without its content, and the characters only from it.
    length = "octet_length" if connections[log_alias()].vendor == "postgresql" else "length"
    sizes = (
        f'SELECT seq, sum({length}("text")) OVER (ORDER BY seq) - {length}("text") AS size_before '  # noqa: S608 -- names
        f'FROM "{Event._meta.db_table}" WHERE stream = %s AND seq > %s ORDER BY seq LIMIT %s'
    )
    return RawSQL(f"SELECT max(seq) FROM ({sizes}) AS sizes WHERE size_before < %s", [stream, after, limit, size])  # noqa: S608, S611


def heads(streams: Iterable[str]) -> dict[str, int]:
    """The number of the newest event of each stream; 0 for a stream without events."""
    names = list(streams)
    known = dict(_rows(_known_heads(names)))
    return {name: known.get(name, 0) for name in names}


def epoch() -> str:
    """The log's identity. A position of another epoch is invalid."""
    return Log.objects.get_or_create(pk=1)[0].epoch


def positions(streams: Iterable[str]) -> dict[str, Any]:
    """`{"epoch": ..., "positions": {stream: seq}}`: where to follow from. Read it before a snapshot's rows."""
    names = list(streams)
    statement, parameters = _known_heads(names)
    # One statement for both: an epoch of before a restore must not stand beside heads of after it.
    rows = dict(_rows((f'{statement} UNION ALL SELECT epoch, -1 FROM "{Log._meta.db_table}" WHERE id = 1', parameters)))  # noqa: S608 -- the name of a table
    found = [name for name, head in rows.items() if head == -1]
    return {"epoch": found[0] if found else epoch(), "positions": {name: rows.get(name, 0) for name in names}}


Statement = tuple[str, list[Any]]


def _known_heads(names: list[str]) -> Statement:
    """Asked for each sign-in, each page and each second; the ORM takes longer to make it than to have it answered."""
    condition, parameters = f"IN ({', '.join(['%s'] * len(names))})", [*names]
    if connections[log_alias()].vendor == "postgresql":
        condition, parameters = "= ANY(%s)", [names]  # type: ignore[list-item]
    return f'SELECT name, head FROM "{Stream._meta.db_table}" WHERE name {condition}', parameters  # noqa: S608 -- the name of a table


def _rows(statement: Statement) -> list[tuple[str, int]]:
    with connections[log_alias()].cursor() as cursor:
        cursor.execute(*statement)
        return list(cursor.fetchall())
