"""What a raw client needs of WebSocket framing (RFC 6455): a handshake, counting a server's frames, answering pings."""

from collections.abc import Iterator

from websockets.frames import Opcode

from tests.clients.frames import Frame, masked

LONG = 126
"""The length byte of a frame of 126 to 65,535 bytes. Every event is one of those, and no heartbeat or ping is."""

PONG = masked(Opcode.PONG, b"")
"""Empty. Servers take it for a sign of life, whatever the ping carried."""


def frames(data: bytes) -> Iterator[Frame]:
    """The complete frames that `data` begins with."""
    start = 0
    while (end := frame_end(data, start)) and end <= len(data):
        header = {126: 4, 127: 10}.get(data[start + 1], 2)
        yield Frame(data[start] & 15, data[start + header : end])
        start = end


def frame_end(data: bytes, start: int) -> int:
    """Where the frame at `start` ends, be that here already or not; 0 while even its length is not here."""
    if len(data) < start + 2:
        return 0
    size = data[start + 1]
    if size < LONG:
        return start + 2 + size
    header = 4 if size == LONG else 10
    if len(data) < start + header:
        return 0
    return start + header + int.from_bytes(data[start + 2 : start + header], "big")


def text_frame(text: str) -> bytes:
    """A client's frame."""
    return masked(Opcode.TEXT, text.encode())


def handshake(*, host: str, path: str) -> bytes:
    """A client's opening request. The key is a constant: nobody here caches."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
