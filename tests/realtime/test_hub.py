"""One process's hub with a real log: one bad thing never stops a good one."""

import asyncio
import itertools
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from realtime import events
from realtime.delivery import presence
from realtime.delivery.fanout import WORTH_A_RING
from realtime.delivery.hub import Hub, get_hub
from realtime.events import StoredEvent
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.messages import MAX_POSITIONS, Hello
from realtime.transport.io_uring import SubmissionRing
from tests.realtime.hub_worlds import ALICE, BOB, Start, publish, rights, streams_of, write_silently
from tests.realtime.hubs import connect, ready, until
from tests.realtime.rings import needs_io_uring

pytestmark = pytest.mark.django_db(transaction=True)

# One bad event, one bad socket


@pytest.mark.parametrize("has_ring", [False, pytest.param(True, marks=needs_io_uring)])
async def test_an_outlet_that_raises_is_closed_alone(start: Start, has_ring: bool) -> None:
    """The others get this event and all that follow; the client comes back and resumes."""
    hub = await start()
    hub._fan_out.ring = SubmissionRing() if has_ring else None
    readers = [await ready(hub, user_id) for user_id in (ALICE, BOB) * (WORTH_A_RING // 2 + 1)]
    readers[1].fails = OSError("no")
    for _ in range(3):
        await publish("list")
    await until(lambda: all(reader.seqs("list") == [1, 2, 3] for reader in readers if reader is not readers[1]))
    assert readers[1].code == CloseCode.GOING_AWAY
    assert [reader.code for reader in readers if reader is not readers[1]] == [None] * (len(readers) - 1)
    assert len(hub.connections) == len(readers) - 1


async def test_a_heartbeat_that_fails_stops_no_other(start: Start) -> None:
    """Each of many connections gets its own, but for the one that is closed."""
    hub = await start(heartbeat_seconds=1)
    readers = [await ready(hub, ALICE) for _ in range(20)]
    bad = next(iter(hub.connections)).outlet  # the first one of a round
    bad.fails = OSError("no")  # type: ignore[attr-defined]
    for reader in readers:
        reader.frames.clear()
    await until(lambda: all(reader.of("heartbeat") for reader in readers if reader is not bad))
    assert [reader.code for reader in readers if reader.code] == [CloseCode.GOING_AWAY]


async def test_an_event_that_cannot_be_encoded_stops_nothing(start: Start) -> None:
    """Half a surrogate pair, say: its readers resume from the log, and the stream goes on."""
    hub = await start()
    reader = await ready(hub, ALICE)
    hub.feeds.offer("list", [StoredEvent(1, '{"a":"\ud800"}', None, 0.0)])
    await until(lambda: reader.code == CloseCode.GOING_AWAY)
    await write_silently("list", 1)
    other = await ready(hub, BOB)
    await publish("list")
    await until(lambda: other.seqs("list") == [2])


@pytest.mark.parametrize("effect", ["leave", 7, {"leave": 7}, {"refresh": [[1]]}, {"reconnect": None}], ids=repr)
async def test_an_effect_that_fails_stops_nothing(start: Start, effect: Any) -> None:
    """It may have been a removal, so the readers come back and their rights are looked up."""
    hub = await start()
    reader = await ready(hub, ALICE)
    text = '{"type":"thing","stream":"list","seq":1,"data":1}'
    await write_silently("list", 1)
    hub.feeds.offer("list", [StoredEvent(1, text, effect, 0.0)])
    await until(lambda: reader.code == CloseCode.GOING_AWAY)
    other = await ready(hub, BOB)
    await publish("list")
    await until(lambda: other.seqs("list") == [2])


async def test_what_is_received_and_not_sent_is_found(
    start: Start, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted and told, and sent after all."""
    hub = await start()
    reader = await ready(hub, ALICE)
    with monkeypatch.context() as broken:
        broken.setattr(hub._fan_out, "pump", lambda feed: None)
        await publish("list")
        await until(lambda: "received and not sent" in caplog.text)
    await until(lambda: reader.seqs("list") == [1])


# Large hellos


async def test_many_positions_do_not_block_the_loop(start: Start) -> None:
    """As many as one hello may have, all of streams that the person may not read."""
    hub = await start(heartbeat_seconds=60)
    epoch = await hub.query(events.epoch)
    longest = 0.0
    done = False

    async def watch() -> None:
        nonlocal longest
        while not done:
            began = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - began)

    watching = asyncio.create_task(watch())
    positions = {f"s.{number}": number for number in range(MAX_POSITIONS)}
    reader = connect(hub, ALICE, hello=Hello(epoch=epoch, positions=positions))
    await until(lambda: reader.of("caught_up"), 30)
    done = True
    await watching
    assert len(reader.of("left")) == MAX_POSITIONS
    assert longest < 0.2


# The database away


@pytest.mark.timeout(60)
async def test_heartbeats_and_expiry_while_the_database_hangs(
    start: Start, monkeypatch: pytest.MonkeyPatch, show: Callable[[str], None]
) -> None:
    """Each in its time: they need no database, and wait for nothing that does."""
    hangs = asyncio.Event()
    loop = asyncio.get_running_loop()
    hub = await start(heartbeat_seconds=1)
    reader = await ready(hub, ALICE)
    expiring = await ready(hub, BOB, expires_at=time.time() + 1)

    def hang(*args: Any) -> Any:
        asyncio.run_coroutine_threadsafe(hangs.wait(), loop).result()
        raise OperationalError("it hung")

    monkeypatch.setattr(presence, "report", hang)
    monkeypatch.setattr("realtime.delivery.log_watcher._epoch_and_heads", hang)
    monkeypatch.setattr("realtime.delivery.rights.config", lambda: pytest.fail("not asked"))
    times: list[float] = []
    reader.on_write = lambda: times.append(time.monotonic())
    await until(lambda: len(times) >= 4 and expiring.code, 20)
    pauses = [after - before for before, after in itertools.pairwise(times)]
    show(f"heartbeats each second while the database hangs: {min(pauses):.2f} to {max(pauses):.2f} s apart")
    assert expiring.code == CloseCode.NOT_SIGNED_IN
    hangs.set()


async def test_an_outage_is_told_once(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When it begins, without a traceback, and with a count when it is over."""
    hub = await start(poll_seconds=0.05)
    await ready(hub, ALICE)
    failures = 0

    def fail(streams: Any) -> Any:
        nonlocal failures
        failures += 1
        raise OperationalError("connection refused\nIs the server running?")

    with monkeypatch.context() as broken:
        broken.setattr("realtime.delivery.log_watcher._epoch_and_heads", fail)
        await until(lambda: failures > 5)
    await until(lambda: "this is over" in caplog.text)
    records = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.getMessage().partition(", after")[0] for record in records] == [
        "The event log can't be read: connection refused",
        "The event log can't be read: this is over",
    ]
    assert all(record.exc_info is None for record in records)


# Its life


@pytest.mark.parametrize(("count", "wanted"), [(1, 1.0), (3, 1.0), (400, 1.0), (9000, 3.0)])
async def test_a_drain_takes_its_time(start: Start, show: Callable[[str], None], count: int, wanted: float) -> None:
    """Neither more nor less, however many connections there are; they are closed evenly."""
    hub = await start()
    readers = [connect(hub, ALICE) for _ in range(count)]
    await until(lambda: all(reader.of("ready") for reader in readers), 60)
    began = time.monotonic()
    draining = asyncio.create_task(hub.drain(wanted))
    await asyncio.sleep(wanted / 2)
    halfway = sum(reader.code is not None for reader in readers)
    await draining
    seconds = time.monotonic() - began
    show(f"a drain of {count} connections in {wanted:g} s took {seconds:.2f} s, {halfway} of them within half of it")
    assert all(reader.code == CloseCode.GOING_AWAY for reader in readers)
    assert seconds < wanted + 5
    if count > 100:
        assert seconds > 0.8 * wanted
        assert 0.1 * count < halfway < 0.9 * count


async def test_a_drain_without_time_closes_at_once(start: Start) -> None:
    """And a connection that signs in while it goes on is closed too."""
    hub = await start()
    readers = [connect(hub, ALICE) for _ in range(10)]
    await hub.drain(0)
    late = connect(hub, BOB)
    assert {reader.code for reader in (*readers, late)} == {CloseCode.GOING_AWAY}


async def test_it_may_be_stopped_and_started(start: Start) -> None:
    """With what it needs made again; what is published meanwhile is in the log."""
    hub = await start()
    reader = await ready(hub, ALICE)
    await hub.stop()
    assert reader.code == CloseCode.GOING_AWAY
    assert not hub.connections
    assert not hub.is_running
    await publish("list")
    hub.start()
    reader = await ready(hub, ALICE)
    await publish("list")
    await until(lambda: reader.seqs("list") == [2])


def test_each_loop_has_a_hub_of_its_own(transactional_db: None, settings: Any) -> None:
    """An adopter's second socket test, in another loop, gets its events."""
    rights.update({ALICE: {"list"}})
    settings.REALTIME = {"STREAMS_OF": streams_of}

    async def use_it() -> Hub:
        hub = get_hub()
        assert not hub.is_running
        hub.start()
        assert get_hub() is hub
        assert await sync_to_async(get_hub)() is hub
        reader = await ready(hub, ALICE)
        before = reader.of("ready")[0]["positions"]["list"]
        await publish("list")
        await until(lambda: reader.seqs("list") == [before + 1])
        await hub.stop()
        return hub

    first, second = asyncio.run(use_it()), asyncio.run(use_it())
    assert first is not second
    events.publish("list", "thing", "after both")


async def test_a_hub_whose_loop_is_gone_takes_no_events(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """A later commit does not stumble over it."""
    hubs: list[Hub] = []

    def run() -> None:
        async def begin() -> None:
            hubs.append(Hub())
            hubs[0].start()
            await asyncio.sleep(0.05)

        asyncio.run(begin())

    await asyncio.to_thread(run)
    await publish("list")
    assert "closed" not in caplog.text
    hubs[0].threads.stop()
    events.listeners.unregister(hubs[0].deliver)
