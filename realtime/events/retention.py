"""Deletes old events, and gives the log a new identity. Synchronous; uses the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connections, transaction
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from realtime.events.database import log_alias
from realtime.models import Event, Follower, FollowerPosition, Log, Stream, new_epoch

BATCH = 20_000
"""Events deleted in one transaction: a fraction of a second, on SQLite with all other writers waiting."""

INTERVAL = timedelta(hours=1)
"""How often the processes that serve delete old events, one of them each time."""

SILENT_FOLLOWER = timedelta(days=7)
"""Events are kept for a follower until it has not been seen for so long."""


def prune(before: datetime, *, batch: int = BATCH) -> int:
    """Deletes the events before that time, oldest first; returns how many. Those that a follower needs are kept.

    Each transaction moves the floors of its streams too, so that a reader never sees a gap that it could mistake.
    """
    return sum(_delete(pieces) for pieces in _batches(_ends(before), batch))


def prune_if_due(keep_days: float, *, interval: timedelta = INTERVAL) -> int | None:
    """`prune()`, if no process has begun to in the last `interval`, by the database's clock; None if one has."""
    due = Q(pruned_at=None) | Q(pruned_at__lt=Now() - interval)
    if not Log.objects.filter(due, pk=1).update(pruned_at=Now()):
        return None
    return prune(timezone.now() - timedelta(days=keep_days))


def renew_epoch() -> str:
    """Gives the log a new identity, which is returned: all positions are invalid from now on."""
    log, _ = Log.objects.update_or_create(pk=1, defaults={"epoch": new_epoch()})
    return log.epoch


class _Piece(NamedTuple):
    """The events of a stream up to number `last`."""

    stream: str
    last: int


def _ends(before: datetime) -> dict[str, int]:
    """For each stream with events to delete the number of the last one.

    Where clocks differ, an event that looks younger than a later one goes with it: the log has no gap.
    """
    old = Event.objects.filter(at__lt=before).values("stream").annotate(last=Max("seq"))
    ends: dict[str, int] = dict(old.values_list("stream", "last"))
    living = list(Follower.objects.filter(seen_at__gte=Now() - SILENT_FOLLOWER).values_list("name", flat=True))
    if not living:
        return ends
    read = FollowerPosition.objects.filter(follower__in=living).values("stream")
    read = read.annotate(slowest=Min("seq"), readers=Count("*"))
    slowest = {
        stream: seq if readers == len(living) else 0  # one of them has not begun with this stream
        for stream, seq, readers in read.values_list("stream", "slowest", "readers")
    }
    return {stream: min(last, slowest.get(stream, 0)) for stream, last in ends.items()}


def _batches(ends: dict[str, int], size: int) -> Iterator[list[_Piece]]:
    """The pieces of one transaction each, in the order of the streams' names, in which their rows are locked."""
    floors = dict(Stream.objects.values_list("name", "floor")) if ends else {}
    pieces: list[_Piece] = []
    room = size
    for stream in sorted(ends):
        done = floors[stream] - 1
        while done < ends[stream]:
            piece = _Piece(stream, min(ends[stream], done + room))
            room -= piece.last - done
            done = piece.last
            pieces.append(piece)
            if not room:
                yield pieces
                pieces, room = [], size
    if pieces:
        yield pieces


def _delete(pieces: list[_Piece]) -> int:
    """Deletes the events first, so that the streams' rows are locked for the commit alone."""
    connection = connections[log_alias()]
    events, streams = (connection.ops.quote_name(model._meta.db_table) for model in (Event, Stream))
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {events} WHERE stream = %s AND seq <= %s", pieces)  # noqa: S608 -- our names
        count: int = cursor.rowcount
        cursor.executemany(
            f"UPDATE {streams} SET floor = %s WHERE name = %s AND floor < %s",  # noqa: S608 -- our names
            [(piece.last + 1, piece.stream, piece.last + 1) for piece in pieces],
        )
    return count
