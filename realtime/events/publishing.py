"""The event log: `publish()` adds to it, `since()` reads it. The database is the truth; all after the commit is speed.

    with transaction.atomic():
        task.save()
        events.publish("list.42", "task.updated", {"id": 7, "title": "Buy milk"})

Everything here is synchronous and may be called from any thread that may use the database.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from realtime.attribution import current_attribution
from realtime.broker import announce
from realtime.models import Event, Log, Stream


class StoredEvent(NamedTuple):
    """An event as it travels: `text` is the frame that clients get; `effect` is what it does to connections; `at` is
    when its transaction was about to commit, in `time.time()` seconds, or 0 where that is not known."""

    seq: int
    text: str
    effect: dict[str, Any] | None
    at: float = 0.0


class _Pending:
    """An event that has no number yet. It waits among the transaction's on-commit hooks, and so goes with a savepoint
    that is rolled back; as a hook it does nothing."""

    __slots__ = ("data", "effect", "prefix", "stream", "type")

    def __init__(self, stream: str, kind: str, data: Any, effect: dict[str, Any] | None) -> None:
        self.stream = stream
        self.type = kind
        self.effect = effect
        self.prefix = encode(current_attribution().describe())[1:-1]
        self.data = encode(data)  # now, since the objects may change before the transaction ends

    def __call__(self) -> None:
        """Nothing is left to do after the commit."""

    def text(self, seq: int, at: str) -> str:
        return (
            f'{{"type":{encode(self.type)},"stream":{encode(self.stream)},"seq":{seq},"at":"{at}",'
            f'{self.prefix},"data":{self.data}}}'
        )


def encode(value: Any) -> str:
    """Compact JSON; dates, UUIDs and decimals as Django writes them."""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


STREAM_NAME = re.compile(r"[\w.-]{1,90}", re.ASCII)
"""What a stream may be called: channel layers take no other group names."""


def publish(
    stream: str,
    type: str,
    data: Any,
    *,
    leave: Collection[int] | Literal["*"] = (),
    refresh: Collection[int] = (),
    reconnect: Collection[int] = (),
    using: str | None = None,
) -> None:
    """Adds an event to `stream`, in the transaction that is open (or in one of its own, if none is).

    `data` is any JSON value. `leave` are the ids of users who lose the stream after this event, or "*" for everybody.
    `refresh` are the ids of users whose streams have changed in another way: their connections ask `STREAMS_OF` anew.
    `reconnect` are the ids of users who have to show again who they are: their sockets are closed, and come back.
    The event gets its number when the transaction commits, and until then can't be read.
    Raises TypeError or ValueError where `data` is no JSON, and ValueError where the stream's name is no `STREAM_NAME`.
    """
    if not STREAM_NAME.fullmatch(stream):
        raise ValueError(f"{stream!r} can't be a stream: only ASCII letters, digits, '_', '-' and '.', at most 90")
    effect: dict[str, Any] = {}
    if leave:
        effect["leave"] = leave if isinstance(leave, str) else list(leave)
    if refresh:
        effect["refresh"] = list(refresh)
    if reconnect:
        effect["reconnect"] = list(reconnect)
    event = _Pending(stream, type, data, effect or None)
    with transaction.atomic(using, savepoint=False):
        connection = transaction.get_connection(using)
        connection.on_commit(event)
        if connection.atomic_blocks[0]._from_testcase:  # which never commits
            _number(connection, [event])
        else:
            _number_before_commit(connection)


def _number_before_commit(connection: BaseDatabaseWrapper) -> None:
    """Django has hooks for after the commit and none for before it, so this connection's `commit()` becomes one.

    Numbering locks the streams' rows until the commit. As the last thing that a transaction does, and in the order of
    the streams' names, it makes others wait for a moment only, and never for somebody who waits for them.
    """
    if "commit" in vars(connection):
        return
    commit = connection.commit

    def number_and_commit() -> None:
        if pending := [hook[1] for hook in connection.run_on_commit if isinstance(hook[1], _Pending)]:
            try:
                with transaction.atomic(connection.alias, savepoint=False):  # the transaction is open; Django forgot
                    _number(connection, pending)
            except BaseException:
                connection.rollback()
                raise
        commit()

    connection.commit = number_and_commit  # type: ignore[method-assign]


def _number(connection: BaseDatabaseWrapper, pending: Sequence[_Pending]) -> None:
    """Gives events their numbers, writes them, and has them spread once the transaction has committed."""
    heads = _advance(connection, Counter(event.stream for event in pending))
    now = timezone.now()
    at = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    by_stream: dict[str, list[StoredEvent]] = defaultdict(list)
    rows = []
    for event in pending:
        heads[event.stream] += 1
        seq = heads[event.stream]
        stored = StoredEvent(seq, event.text(seq, at), event.effect, now.timestamp())
        by_stream[event.stream].append(stored)
        rows.append(Event(stream=event.stream, seq=seq, at=now, text=stored.text, effect=stored.effect))
    Event.objects.using(connection.alias).bulk_create(rows)
    # robust: the change is committed, and a replica that does not hear of it finds it in the log.
    transaction.on_commit(lambda: announce.spread(by_stream), using=connection.alias, robust=True)


def _advance(connection: BaseDatabaseWrapper, counts: Counter[str]) -> dict[str, int]:
    """Moves the streams' heads and locks their rows, in one statement; returns the heads as they were."""
    names = sorted(counts)
    values = ", ".join(["(%s, %s, 1)"] * len(names))
    table = connection.ops.quote_name(Stream._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (name, head, floor) VALUES {values} "  # noqa: S608 -- quoted name, placeholders
            f"ON CONFLICT (name) DO UPDATE SET head = {table}.head + excluded.head RETURNING name, head",
            [parameter for name in names for parameter in (name, counts[name])],
        )
        return {name: head - counts[name] for name, head in cursor.fetchall()}


def since(stream: str, after: int, limit: int = 500) -> list[StoredEvent]:
    """At most `limit` events of `stream` with a number above `after`, in order."""
    rows = Event.objects.filter(stream=stream, seq__gt=after).order_by("seq")
    found = rows.values_list("seq", "text", "effect", "at")[:limit]
    return [StoredEvent(seq, text, effect, at.timestamp()) for seq, text, effect, at in found]


def heads(streams: Iterable[str]) -> dict[str, int]:
    """The number of the newest event of each stream; 0 for one that has none."""
    names = list(streams)
    known = dict(Stream.objects.filter(name__in=names).values_list("name", "head"))
    return {name: known.get(name, 0) for name in names}


def epoch() -> str:
    """The log's identity. A position of another epoch is worthless."""
    return Log.objects.get_or_create(pk=1)[0].epoch


def positions(streams: Iterable[str]) -> dict[str, Any]:
    """`{"epoch": ..., "positions": {stream: seq}}`: where to follow on from. Read it before the rows of a snapshot."""
    return {"epoch": epoch(), "positions": heads(streams)}
