"""How committed events leave a process that serves no connections: soon, or not at all."""

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from channels.layers import get_channel_layer

from realtime.broker import announce, circuit_breaker
from realtime.broker.layer import IN_MEMORY, channel_layers
from realtime.events import StoredEvent, listeners
from tests.servers import RedisServer, wait_until

PATIENCE = 10.0
"""Seconds, however busy the machine is."""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(circuit_breaker, "time", found)
    return found


def test_a_breaker_opens_for_longer_and_longer(clock: Clock) -> None:
    """1 s, 2 s, 4 s, 5 s, and after a success 1 s again."""
    breaker = circuit_breaker.CircuitBreaker()
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
def through(transactional_db: None, settings: Any) -> Iterator[Callable[[RedisServer], None]]:
    """Sends events through this Redis; ends with the connection closed, and the breaker reset."""

    def use(server: RedisServer) -> None:
        settings.CHANNEL_LAYERS = channel_layers(
            server.url, max_connections=10, connect_timeout=2.0, socket_timeout=2.0
        )

    yield use
    asyncio.run_coroutine_threadsafe(get_channel_layer().flush(), announce._loop(os.getpid())).result(5)
    announce._breaker.succeeded()


def spread(text: str, seconds: float = PATIENCE) -> None:
    announce.announce({"all": [StoredEvent(1, text, None, 1.5)]}, seconds=seconds)


def test_news_go_out_over_redis(redis_server: RedisServer, through: Callable[[RedisServer], None]) -> None:
    """Before spread() returns, on the stream's own channel."""
    through(redis_server)
    with redis.Redis.from_url(redis_server.url) as client, client.pubsub() as listener:
        listener.subscribe("websocket:broadcast:all", "websocket:broadcast:other")
        for _ in range(2):
            listener.get_message(timeout=5)
        announce.announce(
            {"all": [StoredEvent(1, '{"type":"x"}', None, 1.5)], "other": [StoredEvent(7, "seven", None, 1.5)]},
            seconds=PATIENCE,
        )
        heard: dict[bytes, bytes] = {}
        while len(heard) < 2:
            message = listener.get_message(timeout=5)
            assert message is not None, heard
            heard[message["channel"]] = message["data"]
    assert b'{"type":"x"}' in heard[b"websocket:broadcast:all"]
    assert b"seven" in heard[b"websocket:broadcast:other"]


def test_a_redis_that_hangs_holds_nobody_up(
    redis_server: RedisServer, through: Callable[[RedisServer], None], caplog: pytest.LogCaptureFixture
) -> None:
    """A quarter of a second, once; then nothing for as long as the breaker is open, and again when Redis is back."""
    through(redis_server)
    with redis.Redis.from_url(redis_server.url) as client, client.pubsub() as listener:
        listener.subscribe("websocket:broadcast:all")
        assert listener.get_message(timeout=5)
        spread("connects")
        redis_server.pause()
        spread("waits in vain", announce.SEND_SECONDS)
        assert [record.getMessage() for record in caplog.records] == [
            "Committed events could not be sent, replicas will read them from the log: TimeoutError"
        ]
        spread("not even tried", announce.SEND_SECONDS)
        redis_server.resume()
        wait_until(lambda: not announce._breaker.is_open, what="the breaker to close")
        spread("is back")
        heard = b""
        while b"is back" not in heard:
            message = listener.get_message(timeout=5)
            assert message is not None, heard
            heard += message["data"]
    assert b"not even tried" not in heard
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
