"""A blocking WebSocket client that sends any bytes at all and returns each frame as it came."""

import json
import socket
from collections.abc import Generator
from typing import Any, Self, TypeVar

from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from tests.clients.frames import Frame, Incoming, masked, run

Result = TypeVar("Result")


class RawSocket:
    """A WebSocket after its handshake. With a small `receive_buffer` the server's kernel soon has to wait.

    `address`: a port of this machine, or the path of a Unix socket. `wrap` adds TLS.
    """

    def __init__(
        self,
        address: int | str,
        path: str,
        *,
        receive_buffer: int | None = None,
        wrap: Any = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.socket.settimeout(10)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(address if isinstance(address, str) else ("127.0.0.1", address))
        if wrap is not None:
            self.socket = wrap(self.socket)
        self._incoming = Incoming()
        self.response = self._shake_hands(path, headers or {})

    def _shake_hands(self, path: str, headers: dict[str, str]) -> Response:
        handshake = ClientProtocol(parse_uri(f"ws://127.0.0.1{path}"))
        request = handshake.connect()
        request.headers.update(headers)
        self.send(request.serialize())
        stream = self._incoming.stream
        response = self._run(Response.parse(stream.read_line, stream.read_exact, stream.read_to_eof))
        handshake.process_response(response)
        return response

    def _run(self, parser: Generator[None, None, Result]) -> Result:
        return run(parser, self._incoming, more=lambda: self.socket.recv(1 << 16))

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def text(self, text: str) -> None:
        self.send(masked(Opcode.TEXT, text.encode()))

    def do(self, command: str, **fields: Any) -> None:
        """A command to the stand-in application's Talker."""
        self.text(json.dumps({"do": command, **fields}))

    def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """A command, and the object that it is answered with."""
        self.do(command, **fields)
        answer: dict[str, Any] = json.loads(self.frame().payload)
        return answer

    def frame(self) -> Frame:
        """The next frame; AssertionError if the connection ends before it does."""
        return self._run(self._incoming.frame())

    def frames_to_the_end(self) -> list[Frame]:
        """All frames up to and including a close frame."""
        frames = [self.frame()]
        while frames[-1].opcode != Opcode.CLOSE:
            frames.append(self.frame())
        return frames

    def ended(self, *, by_reset: bool = False) -> bool:
        """Whether the server has closed the TCP connection and sent nothing more: in order, or by a reset."""
        assert not self._incoming.rest
        try:
            return not self.socket.recv(1) and not by_reset
        except ConnectionError:
            return by_reset
        except TimeoutError:
            return False

    def reset(self) -> None:
        """Ends with an RST, as a process that is killed with unread data does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.socket.close()
