"""Numbers the events of a transaction and writes them, as the last thing before its commit.

Each stream's numbers have no gap and follow the commits: the statement that draws the numbers locks the streams' rows,
and the commit releases them. Everything that can be done before the lock is done before it, and PostgreSQL gets that
statement and the commit in one message: how long it takes this process to send another does not count.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain, islice
from typing import Any

from django.db import IntegrityError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from realtime.attribution import current_attribution
from realtime.backends.event_log import EventLogMixin
from realtime.database_errors import RightsChangedError
from realtime.events import listeners
from realtime.events.stored_event import StoredEvent
from realtime.models import Event, Stream
from realtime.protocol.encoding import encode

MOST_JOINED = 4
"""Statements of a transaction that go in one message with the numbering. The text of more may be too long for that."""

MAX_ROWS = 10_000
"""Streams of one statement on SQLite, which takes 32,766 parameters."""


class PendingEvent:
    """An event that has no number yet. Its text is made when it is published, up to the number and the time."""

    __slots__ = ("_attribution", "_data", "effect", "on_number", "revokes", "stream", "type")

    def __init__(
        self,
        stream: str,
        type: str,
        data: Any,
        effect: dict[str, Any] | None,
        on_number: Callable[[int], None] | None = None,
        *,
        revokes: bool = False,
    ) -> None:
        self.stream = stream
        self.type = type
        self.effect = effect
        self.on_number = on_number
        self.revokes = revokes
        self._attribution = encode(current_attribution().describe())[1:-1]
        self._data = encode(data)  # now, since the objects may change before the transaction ends

    def before_number(self) -> str:
        """The frame's text up to its number."""
        return f'{{"type":{encode(self.type)},"stream":{encode(self.stream)},"seq":'

    def after_number(self, at: str) -> str:
        """The frame's text behind its number."""
        return f',"at":"{at}",{self._attribution},"data":{self._data}}}'

    def __str__(self) -> str:
        return f"{self.type} of {self.stream}"


class Deferred:
    """Something to be written with others of its transaction, see `publishing.before_numbering()`."""

    __slots__ = ("function", "item")

    def __init__(self, function: "DeferredWrite", item: Any) -> None:
        self.function = function
        self.item = item

    def __str__(self) -> str:
        return "a deferred write"


NOTHING_CHECKED: Mapping[str, int] = {}

Statement = tuple[str, Sequence[Any]]
"""SQL with its parameters."""

DeferredWrite = Callable[[list[Any], str], Iterable[Statement] | None]


def finish(
    connection: BaseDatabaseWrapper, pending: Sequence[PendingEvent | Deferred], checked: Mapping[str, int]
) -> Callable[[], None]:
    """Called right before the commit. Writes what is pending; returns the function that announces the events after it.
    `checked`: by stream the revocations that were counted when rights were checked.

    It may have committed already: the connection's own commit then finds no transaction, and does nothing.
    """
    statements, events = run_deferred(connection.alias, pending)
    if events:
        return number(connection, events, before=statements, checked=checked, commit=True)
    execute(connection, statements)
    return lambda: None


EventLogMixin.finish_transaction = staticmethod(finish)


def run_deferred(
    alias: str, pending: Sequence[PendingEvent | Deferred]
) -> tuple[Iterator[Statement], list[PendingEvent]]:
    """Calls each deferred function once, with all of its items, while the statements are taken that they want executed.
    Returns these, and the events, which are numbered afterwards.
    """
    events: list[PendingEvent] = []
    items: defaultdict[DeferredWrite, list[Any]] = defaultdict(list)
    for each in pending:
        if isinstance(each, Deferred):
            items[each.function].append(each.item)
        else:
            events.append(each)
    return chain.from_iterable(function(found, alias) or () for function, found in items.items()), events


def execute(connection: BaseDatabaseWrapper, statements: Iterable[Statement]) -> None:
    """One after the other."""
    with connection.cursor() as cursor:
        for statement, parameters in statements:
            cursor.execute(statement, parameters)


class _Draft:
    """One transaction's events, laid out for the statements that number them."""

    def __init__(self, events: Sequence[PendingEvent], checked: Mapping[str, int]) -> None:
        self.now = timezone.now()
        at = _isoformat(self.now)
        self.streams = [event.stream for event in events]
        self.counts = Counter(self.streams)
        self.names = sorted(self.counts)
        """In this order the streams are locked, by every transaction."""
        self.before = [event.before_number() for event in events]
        self.after = [event.after_number(at) for event in events]
        self.effects = [event.effect for event in events]
        self.on_number = [event.on_number for event in events]
        self.checked = [checked.get(name) for name in self.names]
        self.revoked = sorted({event.stream for event in events if event.revokes})
        left = self.counts.copy()
        self.backs = []
        """How many events of its stream come after each."""
        for stream in self.streams:
            left[stream] -= 1
            self.backs.append(left[stream])
        self.seqs: list[int] = []

    def rows(self) -> list[dict[str, Any]]:
        """The events as they are before they have numbers."""
        names = ("stream", "back", "before", "after", "effect")
        found = zip(self.streams, self.backs, self.before, self.after, self.effects, strict=True)
        return [dict(zip(names, each, strict=True)) for each in found]

    def statement(self) -> Statement:
        """What numbers and writes the events on PostgreSQL, and returns the streams' numbers after them."""
        if len(self.streams) == 1:
            effect = None if self.effects[0] is None else encode(self.effects[0])
            return _ONE_ON_POSTGRESQL, [
                self.names[0], *self.checked, self.now, self.before[0], self.after[0], effect,
            ]  # fmt: skip
        counts = [self.counts[name] for name in self.names]
        return _POSTGRESQL, [self.names, counts, self.checked, self.now, encode(self.rows())]

    def revocation(self) -> list[Statement]:
        """What counts that somebody has lost a right. Behind the numbering, which has locked the streams."""
        return [(_REVOKE, [self.revoked])] if self.revoked else []

    def take_numbers(self, heads: dict[str, int]) -> None:
        """`heads` are the streams' numbers after the events."""
        self.seqs = [heads[stream] - back for stream, back in zip(self.streams, self.backs, strict=True)]

    def call_back(self) -> None:
        """Tells the numbers to those who asked for them."""
        for seq, on_number in zip(self.seqs, self.on_number, strict=True):
            if on_number is not None:
                on_number(seq)

    @cached_property
    def batches(self) -> dict[str, list[StoredEvent]]:
        """The events with their numbers, by stream."""
        batches: dict[str, list[StoredEvent]] = defaultdict(list)
        at = self.now.timestamp()
        for stream, seq, before, after, effect in zip(
            self.streams, self.seqs, self.before, self.after, self.effects, strict=True
        ):
            batches[stream].append(StoredEvent(seq, f"{before}{seq}{after}", effect, at))
        return batches


def number(
    connection: BaseDatabaseWrapper,
    events: Sequence[PendingEvent],
    *,
    before: Iterable[Statement] = (),
    checked: Mapping[str, int] = NOTHING_CHECKED,
    commit: bool = False,
) -> Callable[[], None]:
    """Gives the events their numbers and writes them; returns the function that announces them after the commit.

    The statements `before` are executed first, before the streams are locked. With `commit` the transaction is about to
    end, and ends here where the database can do both at once. Raises RightsChangedError where somebody has lost a right
    in a stream since rights were checked there.
    """
    draft = _Draft(events, checked)
    _NUMBER[connection.vendor](connection, draft, before, commit)
    draft.call_back()
    return lambda: listeners.notify(draft.batches)


_CHECK_CONSTRAINTS = "SET CONSTRAINTS ALL IMMEDIATE"
"""Checking locks the rows that foreign keys point to. At the commit the streams are locked already, and it could wait
for a transaction that holds such a row and waits for a stream: a deadlock."""

_STILL_AS_CHECKED = "excluded.revocations IS NULL OR excluded.revocations = COALESCE(stream.revocations, 0)"
"""Of a stream's row, which is locked and its newest. Where it is not so the head becomes null, which is refused."""

_POSTGRESQL = f"""
WITH advanced AS (
    INSERT INTO "{Stream._meta.db_table}" AS stream (name, head, floor, revocations)
    SELECT name, count, 1, checked
    FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS counted (name, count, checked)
    ON CONFLICT (name) DO UPDATE SET head = CASE WHEN {_STILL_AS_CHECKED} THEN stream.head + excluded.head END
    RETURNING name, head
), written AS (
    INSERT INTO "{Event._meta.db_table}" (stream, seq, at, text, effect)
    SELECT name, head - back, %s, before || (head - back) || after, effect
    FROM json_to_recordset(%s) AS event (stream text, back bigint, before text, after text, effect jsonb)
    JOIN advanced ON name = event.stream
)
SELECT name, head FROM advanced
"""  # noqa: S608 -- names of tables of ours
"""The events come as one text: to write long texts into arrays takes psycopg several times as long."""

_ONE_ON_POSTGRESQL = f"""
WITH advanced AS (
    INSERT INTO "{Stream._meta.db_table}" AS stream (name, head, floor, revocations) VALUES (%s, 1, 1, %s::bigint)
    ON CONFLICT (name) DO UPDATE SET head = CASE WHEN {_STILL_AS_CHECKED} THEN stream.head + 1 END
    RETURNING name, head
)
INSERT INTO "{Event._meta.db_table}" (stream, seq, at, text, effect)
SELECT name, head, %s, %s::text || head || %s::text, %s::jsonb FROM advanced
RETURNING stream, seq
"""  # noqa: S608 -- names of tables of ours
"""The same for a single event, as most transactions have: PostgreSQL takes two thirds of the time for it."""

_REVOKE = f'UPDATE "{Stream._meta.db_table}" SET revocations = COALESCE(revocations, 0) + 1 WHERE name = ANY(%s)'  # noqa: S608 -- the name of a table


def _number_on_postgresql(
    connection: BaseDatabaseWrapper, draft: _Draft, before: Iterable[Statement], commit: bool
) -> None:
    """Writes what belongs to the changes, checks constraints, numbers and commits in one message if that is possible.
    What fails ends the message: nothing after it is done, so a number that cannot be given commits nothing.
    """
    try:
        _execute_on_postgresql(connection, draft, before, commit=commit)
    except IntegrityError as error:
        refused: Any = getattr(error.__cause__, "diag", None)
        if refused is None or (refused.table_name, refused.column_name) != (Stream._meta.db_table, "head"):
            raise
        raise RightsChangedError("Somebody has lost a right since it was checked") from error


def _execute_on_postgresql(
    connection: BaseDatabaseWrapper, draft: _Draft, before: Iterable[Statement], *, commit: bool
) -> None:
    numbering, parameters = draft.statement()
    waiting = iter(before)
    statements = list(islice(waiting, MOST_JOINED + 1))
    if len(statements) > MOST_JOINED:
        execute(connection, chain(statements, waiting))
        statements = []
    if commit:
        statements.append((_CHECK_CONSTRAINTS, []))
    with connection.cursor() as cursor:
        if commit and _takes_several(connection, cursor) and not any(draft.on_number):
            message = [*statements, (numbering, parameters), *draft.revocation()]
            text = "; ".join([*(statement for statement, _ in message), "COMMIT"])
            cursor.execute(text, [value for _, values in message for value in values])
            for _ in statements:
                cursor.nextset()
            draft.take_numbers(dict(cursor.fetchall()))
        else:
            execute(connection, statements)
            cursor.execute(numbering, parameters)
            draft.take_numbers(dict(cursor.fetchall()))
            execute(connection, draft.revocation())


def _takes_several(connection: Any, cursor: Any) -> bool:
    """Whether a text of several statements may have parameters: if psycopg 3 puts them into it, as Django's default
    is. With `server_side_binding`, psycopg 2 or a cursor of another package it may not.
    """
    return isinstance(cursor.cursor, getattr(connection.Database, "ClientCursor", ()))


def _number_on_sqlite(
    connection: BaseDatabaseWrapper, draft: _Draft, before: Iterable[Statement], commit: bool
) -> None:
    """One statement after the other. The whole database has one writer, so nobody waits for the rows alone."""
    execute(connection, before)
    heads: dict[str, int] = {}
    at = connection.ops.adapt_datetimefield_value(draft.now)
    with connection.cursor() as cursor:
        for start in range(0, len(draft.names), MAX_ROWS):
            names = draft.names[start : start + MAX_ROWS]
            values = ", ".join(["(%s, %s, 1)"] * len(names))
            cursor.execute(
                f'INSERT INTO "{Stream._meta.db_table}" AS stream (name, head, floor) VALUES {values} '  # noqa: S608
                "ON CONFLICT (name) DO UPDATE SET head = stream.head + excluded.head RETURNING name, head",
                [parameter for name in names for parameter in (name, draft.counts[name])],
            )
            heads.update(cursor.fetchall())
        draft.take_numbers(heads)
        cursor.executemany(
            f'INSERT INTO "{Event._meta.db_table}" (stream, seq, at, text, effect) VALUES (%s, %s, %s, %s, %s)',  # noqa: S608
            [
                (stream, event.seq, at, event.text, None if event.effect is None else encode(event.effect))
                for stream, batch in draft.batches.items()
                for event in batch
            ],
        )


_NUMBER = {"postgresql": _number_on_postgresql, "sqlite": _number_on_sqlite}


def _isoformat(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
