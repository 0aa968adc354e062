"""Deletes old events, and gives the log a new identity. Synchronous; uses the database."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.db.models import Max, Q
from django.db.models.functions import Now

from realtime.events.clock import deletion_now
from realtime.events.database import log_alias
from realtime.models import Event, Follower, FollowerPosition, Log, Stream, new_epoch

BATCH = 20_000
"""Events deleted in one transaction: a fraction of a second, on SQLite with all other writers waiting."""

INTERVAL = timedelta(hours=1)
"""How often the processes that serve delete old events, one of them each time."""

SILENT_FOLLOWER = timedelta(days=7)
"""Events are kept for a follower until it has not been seen for so long."""

MAX_HELD = 10_000
"""Streams that one statement can leave out."""

_EVENTS, _STREAMS = Event._meta.db_table, Stream._meta.db_table

# In the order of their time, which is about their order on the disk: ten times as fast as stream by stream. By ctid or
# rowid, because DELETE has no LIMIT.
_OLDEST = f"SELECT {{row}} FROM {_EVENTS} WHERE at >= %s AND at < %s {{but}} ORDER BY at LIMIT %s"  # noqa: S608
_DELETE = f"DELETE FROM {_EVENTS} WHERE {{those}} RETURNING stream, seq, at"  # noqa: S608
_ADDRESSES = {
    "postgresql": f"ctid = ANY(ARRAY({_OLDEST.format(row='ctid', but='{but}')}))",
    "sqlite": f"rowid IN ({_OLDEST.format(row='rowid', but='{but}')})",
}


def prune(before: datetime, *, batch: int = BATCH) -> int:
    """Deletes the events before that time, oldest first; returns how many. Those that a follower needs are kept.

    Each transaction moves the floors of its streams too, so that a reader never sees a gap that it could mistake.
    """
    held = _held()
    count = sum(_prune_held(stream, last, before, batch=batch) for stream, last in sorted(held.items()))
    if len(held) > MAX_HELD:
        return count  # the others at the next call, when the follower has gone on
    since = datetime(1970, 1, 1, tzinfo=UTC)
    floors = dict(Stream.objects.values_list("name", "floor"))
    while deleted := _prune_slice(since, before, held=held, floors=floors, batch=batch):
        since, found = deleted
        count += found
    return count


def prune_if_due(keep_days: float, *, interval: timedelta = INTERVAL) -> int | None:
    """`prune()`, if no process has begun to in the last `interval`, by the database's clock; None if one has.

    A beginning in the future was noted by a wrong clock, and does not count.
    """
    due = Q(pruned_at=None) | Q(pruned_at__lt=Now() - interval) | Q(pruned_at__gt=Now() + interval)
    if not Log.objects.filter(due, pk=1).update(pruned_at=Now()):
        return None
    now = deletion_now()
    return None if now is None else prune(now - timedelta(days=keep_days))


def oldest_event() -> datetime | None:
    """When the oldest event that is kept was committed; None for an empty log."""
    return Event.objects.order_by("at").values_list("at", flat=True).first()


def renew_epoch() -> str:
    """Gives the log a new identity, which is returned: all positions are invalid from now on."""
    log, _ = Log.objects.update_or_create(pk=1, defaults={"epoch": new_epoch()})
    return log.epoch


def _held() -> dict[str, int]:
    """The streams of which some living follower has not handled everything: the last event that all have handled."""
    held: dict[str, int] = {}
    heads = dict(Stream.objects.values_list("name", "head"))
    for follower in Follower.objects.filter(seen_at__gte=Now() - SILENT_FOLLOWER):
        positions = dict(FollowerPosition.objects.filter(follower=follower.name).values_list("stream", "seq"))
        for stream, head in heads.items():
            if (seq := positions.get(stream, 0)) < head:
                held[stream] = min(seq, held.get(stream, seq))
    return held


def _prune_held(stream: str, last: int, before: datetime, *, batch: int) -> int:
    """Deletes old events up to number `last` of one stream."""
    old = Event.objects.filter(stream=stream, seq__lte=last, at__lt=before).aggregate(last=Max("seq"))["last"]
    count, done = 0, Stream.objects.values_list("floor", flat=True).get(pk=stream) - 1
    while old is not None and done < old:
        done = min(old, done + batch)
        with transaction.atomic(log_alias()):
            count += Event.objects.filter(stream=stream, seq__lte=done).delete()[0]
            _raise_floors({stream: done})
    return count


def _prune_slice(
    since: datetime, before: datetime, *, held: dict[str, int], floors: dict[str, int], batch: int
) -> tuple[datetime, int] | None:
    """Deletes the oldest events of all streams but `held`; returns the time of the last one and the number of all."""
    connection = connections[log_alias()]
    adapt = connection.ops.adapt_datetimefield_value
    but = f"AND stream NOT IN ({', '.join(['%s'] * len(held))})" if held else ""
    delete = _DELETE.format(those=_ADDRESSES[connection.vendor].format(but=but))
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        cursor.execute(delete, [adapt(since), adapt(before), *held, batch])
        rows: Sequence[tuple[str, int, Any]] = cursor.fetchall()
        if not rows:
            return None
        lasts: dict[str, int] = {}
        for stream, seq, _ in rows:
            if seq > lasts.get(stream, 0):
                lasts[stream] = seq
        found = len(rows) + _close_gaps(Counter([stream for stream, _, _ in rows]), lasts, floors)
        _raise_floors(lasts)
    return _as_datetime(max([at for _, _, at in rows])), found


def _close_gaps(counts: Counter[str], lasts: dict[str, int], floors: dict[str, int]) -> int:
    """Deletes what lies before a deleted event (clocks differ, so an older one can look younger); returns how many."""
    gapped = [stream for stream, last in lasts.items() if last - floors.get(stream, 1) + 1 != counts[stream]]
    floors.update((stream, last + 1) for stream, last in lasts.items())
    return sum(Event.objects.filter(stream=stream, seq__lte=lasts[stream]).delete()[0] for stream in sorted(gapped))


def _raise_floors(lasts: dict[str, int]) -> None:
    """As the last thing of a transaction. Locks the streams' rows in the order of their names, as numbering does."""
    connection = connections[log_alias()]
    names = sorted(lasts)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f'SELECT 1 FROM {_STREAMS} WHERE name = ANY(%s) ORDER BY name COLLATE "C" FOR NO KEY UPDATE',  # noqa: S608
                [names],
            )
            cursor.execute(
                f"UPDATE {_STREAMS} SET floor = last + 1 "  # noqa: S608
                "FROM unnest(%s::text[], %s::bigint[]) AS pruned (stream, last) WHERE name = stream AND floor <= last",
                [names, [lasts[name] for name in names]],
            )
            return
        cursor.executemany(
            f"UPDATE {_STREAMS} SET floor = %s WHERE name = %s AND floor < %s",  # noqa: S608
            [(lasts[name] + 1, name, lasts[name] + 1) for name in names],
        )


def _as_datetime(value: Any) -> datetime:
    """A time that raw SQL has returned; on SQLite it is text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
