"""WebSocket frames as bytes (RFC 6455, section 5), seen from a server. No extension is ever in use.

The package websockets unmasks payloads and knows the close codes. Its frame parser is not used: it is a generator over
a stream reader, which takes more memory for each connection, and counts control frames against the message limit.
"""

import math
import time
from collections.abc import Iterator
from enum import IntEnum

from websockets.exceptions import ProtocolError
from websockets.frames import Close
from websockets.utils import apply_mask


class Opcode(IntEnum):
    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


_OPCODES = frozenset(Opcode)
_FIN, _RESERVED, _OPCODE, _MASKED = 0x80, 0x70, 0x0F, 0x80
_MAX_CONTROL = 125

PROTOCOL_ERROR = 1002
INVALID_DATA = 1007
POLICY_VIOLATION = 1008
TOO_BIG = 1009
INTERNAL_ERROR = 1011
TRY_AGAIN_LATER = 1013

SMALL = 64
"""Bytes. A part of a message smaller than this is counted like a control frame."""

FREE_FRAMES_PER_SECOND = 10.0
"""Control frames and small parts that a peer may send for each second, beyond those that it may send at once. They cost
the server time without ever becoming a message that the application could count."""


class ViolationError(Exception):
    """The peer broke the protocol: fail the connection with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def encode(opcode: Opcode, payload: bytes) -> bytes:
    """One complete, unmasked frame."""
    size = len(payload)
    if size <= _MAX_CONTROL:
        return bytes((_FIN | opcode, size)) + payload
    if size < 1 << 16:
        return bytes((_FIN | opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_FIN | opcode, 127)) + size.to_bytes(8, "big") + payload


def close_frame(code: int | None, reason: str = "") -> bytes:
    if code is None:
        return encode(Opcode.CLOSE, b"")
    return encode(Opcode.CLOSE, code.to_bytes(2, "big") + reason.encode()[: _MAX_CONTROL - 2])


def may_be_sent(code: int) -> bool:
    """Whether an application may close with this code."""
    return code == 1000 or 3000 <= code <= 4999


def close_code(payload: bytes) -> int | None:
    """The code in a peer's close frame, None if there is none. Raises ViolationError."""
    if not payload:
        return None
    try:
        close = Close.parse(payload)
        close.check()
    except ProtocolError:
        raise ViolationError(PROTOCOL_ERROR, "invalid close code") from None
    except UnicodeDecodeError:
        raise ViolationError(INVALID_DATA, "text is not UTF-8") from None
    return int(close.code)


def text(payload: bytes) -> str:
    """Raises ViolationError unless the payload is UTF-8."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise ViolationError(INVALID_DATA, "text is not UTF-8") from None


class FrameReader:
    """Turns a client's bytes, cut anywhere, into messages and control frames.

    A violation is found as soon as a frame's header is complete: a message over `limit` is refused before its payload
    arrives.
    """

    __slots__ = ("_free_frames", "_most_free_frames", "_opcode", "_parts", "_refilled_at", "_rest", "_wanted", "limit")

    def __init__(self, limit: int, *, free_frames: float = math.inf) -> None:
        """`limit`: the largest message, in bytes. `free_frames`: how many control frames and small parts may arrive at
        once, beyond FREE_FRAMES_PER_SECOND."""
        self.limit = limit
        self._rest: bytes | bytearray = b""
        self._wanted = 0
        self._opcode = Opcode.CONTINUATION
        self._parts: bytearray | None = None
        self._free_frames = self._most_free_frames = free_frames
        self._refilled_at = time.monotonic()

    @property
    def held(self) -> int:
        """Bytes of a message or frame that is not complete."""
        return len(self._rest) + len(self._parts or b"")

    def drop(self) -> None:
        """Frees them. Nothing can be read any more."""
        self._rest, self._parts = b"", None

    def read(self, data: bytes) -> Iterator[tuple[Opcode, bytes]]:
        """The messages and control frames that `data` completes, up to the first violation: then ViolationError."""
        if self._rest:
            # It grows in place and is parsed only when complete, so that a trickle of bytes is not copied repeatedly.
            self._rest += data
            if len(self._rest) < self._wanted:
                return
            data = bytes(self._rest)
        start = 0
        while frame_end := self._frame(data, start):
            header_end, end = frame_end
            payload = apply_mask(data[header_end:end], data[header_end - 4 : header_end])
            message = self._message(data[start], payload)
            start = end
            if message is not None:
                yield message
        self._rest = bytearray(data[start:]) if start < len(data) else b""

    def _frame(self, data: bytes, start: int) -> tuple[int, int] | None:
        """Where the payload of the frame at `start` begins and ends; None while the frame is incomplete."""
        here = len(data) - start
        self._wanted = 2
        if here < self._wanted:
            return None
        size = data[start + 1] & 0x7F
        self._check_start(data[start], data[start + 1], size)
        header = 6 + (2 if size == 126 else 8 if size == 127 else 0)
        self._wanted = header
        if here < header:
            return None
        if size >= 126:
            least = 126 if size == 126 else 1 << 16
            size = int.from_bytes(data[start + 2 : start + header - 4], "big")
            if size < least:
                raise ViolationError(PROTOCOL_ERROR, "length not in its shortest form")
        is_control = data[start] & _OPCODE >= Opcode.CLOSE
        if not is_control and size + len(self._parts or b"") > self.limit:
            raise ViolationError(TOO_BIG, f"more than {self.limit} bytes")
        self._wanted = header + size
        return (start + header, start + header + size) if here >= self._wanted else None

    def _check_start(self, first: int, second: int, size: int) -> None:
        opcode = first & _OPCODE
        if first & _RESERVED:
            raise ViolationError(PROTOCOL_ERROR, "reserved bit set")
        if not second & _MASKED:
            raise ViolationError(PROTOCOL_ERROR, "frame not masked")
        if opcode not in _OPCODES:
            raise ViolationError(PROTOCOL_ERROR, f"unknown opcode {opcode}")
        if opcode >= Opcode.CLOSE:
            if not first & _FIN or size > _MAX_CONTROL:
                raise ViolationError(PROTOCOL_ERROR, "control frame in parts or too long")
        elif (opcode == Opcode.CONTINUATION) != (self._parts is not None):
            raise ViolationError(PROTOCOL_ERROR, "message parts out of order")

    def _message(self, first: int, payload: bytes) -> tuple[Opcode, bytes] | None:
        """The message or control frame that this frame completes, if any."""
        opcode = Opcode(first & _OPCODE)
        if opcode < Opcode.CLOSE and first & _FIN and self._parts is None:
            return opcode, payload
        if len(payload) < SMALL or opcode >= Opcode.CLOSE:
            self.count_free_frame()
        if opcode >= Opcode.CLOSE:
            return opcode, payload
        if self._parts is None:
            self._opcode, self._parts = opcode, bytearray()
        self._parts += payload
        if not first & _FIN:
            return None
        payload, self._parts = bytes(self._parts), None
        return self._opcode, payload

    def count_free_frame(self) -> None:
        """Counts a frame that is not a message. Raises ViolationError after too many of them."""
        self._free_frames -= 1
        if self._free_frames >= 0:
            return
        now = time.monotonic()  # asked for only now: most connections never use up what they have at first
        self._free_frames = min(self._most_free_frames, (now - self._refilled_at) * FREE_FRAMES_PER_SECOND) - 1
        self._refilled_at = now
        if self._free_frames < 0:
            raise ViolationError(POLICY_VIOLATION, "too many control frames or small parts")
