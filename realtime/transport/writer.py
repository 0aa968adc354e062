"""Writing to one socket: a system call for each write while the peer keeps up, a bounded backlog otherwise.

A write goes straight to `send(2)`. What the kernel refuses goes to the transport, which then calls `pause_writing()`;
later writes wait here until it calls `resume_writing()`. Event loop only.
"""

import asyncio
import errno
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

from realtime import metrics
from realtime.transport import frames
from realtime.transport.io_uring import Recipients, send_header

CLOSE_SECONDS = 5.0
"""How long a peer may take to answer a close frame before its connection is cut."""

_JOINED_BYTES = 64 * 1024
"""How much of the backlog is handed to the transport at once, when a slow peer reads again."""

DirectSend = Callable[[bytes], int]
"""The `send` method of a transport's own, non-blocking socket."""


def cut_off(transport: asyncio.Transport) -> None:
    """Ends a connection at once, by a reset: the kernel drops what it still has to send."""
    accepted = transport.get_extra_info("socket")
    if accepted is not None and not transport.is_closing():
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _not_open(data: bytes) -> int:
    raise RuntimeError("The socket has not been accepted yet.")


class SocketWriter:
    """The writing half of a WebSocket, over TCP, TLS or a Unix socket."""

    __slots__ = (
        "_abort",
        "_backlog",
        "_limit",
        "_queued",
        "_send",
        "_too_slow",
        "_waiters",
        "close_sent",
        "sqe_header",
        "transport",
    )

    def __init__(self, limit: int, *, too_slow: int) -> None:
        """`limit`: bytes that may wait for a slow peer; with more it is closed with the code `too_slow`."""
        self._limit = limit
        self._too_slow = too_slow
        self._send: DirectSend | None = _not_open
        self._backlog: deque[bytes] | None = None
        self._queued = 0
        self._waiters: list[asyncio.Future[None]] | None = None
        self._abort: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport | None = None
        self.close_sent: int | None = None
        """The code of our close frame, once it has been sent."""
        self.sqe_header = 0
        """For io_uring (see `io_uring.Target`). It is 0 while something waits here, and before the socket is closed:
        another socket may get the same descriptor."""

    def open(self, transport: asyncio.Transport, send: DirectSend | None = None) -> None:
        """Writes to this transport from now on, which must call this object's `pause_writing()` and
        `resume_writing()`. `send`: of its socket, None for one that must not be written to directly (TLS)."""
        self.transport = transport
        self._send = send
        self._use_io_uring()
        # The transport reports each byte that it could not send. (Over TLS, 0 would mean every write.)
        transport.set_write_buffer_limits(high=1 if send is None else 0, low=0)
        if transport.get_write_buffer_size():
            self.pause_writing()

    # For the application

    def write(self, data: bytes) -> None:
        """Sends `data`: one or more complete, unmasked frames.

        Returns at once and never raises for a peer that is gone; ignored after `close()`. All frames of one call are
        sent together. Raises RuntimeError before the socket is accepted.
        """
        if self._backlog is not None:
            self._queue(data)
            return
        send = self._send  # called through a local variable, which is faster than through a slot
        if send is None:
            self._transport_write(data)
            return
        try:
            sent = send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            sent = self._failed(error, len(data))
        if sent < len(data):
            self._transport_write(data[sent:])

    def take_result(self, data: bytes, result: int) -> None:
        """Called when io_uring has not sent all of `data`: with the number of bytes sent, or -errno."""
        sent = 0 if result == -errno.EAGAIN else result
        if result < 0 and sent:
            sent = self._failed(OSError(-result, ""), len(data))
        if sent < len(data):
            self._transport_write(data[sent:])

    @property
    def pending(self) -> int:
        """Bytes that the kernel has not taken yet."""
        if self._backlog is None or self.transport is None:
            return 0
        return self._queued + self.transport.get_write_buffer_size()

    async def drained(self) -> None:
        """Returns when nothing is pending any more, or the connection is gone."""
        if self._backlog is not None:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters = [*(self._waiters or ()), waiter]
            await waiter

    def close(self, code: int = 1000) -> None:
        """Sends a close frame instead of everything that still waits here; a second call is ignored.

        A peer that does not answer within CLOSE_SECONDS is cut off. Raises ValueError for a code that an application
        may not use: it may use 1000 and those from 3000 to 4999.
        """
        if not frames.may_be_sent(code):
            raise ValueError(f"close code {code}")
        self.send_close(code, at_once=True)

    # For the server

    def send_close(self, code: int, reason: str = "", *, at_once: bool = False) -> None:
        """As `close()`, with any code, and after what waits unless `at_once`."""
        if self.close_sent is None and self.transport is not None:
            metrics.closes.labels(code).inc()
            self.send_close_frame(code, reason, at_once=at_once)

    def send_close_frame(self, code: int | None, reason: str = "", *, at_once: bool = False) -> None:
        """As `send_close()`, without counting it in the metrics. No code: an empty close frame."""
        transport = self.transport
        if self.close_sent is not None or transport is None:
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
        self._abort = asyncio.get_running_loop().call_later(CLOSE_SECONDS, cut_off, transport)

    def lost(self) -> None:
        """The transport is gone."""
        self._end()
        self.transport = None
        self._caught_up()
        if self._abort is not None:
            self._abort.cancel()
            self._abort = None

    def _end(self) -> None:
        """Ignores writes from now on."""
        self._send = len
        self._set_sqe_header(0)

    def _use_io_uring(self) -> None:
        """Only a plain socket to which nothing else is being written."""
        if self.transport is not None and self._send is not None and self._send is not len:
            self._set_sqe_header(send_header(self.transport.get_extra_info("socket").fileno()))

    def _set_sqe_header(self, header: int) -> None:
        self.sqe_header = header
        Recipients.outdate()

    # While the peer is slow

    def _failed(self, error: OSError, size: int) -> int:
        """The bytes to treat as sent after a refused `send`: none if the kernel lacks memory, all to a dead peer."""
        if error.errno == errno.ENOBUFS:
            return 0
        self._end()
        if self.transport is not None:
            cut_off(self.transport)
        return size

    def _transport_write(self, data: Any) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def pause_writing(self) -> None:
        """Called by the transport: it has bytes that it could not send."""
        if self._backlog is None:
            self._backlog = deque()
            self._queued = 0
            self._set_sqe_header(0)

    def _queue(self, data: bytes) -> None:
        if self._backlog is None or self.close_sent is not None:
            return
        if self.pending + len(data) > self._limit:
            metrics.slow_readers.inc()
            self.send_close(self._too_slow, at_once=True)
            return
        self._backlog.append(data)
        self._queued += len(data)

    def resume_writing(self) -> None:
        """Called by the transport: it has sent everything."""
        transport, backlog = self.transport, self._backlog
        if transport is None or backlog is None:
            return
        while backlog:
            if transport.get_write_buffer_size():
                return  # it calls again
            joined = bytearray()
            while backlog and len(joined) < _JOINED_BYTES:
                joined += backlog.popleft()
            self._queued -= len(joined)
            transport.write(joined)
        if not transport.get_write_buffer_size():
            self._caught_up()

    def _caught_up(self) -> None:
        self._backlog = None
        self._queued = 0
        self._use_io_uring()
        for waiter in self._waiters or ():
            if not waiter.done():
                waiter.set_result(None)
        self._waiters = None
