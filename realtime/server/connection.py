"""A connection that speaks HTTP/1.1, until it ends or becomes a WebSocket. Event loop only."""

import asyncio
import contextlib
import socket
from collections import deque
from http import HTTPStatus

from realtime.server.handshake import Handshake
from realtime.server.interfaces import ServerContext
from realtime.server.request import HttpRequest, busy, too_large
from realtime.server.request_parser import END, Event, Head, Refusal, RequestParser
from realtime.server.response import refusal_bytes
from realtime.server.scope import Ends, forwarded, http_scope
from realtime.transport.shared_limit import SharedLimit
from realtime.transport.writer import cut_off

LINGER_SECONDS = 5.0
"""How long a refused client's data is still read and dropped: a reset by the kernel would overtake the answer."""

READ_BYTES = 16 * 1024
"""How much of a waiting answer a client must read in `Limits.unread_seconds`."""

NOTHING = memoryview(b"")


class HttpConnection(asyncio.Protocol):
    """Requests one after the other; several that were sent at once are answered in turn."""

    def __init__(self, server: ServerContext, accepted: socket.socket) -> None:
        """`accepted`: the connection's own socket."""
        self._server = server
        self._socket = accepted
        self._transport: asyncio.Transport
        self._ends: Ends
        self._parser: RequestParser | None = RequestParser()
        self._unparsed = NOTHING
        self._events: deque[Event] = deque()
        self._request: HttpRequest | None = None
        self._refusal: Refusal | None = None
        self._loop = asyncio.get_running_loop()
        self._idle_since = self._loop.time()
        self._head_began: float | None = None
        self._is_new = True
        self._lingers_until: float | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._written = 0
        self._unread_mark: tuple[float, int] | None = None

    # For the transport; see asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 -- for the type checker
        self._transport = transport
        peer, here = (transport.get_extra_info(name) for name in ("peername", "sockname"))
        is_internet = isinstance(peer, tuple) and isinstance(here, tuple)
        self._ends = Ends(
            client=peer[:2] if is_internet else None,
            server=here[:2] if is_internet else None,
            scheme="https" if transport.get_extra_info("ssl_object") else "http",
        )
        self._server.connections[self] = None

    def data_received(self, data: bytes) -> None:
        if self._lingers_until is None:
            self._unparsed = memoryview(bytes(self._unparsed) + data if self._unparsed else data)
            self._parse()

    def eof_received(self) -> None:
        """The transport closes itself: a client that has ended its side is gone."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        if self._request is not None:
            self._request.disconnect()
            self._request = None
        self.resume_writing()

    def pause_writing(self) -> None:
        if self._waiter is None:
            self._waiter = self._loop.create_future()

    def resume_writing(self) -> None:
        self._server.answers.refresh(self)
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        if self._request is None and (self._events or self._unparsed):
            self._loop.call_soon(self._go_on)

    def _forget(self) -> None:
        self._server.connections.pop(self, None)
        self._parser = None
        self._unparsed = NOTHING
        self._events.clear()
        self._server.heads.release(self)
        self._server.answers.release(self)

    # For the server

    @property
    def is_busy(self) -> bool:
        return self._request is not None

    @property
    def idle_since(self) -> float | None:
        return None if self.is_busy else self._idle_since

    def abort(self) -> None:
        self._transport.abort()

    def check(self, now: float) -> None:
        limits = self._server.limits
        if self._lingers_until is not None:
            if now > self._lingers_until:
                self.abort()
        elif self._request is not None:
            if self._request.is_too_slow(now):
                self.refuse(Refusal(HTTPStatus.REQUEST_TIMEOUT, "The body arrives too slowly"))
        elif self._head_began is not None:
            if now - self._head_began > limits.head_seconds:
                self.refuse(Refusal(HTTPStatus.REQUEST_TIMEOUT, "The request arrives too slowly"))
        elif now - self._idle_since > (limits.first_byte_seconds if self._is_new else limits.idle_seconds):
            self._transport.close()
        self._check_unread(now)

    def _check_unread(self, now: float) -> None:
        waiting = self._transport.get_write_buffer_size()
        read = self._written - waiting
        self._count_unread()
        if not waiting:
            self._unread_mark = None
        elif self._unread_mark is None or read - self._unread_mark[1] >= READ_BYTES:
            self._unread_mark = now, read
            self._server.answers.refresh(self)
        elif now - self._unread_mark[0] > self._server.limits.unread_seconds:
            cut_off(self._transport)

    def give_up(self, limit: SharedLimit) -> None:
        if limit is self._server.answers:
            cut_off(self._transport)
        else:
            self._refuse_next(busy("Too many requests arrive at the same time"))

    def _count_unparsed(self) -> None:
        if self._parser is not None:
            received = memoryview(self._unparsed.obj).nbytes  # the parsed part of it stays in memory, too
            self._server.heads.hold(self, received + self._parser.held)

    def _count_unread(self) -> None:
        """What the client has not read, and what the application still has of that answer."""
        waiting = self._transport.get_write_buffer_size()
        if waiting and self._request is not None:
            waiting += self._request.response.left
        self._server.answers.hold(self, waiting)

    # What arrives

    def _parse(self) -> None:
        try:
            while self._unparsed and self._takes_input and self._parser is not None:
                events, used = self._parser.feed(self._unparsed)
                self._unparsed = self._unparsed[used:] or NOTHING
                self._events += events
                if self._head_began is None and self._request is None:
                    self._head_began = self._loop.time()
                self._advance()
        except Refusal as refusal:
            self._refuse_next(refusal)
        if self._lingers_until is None and self._parser is not None:
            if self._unparsed:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()
        self._count_unparsed()

    @property
    def _takes_input(self) -> bool:
        if self._events or self._refusal or self._waiter is not None or self._lingers_until is not None:
            return False
        return self._request is None or (not self._request.is_received and self._request.has_room)

    def _advance(self) -> None:
        """Processes what has been parsed, up to the beginning of a request that has to wait for its turn."""
        while self._events and self._lingers_until is None:
            request, event = self._request, self._events[0]
            if isinstance(event, Head):
                if request is not None or self._waiter is not None:
                    return  # its turn comes when there is an answer to the one before, and the client reads it
                self._events.popleft()
                self._begin(event)
            else:
                self._events.popleft()
                if request is None:
                    continue  # the rest of a request that has been answered already
                if event is END:
                    request.end_body()
                elif isinstance(event, bytes):
                    request.add_body(event)

    def _begin(self, head: Head) -> None:
        """Raises Refusal."""
        self._head_began, self._is_new = None, False
        server = self._server
        ends = forwarded(self._ends, head) if server.proxy_headers else self._ends
        if head.wants_websocket:
            self._become_websocket(head, ends)
            return
        if head.method == "CONNECT":
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "This is not a proxy")
        if head.content_length > server.limits.body_bytes:
            raise too_large(server.limits)
        if server.requests >= server.limits.requests:
            raise busy("Too many requests at the same time")
        keep_alive = head.keep_alive and not server.is_draining
        request = HttpRequest(self, head, ends, limits=server.limits, bodies=server.bodies, keep_alive=keep_alive)
        self._request = request
        scope = http_scope(head, ends)
        if server.proxy_headers:
            scope["extensions"] = {"realtime.proxy_headers": {}}
        server.run_application(request.run(server.application, scope), is_request=True)

    def _become_websocket(self, head: Head, ends: Ends) -> None:
        """Raises Refusal."""
        handshake = Handshake(self._server, head, ends)
        early = b"".join(event for event in self._events if isinstance(event, bytes)) + bytes(self._unparsed)
        self._forget()
        direct = None if self._transport.get_extra_info("ssl_object") else self._socket.send
        self._transport.resume_reading()
        handshake.begin(self._transport, direct, early)

    # What is answered

    def write(self, data: bytes) -> None:
        self._written += len(data)
        self._transport.write(data)
        self._count_unread()

    async def drained(self) -> None:
        if self._waiter is not None:
            await self._waiter

    def resume(self) -> None:
        if self._unparsed:
            self._loop.call_soon(self._parse)

    def finish(self) -> None:
        request, self._request = self._request, None
        if request is None:
            return
        self._idle_since = self._loop.time()
        self._log(request)
        if not request.is_received:
            self._linger()  # the client is still sending a body that was not read
        elif not request.response.keep_alive:
            self._transport.close()
        elif self._refusal is not None:
            self.refuse(self._refusal)
        else:
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """With what has been sent behind the last request."""
        try:
            self._advance()
        except Refusal as refusal:
            self._refuse_next(refusal)
        self._parse()

    def _refuse_next(self, refusal: Refusal) -> None:
        """Refuses what is being received: at once, or after the answer to what came before it."""
        self._events.clear()
        self._unparsed = NOTHING
        if self._request is not None and self._request.is_received:
            self._refusal = refusal
        else:
            self.refuse(refusal)

    def refuse(self, refusal: Refusal) -> None:
        request, self._request = self._request, None
        has_started = request is not None and request.response.has_started
        request_id = self._server.refused(self._ends.client_name, refusal.status, refusal.reason)
        if request is not None:
            request.disconnect()
        if has_started:
            self.abort()  # the client sees that the answer is not complete
            return
        head_only = request is not None and request.head.method == "HEAD"
        self.write(refusal_bytes(refusal, request_id=request_id, head_only=head_only))
        self._linger()

    def _linger(self) -> None:
        self._lingers_until = self._loop.time() + LINGER_SECONDS
        self._parser = None
        self._events.clear()
        self._unparsed = NOTHING
        self._server.heads.release(self)
        if self._transport.can_write_eof():
            with contextlib.suppress(OSError):  # the client is gone, which the transport has not read yet
                self._transport.write_eof()
        self._transport.resume_reading()

    def _log(self, request: HttpRequest) -> None:
        if self._server.access_log is not None:
            self._server.access_log.http(
                client=request.ends.client_name,
                method=request.head.method,
                target=request.head.target.decode(),
                status=request.response.status,
                size=request.response.size,
            )
