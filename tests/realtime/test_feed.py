"""A feed puts one stream's events in order, whatever the order and number in which they arrive."""

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.delivery.fanout import CHUNK, LONGEST_REST_SECONDS, MANY_SOCKETS, FanOut
from realtime.delivery.feed import HISTORY_CHARACTERS, MAX_WAITING, Feed
from realtime.events import StoredEvent
from realtime.protocol.payload import Payload
from tests.clients.frames import texts_of

ALL = 1_000_000


def event(seq: int, *, text: str = "", effect: bool = False) -> StoredEvent:
    return StoredEvent(seq, text or f"event {seq}", {"leave": "*"} if effect else None)


def feed_at(head: int, history_size: int = 256) -> Feed:
    feed = Feed("s", history_size)
    feed.open(head)
    return feed


def sent(feed: Feed, characters: int = ALL) -> list[list[int]]:
    """The numbers of all that is ready to go out, batch by batch."""
    batches = []
    while batch := feed.next_batch(characters):
        batches.append([event.seq for event in batch])
    return batches


def test_what_is_next_goes_out() -> None:
    """In one run, once."""
    feed = feed_at(5)
    feed.offer([event(6), event(7)])
    assert (feed.received_seq, feed.sent_seq, feed.has_backlog) == (7, 5, True)
    assert sent(feed) == [[6, 7]]
    assert (feed.received_seq, feed.sent_seq, feed.has_backlog) == (7, 7, False)
    assert sent(feed) == []


def test_what_was_received_before_is_passed_over() -> None:
    """The echo of one's own events, and what the log tells once more."""
    feed = feed_at(5)
    feed.offer([event(4), event(5), event(6), event(6)])
    feed.offer([event(6), event(5)])
    assert sent(feed) == [[6]]
    feed.offer([event(6)])
    assert sent(feed) == []
    assert not feed.has_gap


def test_nothing_passes_a_gap() -> None:
    """It waits until the hole is filled, be it from the log, with what is known already."""
    feed = feed_at(5)
    feed.offer([event(8), event(7)])
    assert (feed.has_gap, feed.has_backlog, feed.received_seq) == (True, False, 5)
    feed.offer([event(10)])
    feed.offer([event(6), event(7), event(8)])
    assert sent(feed) == [[6, 7, 8]]
    assert feed.has_gap
    feed.offer([event(9)])
    assert sent(feed) == [[9, 10]]
    assert not feed.has_gap


def test_what_comes_before_it_opens_falls_into_place() -> None:
    """Its place in the stream is asked for while events arrive already."""
    feed = Feed("s", 256)
    assert not feed.is_open
    feed.offer([event(7), event(5)])
    feed.offer([event(6)])
    assert sent(feed) == []
    feed.open(5)
    assert feed.is_open
    assert sent(feed) == [[6, 7]]
    assert not feed.has_gap


@given(st.integers(0, 5), st.lists(st.lists(st.integers(1, 12), max_size=6), max_size=12), st.integers(1, 40))
@settings(deadline=None, derandomize=True)
def test_any_order_comes_out_in_order(head: int, batches: list[list[int]], characters: int) -> None:
    """Each event once, none missing before another, and a hole is seen where there is one."""
    feed = feed_at(head)
    out: list[int] = []
    told: set[int] = set()
    for batch in batches:
        told.update(batch)
        feed.offer([event(seq, effect=seq % 3 == 0) for seq in batch])
        reachable = head
        while reachable + 1 in told:
            reachable += 1
        assert feed.received_seq == reachable
        assert feed.has_gap == any(seq > reachable for seq in told)
        for going in sent(feed, characters):
            out += going
            assert all(seq % 3 for seq in going[:-1])
        assert out == list(range(head + 1, reachable + 1))
        assert feed.sent_seq == reachable


def test_a_batch_ends_with_an_event_that_has_an_effect() -> None:
    """The effect comes before the next event goes out."""
    feed = feed_at(0)
    feed.offer([event(1), event(2, effect=True), event(3, effect=True), event(4)])
    assert sent(feed) == [[1, 2], [3], [4]]


def test_a_batch_has_a_size() -> None:
    """One event goes out however long it is."""
    feed = feed_at(0)
    feed.offer([event(seq, text="x" * 100) for seq in range(1, 6)])
    feed.offer([event(6, text="x" * 5000), event(7)])
    assert sent(feed, 250) == [[1, 2, 3], [4, 5, 6], [7]]


def test_little_waits_behind_a_gap() -> None:
    """What does not fit is left to the log, and the hole still stands for it."""
    feed = feed_at(0)
    feed.offer(event(seq) for seq in range(2, 3 * MAX_WAITING))
    feed.offer([event(1)])
    assert sent(feed) == [list(range(1, MAX_WAITING + 2))]
    feed.offer([event(3 * MAX_WAITING)])
    assert feed.has_gap
    feed.offer(event(seq) for seq in range(MAX_WAITING + 2, 3 * MAX_WAITING))
    assert feed.received_seq == 3 * MAX_WAITING
    assert not feed.has_gap


def test_little_waits_before_it_opens() -> None:
    """A stream that is slow to open holds no more than one with a hole."""
    feed = Feed("s", 256)
    feed.offer(event(seq) for seq in range(1, 3 * MAX_WAITING))
    feed.open(0)
    assert feed.received_seq == MAX_WAITING


def test_recent_events_are_at_hand() -> None:
    """For those who come back, if they were not away for longer than memory reaches."""
    feed = feed_at(10, history_size=3)
    assert feed.history_since(10) == []
    assert feed.history_since(9) is None
    feed.offer([event(11), event(12)])
    assert feed.history_since(10) == []  # nothing of it has gone out
    sent(feed)
    assert feed.history_since(10) == [event(11), event(12)]
    assert feed.history_since(11) == [event(12)]
    assert feed.history_since(12) == []
    feed.offer([event(13), event(14)])
    sent(feed)
    assert feed.history_since(10) is None
    assert feed.history_since(11) == [event(12), event(13), event(14)]


def test_recent_events_take_little_memory() -> None:
    """Long ones push out more than one before them; one that is too long is not kept."""
    feed = feed_at(0)
    part = HISTORY_CHARACTERS // 4
    feed.offer([event(seq, text="x" * part) for seq in range(1, 5)])
    sent(feed)
    assert feed.history_since(0) is not None
    feed.offer([event(5, text="x" * (2 * part))])
    sent(feed)
    assert feed.history_since(1) is None
    assert [each.seq for each in feed.history_since(2) or ()] == [3, 4, 5]
    feed.offer([event(6, text="x" * (HISTORY_CHARACTERS + 1))])
    sent(feed)
    assert feed.history_since(5) is None
    feed.offer([event(7)])
    sent(feed)
    assert feed.history_since(6) == [event(7)]


def test_what_was_pruned_is_skipped() -> None:
    """It goes on behind it, and forgets what can't be told without it."""
    feed = feed_at(2)
    feed.offer([event(3)])
    sent(feed)
    feed.offer([event(4), event(11), event(12)])
    feed.skip_to(10)
    assert sent(feed) == [[11, 12]]
    assert feed.history_since(3) is None
    assert feed.history_since(10) == [event(11), event(12)]


def test_it_is_idle_without_connections_for_a_while() -> None:
    """One that has not opened yet is about to be followed."""
    feed = Feed("s", 256)
    feed.idle_since = 100.0
    assert not feed.is_idle_since(101.0)
    feed.open(0)
    assert feed.is_idle_since(101.0)
    assert not feed.is_idle_since(100.0)
    feed.add(object())  # type: ignore[arg-type]
    assert not feed.is_idle_since(101.0)


class Follower:
    def __init__(self, outlet: Any) -> None:
        self.outlet = outlet


def test_chunks_hold_each_connection_once() -> None:
    """They are the same objects while no connection is added or removed, which is what makes them cheap."""
    feed = Feed("s", 256)
    fan_out = FanOut()
    assert fan_out.recipient_chunks(feed) == []
    connections: list[Any] = [Follower(number) for number in range(2 * CHUNK + 1)]
    for connection in connections:
        feed.add(connection)
    chunks = fan_out.recipient_chunks(feed)
    assert [len(chunk.targets) for chunk in chunks] == [CHUNK, CHUNK, 1]
    assert targets(fan_out, feed) == list(range(2 * CHUNK + 1))
    assert fan_out.recipient_chunks(feed) is chunks
    feed.discard(connections[0])
    assert targets(fan_out, feed) == list(range(1, 2 * CHUNK + 1))
    feed.add(connections[0])
    assert targets(fan_out, feed) == list(range(2 * CHUNK + 1))


class SlowOutlet:
    """Keeps how many events each write has. A write takes a tenth of a millisecond on the loop's clock."""

    sqe_header = 0

    def __init__(self) -> None:
        self.now = 100.0
        self.batches: list[int] = []

    def write(self, payload: Payload) -> None:
        self.batches.append(len(payload.texts))
        self.now += 0.0001


@pytest.mark.parametrize(("sockets", "batches"), [(2 * MANY_SOCKETS, [1, 1, 2, 1]), (2, [1, 1, 1, 1, 1])])
async def test_events_in_quick_succession_to_many_sockets_share_a_batch(
    sockets: int, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first ones go out at once; those right behind them wait a moment for more. After a silence none waits."""
    feed, fan_out, outlet = feed_at(0), FanOut(), SlowOutlet()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: outlet.now)
    for _ in range(sockets):
        feed.add(Follower(outlet))  # type: ignore[arg-type]
    for seq in (1, 2, 3, 4):
        feed.offer([event(seq)])
        fan_out.send(feed)
    outlet.now += 1
    while feed.is_sending:  # noqa: ASYNC110 -- for some turns of the loop
        await asyncio.sleep(0)
    outlet.now += 1
    feed.offer([event(5)])
    fan_out.send(feed)
    assert outlet.batches[::sockets] == batches


async def test_a_rest_that_brings_one_event_is_not_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that follow each other one by one, each as soon as the last client has the one before, do not wait."""
    feed, fan_out, outlet = feed_at(0), FanOut(), SlowOutlet()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: outlet.now)
    for _ in range(2 * MANY_SOCKETS):
        feed.add(Follower(outlet))  # type: ignore[arg-type]
    for seq in (1, 2, 3):
        feed.offer([event(seq)])
        fan_out.send(feed)
    assert outlet.batches[:: 2 * MANY_SOCKETS] == [1, 1], "the third waits"
    outlet.now += LONGEST_REST_SECONDS
    while feed.is_sending:  # noqa: ASYNC110 -- for some turns of the loop
        await asyncio.sleep(0)
    feed.offer([event(4)])
    fan_out.send(feed)
    assert outlet.batches[:: 2 * MANY_SOCKETS] == [1, 1, 1, 1]


def targets(fan_out: FanOut, feed: Feed) -> list[Any]:
    return sorted(itertools.chain.from_iterable(chunk.targets for chunk in fan_out.recipient_chunks(feed)))


def test_a_payload_is_its_texts_as_frames() -> None:
    """One after the other; the texts themselves are there too, for servers that make frames of their own."""
    payload = Payload(["one", "zwei 🎉"])
    assert texts_of(payload) == ["one", "zwei 🎉"]
    assert payload.texts == ["one", "zwei 🎉"]
