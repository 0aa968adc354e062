"""The database backends: every commit numbers the events of its transaction, however it is called."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.sqlite3.base import DatabaseWrapper as SqliteWrapper
from django.utils import timezone
from psycopg.pq import TransactionStatus

from realtime import events
from realtime.backends.event_log import UnnumberedEventsError
from realtime.events import listeners
from realtime.models import Event, Stream
from tests.realtime.event_log import published, write
from tests.realtime.locks import needs_row_locks
from tests.realtime.notebook import add_note_by_sql, notebook

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def manual() -> Iterator[None]:
    """Without autocommit: transactions are ended by hand."""
    transaction.set_autocommit(False)
    yield
    transaction.rollback()
    transaction.set_autocommit(True)


# Transactions by hand


@pytest.mark.usefixtures("manual")
def test_each_of_two_commits_sends_its_own(announced: list[events.Batches]) -> None:
    """The first is not sent again by the second."""
    events.publish("s", "first", 1)
    transaction.commit()
    events.publish("s", "second", 1)
    transaction.commit()
    assert published() == ["first", "second"]
    assert [[event.seq for event in batches["s"]] for batches in announced] == [[1], [2]]


@pytest.mark.usefixtures("manual")
def test_a_commit_by_hand_announces_at_once(announced: list[events.Batches]) -> None:
    """Not when autocommit is switched on again, which may be never."""
    with transaction.atomic():
        events.publish("s", "thing", 1)
    assert announced == []
    transaction.commit()
    assert len(announced) == 1


def test_a_rollback_by_hand_leaves_nothing(manual: None, announced: list[events.Batches]) -> None:
    """Nothing comes later either."""
    events.publish("s", "lost", 1)
    transaction.rollback()
    events.publish("s", "kept", 1)
    transaction.commit()
    assert published() == ["kept"]
    assert len(announced) == 1


def test_switching_autocommit_on_ends_the_transaction_as_the_driver_does() -> None:
    """SQLite's commits, so the events are numbered; PostgreSQL's refuses."""
    transaction.set_autocommit(False)
    try:
        ContentType.objects.create(app_label="weather", model="rain")
        events.publish("s", "thing", 1)
        with suppress(DatabaseError):
            transaction.set_autocommit(True)
    finally:
        if not transaction.get_autocommit():
            transaction.rollback()
            transaction.set_autocommit(True)
    there = ContentType.objects.filter(app_label="weather").exists()
    assert published() == (["thing"] if there else [])


# Other people's commits


@pytest.fixture
def their_commit() -> Iterator[Callable[[Callable[[], None]], None]]:
    """their_commit(function): this connection's `commit` is replaced, as some libraries do."""

    def replace(function: Callable[[], None]) -> None:
        connection.commit = function  # type: ignore[method-assign]

    yield replace
    del connection.commit


def test_a_commit_that_somebody_wrapped_numbers_too(their_commit: Any, announced: list[events.Batches]) -> None:
    """Before the first event and after it."""
    original = connection.commit
    calls: list[int] = []

    def theirs() -> None:
        calls.append(1)
        original()

    events.publish("s", "before", 1)
    their_commit(theirs)
    events.publish("s", "after", 1)
    assert calls == [1]
    assert published() == ["before", "after"]
    assert len(announced) == 2


def test_a_commit_behind_the_connections_back_is_loud(their_commit: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The change is there, its event is not: an exception, a line in the log, a number. Then all is well again."""
    their_commit(lambda: connection.connection.commit())  # noqa: PLW0108 -- it may be another one by then

    with pytest.raises(UnnumberedEventsError, match=r"thing\.made of s"):
        write("thing.made")
    assert ContentType.objects.filter(app_label="weather").exists()
    assert "thing.made of s" in caplog.text
    wrapper = connections["default"]
    their_commit(lambda: type(wrapper).commit(wrapper))
    events.publish("s", "next", 1)
    assert published() == ["next"]


def test_an_on_commit_hook_that_fails_delays_nothing(announced: list[events.Batches]) -> None:
    """Whether it was registered before or after the event."""
    for register_first in (True, False):
        with suppress(ZeroDivisionError), transaction.atomic():
            if register_first:
                transaction.on_commit(lambda: 1 / 0)
            events.publish("s", "thing", 1)
            if not register_first:
                transaction.on_commit(lambda: 1 / 0)
    assert [[event.seq for event in batches["s"]] for batches in announced] == [[1], [2]]


def test_events_are_announced_after_the_commit() -> None:
    """A listener that looks finds the change, from a connection of its own."""
    seen: list[list[str]] = []

    def look(batches: events.Batches) -> None:
        def read() -> None:
            seen.append(published())
            connection.close()

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()

    listeners.register(look)
    try:
        events.publish("s", "thing", 1)
    finally:
        listeners.unregister(look)
    assert seen == [["thing"]]


def test_a_failed_commit_announces_nothing(announced: list[events.Batches]) -> None:
    """A deferred constraint is broken: the writer is told, and the connection can be used again."""
    with notebook() as book:

        @transaction.atomic
        def write() -> None:
            add_note_by_sql(book, 99)
            events.publish("s", "lost", 1)

        with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
            write()
        assert not book.Note.objects.exists()
    events.publish("s", "kept", 1)
    assert published() == ["kept"]
    assert len(announced) == 1


def test_a_number_that_cannot_be_given_commits_nothing(announced: list[events.Batches]) -> None:
    """The database itself refuses the event; the writer gets its error, and the connection can be used again."""
    taken = Event.objects.create(stream="s", seq=1, at=timezone.now(), text="{}")
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        write("lost")
    assert not ContentType.objects.filter(app_label="weather").exists()
    taken.delete()
    write("kept")
    assert published() == ["kept"]
    assert len(announced) == 1


@needs_row_locks
@pytest.mark.parametrize("way", ["plain", "with a callback", "bound by the server"])
def test_the_number_and_the_commit_are_one_message(way: str) -> None:
    """Where a callback may write between the two, or the driver can't send several statements, they are not."""
    seen: list[tuple[str, TransactionStatus]] = []
    numbers: list[int] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        seen.append((sql, connection.connection.info.transaction_status))
        return result

    connection.ensure_connection()
    if way == "bound by the server":
        connection.connection.cursor_factory = ServerBindingCursor
    try:
        with connection.execute_wrapper(note):
            write("kept", numbers.append if way == "with a callback" else None)
    finally:
        connection.close()
    numbered = [status for sql, status in seen if Stream._meta.db_table in sql]
    assert numbered == [TransactionStatus.IDLE if way == "plain" else TransactionStatus.INTRANS]
    assert numbers == ([1] if way == "with a callback" else [])
    assert published() == ["kept"]
    assert ContentType.objects.filter(app_label="weather").exists()


def test_a_connection_that_is_closed_in_a_transaction_forgets_its_events() -> None:
    """They are not published by the next one."""
    with suppress(Exception), transaction.atomic():
        events.publish("s", "lost", 1)
        connection.close()
    events.publish("s", "kept", 1)
    assert published() == ["kept"]


def test_an_ordinary_backend_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commits would leave the events behind."""
    plain = {"sqlite": SqliteWrapper, "postgresql": PostgresWrapper}[connection.vendor]
    monkeypatch.setitem(connections.settings, "plain", settings.DATABASES["default"])
    monkeypatch.setattr(connections["default"], "__class__", plain)
    with pytest.raises(ImproperlyConfigured, match=r"realtime\.backends"):
        events.publish("s", "thing", 1)
