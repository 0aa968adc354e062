"""How the news of a commit leaves a process that serves no connections: soon, or not at all."""

import asyncio
import itertools
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from channels.layers import get_channel_layer
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.broker import announce
from realtime.broker.layer import IN_MEMORY, channel_layers
from realtime.events import StoredEvent, listeners
from tests.servers import RedisServer, wait_until

LIMIT = announce.SEND_SECONDS
PATIENCE = 10.0


def test_events_travel_together() -> None:
    """As lists, which is what a channel layer carries."""
    assert announce.messages("s", [(1, "one", None, 1.5), (2, "two", {"leave": [4]}, 2.5)]) == [
        {
            "type": "realtime.events",
            "stream": "s",
            "events": [[1, "one", None, 1.5], [2, "two", {"leave": [4]}, 2.5]],
        }
    ]


@given(st.lists(st.integers(0, 600_000), min_size=1, max_size=12))
@settings(deadline=None, derandomize=True)
def test_messages_have_a_size(sizes: list[int]) -> None:
    """None above the limit but one that a single event fills; each event in one of them, in order."""
    texts = ["x" * size for size in sizes]
    messages = announce.messages("s", [(seq, text, None, 1.5) for seq, text in enumerate(texts)])
    parts = [[text for _, text, *_ in message["events"]] for message in messages]
    assert list(itertools.chain(*parts)) == texts
    assert all(len(part) == 1 or sum(map(len, part)) <= 256_000 for part in parts)
    for part, following in itertools.pairwise(parts):
        assert sum(map(len, part)) + len(following[0]) > 256_000


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(announce, "time", found)
    return found


def test_a_breaker_opens_for_longer_and_longer(clock: Clock) -> None:
    """1 s, 2 s, 4 s, 5 s, and after a success 1 s again."""
    breaker = announce.CircuitBreaker()
    assert not breaker.is_open
    for seconds in (1, 2, 4, 5, 5):
        breaker.failed()
        assert breaker.remaining == seconds
        clock.now += seconds - 0.01
        assert breaker.is_open
        clock.now += 0.01
        assert not breaker.is_open
    breaker.failed()
    breaker.succeeded()
    assert not breaker.is_open
    breaker.failed()
    assert breaker.remaining == 1


@pytest.fixture
def through(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[RedisServer], None]]:
    """Has news go through this Redis, however busy the machine; ends with the connection closed, and the breaker as
    new."""
    monkeypatch.setattr(announce, "SEND_SECONDS", PATIENCE)

    def use(server: RedisServer) -> None:
        settings.CHANNEL_LAYERS = channel_layers(
            server.url, max_connections=10, connect_timeout=2.0, socket_timeout=2.0
        )

    yield use
    asyncio.run_coroutine_threadsafe(get_channel_layer().flush(), announce._loop(os.getpid())).result(5)
    announce._breaker.succeeded()


def spread(text: str) -> None:
    announce.announce({"all": [StoredEvent(1, text, None, 1.5)]})


def spread_within(seconds: float, text: str) -> bool:
    begun = time.monotonic()
    spread(text)
    return time.monotonic() - begun < seconds


def test_news_go_out_over_redis(redis_server: RedisServer, through: Callable[[RedisServer], None]) -> None:
    """Before spread() returns, on the stream's own channel."""
    through(redis_server)
    with redis.Redis.from_url(redis_server.url) as client, client.pubsub() as listener:
        listener.subscribe("websocket:broadcast:all", "websocket:broadcast:other")
        for _ in range(2):
            listener.get_message(timeout=5)
        announce.announce(
            {"all": [StoredEvent(1, '{"type":"x"}', None, 1.5)], "other": [StoredEvent(7, "seven", None, 1.5)]}
        )
        heard: dict[bytes, bytes] = {}
        while len(heard) < 2:
            message = listener.get_message(timeout=5)
            assert message is not None, heard
            heard[message["channel"]] = message["data"]
    assert b'{"type":"x"}' in heard[b"websocket:broadcast:all"]
    assert b"seven" in heard[b"websocket:broadcast:other"]


def test_a_redis_that_hangs_holds_nobody_up(
    redis_server: RedisServer,
    through: Callable[[RedisServer], None],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A quarter of a second, once; then nothing for as long as the breaker is open, and again when Redis is back."""
    through(redis_server)
    spread("connects")
    redis_server.pause()
    with monkeypatch.context() as impatient:
        impatient.setattr(announce, "SEND_SECONDS", LIMIT)
        assert spread_within(2, "waits in vain")
    assert [record.getMessage() for record in caplog.records] == [
        "Committed events could not be sent, replicas will read them from the log: TimeoutError"
    ]
    assert spread_within(0.1, "not even tried")
    redis_server.resume()
    wait_until(lambda: not announce._breaker.is_open, what="the breaker to close")
    spread("is back")
    assert not announce._breaker.is_open
    assert len(caplog.records) == 1


def test_a_redis_that_is_gone_is_no_error(
    redis_server: RedisServer, through: Callable[[RedisServer], None], caplog: pytest.LogCaptureFixture
) -> None:
    """The change is committed; one line says why nobody heard of it at once."""
    through(redis_server)
    redis_server.kill()
    spread("lost")
    (record,) = caplog.records
    assert "Connect call failed" in record.getMessage() or "connecting to" in record.getMessage()
    assert record.exc_info is None
    redis_server.start()


@pytest.mark.parametrize("layers", [{"default": IN_MEMORY}, {}], ids=["in memory", "none"])
def test_without_redis_there_is_nobody_to_tell(settings: Any, layers: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Which is no failure."""
    settings.CHANNEL_LAYERS = layers
    announce.announce({"all": [StoredEvent(1, "x", None, 1.5)]})
    assert not announce._breaker.is_open
    assert not caplog.records


def test_a_hub_takes_the_events_of_its_own_process() -> None:
    """While a listener delivers, the fallback is not called; one that only watches always is."""
    told: list[str] = []
    by_hub, by_fallback, by_watcher = (
        lambda _, name=name: told.append(name) for name in ("hub", "fallback", "watcher")
    )
    listeners.register(by_fallback, fallback=True)
    listeners.register(by_watcher, passive=True)
    listeners.register(by_hub)
    listeners.notify({})
    listeners.unregister(by_hub)
    listeners.notify({})
    listeners.unregister(by_fallback)
    listeners.unregister(by_watcher)
    assert told == ["hub", "watcher", "fallback", "watcher"]
