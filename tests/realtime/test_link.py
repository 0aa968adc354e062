"""The broker link against a real Redis: what arrives, what is dropped, and what it notices."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
import pytest_asyncio
import redis

from realtime import metrics
from realtime.broker.layer import channel_layers
from realtime.broker.link import BrokerLink
from realtime.broker.redis_broker import RedisBroker
from tests.faulty_link import TO_SERVER, FaultyLink
from tests.realtime.hubs import until
from tests.realtime.links import Listener, event, send
from tests.servers import RedisServer

TIMES: dict[str, Any] = {"max_connections": 10, "connect_timeout": 2.0, "socket_timeout": 2.0}


Start = Callable[..., Awaitable[Listener]]


@pytest_asyncio.fixture
async def start(settings: Any) -> AsyncIterator[Start]:
    """await start(url): a link that is healthy, unless healthy=False."""
    listeners: list[Listener] = []

    async def start(url: str, *, healthy: bool = True, **more: Any) -> Listener:
        settings.CHANNEL_LAYERS = channel_layers(url, **TIMES, **more)
        listener = Listener(BrokerLink())
        listeners.append(listener)
        listener.link.start(on_events=listener.on_events, on_change=listener.on_change)
        if healthy:
            await until(lambda: listener.link.is_healthy)
        return listener

    yield start
    for listener in listeners:
        await listener.link.stop()


async def test_events_arrive(redis_server: RedisServer, start: Start) -> None:
    """Those of other processes, and one's own, on the streams that were asked for."""
    listener = await start(redis_server.url)
    await listener.link.subscribe(["a", "b"])
    await send("a", 1, 2)
    await send("c", 1)
    listener.link.publish({"b": [event(7)]})
    await until(lambda: listener.seqs("a") == [1, 2] and listener.seqs("b") == [7])
    await listener.link.unsubscribe(["a"])
    await until(lambda: redis_server.run("PUBSUB", "NUMSUB", "websocket:broadcast:a")[1] == 0)
    assert not listener.seqs("c")
    broker = listener.link._broker
    assert isinstance(broker, RedisBroker)
    await until(lambda: set(broker._streams.values()) == {"b"})  # nothing is kept of what is no longer followed
    await asyncio.gather(listener.link.unsubscribe(["b"]), listener.link.subscribe(["b"]))
    await send("b", 8)
    await until(lambda: listener.seqs("b") == [7, 8])


async def test_a_stream_is_subscribed_when_it_is_said_to_be(redis_server: RedisServer, start: Start) -> None:
    """An event that is published right after `subscribe()` has returned arrives."""
    listener = await start(redis_server.url)
    for number in range(50):
        await listener.link.subscribe([f"s{number}"])
        assert redis_server.run("PUBSUB", "NUMSUB", f"websocket:broadcast:s{number}")[1] == 1


async def test_nothing_is_heard_twice_with_two_hosts(start_redis: Callable[..., RedisServer], start: Start) -> None:
    """A stream belongs to one of them; the link is healthy while it hears itself by way of both."""
    servers = [start_redis(), start_redis()]
    listener = await start(",".join(server.url for server in servers))
    names = [f"stream.{number}" for number in range(20)]
    await listener.link.subscribe(names)
    listener.link.publish({name: [event(1)] for name in names})
    await until(lambda: len(listener.received) >= len(names))
    assert sorted(stream for stream, _ in listener.received) == sorted(names)
    assert all(server.run("PUBSUB", "CHANNELS", "*broadcast*") for server in servers)
    servers[1].pause()
    await until(lambda: not listener.link.is_healthy)
    servers[1].resume()
    await until(lambda: listener.link.is_healthy)


MALFORMED = [
    b"hello",
    b"",
    b"\xc1",
    msgpack.packb(7),
    msgpack.packb({"type": "realtime.events"}),
    msgpack.packb({"type": "realtime.events", "stream": "b", "events": [[1, "{}", None, 0.0]]}),
    msgpack.packb({"type": "realtime.events", "stream": "a", "events": [[1, None, None, 0]]}),
    msgpack.packb({"type": "realtime.events", "stream": "a", "events": [[1, "{}", "leave", 0]]}),
    msgpack.packb({"type": "realtime.events", "stream": "a", "events": [[1, "{}", None, "now"]]}),
]


@pytest.mark.parametrize("nonsense", MALFORMED, ids=range(len(MALFORMED)))
async def test_a_malformed_message_is_dropped_and_the_log_is_read(
    redis_server: RedisServer, start: Start, caplog: pytest.LogCaptureFixture, nonsense: bytes
) -> None:
    """The next good one arrives; one line tells of it."""
    listener = await start(redis_server.url)
    await listener.link.subscribe(["a"])
    changes = listener.changes
    with redis.Redis.from_url(redis_server.url) as client:
        for _ in range(3):
            client.publish("websocket:broadcast:a", nonsense)
    await send("a", 1)
    await until(lambda: listener.seqs("a") == [1])
    assert listener.changes > changes
    (record,) = [record for record in caplog.records if "can't be read" in record.getMessage()]
    assert "a" in record.getMessage()
    assert listener.link.is_healthy


async def test_messages_of_another_installation_are_dropped(
    redis_server: RedisServer, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """Told once, when the own log's epoch has been read again; this log's and older versions' messages arrive."""
    listener = await start(redis_server.url)
    listener.link.log_epoch = "ours"
    await listener.link.subscribe(["a"])
    await send("a", 1, log="theirs")
    await send("a", 2, log="ours")
    await send("a", 3)
    await until(lambda: listener.seqs("a") == [2, 3])
    assert listener.link.foreign_logs == {"theirs"}
    assert "Another installation" not in caplog.text
    for _ in range(2):
        listener.link.tell_foreign(set(listener.link.foreign_logs))
        await send("a", 4, log="theirs")
        await send("a", 5)
        await until(lambda: listener.seqs("a")[-1] == 5)
        listener.received.clear()
        await send("a", 2)
        await until(lambda: listener.seqs("a") == [2])
    assert caplog.text.count("Another installation") == 1


async def test_a_new_epoch_is_not_taken_for_another_installation(
    redis_server: RedisServer, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """A replica that has read it earlier is no stranger."""
    listener = await start(redis_server.url)
    listener.link.log_epoch = "old"
    await listener.link.subscribe(["a"])
    await send("a", 1, log="new")
    await until(lambda: listener.link.foreign_logs)
    seen = set(listener.link.foreign_logs)
    listener.link.log_epoch = "new"
    listener.link.tell_foreign(seen)
    assert "Another installation" not in caplog.text
    await send("a", 2, log="new")
    await until(lambda: listener.seqs("a") == [2])


async def test_installations_with_prefixes_of_their_own_do_not_meet(redis_server: RedisServer, start: Start) -> None:
    """The prefix stands before every channel."""
    one = await start(redis_server.url, prefix="one:")
    two = await start(redis_server.url, prefix="two:")
    for listener in (one, two):
        await listener.link.subscribe(["all"])
    two.link.publish({"all": [event(1)]})
    await until(lambda: two.seqs("all") == [1])
    assert one.seqs("all") == []
    channels = redis_server.run("PUBSUB", "CHANNELS")
    assert {"one:broadcast:all", "two:broadcast:all"} <= set(channels)
    assert all(channel.startswith(("one:", "two:")) for channel in channels)


async def test_a_stream_that_is_first_followed_while_redis_is_slow(redis_server: RedisServer, start: Start) -> None:
    """400 ms there and back: it is not confirmed in time, and is so a little later; then the log is read once more."""
    with FaultyLink(redis_server) as link:
        listener = await start(link.url)
        link.delay(0.2)
        for number in range(5):
            await listener.link.subscribe([f"slow.{number}"])
        changes = listener.changes
        await until(lambda: len(redis_server.run("PUBSUB", "CHANNELS", "*slow*")) == 5, 30)
        await until(lambda: listener.changes > changes, 30)
        link.heal()
        await send("slow.4", 1)
        await until(lambda: listener.seqs("slow.4") == [1], 30)


async def test_a_subscription_that_was_lost_is_made_again(redis_server: RedisServer, start: Start) -> None:
    """What should be subscribed is compared with what is, all the time."""
    with FaultyLink(redis_server) as link:
        listener = await start(link.url)
        link.swallow(TO_SERVER)
        await listener.link.subscribe(["lost"])
        assert redis_server.run("PUBSUB", "NUMSUB", "websocket:broadcast:lost")[1] == 0
        link.heal()
        await until(lambda: redis_server.run("PUBSUB", "NUMSUB", "websocket:broadcast:lost")[1] == 1)
        await send("lost", 1)
        await until(lambda: listener.seqs("lost") == [1])


async def test_a_subscription_that_is_never_confirmed_makes_it_unhealthy(
    redis_server: RedisServer, start: Start
) -> None:
    """Pings alone would not show it."""
    listener = await start(redis_server.url)
    await listener.link.subscribe(["a"])
    redis_server.run("ACL", "SETUSER", "default", "resetchannels", "&websocket:link.*", "&websocket:broadcast:a")
    await listener.link.subscribe(["b"])
    await until(lambda: not listener.link.is_healthy)


async def test_a_cut_connection_is_noticed_at_once(redis_server: RedisServer, start: Start) -> None:
    """And made again, with all subscriptions; the log is read for what fell in between."""
    with FaultyLink(redis_server) as link:
        listener = await start(link.url)
        await listener.link.subscribe(["a"])
        link.cut()
        await until(lambda: not listener.link.is_healthy, 2.5)  # sooner than an echo is missed
        changes = listener.changes
        await until(lambda: listener.link.is_healthy, 30)
        assert listener.changes > changes
        await send("a", 1)
        await until(lambda: listener.seqs("a") == [1])


async def test_slow_is_not_broken(redis_server: RedisServer, start: Start) -> None:
    """With 200 ms each way everything arrives, only later, and nothing is held back."""
    with FaultyLink(redis_server) as link:
        listener = await start(link.url)
        await listener.link.subscribe(["a"])
        link.delay(0.2)
        for seq in range(1, 6):
            listener.link.publish({"a": [event(seq)]})
            await asyncio.sleep(0.1)
        await until(lambda: listener.seqs("a") == [1, 2, 3, 4, 5], 30)
        assert not listener.link.is_held_back
        assert listener.link.is_healthy


async def test_many_events_go_together(redis_server: RedisServer, start: Start) -> None:
    """What is published while others are on their way goes with one way to Redis and back."""
    with FaultyLink(redis_server) as link:
        listener = await start(link.url)
        names = [f"s.{number}" for number in range(100)]
        await listener.link.subscribe(names)
        link.delay(0.1)
        listener.link.publish({name: [event(1)] for name in names})
        await until(lambda: len(listener.received) == 100, 10)


async def test_it_starts_again_after_a_stop(redis_server: RedisServer, start: Start) -> None:
    """With nothing left over from before."""
    listener = await start(redis_server.url)
    await listener.link.subscribe(["a"])
    await listener.link.stop()
    await until(lambda: redis_server.run("PUBSUB", "CHANNELS") == [])
    listener.link.start(on_events=listener.on_events, on_change=listener.on_change)
    await until(lambda: listener.link.is_healthy)
    await listener.link.subscribe(["b"])
    await send("b", 1)
    await until(lambda: listener.seqs("b") == [1])


NOW = object()

BAD_PINGS: list[dict[str, Any]] = [
    {"way": 0, "sent": None},
    {"way": 0, "sent": "x"},
    {"way": 0, "sent": []},
    {"way": 0, "sent": True},
    {"way": 0, "sent": float("nan")},
    {"way": 0, "sent": float("inf")},
    {"way": 0, "sent": -1e300},
    {"way": 0, "sent": 1e300},
    {"way": 0, "sent": 0.0},
    {"way": [], "sent": NOW},
    {"way": {}, "sent": NOW},
    {"way": True, "sent": NOW},
    {"way": -1, "sent": NOW},
    {"way": 7, "sent": NOW},
    {"sent": NOW},
    {"way": 0},
    {},
]


async def test_a_malformed_ping_is_dropped(
    redis_server: RedisServer, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """It is counted, the subscription goes on, and it is no sign of health."""
    listener = await start(redis_server.url)
    await listener.link.subscribe(["a"])
    dropped = metrics.broker_messages_dropped.labels("malformed")._value.get()
    with redis.Redis.from_url(redis_server.url) as client:
        (channel,) = client.pubsub_channels("*link.*")
        for fields in BAD_PINGS:
            now = {"sent": time.monotonic()} if fields.get("sent") is NOW else {}
            client.publish(channel, msgpack.packb({"type": "realtime.ping", **fields, **now}))
    await send("a", 1)
    await until(lambda: listener.seqs("a") == [1])
    assert metrics.broker_messages_dropped.labels("malformed")._value.get() == dropped + len(BAD_PINGS)
    assert listener.link.is_healthy
    assert listener.link.round_trip is not None
    assert listener.link.round_trip < 60
    assert not [record for record in caplog.records if record.levelname == "ERROR" or "is failing" in record.message]
