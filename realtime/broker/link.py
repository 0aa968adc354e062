"""The channel layer as the hub uses it: it listens, speaks, and notices when nobody hears. Event loop only."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterable
from typing import Any

from channels.layers import get_channel_layer

from realtime import metrics
from realtime.broker.announce import (
    MESSAGE_TYPE,
    SEND_SECONDS,
    CircuitBreaker,
    publish,
    reaches_others,
    reason,
)
from realtime.broker.layer import BroadcastLayer
from realtime.events import Batches, StoredEvent

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
MISSED_PINGS = 3
"""So many beats to oneself without an echo, and the connections are made anew."""

MAX_OUTBOX = 10_000
"""Events that may wait to be sent; what is more is left to the other replicas' poll of the log."""

BEAT_TYPE = "realtime.beat"

SILENCE = "nothing is heard from it"

MAX_REASONS = 8
"""So many are logged of one illness."""

CONNECT_SECONDS = 5.0
OUTBOX_SECONDS = 5.0


class BrokerLink:
    """Carries news between this process and the others.

    Redis pub/sub neither says that a link is broken nor that a subscription is gone, so the wire sends itself a beat
    through it every second, and subscribes anew when the echo stays away. While it `is_well`, what is published on the
    streams that it listens to arrives; otherwise the hub finds it in the log.
    """

    def __init__(self, on_news: Callable[[str, list[StoredEvent]], None], on_change: Callable[[], None]) -> None:
        """`on_news(stream, events)` is called for all that arrives, `on_change()` when `is_well` has changed."""
        self._on_news = on_news
        self._on_change = on_change
        self._layer = get_channel_layer()
        self.reaches_others = reaches_others(self._layer)
        self.is_well = False
        self.round_trip: float | None = None
        self._has_been_well = False
        self._told: set[str] = set()
        self._channel: str | None = None
        self._streams: set[str] = set()
        self._outbox: dict[str, list[Any]] = defaultdict(list)
        self._outbox_size = 0
        self._outbox_filled = asyncio.Event()
        self._breaker = CircuitBreaker()
        metrics.redis_configured.set(self.reaches_others)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        if self.reaches_others:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._speak())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._tasks:
            await self._close_layer()

    @property
    def is_held_back(self) -> bool:
        """Whether nothing is sent for now, after a failure."""
        return self._breaker.is_open

    def publish(self, batches: Batches) -> None:
        """Sends soon, without waiting. Dropped where the layer is ill: the log has it."""
        if not self.reaches_others:
            return
        for stream, events in batches.items():
            if self._breaker.is_open or self._outbox_size >= MAX_OUTBOX:
                metrics.news_dropped.inc(len(events))
            else:
                self._outbox[stream].extend(events)
                self._outbox_size += len(events)
        self._outbox_filled.set()

    async def subscribe(self, streams: Iterable[str]) -> None:
        """Listens to `streams` from now on; returns when the layer knows it, or at once where the layer is ill."""
        new = set(streams) - self._streams
        self._streams |= new
        if self._channel is not None:
            await self._attempt("subscribing", self._add_to(self._channel, new), SEND_SECONDS + 0.001 * len(new))

    async def unsubscribe(self, stream: str) -> None:
        self._streams.discard(stream)
        if self._channel is not None:
            await self._attempt("unsubscribing", self._layer.group_discard(stream, self._channel), SEND_SECONDS)

    async def _listen(self) -> None:
        """Subscribes, then takes what comes; begins anew after every fault, or when the beat's echo stays away."""
        loop = asyncio.get_running_loop()
        ways = set(range(getattr(self._layer, "ways", 1)))
        breaker = CircuitBreaker()
        while True:
            beating = None
            try:
                async with asyncio.timeout(CONNECT_SECONDS + 0.001 * len(self._streams)) as deadline:
                    self._channel = channel = await self._layer.new_channel()
                    await self._add_to(channel, sorted(self._streams))
                    beating = asyncio.create_task(self._beat(channel))
                    silent = set(ways)
                    while True:
                        message = await self._layer.receive(channel)
                        if message["type"] == MESSAGE_TYPE:
                            self._on_news(message["stream"], [StoredEvent(*event) for event in message["events"]])
                            continue
                        silent.discard(message.get("way", 0))
                        if not silent:
                            silent = set(ways)
                            deadline.reschedule(loop.time() + MISSED_PINGS * BEAT_SECONDS)
                            breaker.succeeded()
                            self._hear_beat(message["sent"])
            except TimeoutError:
                self._lose(SILENCE)
            except Exception as error:  # noqa: BLE001 -- as above
                self._lose(reason(error))
            finally:
                self._channel = None
                if beating is not None:
                    beating.cancel()
            breaker.failed()
            await self._renew_layer()
            await asyncio.sleep(breaker.remaining)

    async def _beat(self, channel: str) -> None:
        while True:
            beat = {"type": BEAT_TYPE, "sent": time.monotonic()}
            await self._attempt("sending a beat", self._layer.send(channel, beat), BEAT_SECONDS)
            await asyncio.sleep(BEAT_SECONDS)

    def _hear_beat(self, sent: float) -> None:
        self.round_trip = time.monotonic() - sent
        metrics.redis_round_trip.set(self.round_trip)
        if not self.is_well:
            logger.info("Redis is back" if self._has_been_well else "✅ Redis pub/sub initialized successfully")
            self.is_well = self._has_been_well = True
            metrics.redis_up.set(1)
            self._told.clear()
            self._breaker.succeeded()
            self._on_change()

    async def _speak(self) -> None:
        while True:
            await self._outbox_filled.wait()
            self._outbox_filled.clear()
            outbox, size = self._outbox, self._outbox_size
            self._outbox, self._outbox_size = defaultdict(list), 0
            # What does not go out, the other replicas find in the log: by a hole, or by their poll.
            if not await self._attempt("publishing", publish(self._layer, outbox), OUTBOX_SECONDS):
                self._breaker.failed()
                metrics.news_dropped.inc(size)

    async def _add_to(self, channel: str, streams: Collection[str]) -> None:
        if isinstance(self._layer, BroadcastLayer):
            await self._layer.add_to_groups(streams, channel)
            return
        for stream in streams:
            await self._layer.group_add(stream, channel)

    async def _attempt(self, what: str, work: Coroutine[Any, Any, None], seconds: float) -> bool:
        """Awaits what the layer does. A failure is noted, and is all that comes of it."""
        try:
            async with asyncio.timeout(seconds):
                await work
        except Exception as error:  # noqa: BLE001 -- any layer, any error; the log makes good for it
            self._lose(f"{what} failed: {reason(error)}")
            return False
        return True

    def _lose(self, why: str) -> None:
        """Notes that the layer is ill, and logs each reason once; of silence only where no other reason is known."""
        if why not in self._told and len(self._told) < MAX_REASONS and not (why == SILENCE and self._told):
            self._told.add(why)
            if self._has_been_well:
                logger.warning("Redis is not well (%s): the log is read every second until it is", why)
            else:
                logger.warning("❌ Failed to initialize Redis: %s", why)
        if self.is_well:
            self.is_well = False
            self.round_trip = None
            metrics.redis_up.set(0)
            self._on_change()

    async def _renew_layer(self) -> None:
        """The next use of the layer connects anew, by whatever address holds then."""
        if isinstance(self._layer, BroadcastLayer):
            self._layer.renew()
        else:
            await self._close_layer()

    async def _close_layer(self) -> None:
        """Closes the layer's connections; those of a hung Redis don't answer, so this has an end."""
        try:
            async with asyncio.timeout(1.0):
                await self._layer.flush()
        except Exception:
            logger.debug("The channel layer could not be closed in order", exc_info=True)
