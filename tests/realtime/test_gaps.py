"""Numbers that the log does not confirm, or that are missing: the hub looks into the log, and goes on."""

import asyncio
from collections.abc import Collection
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from realtime import events
from realtime.delivery.feeds import PAGE_CHARACTERS
from realtime.models import Event, Log, Stream
from realtime.protocol.close_codes import CloseCode
from tests.realtime.hub_worlds import ALICE, BOB, Start, fake, publish, write_silently
from tests.realtime.hubs import ready, until

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_number_far_ahead_costs_one_look_into_the_log(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log's head does not confirm it, so it is dropped; the events after it arrive without the log."""
    hub = await start(poll_seconds=60)
    reader = await ready(hub, ALICE)
    hub.feeds.offer("list", [fake("list", 10**9)])
    await until(lambda: "has not reached" in caplog.text)
    monkeypatch.setattr("realtime.delivery.feeds._read_page", lambda stream, after: pytest.fail("the log was read"))
    for _ in range(5):
        await publish("list")
    await until(lambda: reader.seqs("list") == [1, 2, 3, 4, 5])


async def test_a_gap_is_filled_from_the_log(start: Start) -> None:
    """What is behind it is confirmed, and waits for the missing ones."""
    hub = await start(poll_seconds=60)
    reader = await ready(hub, ALICE)
    await write_silently("list", 1, 2, 3)
    hub.feeds.offer("list", [fake("list", 3)])
    await until(lambda: reader.seqs("list") == [1, 2, 3])


async def test_a_gap_that_is_larger_than_a_page(start: Start) -> None:
    """Its events are read in pages that end by their size. None of them counts as pruned."""
    hub = await start(poll_seconds=60)
    reader = await ready(hub, ALICE)
    await sync_to_async(_write_large)(8, size=PAGE_CHARACTERS // 3)
    hub.feeds.offer("list", [fake("list", 8)])
    await until(lambda: reader.seqs("list") == [*range(1, 9)])
    assert not reader.of("reset")


def _write_large(count: int, *, size: int) -> None:
    """Events that nobody is told of."""
    for seq in range(1, count + 1):
        text = f'{{"type":"thing","stream":"list","seq":{seq},"data":"{"x" * size}"}}'
        Event.objects.create(stream="list", seq=seq, at="2026-01-01T00:00:00Z", text=text)
    Stream.objects.update_or_create(name="list", defaults={"head": count})


async def test_a_gap_behind_which_a_feed_opens_is_filled(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two events after the stream's head was read, only the second one arrives."""
    hub = await start(poll_seconds=60)
    await until(lambda: hub.feeds.epoch)  # the log has been compared, and is not for a minute
    loop, read_heads = asyncio.get_running_loop(), events.heads

    def heads(streams: Collection[str]) -> dict[str, int]:
        found = read_heads(streams)
        if "list" in found and not found["list"]:
            asyncio.run_coroutine_threadsafe(write_silently("list", 1, 2), loop).result()
            loop.call_soon_threadsafe(hub.feeds.offer, "list", [fake("list", 2)])
        return found

    monkeypatch.setattr(events, "heads", heads)
    reader = await ready(hub, ALICE)
    await until(lambda: reader.seqs("list") == [1, 2])


async def test_a_log_that_ends_before_what_was_received(start: Start) -> None:
    """Restored without a new epoch, or a message that was not of this log: this stream's clients fetch a snapshot."""
    hub = await start()
    reader = await ready(hub, ALICE)
    hub.feeds.offer("list", [fake("list", 1)])
    await until(lambda: reader.of("reset"))
    assert reader.of("reset")[0] == {"type": "reset", "stream": "list", "reason": "ahead", "seq": 0}
    await publish("list", "right")
    await until(lambda: len(reader.seqs("list")) == 2)
    assert reader.code is None


async def test_events_that_were_pruned_before_they_were_read(start: Start) -> None:
    """Also where no event comes after them."""
    hub = await start()
    reader = await ready(hub, ALICE)
    await write_silently("list", head=90)
    await until(lambda: reader.of("reset"))
    assert reader.of("reset")[0] == {"type": "reset", "stream": "list", "reason": "pruned", "seq": 90}
    await publish("list")
    await until(lambda: reader.seqs("list") == [91])


async def test_events_that_are_missing_in_the_middle_of_the_log(start: Start) -> None:
    """They are not waited for; a snapshot has what they said."""
    hub = await start()
    reader = await ready(hub, ALICE)
    await write_silently("list", 1, 2, 5, 6)
    await until(lambda: reader.seqs("list")[-1:] == [6])
    assert [frame["seq"] for frame in reader.of("reset")] == [4]


async def test_a_feed_that_is_forgotten_while_its_log_is_read(start: Start, settings: Any) -> None:
    """The reading ends with the feed."""
    hub = await start(poll_seconds=60)
    (feed,) = await hub.feeds.follow(["busy"])
    await write_silently("busy", *range(1, 502))
    reading = asyncio.create_task(hub.feeds.catch_up(feed, "poll"))
    await asyncio.sleep(0)
    hub.feeds.clear(hub.feeds.epoch)
    async with asyncio.timeout(5):
        await reading
    (feed,) = await hub.feeds.follow(["busy"])
    assert feed.received_seq == 501


async def test_another_epoch_sends_everybody_for_a_snapshot(start: Start) -> None:
    """The log was restored."""
    hub = await start()
    reader = await ready(hub, ALICE)
    await sync_to_async(Log.objects.update)(epoch="another")
    await until(lambda: reader.code == CloseCode.GOING_AWAY)
    await until(lambda: hub.feeds.epoch == "another")
    assert (await ready(hub, BOB)).of("ready")[0]["epoch"] == "another"
    await until(lambda: hub.link._desired == {feed.stream for feed in hub.feeds})
    assert "user.1" not in hub.link._desired, "nobody follows it in this log"
