"""One HTTP request between a connection and the application: ASGI's `receive` and `send`. Event loop only."""

import asyncio
import logging
from http import HTTPStatus
from typing import Protocol

from realtime.server.interfaces import Application, Limits, Message, Scope
from realtime.server.request_parser import Head, Refusal
from realtime.server.response import Response
from realtime.server.scope import Ends
from realtime.transport.shared_limit import SharedLimit

logger = logging.getLogger(__name__)

BUFFER_BYTES = 64 * 1024
"""What of a body waits for the application; reading from the client pauses until it takes that."""


class Client(Protocol):
    """A connection as its request sees it."""

    def write(self, data: bytes) -> None: ...

    async def drained(self) -> None:
        """Returns when there is room for more, or the connection is gone."""

    def resume(self) -> None:
        """There is room for more of the request's body."""

    def refuse(self, refusal: Refusal) -> None:
        """Answers with the refusal, if nothing has been answered yet, and ends the connection."""

    def finish(self) -> None:
        """The answer is complete."""


class HttpRequest:
    """One request with its body, as the application's `receive` gives it, and its response. Event loop only."""

    def __init__(
        self, client: Client, head: Head, ends: Ends, *, limits: Limits, bodies: SharedLimit, keep_alive: bool
    ) -> None:
        """`bodies`: for what all requests have received, in memory or in temporary files."""
        self.head = head
        self.ends = ends
        self.response = Response(head, keep_alive=keep_alive)
        self.is_received = not head.has_body
        """Whether all of the body has arrived."""
        self.is_answered = False
        self._client: Client | None = client
        self._limits = limits
        self._bodies = bodies
        self._body = bytearray()
        self._size = 0
        """Body bytes received."""
        self._is_body_taken = False
        self._expects_continue = head.version == "1.1" and (head.get(b"expect") or b"").lower() == b"100-continue"
        self._waiter: asyncio.Future[None] | None = None
        self._body_began = asyncio.get_running_loop().time()
        self._paused_for = 0.0
        self._full_since: float | None = None

    # From the client

    @property
    def has_room(self) -> bool:
        return len(self._body) < BUFFER_BYTES

    def add_body(self, data: bytes) -> None:
        """Takes a part of the body. Raises Refusal when it is larger than it may be."""
        self._expects_continue = False
        if self._size + len(data) > self._limits.body_bytes:
            raise too_large(self._limits)
        self._size += len(data)
        self._bodies.receive(self, self._size)
        if self._client is None or self.is_answered:
            return
        self._body += data
        if not self.has_room and self._full_since is None:
            self._full_since = asyncio.get_running_loop().time()
        self._wake()

    def end_body(self) -> None:
        self.is_received = True
        self._bodies.keep(self)
        self._wake()

    def give_up(self, limit: SharedLimit) -> None:
        if self._client is not None:
            self._client.refuse(busy("Too many large requests at the same time"))

    def disconnect(self) -> None:
        """The client is gone, or was refused. The application is told so, and what it sends is dropped."""
        self._client = None
        self._wake()

    def is_too_slow(self, now: float) -> bool:
        """Whether the body comes more slowly than it may, apart from the time in which it had to wait for us."""
        if self.is_received or self.is_answered or self._full_since is not None:
            return False
        allowed = self._limits.body_seconds + self._size / self._limits.body_bytes_per_second
        return now - self._body_began - self._paused_for > allowed

    # For the application

    async def run(self, application: Application, scope: Scope) -> None:
        """Calls the application, and answers with an error if it does not answer."""
        try:
            try:
                await application(scope, self.receive, self.send)
            finally:
                self._bodies.release(self)
        except Exception:
            logger.exception("Exception in the application, at %s %s", self.head.method, scope["path"])
        else:
            if not self.is_answered and self._client is not None:
                logger.error("The application has not answered %s %s", self.head.method, scope["path"])
        if not self.is_answered and self._client is not None:
            self._client.refuse(Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error"))

    async def receive(self) -> Message:
        """ASGI's `receive`: the body in parts, then a disconnect as soon as the client is gone."""
        while True:
            if self._client is None or self.is_answered:
                return {"type": "http.disconnect"}
            if self._body or (self.is_received and not self._is_body_taken):
                return self._take_body()
            if self._expects_continue:
                self._expects_continue = False
                self._client.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def _take_body(self) -> Message:
        body, self._body = bytes(self._body), bytearray()
        self._is_body_taken = self.is_received
        if self._full_since is not None:
            self._paused_for += asyncio.get_running_loop().time() - self._full_since
            self._full_since = None
        if not self.is_received and self._client is not None:
            self._client.resume()
        return {"type": "http.request", "body": body, "more_body": not self.is_received}

    async def send(self, message: Message) -> None:
        """ASGI's `send`. It waits while the client has much to read yet. Raises ValueError."""
        client = self._client
        if client is None:
            return
        match message["type"]:
            case "http.response.start":
                self.response.start(message["status"], message.get("headers", ()))
            case "http.response.body":
                if self.is_answered:
                    raise ValueError("The response is complete already")
                more = message.get("more_body", False)
                data = self.response.body(message.get("body", b""), more=more)
                if data:
                    client.write(data)
                if more:
                    await client.drained()
                else:
                    self.is_answered = True
                    self._wake()
                    client.finish()
            case kind:
                raise ValueError(f"{kind} can't be sent to an HTTP client")

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def busy(reason: str) -> Refusal:
    """The answer to a request that may be repeated in a moment."""
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, reason, headers="Retry-After: 1\r\n")


def too_large(limits: Limits) -> Refusal:
    """The answer to a request whose body is over the limit."""
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body may have at most {limits.body_bytes} bytes")
