"""The frames of the socket and its close codes. `docs/protocol.md` is the same for the people at the other end."""

import json
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from realtime import metrics
from realtime.protocol.encoding import STREAM_NAME, encode

VERSION = 1

MAX_FRAME_CHARACTERS = 256 * 1024
"""A hello with the positions of thousands of streams fits; the server itself refuses more than 1 MiB."""


class CloseCode(IntEnum):
    """Why the server closes a socket. After 4400, 4401 and 4403 a client does not come back by itself."""

    SLOW = 4008
    """The client reads too slowly: reconnect and resume."""
    BAD_FRAME = 4400
    """A frame that is no hello, auth or ping: mend the client."""
    NOT_SIGNED_IN = 4401
    """No sign-in, a wrong one, or one that has expired: get a new token first."""
    FORBIDDEN = 4403
    """The person may not connect (any more), or the page is of another origin."""
    NO_HELLO = 4408
    """No hello within the time for it: reconnect."""
    TOO_MANY = 4429
    """Too many connections of one person, or too many frames: reconnect later."""
    GOING_AWAY = 4503
    """This replica stops: reconnect, and the next one takes over."""


for _code in CloseCode:  # there from the start, so that the first one shows as an increase
    metrics.closes.labels(int(_code))


class ProtocolError(Exception):
    """What the client sent or is can't be served: `error` goes out with `detail`, then the close with `code`."""

    def __init__(self, code: CloseCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Hello:
    """How a client comes in. Without positions it is live from now on."""

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
        frame = json.loads(text)
    except (ValueError, RecursionError):
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
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            raise bad(f"{kind}.{name} holds half a surrogate pair.")  # which JSON lets pass, and UTF-8 does not
    return {"type": kind, **frame}


def parse_hello(frame: dict[str, Any]) -> Hello:
    """The hello of a parsed frame. Raises ProtocolError where it is another, or where a position is none."""
    if frame["type"] != "hello":
        raise ProtocolError(CloseCode.BAD_FRAME, "The first frame must be hello.")
    positions = frame.get("positions")
    for stream, seq in (positions or {}).items():
        if not STREAM_NAME.fullmatch(stream):
            raise ProtocolError(CloseCode.BAD_FRAME, f"{stream[:90]!r} is no stream's name.")
        if type(seq) is not int or seq < 0:
            raise ProtocolError(CloseCode.BAD_FRAME, f"The position of {stream[:90]!r} must be a number from 0 up.")
    return Hello(frame.get("token"), frame.get("ticket"), frame.get("epoch"), positions)


def frame(kind: str, **fields: Any) -> str:
    """A server's frame as text."""
    return encode({"type": kind, **fields})
