"""The event log: what is published gets its number with the commit, or never."""

import datetime
import decimal
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, connections, transaction

from realtime import events
from realtime.attribution import attribution
from realtime.events import listeners
from realtime.models import Event, Stream
from tests.realtime.event_log import log
from tests.realtime.locks import needs_row_locks

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


class Abandoned(Exception):
    """Rolls back what it passes through."""


@pytest.fixture
def statements() -> Iterator[list[tuple[str, Any]]]:
    """The statements that this thread sends to the database, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def in_a_thread(function: Callable[[], Any]) -> threading.Thread:
    """Runs it with a connection of its own."""

    def run() -> None:
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_outside_a_transaction_an_event_is_written_at_once() -> None:
    """It is number 1 of its stream, and says all that the protocol promises."""
    events.publish("s", "thing.made", {"id": 7})
    (event,) = events.since("s", 0)
    frame = json.loads(event.text)
    assert datetime.datetime.fromisoformat(frame.pop("at")).utcoffset() == datetime.timedelta(0)
    assert frame == {
        "type": "thing.made",
        "stream": "s",
        "seq": 1,
        "actor": None,
        "source": "command",
        "request_id": None,
        "data": {"id": 7},
    }


def test_in_a_transaction_events_are_numbered_by_the_commit() -> None:
    """Until then no stream is locked or changed; then they stand in the order in which they were published."""
    events.publish("s", "thing", "first")
    with transaction.atomic():
        events.publish("s", "thing", "a")
        with transaction.atomic():
            events.publish("t", "thing", "b")
        events.publish("s", "thing", "c")
        assert events.heads(["s", "t"]) == {"s": 1, "t": 0}
    assert log("s") == [(1, "first"), (2, "a"), (3, "c")]
    assert log("t") == [(1, "b")]


def test_a_rolled_back_transaction_leaves_nothing(announced: list[events.Batches]) -> None:
    """No event, no number used up, and nobody is told."""
    with suppress(Abandoned), transaction.atomic():
        events.publish("s", "thing", "lost")
        raise Abandoned
    events.publish("s", "thing", "kept")
    assert log() == [(1, "kept")]
    assert len(announced) == 1


def test_events_go_with_their_savepoint() -> None:
    """The others close the ranks."""
    with transaction.atomic():
        events.publish("s", "thing", "before")
        with suppress(Abandoned), transaction.atomic():
            events.publish("s", "thing", "lost")
            with transaction.atomic():
                events.publish("s", "thing", "lost too")
            raise Abandoned
        with transaction.atomic():
            events.publish("s", "thing", "in a savepoint that stays")
        events.publish("s", "thing", "after")
    assert log() == [(1, "before"), (2, "in a savepoint that stays"), (3, "after")]


def test_a_change_and_its_event_are_committed_together() -> None:
    """A log that can't be written takes the change back, says so, and leaves the connection in order."""

    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if f'INSERT INTO "{Event._meta.db_table}"' in sql:
            raise DatabaseError("the disk is full")
        return execute(sql, params, many, context)

    @transaction.atomic
    def write() -> None:
        ContentType.objects.create(app_label="weather", model="rain")
        events.publish("s", "thing", "lost")

    with pytest.raises(DatabaseError, match="the disk is full"), connection.execute_wrapper(fail):
        write()
    assert not ContentType.objects.filter(app_label="weather").exists()
    assert connection.get_autocommit()
    events.publish("s", "thing", "kept")
    assert log() == [(1, "kept")]


def test_streams_are_locked_last_and_in_the_order_of_their_names(statements: list[tuple[str, Any]]) -> None:
    """One statement for all of them, after all else that the transaction does: nobody waits for a waiting one."""
    with transaction.atomic():
        events.publish("c", "thing", 1)
        events.publish("a", "thing", 2)
        events.publish("b", "thing", 3)
        events.publish("a", "thing", 4)
        ContentType.objects.create(app_label="weather", model="rain")
    (lock,) = [number for number, (sql, _) in enumerate(statements) if Stream._meta.db_table in sql]
    parameters = statements[lock][1]
    assert [one for one in parameters if one in ("a", "b", "c", ["a", "b", "c"])] in (
        ["a", "b", "c"],
        [["a", "b", "c"]],
    )
    assert lock > max(number for number, (sql, _) in enumerate(statements) if "django_content_type" in sql)
    assert (log("a"), log("b"), log("c")) == ([(1, 2), (2, 4)], [(1, 3)], [(1, 1)])


@needs_row_locks
def test_who_commits_first_has_the_lower_number() -> None:
    """A transaction that is open for long holds nobody up, whatever it has published."""
    with transaction.atomic():
        events.publish("s", "thing", "published first")
        other = in_a_thread(lambda: events.publish("s", "thing", "committed first"))
        other.join(10)
        assert not other.is_alive()
        assert log() == [(1, "committed first")]
    assert log() == [(1, "committed first"), (2, "published first")]


def test_the_commit_of_manual_transactions_numbers_too() -> None:
    """As `transaction.atomic()` does."""
    transaction.set_autocommit(False)
    try:
        events.publish("s", "thing", "kept")
        transaction.commit()
        events.publish("s", "thing", "lost")
        transaction.rollback()
    finally:
        transaction.set_autocommit(True)
    assert log() == [(1, "kept")]


def test_a_new_connection_numbers_too() -> None:
    """Threads' connections come and go."""
    events.publish("s", "thing", 1)
    connection.close()
    events.publish("s", "thing", 2)
    in_a_thread(lambda: events.publish("s", "thing", 3)).join()
    assert log() == [(1, 1), (2, 2), (3, 3)]


def test_what_spreads_is_what_is_stored(announced: list[events.Batches]) -> None:
    """Once for each transaction, after its commit, with all of its streams."""
    with transaction.atomic():
        events.publish("s", "thing", "é")
        events.publish("t", "thing", [1], leave=[5])
        events.publish("s", "thing", None)
        assert announced == []
    (batches,) = announced
    assert {stream: list(batch) for stream, batch in batches.items()} == {
        "s": events.since("s", 0),
        "t": events.since("t", 0),
    }
    assert [event.seq for event in events.since("s", 0)] == [1, 2]


def test_what_cannot_be_spread_is_no_error_of_the_write(caplog: pytest.LogCaptureFixture) -> None:
    """It is committed, and the replicas' poll will find it; the log says what went wrong."""

    def fail(batches: events.Batches) -> None:
        raise RuntimeError("no loop")

    listeners.register(fail)
    try:
        events.publish("s", "thing", 1)
    finally:
        listeners.unregister(fail)
    assert log() == [(1, 1)]
    assert "no loop" in caplog.text


def test_an_event_is_what_was_published_though_the_object_changes_later() -> None:
    """The text is made when publish() is called."""
    thing = {"title": "before"}
    with transaction.atomic():
        events.publish("s", "thing", thing)
        thing["title"] = "after"
    assert log() == [(1, {"title": "before"})]


def test_data_may_be_whatever_django_writes_as_json() -> None:
    """Text of any script as it is, and dates, ids and decimals as Django writes them."""
    text = 'ünïcödé 🎉 "quoted" \\ \x00 \u2028 <script>'
    moment = datetime.datetime(2026, 2, 3, 4, 5, 6, 789_000, datetime.UTC)
    key = uuid.UUID(int=5)
    events.publish(
        "s", "thing", {"text": text, "at": moment, "day": moment.date(), "id": key, "n": decimal.Decimal("1.50")}
    )
    (event,) = events.since("s", 0)
    assert json.loads(event.text)["data"] == {
        "text": text,
        "at": "2026-02-03T04:05:06.789Z",
        "day": "2026-02-03",
        "id": str(key),
        "n": "1.50",
    }
    assert "ünïcödé 🎉" in event.text  # no longer than need be


@pytest.mark.parametrize("data", [object(), {1, 2}, float("nan"), {"position": float("inf")}])
def test_what_is_no_json_is_refused(data: Any) -> None:
    """At once, where it is published; the transaction can go on without it."""
    with transaction.atomic():
        with pytest.raises((TypeError, ValueError)):
            events.publish("s", "thing", data)
        events.publish("s", "thing", "kept")
    assert log() == [(1, "kept")]


@pytest.mark.parametrize("stream", ["", "with space", "späße", "a/b", "x" * 91, "line\n"])
def test_a_name_that_no_channel_layer_takes_is_refused(stream: str) -> None:
    """Else the log would have it, and nobody would hear of it."""
    with pytest.raises(ValueError, match="can't be a stream"):
        events.publish(stream, "thing", 1)
    events.publish("x" * 90, "thing", 1)
    assert events.heads(["x" * 90]) == {"x" * 90: 1}


@pytest.mark.parametrize(
    ("options", "effect"),
    [
        ({}, None),
        ({"leave": [3, 4]}, {"leave": ["3", "4"]}),
        ({"leave": "*"}, {"leave": "*"}),
        ({"refresh": {3}}, {"refresh": ["3"]}),
        ({"leave": (1,), "refresh": [2]}, {"leave": ["1"], "refresh": ["2"]}),
        ({"reconnect": iter(["5"]), "leave": []}, {"reconnect": ["5"]}),
        ({"refresh": [uuid.UUID(int=5)]}, {"refresh": ["00000000-0000-0000-0000-000000000005"]}),
    ],
)
def test_effects_are_for_the_hub_alone(options: dict[str, Any], effect: dict[str, Any] | None) -> None:
    """They are stored beside the text, and not in it."""
    events.publish("s", "thing", 1, **options)
    (event,) = events.since("s", 0)
    assert event.effect == effect
    assert not {"effect", "leave", "refresh"} & json.loads(event.text).keys()


def test_the_origin_is_that_of_the_publishing(django_user_model: Any) -> None:
    """Not that of the commit, and each event has its own."""
    alice = django_user_model.objects.create(username="alice")
    with transaction.atomic():
        with attribution(actor=alice, source="api", request_id="r-1"):
            events.publish("s", "thing", 1)
        events.publish("s", "thing", 2)
    first, second = (json.loads(event.text) for event in events.since("s", 0))
    assert (first["actor"], first["source"], first["request_id"]) == (
        {"id": alice.pk, "username": "alice"},
        "api",
        "r-1",
    )
    assert (second["actor"], second["source"], second["request_id"]) == (None, "command", None)


@pytest.mark.parametrize("name", ["leave", "refresh", "reconnect"])
@pytest.mark.parametrize("keys", [5, "5", "all", b"5", None, [None], [True], [1.5], [["5"]]], ids=repr)
def test_what_is_no_users_key_is_refused(name: str, keys: Any) -> None:
    """Where it is published, and not at the commit."""
    with transaction.atomic():
        with pytest.raises(TypeError, match=name):
            events.publish("s", "thing", 1, **{name: keys})
        events.publish("s", "thing", "kept")
    assert log() == [(1, "kept")]


async def test_coroutines_publish_too() -> None:
    """In a transaction of their own."""
    await events.apublish("s", "thing", 1, refresh=[5])
    (event,) = await sync_to_async(events.since)("s", 0)
    await sync_to_async(connections.close_all)()  # that thread's, which would keep the test's database from going
    assert (event.seq, event.effect) == (1, {"refresh": ["5"]})


@pytest.mark.django_db(transaction=False)
def test_in_a_test_case_events_are_numbered_at_once(django_capture_on_commit_callbacks: Any) -> None:
    """Its transaction never commits; else tests in one would see no event."""
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            events.publish("s", "thing", "a")
        with suppress(Abandoned), transaction.atomic():
            events.publish("s", "thing", "lost")
            raise Abandoned
        events.publish("s", "thing", "b")
    assert log() == [(1, "a"), (2, "b")]
