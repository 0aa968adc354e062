"""The parser of requests: the same result however the bytes are cut, and nothing but refusals for garbage."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.server.request_parser import END, Event, Head, Refusal, RequestParser

GET = b"GET /a?b=%31 HTTP/1.1\r\nHost: localhost\r\nX-One: 1\r\nx_two: 2\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"PUT /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
)
UPGRADE = b"GET /d HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
BROKEN = b"GET /e HTTP/1.1\r\nHost: one\r\nHost: two\r\n\r\n"

Whole = tuple[str, bytes, list[tuple[bytes, bytes]], bytes]


def events_of(parts: list[bytes]) -> tuple[list[Event], str]:
    """What comes out, and the reason of the refusal that ended it, or nothing."""
    parser, found = RequestParser(), []
    try:
        for part in parts:
            rest = memoryview(part)
            while rest:
                events, used = parser.feed(rest)
                found += events
                rest = rest[used:]
    except Refusal as refusal:
        return found, refusal.reason
    return found, ""


def whole(events: list[Event]) -> list[Whole]:
    """The complete requests, each with its body."""
    requests: list[Whole] = []
    body = b""
    for event in events:
        if isinstance(event, Head):
            head, body = event, b""
        elif isinstance(event, bytes):
            body += event
        elif event is END:
            requests.append((head.method, head.target, head.headers, body))
    return requests


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(
    kinds=st.lists(st.sampled_from([GET, POST, CHUNKED, UPGRADE, BROKEN]), max_size=6),
    places=st.lists(st.integers(0, 600), max_size=30),
)
def test_requests_are_the_same_however_they_are_cut(kinds, places):
    """Also those behind a request for another protocol, and up to one that is refused."""
    sent = b"".join(kinds)
    good = kinds[: kinds.index(BROKEN)] if BROKEN in kinds else kinds
    expected = {
        GET: ("GET", b"/a?b=%31", [(b"host", b"localhost"), (b"x-one", b"1")], b""),
        POST: ("POST", b"/b", [(b"host", b"localhost"), (b"content-length", b"5")], b"hello"),
        CHUNKED: ("PUT", b"/c", [(b"host", b"localhost"), (b"transfer-encoding", b"chunked")], b"abcde"),
        UPGRADE: ("GET", b"/d", [(b"host", b"localhost"), (b"upgrade", b"h2c"), (b"connection", b"Upgrade")], b""),
    }
    for parts in ([sent], cut(sent, places), [sent[place : place + 1] for place in range(len(sent))]):
        events, reason = events_of(parts)
        assert reason == ("More than one host header" if BROKEN in kinds else "")
        assert whole(events) == [expected[kind] for kind in good]


@settings(max_examples=300)
@given(
    garbage=st.lists(
        st.one_of(
            st.binary(max_size=50),
            st.sampled_from([GET, POST, CHUNKED, UPGRADE]),
            st.sampled_from([b"\r\n", b"\r\n\r\n", b"Content-Length: 7\r\n", b"GET ", b"0\r\n", b"\0", b"\xff"]),
        ),
        max_size=12,
    )
)
def test_garbage_is_refused_and_nothing_worse(garbage):
    """No other exception, whatever is sent; a request that comes out has a path that begins with a slash."""
    events, _ = events_of(garbage)
    assert all(head.target.startswith(b"/") for head in events if isinstance(head, Head))
