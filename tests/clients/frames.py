"""WebSocket frames of a client, written and parsed by the `websockets` library; also those that break RFC 6455."""

from collections.abc import Callable, Generator
from typing import NamedTuple, TypeVar

from websockets import frames
from websockets.frames import Opcode
from websockets.streams import StreamReader

Result = TypeVar("Result")


class Frame(NamedTuple):
    opcode: int
    payload: bytes

    @property
    def code(self) -> int:
        """The code of a close frame."""
        assert self.opcode == Opcode.CLOSE, self
        return int.from_bytes(self.payload[:2], "big")


class _Unchecked(frames.Frame):
    def check(self) -> None:
        """A test may send what RFC 6455 forbids."""


def masked(opcode: int, payload: bytes, *, fin: bool = True, rsv1: bool = False, mask: bool = True) -> bytes:
    """A client's frame; without a mask, one that breaks the protocol."""
    return _Unchecked(opcode, payload, fin, rsv1).serialize(mask=mask)  # type: ignore[arg-type]


VIOLATIONS = {
    "not masked": (1002, masked(Opcode.TEXT, b"x", mask=False)),
    "reserved bit": (1002, masked(Opcode.TEXT, b"x", rsv1=True)),
    "not UTF-8": (1007, masked(Opcode.TEXT, b"\xff")),
    "too big": (1009, masked(Opcode.TEXT, b"x" * (1024 * 1024 + 1))),
}
"""What RFC 6455 forbids, with the close codes that it names."""


class Incoming:
    """A server's bytes, which the library's parsers take from `stream`."""

    def __init__(self) -> None:
        self.stream = StreamReader()

    def feed(self, data: bytes) -> None:
        self.stream.feed_data(data)

    @property
    def rest(self) -> bytes:
        """What has not been parsed yet."""
        return bytes(self.stream.buffer)

    def frame(self) -> Generator[None, None, Frame]:
        """Yields when it needs more bytes. A server's frame that breaks RFC 6455 is a ProtocolError."""
        found = yield from frames.Frame.parse(self.stream.read_exact, mask=False)
        assert found.opcode not in (Opcode.TEXT, Opcode.BINARY) or found.fin, "the server sends no fragments"
        return Frame(found.opcode, bytes(found.data))


def run(parser: Generator[None, None, Result], incoming: Incoming, *, more: Callable[[], bytes]) -> Result:
    """The parser's result; `more` returns further bytes, or none at the end, which is an AssertionError."""
    while True:
        try:
            next(parser)
        except StopIteration as done:
            result: Result = done.value
            return result
        data = more()
        assert data, f"the connection ended, after {incoming.rest[:50]!r}"
        incoming.feed(data)


def texts_of(data: bytes) -> list[str]:
    """The messages in a server's bytes, which must be whole text frames, with nothing left over."""
    incoming = Incoming()
    incoming.feed(data)
    texts = []
    while incoming.rest:
        frame = run(incoming.frame(), incoming, more=lambda: b"")
        assert frame.opcode == Opcode.TEXT, frame
        texts.append(frame.payload.decode())
    return texts
