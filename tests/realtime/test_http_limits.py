"""What takes too long or is too large, over HTTP: bodies, heads, answers that nobody reads, and open files."""

import contextlib
import itertools
import json
import select
import socket
import time
from collections.abc import Iterator
from unittest import mock

import pytest

from realtime.server.interfaces import Limits
from realtime.server.request import HttpRequest
from realtime.server.request_parser import Head, Refusal, RequestParser
from realtime.server.scope import Ends
from realtime.transport.shared_limit import SharedLimit
from tests.clients.raw import RawSocket
from tests.realtime.plain_http import MIB, answer, connect, get, memory, read_to_end, request, scope, status
from tests.realtime.servers import Standin
from tests.servers import wait_until


@pytest.mark.parametrize("path", ["/http/length", "/"])
@pytest.mark.parametrize("length", [MIB + 1, 300 * MIB, 10**12, 2**63])
def test_a_body_over_the_limit_is_refused_at_once(peer, path, length):
    """By its Content-Length, before any of it has come, whether the application reads it or not."""
    peer.sendall(get(path, f"Content-Length: {length}", method="POST"))
    assert answer(peer)[0] == 413


def test_a_body_without_a_length_is_cut_at_the_limit(standin):
    """300 MB in chunks: 413, and no memory."""

    def send(megabytes: int) -> None:
        with connect(standin) as client:
            client.sendall(get("/http/length", "Transfer-Encoding: chunked", method="POST"))
            with contextlib.suppress(ConnectionError):
                for _ in range(megabytes):
                    client.sendall(b"100000\r\n" + bytes(MIB) + b"\r\n")
            with contextlib.suppress(OSError):  # the connection may be reset by now: there is nothing to shut down
                client.shutdown(socket.SHUT_WR)
                assert status(read_to_end(client)) == 413

    send(300)  # what the first one makes the allocator keep
    before = memory(standin)
    send(300)
    assert memory(standin) - before < 5 * MIB


@pytest.mark.parametrize(("of_all", "status"), [(100, 413), (15, 503)])
async def test_a_refused_body_gives_back_what_it_took(of_all, status):
    """And no more: what it was refused for was never taken from the budget of all bodies."""
    (head,), _ = RequestParser().feed(memoryview(get("/", "Transfer-Encoding: chunked", method="POST")))
    assert isinstance(head, Head)
    bodies, ends = SharedLimit(of_all, kind="bodies"), Ends(client=None, server=None, scheme="http")
    client, limits = mock.Mock(), Limits(body_bytes=20)
    request = HttpRequest(client, head, ends, limits=limits, bodies=bodies, keep_alive=True)
    request.add_body(bytes(12))
    try:
        request.add_body(bytes(9) if status == 413 else bytes(8))
        refused = client.refuse.call_args.args[0]
    except Refusal as refusal:
        refused = refusal
    assert refused.status == status
    await request.run(mock.AsyncMock(), {"path": "/"})
    other = mock.Mock()
    bodies.hold(other, of_all)
    other.give_up.assert_not_called()
    bodies.hold(other, of_all + 1)
    other.give_up.assert_called_once()


def test_a_body_within_the_limit_passes(peer):
    """Of both kinds, up to the last byte."""
    peer.sendall(get("/http/length", f"Content-Length: {MIB}", method="POST") + bytes(MIB))
    assert json.loads(answer(peer)[2])["size"] == MIB
    chunk = b"1000\r\n" + bytes(4096) + b"\r\n"
    peer.sendall(get("/http/length", "Transfer-Encoding: chunked", method="POST") + chunk * 256 + b"0\r\n\r\n")
    assert json.loads(answer(peer)[2])["size"] == MIB


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"1" + b";x" * 1000, b";x" * 1000),
        (b"0\r\n", b"X-Trailer: a\r\n" * 50),
        (b"1\r\na\r\n", b"1" + b";x" * 2000 + b"\r\na\r\n"),
    ],
    ids=["one extension", "trailers", "extensions"],
)
def test_framing_without_content_is_bounded(peer, first, then):
    """Extensions of chunks and trailers carry nothing and could come for ever."""
    peer.sendall(get("/http/length", "Transfer-Encoding: chunked", method="POST") + first)
    with contextlib.suppress(ConnectionError):
        for _ in range(2000):
            peer.sendall(then)
    with contextlib.suppress(ConnectionError):
        assert status(read_to_end(peer)) in (400, 431)


def trickle(client: socket.socket, parts: Iterator[bytes]) -> float:
    """Sends a part every 50 ms until an answer comes; the seconds that took."""
    began = time.monotonic()
    client.settimeout(0.05)
    for part in parts:
        client.sendall(part)
        try:
            if client.recv(1, socket.MSG_PEEK):
                return time.monotonic() - began
        except TimeoutError:
            continue
    raise AssertionError("no answer")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X: a\r\n"),
        (b"GET / HTTP/1.1\r\nX: ", b"a"),
        (b"", b"\r\n"),
        (request()[:-2], b"X: a\r\n"),
        (get("/http/length", "Content-Length: 1000000", method="POST"), b"a"),
        (get("/http/length", "Transfer-Encoding: chunked", method="POST"), b"1\r\na\r\n"),
        (get() + b"GET ", b"a"),
    ],
    ids=["headers", "one header", "empty lines", "websocket", "length", "chunks", "the second request"],
)
def test_what_trickles_is_cut(peer, first, then):
    """408 after a time for the whole head, and for the body according to its size."""
    peer.sendall(first)
    if first.startswith(get()):
        assert answer(peer)[0] == 200
    assert trickle(peer, itertools.repeat(then, 200)) > 1
    assert answer(peer)[0] == 408
    assert peer.recv(1) == b""


def test_a_client_that_does_not_read_its_answer(tmp_path):
    """It is cut off, so that answers do not pile up in memory."""
    with Standin(tmp_path, UNREAD_SECONDS="1") as standin, connect(standin) as client:
        client.settimeout(1)
        with contextlib.suppress(TimeoutError, ConnectionError):
            for _ in range(2000):
                client.sendall(get("/http/") * 100)
        poller = select.poll()
        poller.register(client, select.POLLERR | select.POLLHUP)
        wait_until(lambda: poller.poll(100), what="the end")


def test_at_the_limit_of_descriptors(tmp_path):
    """The connections idle longest are closed; clients with a request are answered, and WebSockets stay open."""
    with Standin(tmp_path, FILES="100") as standin, contextlib.ExitStack() as stack:
        kept = stack.enter_context(RawSocket(standin.port, "/attach?kept"))
        silent = [stack.enter_context(connect(standin)) for _ in range(150)]
        for _ in range(20):
            with connect(standin) as client:
                assert scope(client, get())["size"] == 0
        assert kept.ask("state")["requests"] == 20
        assert silent
        assert "Traceback" not in standin.log.read_text()
        assert "No more connections are accepted for now" in standin.log.read_text()


def test_the_application_hears_of_a_client_that_went(standin):
    """While it reads the body."""
    with connect(standin) as client:
        client.sendall(get("/http/length", "Content-Length: 777", method="POST") + b"abc")
        time.sleep(0.1)
    with RawSocket(standin.port, "/attach?watcher") as other:
        wait_until(lambda: other.ask("state")["closed"].get("http") == 3, what="the disconnect")
