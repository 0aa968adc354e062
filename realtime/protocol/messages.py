"""The frames of the socket, parsed and checked. `docs/protocol.md` describes them to the authors of clients."""

from dataclasses import dataclass, field
from typing import Any

from realtime import bounded_json
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.encoding import STREAM_NAME, encode

VERSION = 1

MAX_FRAME_CHARACTERS = 256 * 1024
"""Room for a hello with the positions of thousands of streams; the server itself refuses more than 1 MiB."""

MAX_POSITIONS = 10_000
"""Positions in one hello. Each costs work, and no person follows this many streams."""

MAX_FRAME_ELEMENTS = 2 * MAX_POSITIONS
"""Members of objects and lists in one frame, whose values take much more memory than its text."""


class ProtocolError(Exception):
    """The client's frame or sign-in can't be accepted: it gets `error` with `detail`, then the close with `code`.

    `reason` is one word for programs, where one close code has several causes.
    """

    def __init__(self, code: CloseCode, detail: str, *, reason: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.reason = reason

    def frame(self) -> str:
        """The `error` frame that tells the client."""
        return error_frame(self.code, self.detail, self.reason)


@dataclass(frozen=True, slots=True)
class Hello:
    """How a client signs in. Without positions it is live from now on."""

    token: str | None = None
    ticket: str | None = None
    epoch: str | None = None
    positions: dict[str, int] | None = field(default=None)


_FIELDS: dict[str, dict[str, type]] = {
    "hello": {"token": str, "ticket": str, "epoch": str, "positions": dict},
    "auth": {"token": str},
    "ping": {},
}


def parse(text: str | None) -> dict[str, Any]:
    """A client's frame, its type and fields checked. Raises ProtocolError; `None` stands for a binary frame."""

    def bad(detail: str) -> ProtocolError:
        return ProtocolError(CloseCode.BAD_FRAME, detail)

    if text is None:
        raise bad("Frames must be text.")
    if len(text) > MAX_FRAME_CHARACTERS:
        raise bad(f"A frame may have at most {MAX_FRAME_CHARACTERS} characters.")
    try:
        frame = bounded_json.parse(text, most=MAX_FRAME_ELEMENTS)
    except bounded_json.TooManyError:
        raise bad(f"The frame is not JSON that may be sent: it has more than {MAX_FRAME_ELEMENTS} elements.") from None
    except bounded_json.UnreadableError:
        raise bad("The frame is not JSON.") from None
    if not isinstance(frame, dict):
        raise bad("A frame must be one JSON object.")
    kind = frame.pop("type", None)
    known = _FIELDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise bad(f"A frame's type must be one of {', '.join(_FIELDS)}.")
    for name, value in frame.items():
        if name not in known:
            raise bad(f"{kind} has no field {name[:50]!r}.")
        if not isinstance(value, known[name]):
            raise bad(f"{kind}.{name} must be {'an object' if known[name] is dict else 'a string'}.")
        if isinstance(value, str) and not _is_encodable(value):
            raise bad(f"{kind}.{name} holds half a surrogate pair.")  # JSON allows it, UTF-8 does not
    return {"type": kind, **frame}


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse_hello(frame: dict[str, Any]) -> Hello:
    """The hello of a parsed frame. Raises ProtocolError for another type, or for positions that are not valid."""
    if frame["type"] != "hello":
        raise ProtocolError(CloseCode.BAD_FRAME, "The first frame must be hello.")
    positions = frame.get("positions")
    if positions is not None and len(positions) > MAX_POSITIONS:
        raise ProtocolError(CloseCode.BAD_FRAME, f"A hello may have at most {MAX_POSITIONS} positions.")
    for stream, seq in (positions or {}).items():
        if not STREAM_NAME.fullmatch(stream):
            raise ProtocolError(CloseCode.BAD_FRAME, f"{stream[:90]!r} is no stream's name.")
        if type(seq) is not int or seq < 0:
            raise ProtocolError(CloseCode.BAD_FRAME, f"The position of {stream[:90]!r} must be a number from 0 up.")
    return Hello(frame.get("token"), frame.get("ticket"), frame.get("epoch"), positions)


def frame(kind: str, **fields: Any) -> str:
    """A server's frame as text."""
    return encode({"type": kind, **fields})


def error_frame(code: CloseCode, detail: str, reason: str = "") -> str:
    """The `error` frame that goes before a close."""
    return frame("error", code=int(code), detail=detail, **({"reason": reason} if reason else {}))
