"""Carries committed events between this process and the others. Event loop only.

Redis pub/sub loses what is published while a link is down, and does not say so. So the link sends itself a ping every
second, compares the streams that it should be subscribed to with those that the broker has confirmed, and connects
again when a ping does not come back. What is lost in spite of that, the hub finds in the log.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any

from channels.layers import get_channel_layer

from realtime import metrics
from realtime.broker.announce import reaches_others
from realtime.broker.broker import Broker
from realtime.broker.circuit_breaker import CircuitBreaker
from realtime.broker.layer import UNREADABLE, BroadcastLayer, channel_name
from realtime.broker.layer_broker import LayerBroker
from realtime.broker.message import MalformedError, messages, parse, parse_ping
from realtime.broker.reason import reason
from realtime.events import Batches, StoredEvent

logger = logging.getLogger(__name__)

PING_SECONDS = 1.0
SILENCE_SECONDS = 3.0
"""Without an echo for so long, new connections are made."""

CONNECT_SECONDS = 5.0

CONFIRM_SECONDS = 0.25
"""How long a new subscription may take before its stream is opened without it."""

MISSING_SECONDS = 3.0
"""A subscription that is not confirmed for so long makes the link unhealthy."""

PUBLISH_SECONDS = 2.0
"""How long the broker may take for all that is sent at once. No request and no other event loop job waits for it."""

MAX_OUTBOX = 10_000
"""Events that may wait to be sent; what is more is left to the other replicas' reading of the log."""

MAX_TOLD = 8
"""At most this many reasons are logged of one outage, and this many foreign installations altogether."""

UNREADABLE_SECONDS = 60.0

SILENCE = "no ping came back"


class BrokerLink:
    """While it `is_healthy`, events about subscribed streams arrive soon after they were published."""

    def __init__(self) -> None:
        self.is_healthy = False
        self.round_trip: float | None = None
        """Seconds that the newest ping took; None while the link is unhealthy."""
        self.log_epoch = ""
        """The identity of this installation's log, as soon as it is known; messages of others are dropped."""
        self.foreign_logs: set[str] = set()
        """Epochs in messages of others, until `tell_foreign()` knows them."""
        self._layer = get_channel_layer()
        self._broker: Broker | None = None
        self._on_events: Callable[[str, list[StoredEvent]], None] = lambda stream, events: None
        self._on_change: Callable[[], None] = lambda: None
        self._desired: set[str] = set()
        self._missing_since: dict[str, float] = {}
        self._is_open = False
        self._echoed: dict[int, float] = {}
        self._lost: asyncio.Future[str] | None = None
        self._confirmation = asyncio.Event()
        self._was_healthy = False
        self._told: set[str] = set()
        self._told_foreign: set[str] = set()
        self._unreadable, self._unreadable_at = 0, -UNREADABLE_SECONDS
        self._outbox: dict[str, list[StoredEvent]] = defaultdict(list)
        self._outbox_size = 0
        self._outbox_filled = asyncio.Event()
        self._breaker = CircuitBreaker()
        self._tasks: list[asyncio.Task[None]] = []

    # Life

    @property
    def reaches_others(self) -> bool:
        """Whether events go to other processes at all."""
        return reaches_others(self._layer)

    def start(self, *, on_events: Callable[[str, list[StoredEvent]], None], on_change: Callable[[], None]) -> None:
        """`on_events(stream, events)` is called for what arrives, on the loop; `on_change()` when something may have
        been lost, so that the log should be read."""
        self._on_events, self._on_change = on_events, on_change
        self._layer = get_channel_layer()
        metrics.redis_configured.set(self.reaches_others)
        if self.reaches_others:
            self._broker = self._new_broker()
            self._tasks = [asyncio.create_task(self._run(self._broker)), asyncio.create_task(self._send(self._broker))]

    def _new_broker(self) -> Broker:
        if not isinstance(self._layer, BroadcastLayer):
            return LayerBroker(self._layer, self)
        from realtime.broker.redis_broker import RedisBroker  # noqa: PLC0415 -- channels_redis need not be installed

        return RedisBroker(self._layer, self)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._broker is not None:
            await self._broker.closed()
        self._broker = None
        self.is_healthy = False
        self._desired.clear()

    @property
    def is_held_back(self) -> bool:
        """Whether nothing is sent at the moment, since there is no connection or after a failure."""
        return self.reaches_others and (self._breaker.is_open or not self._is_open)

    # Sending

    def publish(self, batches: Batches) -> None:
        """Sends soon, without waiting. Dropped while the broker fails: the log has it."""
        if not self.reaches_others:
            return
        for stream, events in batches.items():
            if self.is_held_back or self._outbox_size >= MAX_OUTBOX:
                metrics.events_not_published.inc(len(events))
            else:
                self._outbox[stream].extend(events)
                self._outbox_size += len(events)
        self._outbox_filled.set()

    async def _send(self, broker: Broker) -> None:
        while True:
            await self._outbox_filled.wait()
            self._outbox_filled.clear()
            outbox, size = self._outbox, self._outbox_size
            self._outbox, self._outbox_size = defaultdict(list), 0
            some = [
                (stream, message)
                for stream, events in outbox.items()
                for message in messages(stream, events, log=self.log_epoch)
            ]
            if not self._is_open:
                metrics.events_not_published.inc(size)
            elif await self._attempt("publishing", broker.publish(some), PUBLISH_SECONDS):
                self._breaker.succeeded()
                if logger.isEnabledFor(logging.DEBUG):
                    for stream in outbox:
                        logger.debug("📤 Published to Redis channel %s", channel_name(stream))
            else:
                self._breaker.failed()
                metrics.events_not_published.inc(size)

    # Subscriptions

    async def subscribe(self, streams: Collection[str]) -> None:
        """Returns when the broker has confirmed that it sends what is published about `streams`, or after a moment: it
        is tried until it succeeds, and `on_change()` is called then."""
        self._desired.update(streams)
        if not self._is_open or self._broker is None:
            return
        missing = set(streams) - self._broker.subscribed
        if missing and await self._attempt("subscribing", self._broker.subscribe(missing), CONFIRM_SECONDS):
            await self._until_confirmed(missing)

    async def _until_confirmed(self, streams: set[str]) -> None:
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                while self._broker is not None and (streams - self._broker.subscribed):
                    self._confirmation.clear()
                    await self._confirmation.wait()
        except TimeoutError:
            now = time.monotonic()
            for stream in streams:
                self._missing_since.setdefault(stream, now)

    async def unsubscribe(self, streams: Collection[str]) -> None:
        self._desired.difference_update(streams)
        if streams and self._is_open and self._broker is not None:
            await self._attempt("unsubscribing", self._broker.unsubscribe(streams), PING_SECONDS)

    async def _compare_subscriptions(self, broker: Broker) -> None:
        """Subscribes (again) to what is missing."""
        actual = broker.subscribed
        now = time.monotonic()
        missing = self._desired - actual
        self._missing_since = {stream: self._missing_since.get(stream, now) for stream in missing}
        if missing:
            await self._attempt("subscribing", broker.subscribe(missing), PING_SECONDS)
        if extra := actual - self._desired:
            await self._attempt("unsubscribing", broker.unsubscribe(extra), PING_SECONDS)
        if self._is_missing_some():
            self._lose("a subscription is not confirmed")

    def _is_missing_some(self) -> bool:
        return any(time.monotonic() - since > MISSING_SECONDS for since in self._missing_since.values())

    # Receiving

    def on_messages(self, stream: str, messages: Sequence[Any]) -> None:
        if received := [event for message in messages for event in self._events_in(message, stream)]:
            self._on_events(stream, received)

    def _events_in(self, message: Any, stream: str) -> list[StoredEvent]:
        try:
            found = parse(message, stream=stream)
        except MalformedError as error:
            self._drop_unreadable(stream, error)
            return []
        if found.log and self.log_epoch and found.log != self.log_epoch:
            self._drop_foreign(found.log)
            return []
        return found.events

    def on_echo(self, message: Any) -> None:
        if self._broker is None:
            return
        now = time.monotonic()
        try:
            ping = parse_ping(message, host_count=self._broker.host_count, now=now)
        except MalformedError as error:
            self._drop_unreadable("its own channel", error)
            return
        self._echoed[ping.host] = now
        if len(self._echoed) < self._broker.host_count:
            return
        self.round_trip = now - ping.sent
        metrics.redis_round_trip.set(self.round_trip)
        if not self.is_healthy and not self._is_missing_some():
            logger.info("Redis is back" if self._was_healthy else "✅ Redis pub/sub initialized successfully")
            self.is_healthy = self._was_healthy = True
            metrics.redis_up.set(1)
            self._told.clear()
            self._on_change()

    def on_subscribed(self, stream: str) -> None:
        self._confirmation.set()
        if self._missing_since.pop(stream, None) is not None:
            self._on_change()

    def on_lost(self, why: str) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(why)

    def _drop_unreadable(self, stream: str, error: Exception) -> None:
        """Somebody may have published it by hand, or an event is in it that only another version can read."""
        metrics.broker_messages_dropped.labels("malformed").inc()
        self._unreadable += 1
        if time.monotonic() - self._unreadable_at > UNREADABLE_SECONDS:
            self._unreadable_at = time.monotonic()
            logger.warning("%s (%d of them, the newest about %s: %s)", UNREADABLE, self._unreadable, stream, error)
            self._unreadable = 0
        self._on_change()

    def _drop_foreign(self, epoch: str) -> None:
        metrics.broker_messages_dropped.labels("foreign").inc()
        if epoch not in self._told_foreign and len(self._told_foreign | self.foreign_logs) < MAX_TOLD:
            self.foreign_logs.add(epoch)
            self._on_change()

    def tell_foreign(self, epochs: Collection[str]) -> None:
        """Logs once that others use the same channels. `epochs`: of messages that arrived before this log's own epoch
        was read again, so that a log that was just replaced is not taken for another one."""
        for epoch in set(epochs) - {self.log_epoch}:
            self._told_foreign.add(epoch)
            logger.warning(
                "Another installation (its log is %s, this one's is %s) publishes on the same channels of this Redis; "
                "its messages are dropped. Give each installation a Redis, or a prefix, of its own",
                epoch,
                self.log_epoch,
            )
        self.foreign_logs.difference_update(epochs)

    # Health

    async def _run(self, broker: Broker) -> None:
        """Connects, watches, and connects again after each fault."""
        retry = CircuitBreaker(first=0.25)
        while True:
            self._echoed.clear()
            self._lost = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(CONNECT_SECONDS + 0.001 * len(self._desired)):
                    await broker.open(self._desired)
                self._is_open = True
                self._breaker.succeeded()
                why = await self._watch(broker, self._lost, retry)
            except TimeoutError:
                why = SILENCE
            except Exception as error:  # noqa: BLE001 -- any layer, any error; it is told
                why = reason(error)
            finally:
                self._is_open = False
                broker.close()
            self._lose(why)
            retry.failed()
            await asyncio.sleep(retry.remaining)

    async def _watch(self, broker: Broker, lost: "asyncio.Future[str]", retry: CircuitBreaker) -> str:
        """Pings until the connection is lost or silent; returns why."""
        began = time.monotonic()
        ping: asyncio.Task[bool] | None = None
        try:
            while True:
                if ping is None or ping.done():
                    ping = asyncio.create_task(self._attempt("a ping", broker.ping(time.monotonic()), SILENCE_SECONDS))
                await self._compare_subscriptions(broker)
                await asyncio.wait([lost], timeout=PING_SECONDS)
                if lost.done():
                    return lost.result()
                newest = min((self._echoed.get(host, began) for host in range(broker.host_count)), default=began)
                if time.monotonic() - newest > SILENCE_SECONDS:
                    return SILENCE
                if self.is_healthy:
                    retry.succeeded()
        finally:
            if ping is not None:
                ping.cancel()

    async def _attempt(self, what: str, work: Coroutine[Any, Any, None], seconds: float) -> bool:
        """Awaits what the broker does. A failure is told, and has no other consequence."""
        try:
            async with asyncio.timeout(seconds):
                await work
        except Exception as error:  # noqa: BLE001 -- any layer, any error; the log has what was lost
            self._lose(f"{what} failed: {reason(error)}")
            return False
        return True

    def _lose(self, why: str) -> None:
        """The link is unhealthy. Logs each reason once; silence only where no other reason is known."""
        if why not in self._told and len(self._told) < MAX_TOLD and not (why == SILENCE and self._told):
            self._told.add(why)
            if self._was_healthy:
                logger.warning("Redis is failing (%s): events come from the log until it works again", why)
            else:
                logger.warning("❌ Failed to initialize Redis: %s", why)
        if self.is_healthy:
            self.is_healthy = False
            self.round_trip = None
            metrics.redis_up.set(0)
            self._on_change()
