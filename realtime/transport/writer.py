"""Writing to one socket: finished bytes, one system call each while the peer keeps up, a bounded backlog while not.

Twisted buffers every write and has the event loop watch the socket twice for it, which is most of what a broadcast
through Daphne costs. Here a write goes straight to `send(2)`. Only what the kernel refuses goes to the transport; what
is written after that waits here, and the transport, to which this is then a pull producer, asks for it when it has
sent the rest. Event loop only.
"""

import asyncio
import errno
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IPullProducer
from zope.interface import implementer

from realtime import metrics
from realtime.transport import frames
from realtime.transport.io_uring import Recipients, send_request

if TYPE_CHECKING:
    from collections.abc import Callable

TOO_SLOW = 4008

CLOSE_SECONDS = 5.0
"""How long a peer may take to answer a close frame before its connection is cut."""

_BUFFERS = 64
"""Writes handed to the kernel in one call, once a slow peer reads again."""


def _not_open(data: bytes) -> int:
    raise RuntimeError("The socket has not been accepted yet.")


@implementer(IPullProducer)
class SocketWriter:
    """The writing half of a WebSocket over plain TCP or a Unix socket."""

    __slots__ = ("_abort", "_backlog", "_limit", "_queued", "_send", "_waiters", "close_sent", "request", "transport")

    def __init__(self, limit: int) -> None:
        """`limit`: bytes that may wait for a slow peer; more of them close it with 4008."""
        self._limit = limit
        self._send: Callable[[bytes], int] = _not_open
        self._backlog: deque[bytes] | None = None
        self._queued = 0
        self._waiters: list[asyncio.Future[None]] | None = None
        self._abort: asyncio.TimerHandle | None = None
        self.transport: Any = None
        self.close_sent: int | None = None
        """The code of our close frame, once there is one."""
        self.request = 0
        """For an io_uring, while nothing is pending here (see `io_uring.Target`): another socket may get the same
        descriptor, so it is 0 before anything is done after this one's is closed."""

    def open(self, transport: Any) -> None:
        """Writes to this transport from now on, after what waits there already."""
        self.transport = transport
        self._send = transport.socket.send
        self._set_request(send_request(transport.socket.fileno()))
        if transport.dataBuffer or transport._tempDataLen:
            self._fall_behind()

    # For the application

    def write(self, data: bytes) -> None:
        """Sends `data`: one or more complete, unmasked frames.

        Returns at once and never raises for a peer that is gone; ignored after `close()`. All of one call's frames go
        out together. Raises RuntimeError before the socket is accepted.
        """
        if self._backlog is not None:
            self._queue(data)
            return
        send = self._send  # called through a local, which is faster than through a slot
        try:
            sent = send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            sent = self._failed(error, len(data))
        if sent < len(data):
            self._fall_behind(data[sent:])

    def take_result(self, data: bytes, result: int) -> None:
        """For an io_uring that has not sent all of `data`: the bytes that went out, or -errno."""
        sent = 0 if result == -errno.EAGAIN else result
        if result < 0 and sent:
            sent = self._failed(OSError(-result, ""), len(data))
        if sent < len(data):
            self._fall_behind(data[sent:])

    @property
    def pending(self) -> int:
        """Bytes that the kernel has not taken yet."""
        if self._backlog is None:
            return 0
        transport = self.transport
        return self._queued + int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    async def drained(self) -> None:
        """Returns when nothing is pending any more, or the connection is gone."""
        if self._backlog is not None:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters = [*(self._waiters or ()), waiter]
            await waiter

    def close(self, code: int = 1000) -> None:
        """Sends a close frame in the place of all that has not begun to go out; a second call is ignored.

        A peer that does not answer within CLOSE_SECONDS is cut off. Raises ValueError for a code that an application
        may not use: it may use 1000 and those from 3000 to 4999.
        """
        if not frames.may_be_sent(code):
            raise ValueError(f"close code {code}")
        self.send_close(code, at_once=True)

    # For the server

    def send_close(self, code: int, reason: str = "", *, at_once: bool = False) -> None:
        """As `close()`, with any code, and behind what waits unless `at_once`."""
        if self.close_sent is None and self.transport is not None:
            metrics.closes.labels(code).inc()
            self._send_close(code, reason, at_once=at_once)

    def _send_close(self, code: int | None, reason: str = "", *, at_once: bool = False) -> None:
        if self.close_sent is not None or self.transport is None:
            return
        self.close_sent = code or 0
        frame = frames.close_frame(code, reason)
        if self._backlog is None:
            self.write(frame)
        else:
            if at_once:
                self._backlog.clear()
                self._queued = 0
            self._backlog.append(frame)
            self._queued += len(frame)
        self._end()
        self._abort = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.transport.abortConnection)

    def lost(self) -> None:
        """The transport is gone."""
        self._end()
        self._caught_up()
        self.transport = None
        if self._abort is not None:
            self._abort.cancel()
            self._abort = None

    def _end(self) -> None:
        """From now on writes are swallowed."""
        self._send = len
        self._set_request(0)

    def _set_request(self, request: int) -> None:
        self.request = request
        Recipients.outdate()

    # While the peer is slow

    def _failed(self, error: OSError, size: int) -> int:
        """What counts as sent after a refused `send`: nothing if the kernel lacks memory, all of it to a dead peer."""
        if error.errno == errno.ENOBUFS:
            return 0
        self._end()
        self.transport.abortConnection()
        return size

    def _fall_behind(self, rest: bytes = b"") -> None:
        """From now on the transport asks for more; first it sends `rest`, the end of a frame that has begun."""
        self._backlog = deque()
        self._queued = 0
        self._set_request(0)
        self.transport.write(rest)
        self.transport.registerProducer(self, False)

    def _queue(self, data: bytes) -> None:
        if self._backlog is None or self.close_sent is not None:
            return
        if self.pending + len(data) > self._limit:
            metrics.slow_readers.inc()
            self.send_close(TOO_SLOW, at_once=True)
            return
        self._backlog.append(data)
        self._queued += len(data)

    def resumeProducing(self) -> None:  # noqa: N802 -- Twisted's name
        """The transport has sent all it had. It also asks once on being given a producer, when it has something yet."""
        transport, backlog = self.transport, self._backlog
        if backlog is None or transport.dataBuffer or transport._tempDataLen:
            return
        while backlog:
            sent = self._send_some(backlog)
            self._queued -= sent
            began = 0
            while backlog and sent >= len(backlog[0]):
                sent -= len(backlog.popleft())
                began += 1
            if backlog and (sent or not began):
                rest = backlog.popleft()[sent:]
                self._queued -= len(rest)
                transport.write(rest)
                return
        transport.unregisterProducer()
        self._caught_up()

    def _send_some(self, backlog: deque[bytes]) -> int:
        try:
            sent: int = self.transport.socket.sendmsg(list(islice(backlog, _BUFFERS)))
        except BlockingIOError:
            return 0
        except OSError as error:
            return self._failed(error, self._queued)
        return sent

    def _caught_up(self) -> None:
        self._backlog = None
        self._queued = 0
        if self._send is not len:
            self._set_request(send_request(self.transport.socket.fileno()))
        for waiter in self._waiters or ():
            if not waiter.done():
                waiter.set_result(None)
        self._waiters = None

    def stopProducing(self) -> None:  # noqa: N802 -- Twisted's name
        """The transport is gone; `lost()` follows."""
