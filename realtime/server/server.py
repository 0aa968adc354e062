"""Daphne with sockets that can be written to directly, and that drains before it ends."""

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from daphne.server import Server as DaphneServer
from twisted.internet import reactor as any_reactor
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogPublisher,
)

from realtime.server.drain import drain
from realtime.server.handshake import Handshake, ProtocolDetectorFactory
from realtime.server.listening import BACKLOG
from realtime.server.tls_websocket import WebSocketFactory
from realtime.transport.receive_queue import ReceiveQueue
from realtime.transport.websocket import WebSocket
from realtime.transport.writer import CLOSE_SECONDS

if TYPE_CHECKING:
    from realtime.delivery.hub import Hub
    from realtime.server.tls import TlsContext
    from realtime.transport.io_uring import SubmissionRing

logger = logging.getLogger(__name__)
reactor: Any = any_reactor

PING_INTERVAL = 25
PING_TIMEOUT = 20
"""Shorter than the interval: Daphne drops a live client whose next ping goes out before the last one's answer."""

MAX_MESSAGE_BYTES = 1024 * 1024


class Server(DaphneServer):
    """Serves an ASGI application on sockets that already listen, until SIGTERM or SIGINT.

    The first signal drains: open WebSockets are closed over `drain_seconds`, then requests in flight are
    answered. The second ends the process at once. An application finds the `WebSocket` to write to in
    `scope["extensions"]["websocket.writer"]`, except over TLS. With `realtime.proxy_headers` among the extensions of a
    request the client's address is the one in X-Forwarded-For, if that header is there.
    """

    def __init__(
        self,
        application: Callable[..., Awaitable[None]],
        *,
        sockets: Sequence[socket.socket],
        hub: "Hub | None" = None,
        drain_seconds: float = 10,
        send_limit: int = 1024 * 1024,
        tls: "TlsContext | None" = None,
        ring: "SubmissionRing | None" = None,
        on_listening: Callable[[], None] = lambda: None,
        **options: Any,
    ) -> None:
        """`send_limit`: bytes that may wait for a slow client; `ring`: for the hub; `options`: Daphne's."""
        super().__init__(
            application,
            endpoints=["adopted"],  # Daphne insists on one
            signal_handlers=False,
            ready_callable=self._prepare,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            websocket_timeout=-1,
            server_name="",
            **options,
        )
        self.endpoints: list[str] = []
        self.sockets = sockets
        self.hub = hub
        self.drain_seconds = drain_seconds
        self.send_limit = send_limit
        self.tls = tls
        self.ring = ring
        self.on_listening = on_listening
        self.websockets: set[WebSocket] = set()
        self._draining: asyncio.Task[None] | None = None
        self._is_finished = True

    # Life

    def _prepare(self) -> None:
        """Called by Daphne when it is ready to run the loop."""
        errors: Any = LogLevelFilterPredicate(defaultLogLevel=LogLevel.error)
        to_logging: Any = STDLibLogObserver(__name__)
        log_errors: Any = FilteringLogObserver(to_logging, [errors])
        globalLogPublisher.addObserver(log_errors)
        self.ws_factory = WebSocketFactory(self, server="")
        # No compression: a frame is built once for all, and a deflate context costs each connection 300 KB.
        self.ws_factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,
            openHandshakeTimeout=self.websocket_handshake_timeout,
            maxMessagePayloadSize=MAX_MESSAGE_BYTES,
            maxFramePayloadSize=MAX_MESSAGE_BYTES,
            failByDrop=False,
            closeHandshakeTimeout=CLOSE_SECONDS,
        )
        factory = self.tls.wrap(self.http_factory) if self.tls else ProtocolDetectorFactory(self)
        self.ports = [_adopt(one, factory) for one in self.sockets]
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_event_loop().add_signal_handler(number, self._on_signal, number)
        asyncio.get_event_loop().call_soon(self._on_running)

    def _on_running(self) -> None:
        # What has been loaded by now stays: the garbage collector need not look at it again.
        gc.collect()
        gc.freeze()
        if self.hub is not None:
            self.hub.start(ring=self.ring)
        self.on_listening()

    def _on_signal(self, number: signal.Signals) -> None:
        if self._draining is None:
            self._draining = asyncio.get_running_loop().create_task(self._drain())
        else:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    @property
    def is_draining(self) -> bool:
        """Whether it was told to end."""
        return self._draining is not None

    async def _drain(self) -> None:
        try:
            self._is_finished = await drain(self)
        except Exception:
            logger.exception("The drain failed; stopping all the same")
        self.stop()

    def run(self) -> None:
        """Returns after the drain. Where requests could not be finished, their threads would hold the process: it ends
        here, with status 1."""
        super().run()
        if not self._is_finished:
            logging.shutdown()
            os._exit(1)

    def kill_all_applications(self) -> Any:
        # Daphne's stumbles over a connection that has no application yet.
        for protocol, details in list(self.connections.items()):
            if "application_instance" not in details:
                del self.connections[protocol]
        return super().kill_all_applications()

    # Connections

    def make_websocket(self, receive_queue: ReceiveQueue) -> WebSocket:
        return WebSocket(receive_queue, limit=self.send_limit, message_limit=MAX_MESSAGE_BYTES, others=self.websockets)

    def begin(
        self, handshake: Handshake, scope: dict[str, Any], receive_queue: ReceiveQueue, websocket: WebSocket
    ) -> None:
        """Starts the application for a WebSocket that wants to open."""
        self.protocol_connected(handshake)
        scope["asgi"] = {"version": "3.0"}
        scope["extensions"] = {"websocket.writer": websocket}
        self._start(handshake, asyncio.ensure_future(self.application(scope, receive_queue.receive, handshake.send)))

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Daphne's, for HTTP and for WebSockets over TLS."""
        if scope["type"] == "http" and self.proxy_forwarded_address_header:
            scope["extensions"] = {"realtime.proxy_headers": {}}
        queue = super().create_application(protocol, scope)
        if scope["type"] == "websocket":
            self._start(protocol, self.connections[protocol]["application_instance"])
        return queue

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        await super().handle_reply(protocol, message)
        if message["type"] == "websocket.send":
            await protocol.room()

    def _start(self, protocol: Any, task: asyncio.Future[Any]) -> None:
        self.connections[protocol]["application_instance"] = task
        task.add_done_callback(partial(self._application_done, protocol))

    def _application_done(self, protocol: Any, task: asyncio.Future[Any]) -> None:
        """Nobody would listen to a socket whose application has returned without attaching a receiver."""
        if task.cancelled() or task.exception() is not None or protocol not in self.connections:
            return
        if "disconnected" in self.connections[protocol]:
            del self.connections[protocol]  # Daphne would hold on to it for a second, and the handshake with it
        else:
            protocol.handle_reply({"type": "websocket.close"})


def _adopt(listener: socket.socket, factory: Any) -> Any:
    """A listening port of Twisted's."""
    port = reactor.adoptStreamPort(listener.fileno(), listener.family, factory)
    if listener.family == socket.AF_UNIX:
        # It would remove the socket's file when it closes, while other processes still listen; and it cuts the backlog.
        port._bindPath = "\0"
        listener.listen(BACKLOG)
    return port
