"""Listening sockets, bound before the server starts: a bad address is one line, and processes can share a socket."""

import contextlib
import os
import socket
import stat
from ipaddress import ip_address
from pathlib import Path

BACKLOG = 4096
"""Connections that may wait in the kernel: all clients of a replica can reconnect at once. (net.core.somaxconn limits
it.)"""

DEAD_PEER_SECONDS = 40
"""How long data may stay unacknowledged, or unsent because the reader is full, before the kernel drops the peer."""

_PROBE_IDLE_SECONDS = 20
_PROBE_INTERVAL_SECONDS = 10


class CannotListenError(Exception):
    """The address cannot be listened on; the text says why, in one line."""


def tcp_socket(host: str, port: int, *, debug: bool = False) -> socket.socket:
    """A listening socket on the host's first address. Port 0 takes a free one. With `debug` only an address of this
    machine alone will do. Raises CannotListenError.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        if debug and not ip_address(address[0]).is_loopback:
            raise CannotListenError(
                f"Cannot listen on {host}:{port} while DEBUG is on: error pages would show code and settings to other "
                "machines. Set DEBUG=false, or listen on 127.0.0.1."
            )
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _detect_dead_peers(listener)
            listener.bind(address)
            listener.listen(BACKLOG)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise CannotListenError(f"Cannot listen on {host}:{port}: {reason}") from error
    return listener


def _detect_dead_peers(listener: socket.socket) -> None:
    """Accepted sockets inherit these options: the kernel finds peers that vanished, without pings (Linux)."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option, value in (
        ("TCP_KEEPIDLE", _PROBE_IDLE_SECONDS),
        ("TCP_KEEPINTVL", _PROBE_INTERVAL_SECONDS),
        ("TCP_USER_TIMEOUT", DEAD_PEER_SECONDS * 1000),
    ):
        if hasattr(socket, option):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def unix_socket(path: str) -> socket.socket:
    """A listening socket at this path, open to all users. The socket file of a server that is gone is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_leftover(path)
        listener.bind(path)
        Path(path).chmod(0o666)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise CannotListenError(f"Cannot listen on {path}: {error.strerror or error}") from error
    return listener


def _remove_leftover(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.stat(path).st_mode):  # noqa: PTH116 -- one call, one answer
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                Path(path).unlink()


def inherited_socket(descriptor: int) -> socket.socket:
    """The listening socket that a parent process handed over. Raises CannotListenError."""
    try:
        return socket.socket(fileno=descriptor)
    except OSError as error:
        raise CannotListenError(f"Cannot listen on descriptor {descriptor}: {error.strerror}") from error


def describe(listener: socket.socket, *, secure: bool = False) -> str:
    """Its address for people: http://127.0.0.1:8000, or unix:/run/todo.sock."""
    name = listener.getsockname()
    if listener.family == socket.AF_UNIX:
        return f"unix:{name}"
    host = f"[{name[0]}]" if listener.family == socket.AF_INET6 else name[0]
    return f"{'https' if secure else 'http'}://{host}:{name[1]}"
