"""Where a connection's frames go. There are two ways out, with one rule for slow readers. Event loop only.

- `transport.writer.SocketWriter`, on our own server: straight to the socket.
- `AsgiOutlet`, on any other server: through ASGI's `send`.

The rule: while nothing waits, any payload is accepted. While something waits, a payload that would make more than
`send_buffer_bytes` wait closes the connection with 4008; the client reconnects and resumes.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from realtime import metrics
from realtime.conf import config
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.payload import Payload
from realtime.transport.io_uring import Target


class Outlet(Target, Protocol):
    """`write` and `close` return at once, whatever the peer does."""

    def write(self, data: Payload, /) -> None: ...

    def close(self, code: int, /) -> None:
        """Sends a close frame; what a slow peer has not read yet may be left out."""

    @property
    def pending(self) -> int:
        """Bytes that were written and have not been handed on yet."""

    async def drained(self) -> None:
        """Returns when everything that was written has been handed on, or the peer is gone."""


class AsgiOutlet:
    """Writes through ASGI's `send`, one message after the other."""

    __slots__ = ("_is_closed", "_pending", "_queue", "_send", "_task")

    sqe_header: int = 0

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._queue: deque[tuple[dict[str, Any], int]] = deque()
        self._pending = 0
        self._is_closed = False
        self._task: asyncio.Task[None] | None = None

    def write(self, data: Payload, /) -> None:
        if self._is_closed:
            return
        if self._pending and self._pending + len(data) > config().send_buffer_bytes:
            metrics.slow_readers.inc()
            self._queue.clear()
            self.close(CloseCode.SLOW)
            return
        share = len(data) // len(data.texts) if data.texts else 0
        for text in data.texts:
            self._queue.append(({"type": "websocket.send", "text": text}, share))
        self._pending += share * len(data.texts)
        self._wake()

    def close(self, code: int, /) -> None:
        if not self._is_closed:
            self._is_closed = True
            metrics.closes.labels(int(code)).inc()
            self._queue.append(({"type": "websocket.close", "code": int(code)}, 0))
            self._wake()

    @property
    def pending(self) -> int:
        return self._pending

    async def drained(self) -> None:
        if self._task is not None:
            await asyncio.shield(self._task)

    def _wake(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            while self._queue:
                message, size = self._queue.popleft()
                await self._send(message)
                self._pending -= size
        except Exception:  # noqa: BLE001 -- each server has its own error for a peer that is gone
            self._is_closed = True
            self._queue.clear()
        finally:
            self._pending = 0
            self._task = None
