"""The bytes of answers: the head, and the framing of the body."""

import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

from realtime.server.request_parser import Head, Refusal

Headers = Iterable[tuple[bytes, bytes]]

_date = (0, b"")


def refusal_bytes(refusal: Refusal, *, request_id: str, head_only: bool = False) -> bytes:
    """A whole answer, after which the connection ends."""
    status, body = refusal.status, f"{refusal.reason}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n"
        f"X-Request-ID: {request_id}\r\n{refusal.headers}"
    ).encode()
    return head + b"Date: " + _http_date() + b"\r\n\r\n" + (b"" if head_only else body)


def _http_date() -> bytes:
    """The current time, formatted once a second."""
    global _date  # noqa: PLW0603 -- a cache
    now = int(time.time())
    if _date[0] != now:
        _date = now, formatdate(now, usegmt=True).encode()
    return _date[1]


class Response:
    """One answer to `request`, in the framing that the client understands."""

    def __init__(self, request: Head, *, keep_alive: bool) -> None:
        self._request = request
        self.keep_alive = keep_alive
        self.status = 0
        self.size = 0
        """Bytes of the body."""
        self._head: list[bytes] | None = None
        self._is_chunked = False
        self._left: int | None = None
        """Bytes that Content-Length has promised and that are still to come."""

    @property
    def has_started(self) -> bool:
        return self.status != 0

    @property
    def left(self) -> int:
        """Bytes that Content-Length has promised and that the application has still to send."""
        return self._left if self._left is not None and self._has_body else 0

    def start(self, status: int, headers: Headers) -> None:
        """Keeps the head until the body begins. Raises ValueError for headers that can't be sent."""
        if self.has_started:
            raise ValueError("The response has started already")
        lines = [f"HTTP/1.1 {status} {_phrase(status)}\r\n".encode()]
        has_date = False
        for name, value in headers:
            if not isinstance(name, bytes) or not isinstance(value, bytes):
                raise ValueError(f"Header {name!r}: {value!r} must be bytes")
            if b"\r" in value or b"\n" in value or b"\0" in value or not name or not name.isascii() or b"\n" in name:
                raise ValueError(f"Header {name!r} has characters that can't be sent")
            match name.lower():
                case b"content-length":
                    self._left = int(value)
                case b"transfer-encoding":
                    continue  # the framing is not the application's
                case b"connection" if value.lower() != b"upgrade":
                    self.keep_alive &= value.lower() != b"close"
                    continue
                case b"date":
                    has_date = True
            lines.append(b"%b: %b\r\n" % (name, value))
        if not has_date:
            lines.append(b"Date: %b\r\n" % _http_date())
        self.status = status
        self._head = lines

    @property
    def _has_body(self) -> bool:
        return self._request.method != "HEAD" and self.status not in (204, 304)

    def body(self, data: bytes, *, more: bool) -> bytes:
        """What goes out for this part of the body; with the first one the head. Raises ValueError."""
        if not self.has_started:
            raise ValueError("The response has not started yet")
        head = self._finished_head() if self._head is not None else b""
        if not self._has_body:
            return head
        self.size += len(data)
        if self._is_chunked:
            chunk = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
            return head + chunk + (b"" if more else b"0\r\n\r\n")
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise ValueError("The body is longer than its Content-Length")
            if self._left and not more:
                self.keep_alive = False  # the client can't find the end of it
        return head + data

    def _finished_head(self) -> bytes:
        lines = self._head or []
        self._head = None
        if self._left is None and self._has_body:
            if self._request.version == "1.1":
                self._is_chunked = True
                lines.append(b"Transfer-Encoding: chunked\r\n")
            else:
                self.keep_alive = False
        if not self.keep_alive:
            lines.append(b"Connection: close\r\n")
        elif self._request.version == "1.0":
            lines.append(b"Connection: keep-alive\r\n")
        return b"".join([*lines, b"\r\n"])


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
