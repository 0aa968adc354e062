"""One client on its way in: from the TCP connection to the frame that says that it is signed in and subscribed."""

import itertools
import socket
from typing import NamedTuple

from websockets.frames import CLOSE

from tests.benchmarks.frames import frames, handshake, text_frame

SOURCES = itertools.cycle([f"127.0.0.{number}" for number in range(2, 12)])
"""Addresses to connect from, in turn: one alone has 28,000 ports, and those of closed connections stay taken."""

END_OF_HEAD = b"\r\n\r\n"


class CrowdError(Exception):
    """A client did not get what it should."""


class Door(NamedTuple):
    """How a client comes in."""

    path: str
    hello: str | None = None
    """What it says after the handshake, if anything."""


class Opening:
    def __init__(self, port: int, door: Door, greeting: bytes | None) -> None:
        """`greeting`: what the frame holds for which it waits; None where the handshake's answer says it all."""
        self.socket = socket.socket()
        self.socket.bind((next(SOURCES), 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(handshake(host=f"127.0.0.1:{port}", path=door.path))
        self.socket.setblocking(False)
        self._hello = door.hello
        self._greeting = greeting
        self._answer = b""

    @property
    def rest(self) -> bytes:
        """All that came after the handshake's answer."""
        return self._answer.partition(END_OF_HEAD)[2]

    def read(self) -> bool:
        """Takes what is there; True when the client is in. Raises CrowdError for one that is not let in."""
        self._answer += self.socket.recv(65536)
        if not b"HTTP/1.1 101".startswith(self._answer[:12]):
            raise CrowdError(f"a handshake was answered with {self._answer[:500]!r}")
        if END_OF_HEAD not in self._answer:
            return False
        if self._hello is not None:
            self.socket.send(text_frame(self._hello))
            self._hello = None
        if self._greeting is None:
            return True
        came = list(frames(self.rest))
        if any(frame.opcode == CLOSE for frame in came):
            raise CrowdError(f"a client was not let in: {self.rest[:500]!r}")
        return any(self._greeting in frame.payload for frame in came)
