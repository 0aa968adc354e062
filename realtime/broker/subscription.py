"""One connection that is subscribed to channels of a Redis host. Event loop only.

redis-py opens it: address, TLS, sign-in, Sentinels. Then its transport gets this protocol, which parses with hiredis
and calls back once with all messages of a read, in the turn of the loop in which they arrive. redis-py's own PubSub
needs a task, a queue and several times the processor time for each message, and hides Redis' confirmations of
subscriptions.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Self

import hiredis
from redis.asyncio.connection import ConnectionPool

Messages = Sequence[tuple[bytes, bytes]]
"""Each with its channel, in the order of their arrival."""

CHANNELS_AT_ONCE = 500
"""Channels named in one command."""


class Subscription(asyncio.Protocol):
    """Receives what is published on the channels that it subscribes to, at one host. Event loop only."""

    def __init__(
        self,
        *,
        on_messages: Callable[[Messages], None],
        on_confirmed: Callable[[bytes, bool], None],
        on_lost: Callable[[str], None],
    ) -> None:
        """`on_messages()` for all that one read from the socket has brought; `on_confirmed(channel, is_subscribed)`
        when Redis has subscribed or unsubscribed it; `on_lost(why)` once, when the connection has ended by itself or
        can't be used."""
        self._on_messages = on_messages
        self._on_confirmed = on_confirmed
        self._on_lost = on_lost
        self._reader = hiredis.Reader()
        self._connection: Any = None
        self._transport: Any = None

    async def open(self, pool: ConnectionPool) -> Self:
        """Connects as a connection of this pool would. Raises redis-py's errors."""
        connection: Any = pool.make_connection()  # type: ignore[no-untyped-call]
        await connection.connect()
        self._connection = connection  # closes the transport when it is forgotten
        self._transport = connection._writer.transport
        self._transport.set_protocol(self)
        return self

    def subscribe(self, channels: Collection[str]) -> None:
        """Returns at once; each channel is confirmed when Redis knows it."""
        self._command(b"SUBSCRIBE", channels)

    def unsubscribe(self, channels: Collection[str]) -> None:
        self._command(b"UNSUBSCRIBE", channels)

    def close(self) -> None:
        """Aborts the connection: a Redis that hangs would not answer a QUIT. `on_lost` is not called."""
        self._on_lost = lambda why: None
        self._on_messages = lambda messages: None
        if self._transport is not None:
            self._transport.abort()
            # redis-py would wait for the end of a stream that is no longer its own.
            self._connection._writer = self._connection._reader = None
            self._connection = self._transport = None

    def _command(self, name: bytes, channels: Iterable[str]) -> None:
        names = list(channels)
        if self._transport is None:
            return
        for start in range(0, len(names), CHANNELS_AT_ONCE):
            command: Any = (name, *names[start : start + CHANNELS_AT_ONCE])
            self._transport.write(hiredis.pack_command(command))

    # For the transport

    def data_received(self, data: bytes) -> None:
        messages: list[tuple[bytes, bytes]] = []
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
                self._take(reply, messages)
        except hiredis.ProtocolError as error:
            self._lose(f"not Redis' protocol: {error}")
        if messages:
            self._on_messages(messages)

    def connection_lost(self, error: Exception | None) -> None:
        self._lose(str(error) if error else "Redis has closed the connection")

    def _take(self, reply: Any, messages: list[tuple[bytes, bytes]]) -> None:
        """Adds a message to `messages`; deals with every other reply."""
        if isinstance(reply, hiredis.ReplyError):
            self._lose(str(reply))
        elif isinstance(reply, list) and len(reply) == 3:
            kind, channel, data = reply
            if kind == b"message":
                messages.append((channel, data))
            elif kind in (b"subscribe", b"unsubscribe"):
                self._on_confirmed(channel, kind == b"subscribe")

    def _lose(self, why: str) -> None:
        on_lost, self._on_lost = self._on_lost, lambda why: None
        on_lost(why)
