"""The opening handshake: from a request for a WebSocket until the application has accepted it. Event loop only."""

import asyncio
import logging
import secrets
from http import HTTPStatus
from typing import Any

from realtime.log_context import get_contextvars
from realtime.server.interfaces import Message, ServerContext
from realtime.server.request_parser import Head, Refusal
from realtime.server.response import refusal_bytes
from realtime.server.scope import Ends, websocket_scope
from realtime.server.upgrade import accept_value, switching_protocols
from realtime.transport import frames
from realtime.transport.frames import Opcode
from realtime.transport.receive_queue import ReceiveQueue
from realtime.transport.receiver import DROPPED
from realtime.transport.websocket import WebSocket
from realtime.transport.writer import DirectSend

logger = logging.getLogger(__name__)

MAX_EARLY_BYTES = 64 * 1024
"""What a client may send before the handshake is answered."""

SEND_AHEAD_BYTES = 64 * 1024
"""What may wait in a connection before ASGI's `send` waits too."""


class Handshake(asyncio.Protocol):
    """The protocol of a transport while the application decides; afterwards the ASGI side of an open WebSocket, until
    the application ends or attaches a receiver."""

    def __init__(self, server: ServerContext, head: Head, ends: Ends) -> None:
        """Raises Refusal for a request that can't become a WebSocket."""
        if server.is_draining:
            # A status that proxies understand, so that they can ask another replica; a close code goes to the client.
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "This replica is going away", headers="Retry-After: 1\r\n")
        self._accept_value: bytes | None = accept_value(head)
        """None once the application has decided."""
        self._server = server
        self._scope = websocket_scope(head, ends)
        self._target = head.target.decode()
        self._client = ends.client_name
        self._early = b""
        self._is_over = False
        self._began = asyncio.get_running_loop().time()
        self._transport: asyncio.Transport
        self._direct_send: DirectSend | None = None
        self._receive_queue: ReceiveQueue
        self._websocket: WebSocket

    def begin(self, transport: asyncio.Transport, direct_send: DirectSend | None, early: bytes) -> None:
        """Takes the transport over and starts the application. `direct_send`: see `SocketWriter.open()`; `early`: what
        the client has sent behind its request."""
        server = self._server
        self._transport = transport
        self._direct_send = direct_send
        self._receive_queue = ReceiveQueue(self._end)
        self._websocket = server.make_websocket(self._receive_queue)
        transport.set_protocol(self)
        server.connections[self] = None
        self._receive_queue.put_nowait({"type": "websocket.connect"})
        self._scope["extensions"] = {"websocket.writer": self._websocket}
        if early:
            self.data_received(early)
        self._log("connecting")
        scope, self._scope = self._scope, {}
        server.run_application(self._run(scope))

    # For the transport; see asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        if self._is_over:
            return
        self._early += data
        if len(self._early) > MAX_EARLY_BYTES:
            self._transport.abort()

    def eof_received(self) -> None:
        """The transport closes itself."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._receive_queue.on_close(DROPPED)
        self._end()

    # For the server

    @property
    def is_busy(self) -> bool:
        return not self._is_over

    @property
    def idle_since(self) -> float | None:
        return None

    def abort(self) -> None:
        self._transport.abort()

    def check(self, now: float) -> None:
        if now - self._began <= self._server.limits.connect_seconds:
            return
        if self._is_over:
            self._transport.abort()
        elif self._accept_value is not None:
            self._reject(HTTPStatus.FORBIDDEN, "Access denied")

    # For the application

    async def _run(self, scope: dict[str, Any]) -> None:
        try:
            await self._server.application(scope, self._receive_queue.receive, self.send)
        except Exception:
            logger.exception("Exception in the application, at the WebSocket %s", self._target.partition("?")[0])
            self._close(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error", frames.INTERNAL_ERROR)
        else:
            # Nothing would listen to a socket whose application has returned without attaching a receiver.
            self._close(HTTPStatus.FORBIDDEN, "Access denied", 1000)

    def _close(self, status: HTTPStatus, reason: str, code: int) -> None:
        if self._is_over:
            return
        if self._accept_value is not None:
            self._reject(status, reason)
        else:
            self._websocket.send_close(code)

    async def send(self, message: Message) -> None:
        """ASGI's `send`. It waits while the client has much to read yet. Raises ValueError for what can't be sent."""
        if self._is_over:
            return
        self._take(message)
        if message["type"] == "websocket.send" and self._websocket.pending > SEND_AHEAD_BYTES:
            await self._websocket.drained()

    def _take(self, message: Message) -> None:
        match message["type"], self._accept_value:
            case "websocket.accept", bytes() as value:
                self._accept(value, message)
            case "websocket.close", bytes():
                self._reject(HTTPStatus.FORBIDDEN, "Access denied")
            case "websocket.send", None:
                self._websocket.write(_frame(message))
            case "websocket.close", None:
                code = 1000 if message.get("code") is None else message["code"]
                if not frames.may_be_sent(code):
                    raise ValueError(f"close code {code}")
                self._websocket.send_close(code)
            case kind, value:
                raise ValueError(f"{kind} can't be sent {'any more' if value is None else 'before accepting'}")

    def _accept(self, value: bytes, message: Message) -> None:
        answer = switching_protocols(value, message.get("subprotocol"), message.get("headers", ()))
        self._accept_value = None
        self._server.connections.pop(self, None)
        self._transport.write(answer)
        self._transport.set_protocol(self._websocket)
        self._websocket.open(self._transport, self._direct_send)
        self._log("connected")
        early, self._early = self._early, b""
        if early:
            self._websocket.data_received(early)

    # The end

    def _reject(self, status: HTTPStatus, reason: str) -> None:
        """After the application was asked."""
        self._accept_value = None
        self._log("rejected")
        self._is_over = True
        request_id = get_contextvars().get("connection_id") or secrets.token_hex(8)
        self._transport.write(refusal_bytes(Refusal(status, reason), request_id=request_id))
        self._transport.close()

    def _end(self) -> None:
        """The application is told no more: the connection is gone, or a receiver listens."""
        self._is_over = True
        self._early = b""
        self._server.connections.pop(self, None)

    def _log(self, action: str) -> None:
        if self._server.access_log is not None:
            self._server.access_log.websocket(action, client=self._client, target=self._target)


def _frame(message: Message) -> bytes:
    """Of ASGI's `websocket.send`. Raises ValueError."""
    text: Any = message.get("text")
    data: bytes | None = message.get("bytes")
    if (text is None) == (data is None):
        raise ValueError("websocket.send takes either text or bytes")
    return frames.encode(Opcode.TEXT, text.encode()) if data is None else frames.encode(Opcode.BINARY, data)
