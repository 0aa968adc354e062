"""One process's hub with a real log: one bad thing never stops a good one."""

import asyncio
import itertools
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import OperationalError

from realtime import events
from realtime.delivery import presence
from realtime.delivery.hub import Hub, get_hub
from realtime.events import StoredEvent
from realtime.models import Event, Log, Stream
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.messages import MAX_POSITIONS, Hello
from tests.realtime.hubs import Reader, connect, ready, until

pytestmark = pytest.mark.django_db(transaction=True)

ALICE, BOB = 1, 2

rights: dict[Any, Any] = {}


def streams_of(user_ids: Any) -> dict[Any, Any]:
    return {user_id: rights[user_id] for user_id in user_ids if user_id in rights}


Start = Callable[..., Awaitable[Hub]]


@pytest_asyncio.fixture
async def start(settings: Any) -> AsyncIterator[Start]:
    """await start(poll_seconds=...): a running hub. `rights` says who may read what."""
    hubs: list[Hub] = []
    rights.clear()
    rights.update({ALICE: {"list", "user.1"}, BOB: {"list", "user.2"}})

    async def start(**options: Any) -> Hub:
        given = {name.upper(): value for name, value in options.items()}
        settings.REALTIME = {"STREAMS_OF": streams_of, "GAP_SECONDS": 0.02, "POLL_SECONDS": 0.2, **given}
        hubs.append(Hub())
        hubs[-1].start()
        return hubs[-1]

    yield start
    for hub in hubs:
        await hub.stop()


async def publish(stream: str, data: Any = "x", **effect: Any) -> None:
    await sync_to_async(events.publish)(stream, "thing", data, **effect)


async def write_silently(stream: str, *seqs: int, head: int | None = None) -> None:
    """Events that no broker tells of."""

    def write() -> None:
        for seq in seqs:
            text = f'{{"type":"thing","stream":"{stream}","seq":{seq},"data":"silent"}}'
            Event.objects.create(stream=stream, seq=seq, at="2026-01-01T00:00:00Z", text=text)
        newest = head or max(seqs)
        Stream.objects.update_or_create(name=stream, defaults={"head": newest})

    await sync_to_async(write)()


def fake(stream: str, seq: int, **effect: Any) -> StoredEvent:
    text = f'{{"type":"thing","stream":"{stream}","seq":{seq},"data":"fake"}}'
    return StoredEvent(seq, text, effect or None, time.time())


# One bad event, one bad socket


async def test_an_outlet_that_raises_is_closed_alone(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """The others get this event and all that follow; the client comes back and resumes."""
    hub = await start()
    readers = [await ready(hub, user_id) for user_id in (ALICE, BOB, ALICE, BOB)]
    readers[1].fails = OSError("no")
    for _ in range(3):
        await publish("list")
    await until(lambda: all(reader.seqs("list") == [1, 2, 3] for reader in readers if reader is not readers[1]))
    assert readers[1].code == CloseCode.GOING_AWAY
    assert [reader.code for reader in readers if reader is not readers[1]] == [None] * 3
    assert len(hub.connections) == 3


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


# Numbers that the log does not confirm


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


# Rights


async def test_nothing_comes_after_left(start: Start) -> None:
    """Also where a batch is on its way in chunks when the connection is detached."""
    hub = await start()
    hub._fan_out.chunk = 1
    readers = [await ready(hub, ALICE) for _ in range(6)]
    removed: list[Reader] = []

    def detach_the_others(first: Reader) -> None:
        if removed or not first.seqs("list"):
            return
        for connection in list(hub.connections):
            reader = connection.outlet
            if isinstance(reader, Reader) and not reader.seqs("list"):
                removed.append(reader)
                hub.subscriptions._leave(connection, "list")

    for reader in readers:
        reader.on_write = lambda reader=reader: detach_the_others(reader)  # type: ignore[misc]
    await publish("list")
    await until(lambda: sum(bool(reader.seqs("list")) for reader in readers) + len(removed) == 6)
    await publish("user.1")
    await until(lambda: all(reader.seqs("user.1") for reader in readers))
    assert removed
    for reader in removed:
        assert reader.of("left") == [{"type": "left", "stream": "list"}]
        assert reader.seqs("list") == []


async def test_a_replay_begins_where_the_right_began(start: Start) -> None:
    """What happened in the list before the person was let in is not for them, though the log has it."""
    hub = await start()
    for title in ("secret", "deleted", "joined", "public"):
        await publish("list", title)
    epoch = await hub.query(events.epoch)
    rights[ALICE] = {"list": 3, "user.1": 0}
    early = await ready(hub, ALICE, hello=Hello(epoch=epoch, positions={"list": 0, "user.1": 0}))
    await until(lambda: early.of("caught_up"))
    assert early.of("reset") == [{"type": "reset", "stream": "list", "reason": "access", "seq": 4}]
    assert early.seqs("list") == []
    right = await ready(hub, ALICE, hello=Hello(epoch=epoch, positions={"list": 2}))
    await until(lambda: right.of("caught_up"))
    assert [frame["data"] for frame in right.of("thing")] == ["joined", "public"]
    assert right.of("reset") == []


async def test_a_feed_that_is_behind_shows_nothing_from_before_the_right(start: Start) -> None:
    """The broker has told nothing yet of what was before: it goes to the others, and not to the newcomer."""
    hub = await start(poll_seconds=60)
    other = await ready(hub, BOB)
    await write_silently("list", 1, 2, 3)
    rights[ALICE] = {"list": 3}
    newcomer = await ready(hub, ALICE)
    await publish("list")
    await until(lambda: other.seqs("list") == [1, 2, 3, 4] and newcomer.seqs("list") == [4])
    assert newcomer.of("ready")[0]["positions"]["list"] == 3


async def test_user_ids_that_are_uuids(start: Start) -> None:
    """In an event they are text; both are the same person."""
    key = uuid.uuid4()
    rights[key] = {"list"}
    hub = await start()
    reader = await ready(hub, key)
    assert reader.of("ready")[0]["user"] == str(key)
    rights[key] = {"list", "more"}
    await publish("list", refresh=[key])
    await until(lambda: reader.of("joined"))
    await publish("list", leave=[str(key)])
    await until(lambda: {"type": "left", "stream": "list"} in reader.frames)
    await publish("more", reconnect=[key])
    await until(lambda: reader.code == CloseCode.GOING_AWAY)


async def test_a_sign_in_that_ends_gets_no_event_any_more(start: Start) -> None:
    """Closed with 4503, to show again who it is; one who may not connect any more is closed with 4403."""
    hub = await start()
    alice, bob = await ready(hub, ALICE), await ready(hub, BOB)
    del rights[BOB]
    await publish("user.1", reconnect=[ALICE, BOB], refresh=[ALICE, BOB])
    await publish("list", "a secret")
    await until(lambda: alice.code and bob.code)
    assert (alice.code, bob.code) == (CloseCode.GOING_AWAY, CloseCode.FORBIDDEN)
    assert bob.of("error")[0]["reason"] == "account"
    assert alice.seqs("list") == bob.seqs("list") == []


@pytest.mark.parametrize("answer", [None, ["list"], "list", 7], ids=repr)
async def test_a_wrong_answer_of_streams_of_ends_nothing(
    start: Start, settings: Any, caplog: pytest.LogCaptureFixture, answer: Any
) -> None:
    """Its clients are told and come back, the log names the function, and the next ones sign in."""
    answers: list[Any] = [answer]

    def what_people_may_read(user_ids: Any) -> Any:
        return answers.pop() if answers else streams_of(user_ids)

    hub = await start(streams_of=what_people_may_read)
    reader = connect(hub, ALICE)
    await until(lambda: reader.code == CloseCode.GOING_AWAY)
    assert "STREAMS_OF" in caplog.text
    assert "what_people_may_read" in caplog.text
    assert "Traceback" not in caplog.text
    await ready(hub, ALICE)


async def test_an_async_streams_of_is_named(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """It is called in a thread, where nobody awaits it."""

    async def what_people_may_read(user_ids: Any) -> Any:
        return {}

    hub = await start(streams_of=what_people_may_read)
    reader = connect(hub, ALICE)
    await until(lambda: reader.code == CloseCode.GOING_AWAY)
    assert "what_people_may_read) is async" in caplog.text


@pytest.mark.parametrize(
    "streams", ["user.1", b"user.1", 7, {"list": "1"}, {"list": -1}, {"list": True}, ["a b"], [7], [None]], ids=repr
)
async def test_a_wrong_answer_about_one_person_concerns_that_person(
    start: Start, caplog: pytest.LogCaptureFixture, streams: Any
) -> None:
    """A string is no collection of streams: it would be one for each letter."""
    rights[ALICE] = streams
    hub = await start()
    wrong, right = connect(hub, ALICE), connect(hub, BOB)
    await until(lambda: right.of("ready") and wrong.code == CloseCode.GOING_AWAY)
    assert "streams_of) returned for user 1" in caplog.text
    assert not wrong.of("ready")


async def test_a_wrong_own_stream_is_named(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """The same for OWN_STREAM."""

    def own(user_id: Any) -> Any:
        return None if user_id == ALICE else f"user.{user_id}"

    hub = await start(own_stream=own)
    wrong, right = connect(hub, ALICE), connect(hub, BOB)
    await until(lambda: right.of("ready") and wrong.code == CloseCode.GOING_AWAY)
    assert "OWN_STREAM" in caplog.text


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
            began = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - began)

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
    expiring = await ready(hub, BOB, expires_at=time.time() + 2)

    def hang(*args: Any) -> Any:
        asyncio.run_coroutine_threadsafe(hangs.wait(), loop).result()
        raise OperationalError("it hung")

    monkeypatch.setattr(presence, "report", hang)
    monkeypatch.setattr("realtime.delivery.log_watcher._epoch_and_heads", hang)
    monkeypatch.setattr("realtime.delivery.rights.config", lambda: pytest.fail("not asked"))
    times: list[float] = []
    reader.on_write = lambda: times.append(time.monotonic())
    await until(lambda: len(times) >= 6, 20)
    pauses = [after - before for before, after in itertools.pairwise(times)]
    show(f"heartbeats each second while the database hangs: {min(pauses):.2f} to {max(pauses):.2f} s apart")
    assert max(pauses) < 1.8
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


@pytest.mark.parametrize(("count", "wanted"), [(1, 1.0), (3, 1.0), (400, 1.0), (2000, 1.0), (9000, 5.0)])
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
    assert seconds < 1.2 * wanted
    if count > 100:
        assert seconds > 0.8 * wanted
        assert 0.3 * count < halfway < 0.7 * count


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
