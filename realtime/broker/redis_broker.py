"""Redis as the broker link uses it: subscriptions that it confirms, messages published together. Event loop only.

Its channels, hosts and encryption are those of the `BroadcastLayer`, so what other processes send through the layer
arrives here, and the other way round.
"""

import asyncio
import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from channels_redis.utils import _consistent_hash

from realtime.broker.broker import BrokerEvents
from realtime.broker.layer import BroadcastLayer, channel_name
from realtime.broker.message import ping_message
from realtime.broker.shard import Shard
from realtime.broker.subscription import Messages, Subscription


class RedisBroker:
    """The broker of a `BroadcastLayer`: a subscription to each of its hosts, and a pool to publish with. Event loop
    only."""

    def __init__(self, layer: BroadcastLayer, events: BrokerEvents) -> None:
        self._layer = layer
        self._events = events
        self._shards: list[Shard] = []
        self._own_channel = ""
        self._streams: dict[bytes, str] = {}
        """By channel: what is subscribed, or is about to be, and what Redis has yet to confirm as unsubscribed."""
        self._wanted: set[str] = set()
        self._confirmed: set[str] = set()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def host_count(self) -> int:
        """How many hosts are in use; a ping comes back once through each."""
        return len(self._layer.hosts_in_use())

    @property
    def subscribed(self) -> set[str]:
        """Streams whose subscription Redis has confirmed."""
        return self._confirmed

    async def open(self, streams: Collection[str]) -> None:
        """New connections to the hosts, subscribed to these streams first and to its own channel last: when a ping
        comes back, all of them are subscribed. Raises redis-py's errors."""
        self._own_channel = f"{self._layer.prefix}link.{secrets.token_hex(16)}"
        self._layer.turn += 1
        self._shards = [Shard(host, self._new_subscription()) for host in self._layer.hosts_in_use()]
        for shard in self._shards:
            await shard.open()
        await self.subscribe(streams)
        for shard in self._shards:
            shard.subscription.subscribe([self._own_channel])

    def _new_subscription(self) -> Subscription:
        return Subscription(on_messages=self._take, on_confirmed=self._confirm, on_lost=self._events.on_lost)

    def close(self) -> None:
        """At once; what takes time goes on in the background."""
        for shard in self._shards:
            shard.subscription.close()
            closing = asyncio.create_task(shard.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        self._shards = []
        self._streams.clear()
        self._wanted.clear()
        self._confirmed.clear()

    async def closed(self) -> None:
        if self._closing:
            await asyncio.wait(self._closing)

    async def subscribe(self, streams: Iterable[str]) -> None:
        wanted = set(streams)
        self._wanted |= wanted
        for shard, channels in self._by_shard(wanted).items():
            shard.subscription.subscribe(channels)

    async def unsubscribe(self, streams: Iterable[str]) -> None:
        unwanted = set(streams)
        self._wanted -= unwanted
        self._confirmed -= unwanted  # at once: who subscribes again has to wait for another confirmation
        for shard, channels in self._by_shard(unwanted).items():
            shard.subscription.unsubscribe(channels)

    async def publish(self, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Sends messages about streams. Raises redis-py's errors."""
        by_shard: dict[Shard, list[tuple[str, bytes]]] = {}
        for stream, message in messages:
            channel = channel_name(stream, prefix=self._layer.prefix)
            by_shard.setdefault(self._shard(channel), []).append((channel, self._layer.serialize(message)))
        await asyncio.gather(*(shard.publish(some) for shard, some in by_shard.items()))

    async def ping(self, sent: float) -> None:
        """Sends a message to itself through each host."""
        pings = (
            shard.publish([(self._own_channel, self._layer.serialize(ping_message(host, sent)))])
            for host, shard in enumerate(self._shards)
        )
        await asyncio.gather(*pings)

    def _by_shard(self, streams: Iterable[str]) -> dict[Shard, list[str]]:
        found: dict[Shard, list[str]] = {}
        for stream in streams:
            channel = channel_name(stream, prefix=self._layer.prefix)
            self._streams[channel.encode()] = stream
            found.setdefault(self._shard(channel), []).append(channel)
        return found

    def _shard(self, channel: str) -> Shard:
        if not self._shards:
            raise ConnectionError("there is no connection to Redis")
        index: int = _consistent_hash(channel, len(self._shards))
        return self._shards[index]

    # What arrives

    def _take(self, messages: Messages) -> None:
        """Passes on what one read has brought, each stream's messages together."""
        by_stream: dict[str, list[Any]] = {}
        for channel, data in messages:
            if (stream := self._streams.get(channel)) is not None:
                by_stream.setdefault(stream, []).append(self._decoded(data))
            elif channel == self._own_channel.encode():  # else it has been unsubscribed meanwhile
                self._events.on_echo(self._decoded(data))
        for stream, some in by_stream.items():
            self._events.on_messages(stream, some)

    def _decoded(self, data: bytes) -> Any:
        try:
            return self._layer.deserialize(data)
        except Exception:  # noqa: BLE001 -- msgpack's and cryptography's errors have nothing in common
            return None

    def _confirm(self, channel: bytes, is_subscribed: bool) -> None:
        stream = self._streams.get(channel)
        if stream is None:  # its own channel, or one that was unsubscribed twice
            return
        if is_subscribed:
            self._confirmed.add(stream)
            self._events.on_subscribed(stream)
        else:
            self._confirmed.discard(stream)
            if stream not in self._wanted:  # else it was subscribed again meanwhile
                del self._streams[channel]
