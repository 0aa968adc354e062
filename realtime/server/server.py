"""An ASGI server for HTTP and WebSocket whose sockets can be written to directly, and that drains before it ends."""

import asyncio
import gc
import logging
import os
import secrets
import signal
import socket
import ssl
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from realtime import metrics
from realtime.server.acceptor import Acceptor
from realtime.server.drain import drain
from realtime.server.interfaces import AccessLog, Application, CloseCodes, Connection, Hub, Limits
from realtime.transport.io_uring import SubmissionRing
from realtime.transport.receive_queue import ReceiveQueue
from realtime.transport.shared_limit import SharedLimit
from realtime.transport.websocket import MessageBounds, WebSocket

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.5
"""How often the limits of time are looked at."""

QUIET_SECONDS = 10.0
"""How long after a refusal others of the same kind are only counted."""

COLLECT_AFTER = 10_000
"""New objects between two runs of the garbage collector. With Python's 700 it runs for every eighth client that comes
in, and looks at what all the others have."""

END_SECONDS = 5.0
"""What applications whose client is gone may take to end, after the drain."""


class Server:
    """Serves an ASGI application on sockets that already listen, until SIGTERM, SIGINT or SIGHUP.

    The first signal drains: open WebSockets are closed over `drain_seconds`, then requests in flight are
    answered. The second ends the process at once. An application finds the `WebSocket` to write to in
    `scope["extensions"]["websocket.writer"]`. With `realtime.proxy_headers` among the extensions of a request, the
    client's address is the one in X-Forwarded-For, if that header is there.
    """

    def __init__(
        self,
        application: Application,
        *,
        sockets: Sequence[socket.socket],
        close_codes: CloseCodes,
        hub: Hub | None = None,
        drain_seconds: float = 10,
        send_limit: int = 1024 * 1024,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        ring: SubmissionRing | None = None,
        access_log: AccessLog | None = None,
        proxy_headers: bool = False,
        on_listening: Callable[[], None] = lambda: None,
        on_ended: Callable[[], None] = lambda: None,
    ) -> None:
        """`send_limit`: bytes that may wait for a slow client of a WebSocket; `ring`: for the hub; `on_listening()` is
        called when connections are accepted, `on_ended()` when nothing is left but threads."""
        self.application = application
        self.hub = hub
        self.drain_seconds = drain_seconds
        self.limits = limits or Limits()
        self.heads = SharedLimit(self.limits.all_heads_bytes, kind="heads")
        self.bodies = SharedLimit(self.limits.all_bodies_bytes, kind="bodies")
        self.answers = SharedLimit(self.limits.all_answers_bytes, kind="answers")
        first_messages = SharedLimit(self.limits.all_first_messages_bytes, kind="first_messages")
        messages = SharedLimit(self.limits.all_messages_bytes, kind="messages")
        self._first_bounds = MessageBounds(self.limits.first_message_bytes, first_messages)
        self._bounds = MessageBounds(self.limits.message_bytes, messages)
        self.access_log = access_log
        self.proxy_headers = proxy_headers
        self.connections: dict[Connection, None] = {}
        self.websockets: set[WebSocket] = set()
        self._sockets = sockets
        self._close_codes = close_codes
        self._send_limit = send_limit
        self._tls = tls
        self._ring = ring
        self._on_listening = on_listening
        self._on_ended = on_ended
        self._acceptors: list[Acceptor] = []
        self._applications: set[asyncio.Task[None]] = set()
        self._requests: set[asyncio.Task[None]] = set()
        self._refusals: dict[tuple[int, str], tuple[float, int]] = {}
        self._draining: asyncio.Task[None] | None = None
        self._has_finished = True

    # Life

    def run(self) -> None:
        """Returns after the drain. If requests could not be finished, their threads would keep the process running: it
        ends here, with status 1."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # as SIGHUP is under nohup
                loop.add_signal_handler(number, self._on_signal, number)
        # What has been loaded by now stays: the garbage collector need not look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)
        if self.hub is not None:
            self.hub.start(ring=self._ring)
        for listener in self._sockets:
            acceptor = Acceptor(self, listener, tls=self._tls, open_connections=self._open_connections)
            self._acceptors.append(acceptor)
            acceptor.start()
        checking = loop.create_task(self._keep_checking())
        self._on_listening()
        await self._stopped.wait()
        checking.cancel()
        await self._end_applications()
        logger.info("Ended")
        if not self._has_finished:
            logging.shutdown()
            os._exit(1)
        self._on_ended()

    def _on_signal(self, number: signal.Signals) -> None:
        if self._draining is None:
            self._draining = asyncio.get_running_loop().create_task(self._drain())
        else:
            logger.warning("A second signal ends the process at once")
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    @property
    def is_draining(self) -> bool:
        """Whether a signal has told it to end."""
        return self._draining is not None

    @property
    def going_away(self) -> int:
        return self._close_codes.going_away

    async def _drain(self) -> None:
        try:
            self._has_finished = await drain(self)
        except Exception:
            logger.exception("The drain failed; the server ends nevertheless")
        self._stopped.set()

    def stop_accepting(self) -> None:
        for acceptor in self._acceptors:
            acceptor.stop()

    async def _end_applications(self) -> None:
        """Cancels those that are left: of requests that were given up, or whose client is gone."""
        for connection in list(self.connections):
            connection.abort()
        applications = list(self._applications)
        for task in applications:
            task.cancel()
        if applications:
            _, unfinished = await asyncio.wait(applications, timeout=END_SECONDS)
            self._has_finished &= not unfinished

    # For the connections

    def _open_connections(self) -> int:
        return len(self.connections) + len(self.websockets)

    @property
    def requests(self) -> int:
        return len(self._requests)

    def make_websocket(self, receive_queue: ReceiveQueue) -> WebSocket:
        return WebSocket(
            receive_queue,
            limit=self._send_limit,
            too_slow=self._close_codes.too_slow,
            bounds=self._first_bounds,
            attached=self._bounds,
            open_sockets=self.websockets,
        )

    def run_application(self, coroutine: Coroutine[Any, Any, None], *, is_request: bool = False) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        for tasks in (self._applications, self._requests) if is_request else (self._applications,):
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    def refused(self, client: str | None, status: int, reason: str) -> str:
        """Counts it, and logs it: at once for the first of its kind, then at most one line every QUIET_SECONDS."""
        request_id = secrets.token_hex(8)
        metrics.refused_requests.labels(int(status)).inc()
        now = time.monotonic()
        logged_at, more = self._refusals.get((status, reason), (-QUIET_SECONDS, 0))
        if now - logged_at < QUIET_SECONDS:
            self._refusals[status, reason] = logged_at, more + 1
            return request_id
        if len(self._refusals) > 100:
            self._refusals.clear()
        self._refusals[status, reason] = now, 0
        others = f" ({more} more since the last such line)" if more else ""
        fields = {"client": client, "status": int(status), "reason": reason, "request_id": request_id}
        text = "A request of %s was refused with %d: %s%s"
        logger.warning(text, client, status, reason, others, extra=fields)
        return request_id

    async def _keep_checking(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            now = loop.time()
            for connection in list(self.connections):
                try:
                    connection.check(now)
                except Exception:
                    logger.exception("A connection could not be checked")
                    connection.abort()
