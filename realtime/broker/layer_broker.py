"""Any other channel layer that has groups as the broker link uses it. Event loop only."""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from realtime.broker.broker import BrokerEvents
from realtime.broker.message import ping_message

logger = logging.getLogger(__name__)

SHARE_OF_EXPIRY = 3
"""A membership of a group that expires (`group_expiry` of channels_redis' core layer) is renewed after this share."""


class LayerBroker:
    """The broker of any other layer: a channel of its own, added to the group of each stream. Event loop only."""

    host_count = 1

    def __init__(self, layer: Any, events: BrokerEvents, *, close_seconds: float = 1.0) -> None:
        """`close_seconds`: how long it takes at most to leave the groups."""
        self._layer = layer
        self._close_seconds = close_seconds
        self._events = events
        self._channel = ""
        self._receiving: asyncio.Task[None] | None = None
        self._added: dict[str, float] = {}
        self._closing: set[asyncio.Task[None]] = set()
        expiry = getattr(layer, "group_expiry", None)
        self._renew_seconds = expiry / SHARE_OF_EXPIRY if expiry else float("inf")

    @property
    def subscribed(self) -> set[str]:
        """The streams to whose groups it was added, and not so long ago that this may have expired."""
        since = time.monotonic() - self._renew_seconds
        return {stream for stream, added_at in self._added.items() if added_at > since}

    async def open(self, streams: Collection[str]) -> None:
        self._channel = await self._layer.new_channel()
        await self.subscribe(streams)
        self._receiving = asyncio.create_task(self._receive(self._channel))

    def close(self) -> None:
        """Leaves the groups, in the background. The layer itself stays as it is: the project uses it too."""
        closing = asyncio.create_task(self._leave(self._channel, list(self._added), self._receiving))
        self._receiving = None
        self._added.clear()
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def closed(self) -> None:
        if self._closing:
            await asyncio.wait(self._closing)

    async def _leave(self, channel: str, streams: Sequence[str], receiving: "asyncio.Task[None] | None") -> None:
        """A hung server does not answer, so this has an end. Memberships that are left expire."""
        if receiving is not None:
            receiving.cancel()
        try:
            async with asyncio.timeout(self._close_seconds):
                for stream in streams:
                    await self._layer.group_discard(stream, channel)
                if receiving is not None:
                    await asyncio.wait([receiving])
        except Exception:
            logger.debug("The groups of the channel layer could not be left", exc_info=True)

    async def subscribe(self, streams: Iterable[str]) -> None:
        for stream in streams:
            await self._layer.group_add(stream, self._channel)
            self._added[stream] = time.monotonic()
            self._events.on_subscribed(stream)

    async def unsubscribe(self, streams: Iterable[str]) -> None:
        for stream in streams:
            self._added.pop(stream, None)
            await self._layer.group_discard(stream, self._channel)

    async def publish(self, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
        for stream, message in messages:
            await self._layer.group_send(stream, message)

    async def ping(self, sent: float) -> None:
        await self._layer.send(self._channel, ping_message(0, sent))

    async def _receive(self, channel: str) -> None:
        try:
            while True:
                message = await self._layer.receive(channel)
                if isinstance(message, dict) and isinstance(message.get("stream"), str):
                    self._events.on_messages(message["stream"], [message])
                else:
                    self._events.on_echo(message)
        except Exception as error:  # noqa: BLE001 -- any layer, any error; the link tells it
            self._events.on_lost(str(error) or type(error).__name__)
