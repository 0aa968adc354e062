"""How a server ends without cutting anybody off in the middle. Event loop only."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from daphne.http_protocol import WebRequest

from realtime.server.handshake import Handshake
from realtime.server.listening import BACKLOG
from realtime.server.tls_websocket import WebSocketProtocol
from realtime.transport.writer import CLOSE_SECONDS

if TYPE_CHECKING:
    from realtime.server.server import Server

logger = logging.getLogger(__name__)

GOING_AWAY = 4503

ARRIVAL_SECONDS = 0.5
"""How long a connection that was just taken has for its request to arrive."""

REQUEST_SECONDS = 10.0
"""How long requests in flight may take once all WebSockets are closed."""


async def drain(server: "Server") -> bool:
    """Closes the WebSockets, then the listening sockets, then waits for requests. Returns whether all was finished.

    Requests are taken to the last, so that a load balancer sees /readyz say 503 and has time to look elsewhere.
    """
    if server.hub is not None:
        await server.hub.drain(server.drain_seconds)
    for websocket in list(server.websockets):
        websocket.send_close(GOING_AWAY, at_once=True)
    await _until(
        lambda: not server.websockets and not _is_busy(server, Handshake, WebSocketProtocol), CLOSE_SECONDS + 1
    )
    for port, listener in zip(server.ports, server.sockets, strict=True):
        _stop_listening(port, listener)
    await asyncio.sleep(ARRIVAL_SECONDS)
    finished = await _until(lambda: not _is_busy(server, WebRequest), REQUEST_SECONDS)
    if not finished:
        logger.warning("Requests that took more than %d s to finish are given up", REQUEST_SECONDS)
    if server.hub is not None:
        await server.hub.stop()
    return finished


def _stop_listening(port: Any, listener: socket.socket) -> None:
    """Takes first whom the kernel has let in already. They would be reset, and a proxy may not send their POST again.

    Twisted would close its duplicate of the socket a turn of the loop later, and reset who came in between.
    """
    listener.close()
    port.stopReading()
    port.numberAccepts = BACKLOG
    port.doRead()
    port.socket.close()
    port.stopListening()


def _is_busy(server: "Server", *kinds: type) -> bool:
    """Whether Daphne has a connection of these kinds open; one of HTTP's counts while a request is in flight."""
    return any(
        isinstance(protocol, kinds) and "disconnected" not in details
        for protocol, details in server.connections.items()
    )


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came to hold before the time was over. Daphne's books have no event to wait for."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.02)
    return True
