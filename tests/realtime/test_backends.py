"""The database backends: every commit numbers the events of its transaction, however it is called."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, OperationalError, connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.sqlite3.base import DatabaseWrapper as SqliteWrapper
from django.utils import timezone
from psycopg.pq import TransactionStatus

from realtime import events
from realtime.backends.event_log import UnnumberedEventsError
from realtime.events import listeners
from realtime.models import Event, Stream
from tests.realtime.locks import needs_row_locks, somebody_waits
from tests.realtime.notebook import notebook

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def announced() -> Iterator[list[events.Batches]]:
    """What listeners are told, transaction by transaction."""
    told: list[events.Batches] = []
    listeners.register(told.append)
    yield told
    listeners.unregister(told.append)


@pytest.fixture
def manual() -> Iterator[None]:
    """Without autocommit: transactions are ended by hand."""
    transaction.set_autocommit(False)
    yield
    transaction.rollback()
    transaction.set_autocommit(True)


def published(stream: str = "s") -> list[str]:
    """The types of a stream's events."""
    return [event.text.split('"')[3] for event in events.since(stream, 0)]


@transaction.atomic
def write(type: str, on_number: Callable[[int], None] | None = None) -> None:
    """A change and its event, in the stream `s`."""
    ContentType.objects.create(app_label="weather", model="rain")
    events.publish("s", type, 1, on_number=on_number)


# Savepoints


def test_what_a_savepoint_rolls_back_is_not_published() -> None:
    """Also one that was made by hand, which `atomic()` does not know."""
    with transaction.atomic():
        events.publish("s", "kept", 1)
        savepoint = transaction.savepoint()
        events.publish("s", "lost", 1)
        transaction.savepoint_rollback(savepoint)
        events.publish("s", "kept.too", 1)
    assert published() == ["kept", "kept.too"]


def test_savepoints_end_in_any_order() -> None:
    """Rolling back to an outer one takes the inner ones along; one may be rolled back to twice; one released stays."""
    with transaction.atomic():
        outer = transaction.savepoint()
        events.publish("s", "lost", 1)
        inner = transaction.savepoint()
        events.publish("s", "lost", 1)
        transaction.savepoint_commit(inner)
        events.publish("s", "lost", 1)
        transaction.savepoint_rollback(outer)
        events.publish("s", "lost.again", 1)
        transaction.savepoint_rollback(outer)
        events.publish("s", "kept", 1)
        transaction.savepoint_commit(outer)
    assert published() == ["kept"]


def test_a_savepoint_inside_a_failing_block_goes_with_it() -> None:
    """By hand and by `atomic()` mixed."""
    with transaction.atomic():
        savepoint = transaction.savepoint()
        with suppress(ZeroDivisionError), transaction.atomic():
            events.publish("s", "lost", 1)
            raise ZeroDivisionError
        events.publish("s", "kept", 1)
        transaction.savepoint_commit(savepoint)
    assert published() == ["kept"]


def test_a_name_is_used_for_savepoints_again() -> None:
    """As in SQL the newest of a name counts."""
    with transaction.atomic():
        transaction.savepoint()
        transaction.clean_savepoints()
        events.publish("s", "kept", 1)
        again = transaction.savepoint()
        events.publish("s", "lost", 1)
        transaction.savepoint_rollback(again)
    assert published() == ["kept"]


def test_a_live_row_in_a_savepoint_that_is_rolled_back() -> None:
    """Neither row nor event."""
    with notebook() as book:
        with transaction.atomic():
            savepoint = transaction.savepoint()
            book.Folder.objects.create(owner=1, name="a")
            transaction.savepoint_rollback(savepoint)
        assert not book.Folder.objects.exists()
    assert published("user.1") == []


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
            _add_note(book, 99)
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
def test_deferred_constraints_are_checked_before_a_stream_is_locked() -> None:
    """A broken one is told though another transaction holds the stream; nobody waits with a stream for its check."""
    told: list[Exception] = []
    events.publish("s", "first", 1)

    with notebook() as book:

        def run() -> None:
            try:
                with transaction.atomic():
                    _add_note(book, 99)
                    events.publish("s", "lost", 1)
            except IntegrityError as error:
                told.append(error)
            finally:
                connection.close()

        writer = threading.Thread(target=run)
        with transaction.atomic():
            Stream.objects.select_for_update().get(pk="s")
            writer.start()
            writer.join(10)
            assert len(told) == 1
    assert published() == ["first"]


@needs_row_locks
def test_a_connection_lost_while_it_waits_for_a_number_leaves_neither_change_nor_event() -> None:
    """The server ends it. The writer is told, and goes on with another connection."""
    told: list[Exception] = []
    events.publish("s", "first", 1)

    def run() -> None:
        try:
            try:
                write("lost")
            except OperationalError as error:
                told.append(error)
            write("kept")
        finally:
            connection.close()

    writer = threading.Thread(target=run)
    with transaction.atomic():
        Stream.objects.select_for_update().get(pk="s")
        writer.start()
        assert somebody_waits(10)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
            assert cursor.fetchall() == [(True,)]
    writer.join()
    assert len(told) == 1
    assert published() == ["first", "kept"]
    assert ContentType.objects.filter(app_label="weather").count() == 1


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


# Locks


@needs_row_locks
@pytest.mark.timeout(110)
def test_writers_and_deletions_do_not_deadlock() -> None:
    """50 threads add notes to folders while others delete these: some find their folder gone, none a deadlock."""
    found: list[str] = []
    with notebook() as book:

        def rounds(step: Callable[[int], Any]) -> None:
            try:
                for number in range(10):
                    try:
                        step(number)
                    except DatabaseError as error:
                        found.append(f"{type(error).__name__}: {error}".splitlines()[0])
            finally:
                connection.close()

        def add(number: int) -> None:
            with transaction.atomic():
                folder = book.Folder.objects.create(owner=1, name="own")
                for other in book.Folder.objects.exclude(pk=folder.pk)[:2]:
                    # By SQL, so that nothing but the foreign key locks the folder.
                    events.publish("user.1", "note.created", {"folder": other.pk})
                    _add_note(book, other.pk)

        def delete(number: int) -> None:
            if folder := book.Folder.objects.first():
                folder.delete()

        steps = [add] * 40 + [delete] * 10
        threads = [threading.Thread(target=rounds, args=[step]) for step in steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not [each for each in found if "deadlock" in each.lower()], found
        assert {each.split(":")[0] for each in found} <= {"IntegrityError"}
        seqs = [event.seq for event in events.since("user.1", 0, 100_000)]
        assert seqs == list(range(1, len(seqs) + 1))


def _add_note(book: Any, folder_id: int) -> None:
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(book.Note._meta.db_table)
        cursor.execute(f"INSERT INTO {table} (version, folder_id, text) VALUES (1, %s, 'n')", [folder_id])
