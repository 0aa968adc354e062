"""The opening handshake as Daphne does it, and then the change to a `WebSocket`."""

import asyncio
from collections.abc import Iterator
from typing import Any

from autobahn.websocket.protocol import WebSocketProtocol as Autobahn
from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketFactory as DaphneFactory
from daphne.ws_protocol import WebSocketProtocol as DaphneProtocol
from twisted.internet import tcp, unix

from realtime import frames
from realtime.frames import Opcode
from realtime.inbox import Inbox
from realtime.websocket import WebSocket

MAX_EARLY_BYTES = 64 * 1024
"""What a client may send before the handshake is answered."""

SEND_AHEAD_BYTES = 64 * 1024
"""What may wait in a connection before ASGI's `send` waits too."""


class WebSocketProtocol(DaphneProtocol):
    """Over plain TCP and Unix sockets it is replaced, once the application has accepted, by its `websocket`.

    Over TLS it stays, for its transport is another protocol and not a socket.
    """

    data: bytes
    websocket: WebSocket | None = None
    inbox: Inbox | None = None

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        if self.factory.server_class.is_draining:
            # A status that a proxy understands, which can then ask another replica; a close code would be the client's.
            raise ConnectionDeny(503, "This replica is going away")  # type: ignore[no-untyped-call]
        # Exact types: a subclass, or one that has been upgraded to TLS, may not write what it is given as it is.
        if type(self.transport) in {tcp.Server, unix.Server} and not self.transport.TLS:
            self.inbox = Inbox(self._end)
            self.websocket = self.factory.server_class.make_websocket(self.inbox)
        return super().onConnect(request)

    def onClose(self, *args: Any) -> None:  # noqa: N802
        # A handshake that Autobahn refuses, for a malformed Origin say, never came to onConnect(), which sets `server`;
        # and one that the application has refused is forgotten by now.
        if hasattr(self, "server") and self in self.server.connections:
            super().onClose(*args)

    def _dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self.websocket is None or not hasattr(self, "handshake_deferred"):
            super()._dataReceived(data)
            return
        # Autobahn would look for a second handshake in it.
        self.data += data
        if len(self.data) > MAX_EARLY_BYTES:
            self.dropConnection(abort=True)

    def onOpen(self) -> None:  # noqa: N802
        super().onOpen()
        if self.websocket is None:
            return
        transport, early = self.transport, self.data
        self.data = b""
        self.factory.countConnections -= 1
        # The HTTP channel, and the request with it, lives on as the transport's producer.
        channel = transport.producer
        transport.unregisterProducer()
        channel.requests.clear()
        transport.protocol = self.websocket
        self.websocket.open(transport)
        if early:
            self.websocket.dataReceived(early)

    def _end(self) -> None:
        """The application will be told no more: either the connection is gone, or another receiver listens."""
        if self in self.server.connections:
            self.server.protocol_disconnected(self)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802
        """The answer to the handshake, in one system call: the socket is empty, so the kernel has room."""
        if self.websocket is None or self.transport.dataBuffer or self.transport._tempDataLen:
            super().sendData(data, sync, chopsize)
            return
        try:
            sent = self.transport.socket.send(data)
        except OSError:
            sent = 0
        if sent < len(data):
            self.transport.write(data[sent:])

    # What the application sends

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: N802
        if self.websocket is None:
            super().serverSend(content, binary)
            return
        if self.state == Autobahn.STATE_CONNECTING:
            self.serverAccept()
        data = content if binary else content.encode()
        self.websocket.write(frames.encode(Opcode.BINARY if binary else Opcode.TEXT, data))

    async def room(self) -> None:
        """Returns when there is room for more. ASGI has no other way to slow an application down."""
        if self.websocket is not None:
            if self.websocket.pending > SEND_AHEAD_BYTES:
                await self.websocket.drained()
            return
        transport: Any = getattr(self.transport, "transport", self.transport)
        while (  # noqa: ASYNC110 -- the transport has no event for it that is free
            transport.connected and len(transport.dataBuffer) + transport._tempDataLen > SEND_AHEAD_BYTES
        ):
            await asyncio.sleep(0.02)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802
        if self.websocket is None:
            super().serverClose(code)
        elif frames.may_be_sent(code := 1000 if code is None else code):
            self.websocket.send_close(code)
        else:
            raise ValueError(f"close code {code}")

    def handle_exception(self, exception: BaseException) -> None:
        if self.websocket is None or hasattr(self, "handshake_deferred"):
            super().handle_exception(exception)
        else:
            self.websocket.send_close(frames.INTERNAL_ERROR)

    def check_timeouts(self) -> None:
        """Every two seconds. An open WebSocket is left to the kernel, which finds peers that are gone."""
        if self.websocket is None or self.state == Autobahn.STATE_CONNECTING:
            super().check_timeouts()


class WebSocketFactory(DaphneFactory):
    protocol: Any = WebSocketProtocol

    def share_options(self) -> None:
        """Makes the protocol options attributes of the protocol's class.

        Autobahn would copy two dozen to each connection and format them for a log line that nobody asked for, which
        is a quarter of the time that a handshake takes.
        """
        options = {name: staticmethod(value) if callable(value) else value for name, value in self._options()}
        self.protocol = type("SharedWebSocketProtocol", (self.protocol,), {**options, "CONFIG_ATTRS": ()})

    def _options(self) -> Iterator[tuple[str, Any]]:
        for name in self.protocol.CONFIG_ATTRS:
            yield name, getattr(self, name)
