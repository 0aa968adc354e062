"""Messages of a WebSocket that wait for the application's ASGI `receive()`. Event loop only."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

from realtime.transport.receiver import Receiver

Message = dict[str, Any]

MAX_WAITING = 64
MAX_WAITING_BYTES = 256 * 1024
"""With more messages or bytes waiting, reading from the socket pauses until the application has taken half of them."""


class ReceiveQueue:
    """The receiver of a WebSocket whose application has not attached one of its own."""

    __slots__ = ("_is_full", "_messages", "_on_end", "_waiter", "on_taken", "size", "transport")

    def __init__(self, on_end: Callable[[], None]) -> None:
        """`on_end()` is called once, when no more messages will arrive here."""
        self._messages: deque[Message] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._is_full = False
        self._on_end = on_end
        self.transport: asyncio.Transport | None = None
        """Set once the WebSocket is open; reading is paused and resumed through it."""
        self.size = 0
        """Bytes of memory that the waiting messages take."""
        self.on_taken: Callable[[], None] | None = None
        """Called when the application has taken a message."""

    async def receive(self) -> Message:
        """ASGI's `receive`."""
        while not self._messages:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        message = self._messages.popleft()
        self.size -= _size(message)
        if self._is_full and len(self._messages) <= MAX_WAITING // 2 and self.size <= MAX_WAITING_BYTES // 2:
            self._resume()
        if self.on_taken is not None:
            self.on_taken()
        return message

    def put_nowait(self, message: Message) -> None:
        """Adds a message for the application."""
        self._messages.append(message)
        self.size += _size(message)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        is_full = len(self._messages) > MAX_WAITING or self.size > MAX_WAITING_BYTES
        if is_full and not self._is_full and self.transport is not None:
            self._is_full = True
            self.transport.pause_reading()

    def on_text(self, text: str) -> None:
        self.put_nowait({"type": "websocket.receive", "text": text})

    def on_bytes(self, data: bytes) -> None:
        self.put_nowait({"type": "websocket.receive", "bytes": data})

    def on_close(self, code: int) -> None:
        self.transport = None
        self.put_nowait({"type": "websocket.disconnect", "code": code})
        self._end()

    def hand_over(self, receiver: Receiver) -> None:
        """Passes all waiting messages to `receiver`."""
        for message in self._messages:
            if message["type"] == "websocket.disconnect":
                receiver.on_close(message["code"])
            elif "text" in message:
                receiver.on_text(message["text"])
            elif "bytes" in message:
                receiver.on_bytes(message["bytes"])
        self.drop()
        if self._is_full:
            self._resume()
        self._end()

    def drop(self) -> None:
        """The application gets none of the waiting messages."""
        self._messages.clear()
        self.size = 0

    def _end(self) -> None:
        """Drops the callbacks: they refer to what refers to this queue, a cycle of several KB."""
        self.on_taken = None
        on_end, self._on_end = self._on_end, lambda: None
        on_end()

    def _resume(self) -> None:
        self._is_full = False
        if self.transport is not None:
            self.transport.resume_reading()


def _size(message: Message) -> int:
    """What it takes in memory: the shortest two hundred bytes, a text up to four for each byte that came."""
    return sys.getsizeof(message) + sys.getsizeof(message.get("text") or message.get("bytes"))
