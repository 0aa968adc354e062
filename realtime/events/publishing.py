"""Adds events to the log.

with transaction.atomic():
    task.save()
    events.publish("list.42", "task.updated", {"id": 7, "title": "Buy milk"})
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, transaction
from django.db.transaction import TransactionManagementError

from realtime.backends.event_log import EventLogMixin
from realtime.database_errors import RightsChangedError
from realtime.events.database import log_alias, require_log_alias
from realtime.events.numbering import Deferred, DeferredWrite, PendingEvent, execute, number
from realtime.models import Stream
from realtime.protocol.encoding import STREAM_NAME

UserKey = int | str | UUID


def publish(
    stream: str,
    type: str,
    data: Any,
    *,
    leave: Iterable[UserKey] | Literal["*"] = (),
    refresh: Iterable[UserKey] = (),
    reconnect: Iterable[UserKey] = (),
    revokes: bool = False,
    on_number: Callable[[int], None] | None = None,
    using: str | None = None,
) -> None:
    """Adds an event to `stream`, in the open transaction, or in one of its own if none is open.

    `data` is any JSON value. `leave`, `refresh` and `reconnect` are primary keys of users; the text of a key, as in a
    URL, will do. `leave`: they lose the stream after this event; "*" stands for everybody. `refresh`: the streams that
    they may read have changed in another way, so `STREAMS_OF` is asked again for them. `reconnect`: they must sign in
    again, so their sockets are closed. `revokes`: somebody loses a right in the stream, as also with `leave`: who had
    it checked before and commits after this fails, see `hold_rights()`.
    The event gets its number when the transaction commits and can't be read before. `on_number(seq)` is called then,
    still in the transaction, for what has to be stored with the number. It may only write rows that the transaction has
    written already: the stream is locked, and a new lock on a row could be a deadlock. `using` must be the log's
    database.
    Raises TypeError or ValueError where `data` is not JSON, `stream` is not a `STREAM_NAME` or a key is not one, and
    ImproperlyConfigured where the database can't number events.
    """
    if not STREAM_NAME.fullmatch(stream):
        raise ValueError(f"{stream!r} can't be a stream: only ASCII letters, digits, '_', '-' and '.', at most 90")
    alias = log_alias() if using is None else using
    if using is not None:
        require_log_alias(using, f"An event of {stream!r}")
    effect = _effect(leave=leave, refresh=refresh, reconnect=reconnect)
    loses = revokes or "leave" in (effect or {})
    _add(alias, PendingEvent(stream, type, data, effect, on_number, revokes=loses))


async def apublish(stream: str, type: str, data: Any, **options: Any) -> None:
    """`publish()` for coroutines, in a transaction of its own."""
    await sync_to_async(publish)(stream, type, data, **options)


def hold_rights(counted: Mapping[str, int | None], *, using: str) -> None:
    """Says that rights were checked in the open transaction: it commits only while nobody has lost one in the streams
    that it publishes to. `counted`: by stream its `revocations`, read in the same statement as the rights, or before.

    No lock is held for this: the statement that numbers the events compares. Where it differs the commit raises
    RightsChangedError, and the same work again finds the present rights. On SQLite nothing is needed: its transactions
    come one after the other. Raises TransactionManagementError outside of a transaction, where a right may be gone
    before it is used.
    """
    connection = _connection(using)
    if not connection.in_atomic_block:
        raise TransactionManagementError("Rights have to be checked in the transaction of the write.")
    if connection.vendor == "postgresql" and not connection.atomic_blocks[0]._from_testcase:
        for stream, count in counted.items():
            connection.checked_rights.setdefault(stream, count or 0)


def compare_rights(streams: Iterable[str], *, using: str) -> None:
    """For a write in these streams that publishes nothing, so that no numbering compares the rights which were checked
    for it: to be called behind it, as the last thing in its transaction. It keeps the streams' rows locked until the
    commit. Raises RightsChangedError. Where no rights were checked there is nothing to ask.
    """
    checked = _connection(using).checked_rights
    if names := checked.keys() & set(streams):
        rows = Stream.objects.using(using).select_for_update(no_key=True).filter(pk__in=names).order_by("pk")
        if any((count or 0) != checked[name] for name, count in rows.values_list("name", "revocations")):
            raise RightsChangedError("Somebody has lost a right since it was checked")


def before_numbering(function: DeferredWrite, item: Any, *, using: str) -> None:
    """Defers `function(items, using)`: it is called once in the open transaction, after all other writes and before the
    streams are locked, with all items that it was given in this transaction. A savepoint that is rolled back takes its
    items along. The function is for plain rows that belong to the changes, such as their history. It writes them, or
    returns the statements that do, each with its parameters, to be sent together with the numbering; it must not
    publish.
    """
    connection = _connection(using)
    with transaction.atomic(using, savepoint=False):
        if connection.atomic_blocks[0]._from_testcase:
            execute(connection, function([item], using) or ())
        else:
            connection.pending_events.append(Deferred(function, item))


def _add(alias: str, event: PendingEvent) -> None:
    connection = _connection(alias)
    with transaction.atomic(alias, savepoint=False):
        if connection.atomic_blocks[0]._from_testcase:  # a TestCase's transaction, which never commits
            connection.on_commit(number(connection, [event]), robust=True)
        else:
            connection.pending_events.append(event)


def _connection(alias: str) -> EventLogMixin:
    connection = connections[alias]
    if not isinstance(connection, EventLogMixin):
        raise ImproperlyConfigured(
            f"The database {alias!r} can't number events. Set its ENGINE to realtime.backends.postgresql or "
            "realtime.backends.sqlite3, or add realtime.backends.event_log.EventLogMixin to your own backend."
        )
    return connection


def _effect(**users: Iterable[UserKey]) -> dict[str, Any] | None:
    """What the event does to connections, as it is stored: keys of users as text."""
    effect: dict[str, Any] = {}
    for name, keys in users.items():
        if name == "leave" and keys == "*":
            effect[name] = "*"
        elif found := [_key(name, key) for key in _listed(name, keys)]:
            effect[name] = found
    return effect or None


def _listed(name: str, keys: Iterable[UserKey]) -> Iterable[UserKey]:
    if isinstance(keys, str | bytes) or not isinstance(keys, Iterable):
        raise TypeError(f"{name} must be a collection of users' primary keys, not {keys!r}")
    return keys


def _key(name: str, key: UserKey) -> str:
    if isinstance(key, bool) or not isinstance(key, UserKey):
        raise TypeError(f"{name} must hold users' primary keys (int, str or UUID), not {key!r}")
    return str(key)
