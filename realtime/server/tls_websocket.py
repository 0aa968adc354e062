"""WebSockets over TLS: Daphne's own way, since its transport is another protocol and not a socket to write to."""

import asyncio
from typing import TYPE_CHECKING, Any

from autobahn.websocket.types import ConnectionDeny
from daphne.ws_protocol import WebSocketFactory as DaphneFactory
from daphne.ws_protocol import WebSocketProtocol as DaphneProtocol

from realtime.server.handshake import SEND_AHEAD_BYTES, Handshake

if TYPE_CHECKING:
    from realtime.server.server import Server


class WebSocketProtocol(DaphneProtocol):
    """From the handshake to the end of a connection over TLS."""

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        if self.factory.server_class.is_draining:
            raise ConnectionDeny(503, "This replica is going away")  # type: ignore[no-untyped-call]
        return super().onConnect(request)

    def onClose(self, *args: Any) -> None:  # noqa: N802
        # A handshake that Autobahn refuses, for a malformed Origin say, never came to onConnect(), which sets `server`;
        # and one that the application has refused is forgotten by now.
        if hasattr(self, "server") and self in self.server.connections:
            super().onClose(*args)

    async def room(self) -> None:
        """Returns when there is room for more. ASGI has no other way to slow an application down."""
        transport: Any = getattr(self.transport, "transport", self.transport)
        while (  # noqa: ASYNC110 -- the transport has no event for it that is free
            transport.connected and len(transport.dataBuffer) + transport._tempDataLen > SEND_AHEAD_BYTES
        ):
            await asyncio.sleep(0.02)


class WebSocketFactory(DaphneFactory):
    """Daphne's HTTP asks it for the protocol of a connection that is to become a WebSocket."""

    protocol: Any = WebSocketProtocol
    server_class: "Server"

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        return super().buildProtocol(addr) if self.server_class.tls else Handshake(self.server_class)
