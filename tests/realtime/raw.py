"""A WebSocket client without manners: it sends what it is told and keeps every byte that comes."""

import base64
import json
import os
import socket
from typing import Any, NamedTuple, Self

from realtime.transport.frames import Opcode


class Frame(NamedTuple):
    opcode: int
    payload: bytes

    @property
    def code(self) -> int:
        """Of a close frame."""
        assert self.opcode == Opcode.CLOSE, self
        return int.from_bytes(self.payload[:2], "big")


def masked(
    opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0, mask: bytes | None = b"\1\2\3\4"
) -> bytes:
    """A client's frame; without a mask, one that breaks the protocol."""
    size = len(payload)
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2) if size < 65536 else b"\x7f" + size.to_bytes(8)
    if mask is None:
        return bytes([first]) + length + payload
    length = bytes([length[0] | 0x80]) + length[1:]
    return bytes([first]) + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


VIOLATIONS = {
    "not masked": (1002, masked(Opcode.TEXT, b"x", mask=None)),
    "reserved bit": (1002, masked(Opcode.TEXT, b"x", reserved=4)),
    "not UTF-8": (1007, masked(Opcode.TEXT, b"\xff")),
    "too big": (1009, masked(Opcode.TEXT, b"x" * (1024 * 1024 + 1), mask=b"\0\0\0\0")),
}
"""What RFC 6455 forbids, with the close codes that it names."""


class RawSocket:
    """Shaken hands and nothing more. `receive_buffer` small: the server's kernel soon has to wait."""

    def __init__(
        self, address: int | str, path: str, *, receive_buffer: int | None = None, wrap: Any = None, headers: str = ""
    ) -> None:
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
        self.socket.settimeout(10)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(address if isinstance(address, str) else ("127.0.0.1", address))
        if wrap is not None:
            self.socket = wrap(self.socket)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{headers}"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._bytes = b""
        while b"\r\n\r\n" not in self._bytes:
            assert self._more(), f"no answer to the handshake: {self._bytes!r}"
        head, _, self._bytes = self._bytes.partition(b"\r\n\r\n")
        self.head = head.decode()
        assert " 101 " in self.head, self.head

    def _more(self) -> bool:
        data = self.socket.recv(1 << 16)
        self._bytes += data
        return bool(data)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def text(self, text: str) -> None:
        self.send(masked(Opcode.TEXT, text.encode()))

    def do(self, command: str, **fields: Any) -> None:
        """A command to the stand-in's talker."""
        self.text(json.dumps({"do": command, **fields}))

    def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        self.do(command, **fields)
        answer: dict[str, Any] = json.loads(self.frame().payload)
        return answer

    def frame(self) -> Frame:
        """The next frame; AssertionError where the connection ends before it does, or where it can't be one."""
        while True:
            if len(self._bytes) >= 2:
                first, size = self._bytes[:2]
                assert first & 0x70 == 0, f"not a frame: {self._bytes[:50]!r}"
                assert first & 0x0F in set(Opcode), f"not a frame: {self._bytes[:50]!r}"
                assert size < 128, f"a masked frame from a server: {self._bytes[:50]!r}"
                start = 2 if size < 126 else 4 if size == 126 else 10
                size = size if size < 126 else int.from_bytes(self._bytes[2:start])
                if len(self._bytes) >= max(start, start + size):
                    payload, self._bytes = self._bytes[start : start + size], self._bytes[start + size :]
                    return Frame(first & 0x0F, payload)
            assert self._more(), f"the connection ended, after {self._bytes[:50]!r}"

    def frames_to_the_end(self) -> list[Frame]:
        """All frames up to a close frame, which is the last one."""
        frames = [self.frame()]
        while frames[-1].opcode != Opcode.CLOSE:
            frames.append(self.frame())
        return frames

    def ended(self, *, by_reset: bool = False) -> bool:
        """Whether the server has hung up after what has been read: in order, or by a reset."""
        assert not self._bytes
        try:
            return not self.socket.recv(1) and not by_reset
        except ConnectionError:
            return by_reset
        except TimeoutError:
            return False

    def reset(self) -> None:
        """Vanishes with an RST, as a process that is killed with unread data does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.socket.close()
