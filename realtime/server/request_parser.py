"""The only parser of requests, for HTTP and for WebSockets: bytes become heads and bodies, within limits.

httptools (llhttp, the parser of Node.js) finds what breaks the grammar of HTTP/1. What it accepts and others could read
in two ways, such as a second Host header, is refused here. This module knows no connection and sends nothing.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import httptools

MAX_HEAD_BYTES = 64 * 1024
"""Of the address, and of the names and values of all headers together."""

MAX_HEADERS = 256

HEADER_BYTES = 200
"""What a header takes in memory beside its text."""

SLICE_BYTES = 4096
"""How much is parsed at once: little, since many short requests can arrive in one read."""

_MAX_OVERHEAD_BYTES = 64 * 1024
"""How many bytes the framing of a chunked body may take, beyond 8 times its content."""

_SINGLE = (b"host", b"origin", b"content-length", b"transfer-encoding", b"sec-websocket-key", b"sec-websocket-version")
"""Headers of which a second one could be read differently by a proxy and by the application."""

_NEVER_PASSED_ON = b"daphne-root-path"
"""Daphne reads the application's path prefix from it. Any client can send it."""


class Refusal(Exception):
    """The client's request is not accepted; it gets `status` and `reason`, and the connection ends."""

    def __init__(self, status: HTTPStatus, reason: str, *, headers: str = "") -> None:
        """`headers`: lines of the answer, each with its CRLF."""
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


class Head(NamedTuple):
    """A request without its body."""

    method: str
    target: bytes
    """In ASCII, beginning with a slash."""
    version: str
    headers: list[tuple[bytes, bytes]]
    """Names in lower case. Those with an underscore are left out: they would be taken for others with a hyphen."""
    keep_alive: bool
    values: Mapping[bytes, bytes]
    """The first value of each header."""

    def get(self, name: bytes) -> bytes | None:
        """The first value of a header."""
        return self.values.get(name)

    def get_all(self, name: bytes) -> bytes:
        """The values of all headers with this name, separated by commas; empty if there are none."""
        return b",".join([value for found, value in self.headers if found == name])

    @property
    def has_body(self) -> bool:
        return self.get(b"transfer-encoding") is not None or (self.get(b"content-length") or b"0").strip(b"0") != b""

    @property
    def content_length(self) -> int:
        """0 if there is none."""
        return int(self.get(b"content-length") or 0)

    @property
    def wants_websocket(self) -> bool:
        return (self.get(b"upgrade") or b"").strip().lower() == b"websocket"


class End(NamedTuple):
    """The end of a request."""


END = End()

Event = Head | bytes | End


class _Collector:
    """The callbacks of httptools. It knows the parser only while that runs: no cycle for the garbage collector."""

    __slots__ = ("events", "headers", "in_head", "parser", "refusal", "size", "target")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.parser: Any = None
        self.refusal: Refusal | None = None
        self.on_message_begin()

    def on_message_begin(self) -> None:
        self.target = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.size = 0
        self.in_head = True

    def on_url(self, part: bytes) -> None:
        self.target += part
        self._count(len(part))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        if self.in_head:  # the trailer of a chunked body is not used
            self.headers.append((name.lower(), value))
        if len(self.headers) > MAX_HEADERS:
            self._refuse(Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"More than {MAX_HEADERS} headers"))

    def _count(self, size: int) -> None:
        self.size += size
        if self.size > MAX_HEAD_BYTES:
            self._refuse(_too_long())

    def _refuse(self, refusal: Refusal) -> None:
        self.refusal = refusal
        raise refusal

    def on_headers_complete(self) -> None:
        self.in_head = False
        try:
            self.events.append(_head(self.parser, self.target, self.headers))
        except Refusal as refusal:
            self._refuse(refusal)
        self.target, self.headers = b"", []  # the head has them; a connection may be idle for long after its answer

    def on_body(self, data: bytes) -> None:
        self.events.append(data)

    def on_message_complete(self) -> None:
        self.in_head = True
        self.events.append(END)


class RequestParser:
    """Parses the requests of one connection, one after the other."""

    __slots__ = ("_collector", "_overhead", "_parser", "_refusal", "_unfinished_head")

    def __init__(self) -> None:
        self._collector = _Collector()
        self._parser = httptools.HttpRequestParser(self._collector)
        self._unfinished_head = 0
        self._overhead = 0
        self._refusal: Refusal | None = None

    @property
    def held(self) -> int:
        """About how many bytes a head takes that is not complete."""
        return self._unfinished_head + HEADER_BYTES * len(self._collector.headers)

    def feed(self, data: memoryview) -> tuple[list[Event], int]:
        """Parses at most SLICE_BYTES of `data`: what they complete, and how many were used.

        It stops after a request for another protocol, whose bytes may follow. Raises Refusal, but first returns what
        comes before the fault.
        """
        if self._refusal is not None:
            raise self._refusal
        collector = self._collector
        some = data[:SLICE_BYTES]
        used = len(some)
        collector.parser = self._parser
        try:
            self._parser.feed_data(some)
        except httptools.HttpParserUpgrade as upgrade:
            used = int(upgrade.args[0])
            self._parser = httptools.HttpRequestParser(collector)
        except httptools.HttpParserError as error:
            self._refusal = collector.refusal or _violation(error)
        finally:
            collector.parser = None
        events, collector.events = collector.events, []
        if self._refusal is None:
            self._refusal = self._overdue(events, used)
        if self._refusal is not None:
            if not events:
                raise self._refusal
            used = 0  # so that it is asked again
        return events, used

    def _overdue(self, events: list[Event], used: int) -> Refusal | None:
        """Bounds what a client sends without completing a head, and the framing around a chunked body."""
        if events:
            self._unfinished_head = 0
        if self._collector.in_head and not events:
            self._unfinished_head += used
            if self._unfinished_head > MAX_HEAD_BYTES + SLICE_BYTES:
                return _too_long()
        if self._collector.in_head:
            self._overhead = 0
        else:
            self._overhead += used - 8 * sum(len(event) for event in events if isinstance(event, bytes))
            self._overhead = max(0, self._overhead)
            if self._overhead > _MAX_OVERHEAD_BYTES:
                return Refusal(HTTPStatus.BAD_REQUEST, "Too much framing around a chunked body")
        return None


def _too_long() -> Refusal:
    return Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"More than {MAX_HEAD_BYTES} bytes of headers")


def _violation(error: httptools.HttpParserError) -> Refusal:
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return Refusal(HTTPStatus.BAD_REQUEST, "Not an HTTP request")
    return Refusal(HTTPStatus.BAD_REQUEST, f"Malformed request: {error}")


def _head(parser: Any, target: bytes, headers: list[tuple[bytes, bytes]]) -> Head:
    """Raises Refusal."""
    version = parser.get_http_version()
    if version not in ("1.0", "1.1"):
        raise Refusal(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.1 is needed")
    passed_on = [(name, value) for name, value in headers if b"_" not in name and name != _NEVER_PASSED_ON]
    values = dict(reversed(passed_on))
    if len(values) < len(passed_on):
        names = [name for name, _ in passed_on]
        for name in _SINGLE:
            if names.count(name) > 1:
                raise Refusal(HTTPStatus.BAD_REQUEST, f"More than one {name.decode()} header")
    host = values.get(b"host")
    if version == "1.1" and host is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "No host header")
    if (values.get(b"transfer-encoding") or b"chunked").strip().lower() != b"chunked":
        raise Refusal(HTTPStatus.NOT_IMPLEMENTED, "Only the transfer encoding chunked is supported")
    return Head(
        method=parser.get_method().decode("latin-1"),
        target=_origin_form(target, host),
        version=version,
        headers=passed_on,
        keep_alive=parser.should_keep_alive(),
        values=values,
    )


def _origin_form(target: bytes, named: bytes | None) -> bytes:
    """The path and the query, also of an absolute address, whose host must then be `named`, as in the Host header."""
    target = target.partition(b"#")[0]
    scheme, separator, rest = target.partition(b"://")
    if separator and scheme.lower() in (b"http", b"https"):
        host, slash, path = rest.partition(b"/")
        if host.lower() != (named or host).lower():
            raise Refusal(HTTPStatus.BAD_REQUEST, "The address and the Host header name two hosts")
        target = slash + path if slash else b"/"
    if not target.startswith(b"/"):
        raise Refusal(HTTPStatus.BAD_REQUEST, "The address must begin with a slash")
    if not target.isascii():
        raise Refusal(HTTPStatus.BAD_REQUEST, "The address must be ASCII")
    return target
