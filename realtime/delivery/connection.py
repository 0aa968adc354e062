"""One WebSocket as the hub sees it: who it is, which streams it follows, and how to write to it. Event loop only."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from realtime import metrics
from realtime.conf import config
from realtime.delivery.feed import Payload
from realtime.protocol.messages import CloseCode, Hello, frame
from realtime.transport.io_uring import Target


class Outlet(Target, Protocol):
    """Where a connection's frames go: the server's own writer, or an `AsgiOutlet`.

    `write` and `close` return at once, whatever the peer does.
    """

    def write(self, data: Payload, /) -> None: ...

    def close(self, code: int, /) -> None: ...

    async def drained(self) -> None:
        """Returns when all that was written has been handed on, or the peer is gone."""


class AsgiOutlet:
    """Through ASGI's `send`: right on every server, only slower."""

    __slots__ = ("_closed", "_queue", "_send", "_size", "_task")

    sqe_header: int = 0

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._queue: deque[dict[str, Any]] = deque()
        self._size = 0
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    def write(self, data: Payload, /) -> None:
        if self._closed:
            return
        if self._size > config().send_buffer_bytes:
            self._queue.clear()
            metrics.slow_readers.inc()
            self.close(CloseCode.SLOW)
            return
        for text in data.texts:
            self._queue.append({"type": "websocket.send", "text": text})
            self._size += len(text)
        self._wake()

    def close(self, code: int, /) -> None:
        if not self._closed:
            self._closed = True
            metrics.closes.labels(int(code)).inc()
            self._queue.append({"type": "websocket.close", "code": int(code)})
            self._wake()

    async def drained(self) -> None:
        if self._task is not None:
            await asyncio.shield(self._task)

    def _wake(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            while self._queue:
                message = self._queue.popleft()
                self._size -= len(message.get("text", ""))
                await self._send(message)
        except Exception:  # noqa: BLE001 -- each server has an error of its own for a peer that is gone
            self._closed = True
            self._queue.clear()
        finally:
            self._task = None


def name_of(number: int) -> str:
    """A connection's number as the log has it. A number takes half the memory that a name does."""
    return f"{number:012x}"


class Connection:
    """A signed-in socket.

    `streams` are the streams whose feeds it is attached to. While `needs_resync`, these may differ from what the person
    may read: the hub is asking.
    """

    __slots__ = (
        "epoch",
        "expires_at",
        "is_closed",
        "needs_resync",
        "number",
        "outlet",
        "positions",
        "replayed",
        "settling",
        "streams",
        "user_id",
        "was_ready",
    )

    def __init__(
        self, *, user_id: int, expires_at: float | None, outlet: Outlet, hello: Hello, number: int = 0
    ) -> None:
        """`number`: by which the log knows it."""
        self.outlet = outlet
        self.number = number
        self.user_id = user_id
        self.expires_at = expires_at
        self.streams: set[str] = set()
        self.epoch = hello.epoch
        self.positions = hello.positions
        """Where the client stands, until it has caught up; None for one that is live from now on."""
        self.replayed = 0
        """Events that it has been sent out of the past."""
        self.needs_resync = True
        self.is_closed = False
        self.was_ready = False
        self.settling: asyncio.Task[None] | None = None

    def send(self, payload: Payload) -> None:
        self.outlet.write(payload)

    def tell(self, kind: str, **fields: Any) -> None:
        """Sends one frame to this connection alone."""
        self.outlet.write(Payload([frame(kind, **fields)]))

    def close(self, code: int) -> None:
        self.is_closed = True
        self.outlet.close(code)

    def refuse(self, code: CloseCode, detail: str) -> None:
        """Says why, then closes."""
        self.tell("error", code=int(code), detail=detail)
        self.close(code)

    async def drained(self) -> None:
        await self.outlet.drained()
