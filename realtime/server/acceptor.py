"""Accepts connections from a listening socket, as many as the process may have open. Event loop only."""

import asyncio
import contextlib
import logging
import resource
import socket
import ssl
from collections.abc import Callable
from typing import Any

from realtime.server.connection import HttpConnection
from realtime.server.interfaces import ServerContext

logger = logging.getLogger(__name__)

AT_ONCE = 128
"""Connections accepted before the loop may do something else."""

RESERVED_FILES = 64
"""Descriptors for the database, Redis, files and modules; at most a quarter of what the process may open."""

MAKE_ROOM = 32
"""Idle connections closed together when there is no room for more."""

MIN_IDLE_SECONDS = 1.0
"""A connection that was just accepted is not idle: its request is on its way."""

PAUSE_SECONDS = 0.1
"""Until the next try, when there was no room and no idle connection."""

TLS_HANDSHAKE_SECONDS, TLS_SHUTDOWN_SECONDS = 10.0, 5.0


def connection_limit() -> int:
    """How many connections fit into the limit of open files (RLIMIT_NOFILE)."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files == resource.RLIM_INFINITY:
        return 1 << 30
    return files - min(RESERVED_FILES, files // 4)


class Acceptor:
    """When the limit is reached, the connections that have been idle longest are closed. If there are none, new ones
    wait in the kernel's queue."""

    def __init__(
        self,
        server: ServerContext,
        listener: socket.socket,
        *,
        tls: ssl.SSLContext | None,
        open_connections: Callable[[], int],
    ) -> None:
        """`open_connections`: how many the whole process has."""
        self._server = server
        self._listener = listener
        self._tls = tls
        self._open_connections = open_connections
        self._opening: set[asyncio.Task[None]] = set()
        self._accepted = 0
        """Connections that were accepted in this turn of the loop, and are not among the server's yet."""
        self._loop = asyncio.get_running_loop()
        self._retry: asyncio.TimerHandle | None = None
        self._is_full = False

    def start(self) -> None:
        self._loop.add_reader(self._listener, self._accept)

    def stop(self) -> None:
        """Accepts the connections that wait in the kernel's queue, then closes the listener. They would be reset
        otherwise, and a proxy may not repeat a POST."""
        if self._retry is not None:
            self._retry.cancel()
        self._loop.remove_reader(self._listener)
        with contextlib.suppress(OSError):
            while True:
                self._open(self._listener.accept()[0])
        self._listener.close()

    def _accept(self) -> None:
        self._loop.call_soon(self._end_turn)
        limit = connection_limit()
        for _ in range(AT_ONCE):
            if self._open_connections() + len(self._opening) + self._accepted >= limit:
                self._make_room("the limit of open files is reached")
                return
            try:
                accepted, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                break
            except OSError as error:
                self._make_room(error.strerror or str(error))
                return
            self._open(accepted)
        self._is_full = False

    def _end_turn(self) -> None:
        self._accepted = 0

    def _open(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        if self._tls is None:
            # As connect_accepted_socket() does it, but without a task and a future for each connection.
            loop: Any = self._loop
            loop._make_socket_transport(accepted, HttpConnection(self._server, accepted))
            self._accepted += 1
            return
        task = self._loop.create_task(self._connect(accepted))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(
                lambda: HttpConnection(self._server, accepted),
                accepted,
                ssl=self._tls,
                ssl_handshake_timeout=TLS_HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=TLS_SHUTDOWN_SECONDS,
            )
        except OSError:  # also ssl.SSLError: the client has gone, or speaks no TLS
            accepted.close()

    def _make_room(self, reason: str) -> None:
        """Closes idle connections, and accepts more in a moment."""
        self._loop.remove_reader(self._listener)
        before = self._loop.time() - MIN_IDLE_SECONDS
        idle = [
            (since, one) for one in self._server.connections if (since := one.idle_since) is not None and since < before
        ]
        idle.sort(key=lambda pair: pair[0])
        for _, one in idle[:MAKE_ROOM]:
            one.abort()
        if not self._is_full:
            logger.warning("No more connections are accepted for now: %s", reason)
        self._is_full = True
        self._retry = self._loop.call_later(0 if idle else PAUSE_SECONDS, self.start)
