"""Commits that wait for each other, on PostgreSQL."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from realtime import events
from realtime.models import Stream
from tests.realtime.event_log import published, write
from tests.realtime.locks import WAITING, needs_row_locks, somebody_waits
from tests.realtime.notebook import add_note_by_sql, notebook

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@needs_row_locks
def test_deferred_constraints_are_checked_before_a_stream_is_locked() -> None:
    """A broken one is told though another transaction holds the stream; nobody waits with a stream for its check."""
    told: list[Exception] = []
    events.publish("s", "first", 1)

    with notebook() as book:

        def run() -> None:
            try:
                with transaction.atomic():
                    add_note_by_sql(book, 99)
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
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM ({WAITING}) AS waiting")
            assert cursor.fetchall() == [(True,)]
    writer.join()
    assert len(told) == 1
    assert published() == ["first", "kept"]
    assert ContentType.objects.filter(app_label="weather").count() == 1


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
                    events.publish("user.1", "note.created", {"folder": other.pk})
                    add_note_by_sql(book, other.pk)

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
