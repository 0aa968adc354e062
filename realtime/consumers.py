"""The socket's side of a connection: accept, sign in, hand over to the hub, listen until it ends.

A plain ASGI application and not a Channels consumer: that would open a channel in the layer for each socket and make a
task and a thread hop of each frame, which is most of what fan-out through Channels costs. Only the hub talks to the
channel layer.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from realtime import metrics
from realtime.auth.authentication import Authentication
from realtime.conf import config
from realtime.delivery.connection import Connection, name_of, person_key
from realtime.delivery.failure_log import FailureLog
from realtime.delivery.hub import Hub, get_hub
from realtime.delivery.outlet import AsgiOutlet, Outlet
from realtime.identity import Identity, Refused
from realtime.log_context import bind_contextvars
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.messages import Hello, ProtocolError, parse, parse_hello
from realtime.protocol.payload import Payload

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

FRAMES_PER_MINUTE = 60

UPGRADE_REQUIRED = b"This address takes WebSockets only. Does a proxy in front drop the Upgrade header?\n"

_failures = FailureLog(logger, "Sign-ins can't be checked")


class EventConsumer:
    """An ASGI application for one path: `EventConsumer()` serves any number of sockets."""

    def __init__(self) -> None:
        """Raises ImproperlyConfigured where `settings.REALTIME` can't be used: it is made when a server starts."""
        config()
        self._sign_ins: SignIns | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _require_upgrade(send)
            return
        hub = get_hub()
        number = random.getrandbits(48)  # an identifier, not a secret, so a PRNG will do
        bind_contextvars(connection_id=name_of(number))  # for the log; this task has one connection and ends with it
        await receive()
        # There is one protocol. ws and Chromium close a connection whose offered subprotocols are all left unanswered.
        subprotocol = next(iter(scope.get("subprotocols", ())), None)
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        writer = scope.get("extensions", {}).get("websocket.writer")
        outlet: Outlet = writer if writer is not None else AsgiOutlet(send)
        if self._sign_ins is None or self._sign_ins.hub is not hub:
            self._sign_ins = SignIns(hub)
        sign_ins = self._sign_ins
        try:
            connection = await sign_ins.sign_in(scope, receive, outlet, number)
        except ProtocolError as error:
            metrics.sign_in_failures.labels(int(error.code)).inc()
            logger.info("A socket was refused with %d: %s", error.code, error.detail)
            outlet.write(Payload([error.frame()]))
            outlet.close(error.code)
            await _until_closed(receive)
            return
        except _ClosedError:
            return
        logger.debug("A socket of user %s has signed in", connection.user_id)
        conversation = Conversation(sign_ins, connection)
        if writer is not None:
            hub.add(connection)
            # From here the server calls the conversation: no task, no queue and no scope for each connection.
            writer.attach(conversation)
            await hub.subscriptions.sync(connection)
        else:
            hub.admit(connection)
            await _listen(receive, conversation)


class Conversation:
    """What a signed-in client says. Called on the event loop; none of it waits."""

    __slots__ = ("_allowance", "_connection", "_counted_at", "_renewing", "_sign_ins")

    def __init__(self, sign_ins: "SignIns", connection: Connection) -> None:
        self._sign_ins = sign_ins
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
            connection.refuse(error.code, error.detail, reason=error.reason)

    def on_bytes(self, data: bytes) -> None:
        self.on_text(None)

    def on_close(self, code: int = 1000) -> None:
        """The socket is gone."""
        self._sign_ins.hub.remove(self._connection)

    def _count(self) -> None:
        """A token bucket of FRAMES_PER_MINUTE, refilled within a minute."""
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
            identity = await self._sign_ins.identify(Hello(token=token), {})
            if person_key(identity.user_id) != person_key(connection.user_id):
                raise ProtocolError(CloseCode.NOT_SIGNED_IN, "The token is another person's.")
            connection.expires_at = identity.expires_at
        except ProtocolError as error:
            logger.info("A socket's new token was refused with %d: %s", error.code, error.detail)
            connection.refuse(error.code, error.detail, reason=error.reason)
        self._renewing = None


class SignIns:
    """How sockets become connections of a hub."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._authentication = Authentication(hub)

    async def sign_in(self, scope: dict[str, Any], receive: Receive, outlet: Outlet, number: int) -> Connection:
        """Raises ProtocolError where the client can't be served, and _ClosedError where it has gone."""
        if self.hub.draining:
            raise ProtocolError(CloseCode.GOING_AWAY, "This replica is going away.")
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [None])[0]
        hello = Hello(token=token) if token is not None else await _hello(receive)
        identity = await self.identify(hello, dict(scope["headers"]))
        if len(self.hub.roster.of(identity.user_id)) >= config().max_connections_per_user:
            raise ProtocolError(CloseCode.TOO_MANY, "Too many connections of one person to this replica.")
        return Connection(
            user_id=identity.user_id, expires_at=identity.expires_at, outlet=outlet, hello=hello, number=number
        )

    async def identify(self, hello: Hello, headers: Mapping[bytes, bytes]) -> Identity:
        """Who says `hello`. Raises ProtocolError."""
        try:
            identity = await self._authentication.identify(hello, headers)
        except Refused as refused:
            code = CloseCode.FORBIDDEN if refused.is_final else CloseCode.NOT_SIGNED_IN
            raise ProtocolError(code, refused.detail, reason=refused.reason) from None
        except Exception as error:  # noqa: BLE001 -- logged; the client comes back, to another replica perhaps
            _failures.failed(error)
            raise ProtocolError(CloseCode.GOING_AWAY, "Sign-ins can't be checked at the moment.") from None
        _failures.succeeded()
        if identity.expires_at is not None and identity.expires_at <= time.time():  # within the project's leeway
            raise ProtocolError(CloseCode.NOT_SIGNED_IN, "The sign-in has expired.", reason="expired")
        return identity


async def _hello(receive: Receive) -> Hello:
    try:
        async with asyncio.timeout(config().hello_seconds):
            return parse_hello(parse(await _text(receive)))
    except TimeoutError:
        raise ProtocolError(CloseCode.NO_HELLO, "No hello came in time.") from None


async def _require_upgrade(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"upgrade", b"websocket"), (b"connection", b"Upgrade")]
    await send({"type": "http.response.start", "status": 426, "headers": headers})
    await send({"type": "http.response.body", "body": UPGRADE_REQUIRED})


class _ClosedError(Exception):
    """The client has closed the socket."""


async def _text(receive: Receive) -> str | None:
    """The next frame's text; None for a binary one."""
    message = await receive()
    if message["type"] == "websocket.disconnect":
        raise _ClosedError
    text: str | None = message.get("text")
    return text


async def _listen(receive: Receive, conversation: Conversation) -> None:
    """On servers that can't call the conversation themselves."""
    try:
        while True:
            conversation.on_text(await _text(receive))
    except _ClosedError:
        pass
    finally:
        conversation.on_close()


async def _until_closed(receive: Receive) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass
