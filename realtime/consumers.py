"""The socket's side of a connection: accept, sign in, hand over to the hub, listen until it ends.

A plain ASGI application and not a Channels consumer: that would open a channel in the layer for each socket and make a
task and a thread hop of each frame, which is most of what fan-out through Channels costs. Only the hub talks to the
channel layer.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from django.db import DatabaseError
from structlog.contextvars import bind_contextvars

from realtime import metrics
from realtime.conf import config
from realtime.delivery.connection import AsgiOutlet, Connection, Outlet, name_of
from realtime.delivery.feed import Payload
from realtime.delivery.hub import Hub, get_hub
from realtime.identity import Identity, Refused
from realtime.protocol.messages import CloseCode, Hello, ProtocolError, frame, parse, parse_hello

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

FRAMES_PER_MINUTE = 60


class EventConsumer:
    """An ASGI application for one path: `EventConsumer()` serves any number of sockets."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        hub = get_hub()
        number = random.getrandbits(48)  # a name and no secret: the kernel need not be asked for it
        bind_contextvars(connection_id=name_of(number))  # for the log; this task has one connection and ends with it
        await receive()
        await send({"type": "websocket.accept"})
        writer = scope.get("extensions", {}).get("websocket.writer")
        outlet: Outlet = writer if writer is not None else AsgiOutlet(send)
        try:
            connection = await _sign_in(hub, scope, receive, outlet, number)
        except ProtocolError as error:
            metrics.sign_in_failures.labels(int(error.code)).inc()
            logger.info("A socket was refused with %d: %s", error.code, error.detail)
            outlet.write(Payload([frame("error", code=int(error.code), detail=error.detail)]))
            outlet.close(error.code)
            await _until_closed(receive)
            return
        except _ClosedError:
            return
        logger.debug("A socket of user %s has signed in", connection.user_id)
        conversation = Conversation(hub, connection)
        hub.admit(connection)
        if writer is not None:
            # From here the server calls the conversation: no task, no queue and no scope for each connection.
            writer.attach(conversation)
            return
        try:
            while True:
                conversation.on_text(await _text(receive))
        except _ClosedError:
            pass
        finally:
            conversation.on_close()


class Conversation:
    """What a signed-in client says. Called on the event loop; none of it waits."""

    __slots__ = ("_allowance", "_connection", "_counted_at", "_hub", "_renewing")

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._hub = hub
        self._connection = connection
        self._allowance = float(FRAMES_PER_MINUTE)
        self._counted_at = asyncio.get_running_loop().time()
        self._renewing: asyncio.Task[None] | None = None

    def on_text(self, text: str | None) -> None:
        """A frame; None for one that is not text."""
        connection = self._connection
        if connection.is_closed:
            return
        try:
            self._count()
            said = parse(text)
            if said["type"] == "ping":
                connection.tell("pong")
            elif said["type"] == "auth":
                self._renewing = asyncio.create_task(self._renew(said.get("token", "")))
            else:
                raise ProtocolError(CloseCode.BAD_FRAME, "There was a hello already.")
        except ProtocolError as error:
            connection.refuse(error.code, error.detail)

    def on_bytes(self, data: bytes) -> None:
        self.on_text(None)

    def on_close(self, code: int = 1000) -> None:
        """The socket is gone."""
        self._hub.remove(self._connection)

    def _count(self) -> None:
        """A bucket of so many frames, filled again within a minute."""
        now = asyncio.get_running_loop().time()
        refill = (now - self._counted_at) * FRAMES_PER_MINUTE / 60
        self._allowance = min(FRAMES_PER_MINUTE, self._allowance + refill) - 1
        self._counted_at = now
        if self._allowance < 0:
            raise ProtocolError(CloseCode.TOO_MANY, f"More than {FRAMES_PER_MINUTE} frames a minute.")

    async def _renew(self, token: str) -> None:
        connection = self._connection
        bind_contextvars(connection_id=name_of(connection.number))
        try:
            identity = await _identify(self._hub, Hello(token=token), {})
            if identity.user_id != connection.user_id:
                raise ProtocolError(CloseCode.NOT_SIGNED_IN, "The token is another person's.")
            connection.expires_at = identity.expires_at
        except ProtocolError as error:
            logger.info("A socket's new token was refused with %d: %s", error.code, error.detail)
            connection.refuse(error.code, error.detail)
        self._renewing = None


async def _sign_in(hub: Hub, scope: dict[str, Any], receive: Receive, outlet: Outlet, number: int) -> Connection:
    if hub.draining:
        raise ProtocolError(CloseCode.GOING_AWAY, "This replica is going away.")
    token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [None])[0]
    hello = Hello(token=token) if token is not None else await _hello(receive)
    identity = await _identify(hub, hello, dict(scope["headers"]))
    if len(hub.people.get(identity.user_id, ())) >= config().max_connections_per_user:
        raise ProtocolError(CloseCode.TOO_MANY, "Too many connections of one person to this replica.")
    return Connection(
        user_id=identity.user_id, expires_at=identity.expires_at, outlet=outlet, hello=hello, number=number
    )


async def _hello(receive: Receive) -> Hello:
    try:
        async with asyncio.timeout(config().hello_seconds):
            return parse_hello(parse(await _text(receive)))
    except TimeoutError:
        raise ProtocolError(CloseCode.NO_HELLO, "No hello came in time.") from None


async def _identify(hub: Hub, hello: Hello, headers: Mapping[bytes, bytes]) -> Identity:
    try:
        return await hub.identify(hello, headers)
    except Refused as refused:
        code = CloseCode.FORBIDDEN if refused.is_final else CloseCode.NOT_SIGNED_IN
        raise ProtocolError(code, refused.detail) from None
    except DatabaseError:
        raise ProtocolError(CloseCode.GOING_AWAY, "The database can't be reached at the moment.") from None


class _ClosedError(Exception):
    """The client has closed the socket."""


async def _text(receive: Receive) -> str | None:
    """The next frame's text; None for a binary one."""
    message = await receive()
    if message["type"] == "websocket.disconnect":
        raise _ClosedError
    text: str | None = message.get("text")
    return text


async def _until_closed(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass
