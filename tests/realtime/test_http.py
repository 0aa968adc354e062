"""HTTP as the server reads and writes it, byte by byte, under a stand-in application."""

import contextlib
import json
import re
import time

import pytest

from realtime.transport.frames import Opcode, encode
from tests.clients.frames import masked
from tests.clients.raw import RawSocket
from tests.realtime.plain_http import MIB, answer, connect, get, memory, read, read_to_end, request, scope, status

# One parser, however the bytes are cut

BAD = {
    "two hosts": (400, ["Host: one", "Host: two"]),
    "no host": (400, ["Host : one"]),
    "two origins": (400, ["Origin: http://one", "Origin: http://two"]),
    "a control character": (400, ["X-Broken: a\x01b"]),
    "a folded header": (400, ["X-Folded: a\r\n b"]),
    "a space before the colon": (400, ["X-Space : a"]),
    "two lengths": (400, ["Content-Length: 1", "Content-Length: 2"]),
    "a length and chunks": (400, ["Content-Length: 1", "Transfer-Encoding: chunked"]),
    "another transfer encoding": (501, ["Transfer-Encoding: gzip"]),
    "too many headers": (431, [f"X-{number}: a" for number in range(300)]),
    "too many bytes": (431, ["Cookie: " + "x" * 70_000]),
    "many bytes in many headers": (431, [f"X-{number}: {'x' * 1000}" for number in range(80)]),
}


@pytest.mark.parametrize("as_websocket", [False, True], ids=["http", "websocket"])
@pytest.mark.parametrize(("code", "lines"), BAD.values(), ids=BAD)
def test_a_bad_request_is_refused_however_it_is_cut(standin, as_websocket, code, lines):
    """The same status over both ways in, in one segment and in two, wherever it is cut; and the log has a line."""
    sent = request("/echo", X_Last="\r\n".join(["1", *lines])) if as_websocket else get("/http/", *lines)
    if "Host: one" in lines and as_websocket:
        sent = sent.replace(b"Host: 127.0.0.1\r\n", b"")
    for cut in (0, len(sent) // 2, len(sent) - 2):
        with connect(standin) as client:
            for part in (sent[:cut], sent[cut:]):
                with contextlib.suppress(ConnectionError):
                    client.sendall(part)
                    time.sleep(0.02 if cut else 0)
            answer = read_to_end(client)
            assert status(answer) == code
            assert re.search(rb"\r\nX-Request-ID: [0-9a-f]{16}\r\n", answer)
    assert f"was refused with {code}" in standin.log.read_text()


def test_large_heads_pass_both_ways_in(standin):
    """Sign-in proxies send tens of kilobytes of cookies, and many headers."""
    lines = ["Cookie: " + "x" * 40_000, *(f"X-{number}: a" for number in range(150))]
    with connect(standin) as client:
        assert len(scope(client, get("/http/length", *lines))["headers"]) == 152
    with connect(standin) as client:
        client.sendall(request("/echo", X_Last="\r\n".join(["1", *lines])))
        assert b" 101 " in read(client, b"\r\n\r\n")


@pytest.mark.parametrize("cut", [1, 20, -3])
def test_frames_sent_with_the_request_are_not_lost(peer, cut):
    """Also when the request comes in two segments."""
    sent = request("/echo") + masked(Opcode.TEXT, b"early")
    cut = len(request("/echo")) + cut if cut < 0 else cut
    peer.sendall(sent[:cut])
    time.sleep(0.05)
    peer.sendall(sent[cut:])
    assert b" 101 " in read(peer, b"\r\n\r\n")
    assert read(peer, b"early") == encode(Opcode.TEXT, b"early")


@pytest.mark.parametrize("value", ["/x", "/caf\xe9", "%ff"])
def test_a_client_cannot_set_the_root_path(standin, value):
    """Daphne takes it from a header. Here it is empty, and the header is not passed on."""
    with connect(standin) as client:
        found = scope(client, get("/http/length", f"Daphne-Root-Path: {value}"))
        assert (found["root_path"], found["path"]) == ("", "/http/length")
        assert "daphne-root-path" not in dict(found["headers"])
    with connect(standin) as client:
        client.sendall(request("/scope", Daphne_Root_Path=value))
        read(client, b"\r\n\r\n")
        assert b'"root_path": ""' in read(client, b"}")


def test_the_scope(peer):
    """What ASGI says of a request; names with an underscore can't pose as others."""
    found = scope(peer, get("/http/length?a=%31", "X-One: \xe4", "x_two: 2", method="PUT"))
    assert found["method"] == "PUT"
    assert (found["raw_path"], found["query_string"], found["http_version"]) == ("/http/length", "a=%31", "1.1")
    assert found["scheme"] == "http"
    assert found["headers"] == [["host", "127.0.0.1"], ["x-one", "\xe4"]]


@pytest.mark.parametrize(
    ("target", "host", "code"),
    [
        ("http://127.0.0.1/http/length", "127.0.0.1", 200),
        ("http://other/http/length", "127.0.0.1", 400),
        ("nowhere", "127.0.0.1", 400),
        ("*", "127.0.0.1", 400),
        ("/http/\xe4", "127.0.0.1", 400),
    ],
)
def test_forms_of_the_address(peer, target, host, code):
    """An absolute address is understood if it names the same host; others must begin with a slash, in ASCII."""
    peer.sendall(get(target, f"Host: {host}"))
    assert answer(peer)[0] == code


@pytest.mark.parametrize("version", ["0.9", "2.0", "1.2"])
def test_other_versions(peer, version):
    """505 or 400, and no hanging connection."""
    peer.sendall(get(version=version))
    assert status(read_to_end(peer)) in (400, 505)


def test_what_speaks_another_protocol(peer):
    """A TLS client on a plain port gets a short answer."""
    peer.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500))
    assert status(read_to_end(peer)) == 400


# Framing


def test_requests_sent_at_once_are_answered_in_turn(peer):
    """Pipelined: also behind a slow one, with bodies of both kinds in between."""
    chunked = b"5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nTrailer: a\r\n\r\n"
    peer.sendall(
        get("/?0.2")
        + get("/http/length", "Content-Length: 3", method="POST")
        + b"abc"
        + get("/http/length", "Transfer-Encoding: chunked", method="POST")
        + chunked
        + get("/http/length", "Connection: close")
    )
    assert b"well\r\n0\r\n\r\n" in read(peer, b"0\r\n\r\n")
    assert [json.loads(answer(peer)[2])["size"] for _ in range(3)] == [3, 6, 0]
    assert peer.recv(1) == b""


def test_thousands_at_once_take_little_memory(standin):
    """A client that sends requests without reading answers has to wait."""
    before = memory(standin)
    with connect(standin) as client:
        client.settimeout(1)
        with contextlib.suppress(TimeoutError, ConnectionError):
            for _ in range(2000):
                client.sendall(get("/http/") * 100)
        assert memory(standin) - before < 15 * MIB


def test_head_and_old_clients(standin):
    """HEAD has no body; HTTP/1.0 gets no chunks, and the end of the connection unless it asks otherwise."""
    with connect(standin) as client:
        client.sendall(get(method="HEAD") + get())
        head = read(client, b"\r\n\r\n")
        assert b"Content-Length" in head
        assert answer(client)[0] == 200
    with connect(standin) as client:
        client.sendall(get("/http/", version="1.0"))
        assert read_to_end(client).rpartition(b"\r\n\r\n")[2].startswith(b"{")
    with connect(standin) as client:
        for _ in range(2):
            client.sendall(get("/http/length", "Connection: keep-alive", version="1.0"))
            assert answer(client)[1]["connection"] == "keep-alive"


def test_a_client_may_wait_for_leave_to_send(peer):
    """Expect: 100-continue is answered when the application asks for the body, and not when that is too large."""
    peer.sendall(get("/http/length", "Expect: 100-continue", "Content-Length: 3", method="POST"))
    assert read(peer, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    peer.sendall(b"abc")
    assert json.loads(answer(peer)[2])["size"] == 3
    peer.sendall(get("/http/length", "Expect: 100-continue", f"Content-Length: {2 * MIB}", method="POST"))
    assert answer(peer)[0] == 413


def test_another_upgrade_is_ignored(peer):
    """h2c, as curl offers it."""
    peer.sendall(get("/http/length", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: A"))
    assert answer(peer)[0] == 200
    peer.sendall(get())
    assert answer(peer)[0] == 200


# Frames that are no messages


@pytest.mark.parametrize(
    "frame",
    [masked(Opcode.PING, b""), masked(Opcode.PONG, b"!"), masked(Opcode.CONTINUATION, b"", fin=False)],
    ids=["ping", "pong", "empty part"],
)
def test_frames_that_are_no_messages_are_counted(standin, frame):
    """1008 for one that sends them without end; a second's worth is fine."""
    with RawSocket(standin.port, "/attach?flood") as client:
        if frame[0] & 0x0F == Opcode.CONTINUATION:
            client.send(masked(Opcode.TEXT, b"a", fin=False))
        client.send(frame * 50)
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                client.send(frame * 100)
        frames = client.frames_to_the_end()
        assert frames[-1].code == 1008
        assert len(frames) < 400
