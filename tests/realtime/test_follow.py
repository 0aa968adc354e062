"""The durable reader of the log: each event at least once, in order, by any number of processes."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from realtime import events
from realtime.events import retention
from realtime.events.follow import FollowedEvent, Follower
from realtime.models import FollowerPosition
from tests.servers import wait_until

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


def fill(stream: str, *values: Any) -> None:
    for value in values:
        events.publish(stream, "thing", value)


def reader(name: str = "f", **options: Any) -> tuple[Follower, list[tuple[str, int, Any]]]:
    """A follower and what it was given."""
    seen: list[tuple[str, int, Any]] = []

    def handle(event: FollowedEvent) -> None:
        seen.append((event.stream, event.seq, event.frame["data"]))

    return Follower(name, handle, **options), seen


def retry_now() -> None:
    FollowerPosition.objects.exclude(retry_at=None).update(retry_at=timezone.now())


def test_it_begins_where_the_log_stands() -> None:
    """New streams from their first event."""
    fill("a", 1, 2)
    follower, seen = reader()
    assert follower.run_once() == 0
    fill("a", 3)
    fill("b", 4, 5)
    assert follower.run_once() == 3
    assert sorted(seen) == [("a", 3, 3), ("b", 1, 4), ("b", 2, 5)]
    assert follower.run_once() == 0


def test_it_may_begin_at_the_start() -> None:
    """With all that is kept, page after page."""
    fill("a", *range(250))
    follower, seen = reader(from_start=True)
    while follower.run_once():
        pass
    assert seen == [("a", seq, seq - 1) for seq in range(1, 251)]


def test_each_name_has_its_own_positions() -> None:
    """Another process with the same name goes on where the first one was."""
    first, seen_by_first = reader("one")
    again, seen_again = reader("one")
    other, seen_by_other = reader("two", from_start=True)
    first.run_once()
    fill("a", 1)
    first.run_once()
    again.run_once()
    other.run_once()
    assert (seen_by_first, seen_again, seen_by_other) == ([("a", 1, 1)], [], [("a", 1, 1)])


def test_a_failure_is_tried_again_later(caplog: pytest.LogCaptureFixture) -> None:
    """What came before it counts, its own writes don't, its stream waits, others go on; the log has it once."""
    seen: list[Any] = []
    is_ill = True

    def handle(event: FollowedEvent) -> None:
        if event.frame["data"] == "bad":
            ContentType.objects.create(app_label="weather", model="rain")
            if is_ill:
                raise ZeroDivisionError
        seen.append(event.frame["data"])

    follower = Follower("f", handle, from_start=True)
    fill("a", 1, "bad", 3)
    follower.run_once()
    assert seen == [1]
    assert not ContentType.objects.filter(app_label="weather").exists()
    fill("b", "other")
    assert follower.run_once() == 1
    retry_now()
    follower.run_once()
    assert seen == [1, "other"]
    assert caplog.text.count("could not handle event 2 of a") == 1
    is_ill = False
    retry_now()
    assert follower.run_once() == 2
    assert seen == [1, "other", "bad", 3]
    assert ContentType.objects.filter(app_label="weather").exists()


def test_pauses_grow_to_a_minute() -> None:
    """From a second on."""

    def fail(event: FollowedEvent) -> None:
        raise ZeroDivisionError

    follower = Follower("f", fail, from_start=True)
    fill("a", 1)
    pauses = []
    for _ in range(9):
        begun = timezone.now()
        follower.run_once()
        retry_at = FollowerPosition.objects.get(follower="f", stream="a").retry_at
        assert retry_at is not None
        pauses.append(round((retry_at - begun).total_seconds()))
        retry_now()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_hopeless_event_is_skipped(caplog: pytest.LogCaptureFixture) -> None:
    """After so many tries; nothing stops a stream for ever."""
    seen: list[Any] = []

    def handle(event: FollowedEvent) -> None:
        if event.seq == 1:
            raise ZeroDivisionError
        seen.append(event.seq)

    follower = Follower("f", handle, from_start=True, max_attempts=3)
    fill("a", 1, 2)
    for _ in range(3):
        follower.run_once()
        retry_now()
    assert seen == [2]
    assert "f skips event 1 of a" in caplog.text


def test_events_that_were_pruned_are_a_gap() -> None:
    """It is told, and goes on with the oldest kept."""
    gaps: list[tuple[str, int]] = []
    follower, seen = reader(from_start=True, on_gap=lambda stream, seq: gaps.append((stream, seq)))
    fill("a", 1, 2)
    retention.prune(timezone.now() + timedelta(seconds=1))
    fill("a", 3)
    follower.run_once()
    assert (gaps, seen) == ([("a", 3)], [("a", 3, 3)])


def test_a_gap_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """However often its event is tried; where that raises, it is logged and tried again, as the event is."""
    calls: list[int | str] = []

    def fail_once(name: int | str) -> None:
        calls.append(name)
        if calls.count(name) == 1:
            raise RuntimeError("no")

    follower = Follower(
        "f", lambda event: fail_once("handle"), from_start=True, on_gap=lambda stream, seq: fail_once(seq)
    )
    fill("a", 1, 2)
    retention.prune(timezone.now() + timedelta(seconds=1))
    fill("a", 3)
    for _ in range(4):
        follower.run_once()
        retry_now()
    assert calls == [3, 3, "handle", "handle"]
    assert caplog.text.count("f could not handle event 3 of a yet") == 1


def test_what_it_has_not_handled_is_not_pruned() -> None:
    """From its first run on."""
    follower, seen = reader()
    follower.run_once()
    fill("a", 1, 2)
    assert retention.prune(timezone.now() + timedelta(seconds=1)) == 0
    follower.run_once()
    assert retention.prune(timezone.now() + timedelta(seconds=1)) == 2
    assert len(seen) == 2


def test_several_processes_share_the_work() -> None:
    """Each event is handled once, those of a stream in order, by any of the processes."""
    expected = 4 * 30
    seen: list[tuple[str, int]] = []
    lock = threading.Lock()

    def handle(event: FollowedEvent) -> None:
        with lock:
            seen.append((event.stream, event.seq))

    stop = threading.Event()

    def work() -> None:
        try:
            Follower("f", handle, from_start=True).run(stop, poll_seconds=0.05)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(30):
        for stream in "abcd":
            fill(stream, number)
    wait_until(lambda: len(seen) >= expected, what="all events to be handled")
    stop.set()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted({(stream, seq) for stream in "abcd" for seq in range(1, 31)})
    for stream in "abcd":
        assert [seq for name, seq in seen if name == stream] == list(range(1, 31))


def test_it_is_woken_by_its_own_process() -> None:
    """Long before it would look again."""
    handled = threading.Event()
    stop = threading.Event()
    started = threading.Event()

    def handle(event: FollowedEvent) -> None:
        (handled if event.stream == "b" else started).set()

    def work() -> None:
        try:
            Follower("f", handle, from_start=True).run(stop, poll_seconds=60)
        finally:
            connection.close()

    fill("a", 1)
    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert started.wait(10)
        fill("b", 1)
        assert handled.wait(10)
    finally:
        stop.set()
        fill("a", 2)
        thread.join()
