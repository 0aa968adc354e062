"""The opening handshake, byte by byte, under a stand-in application."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from realtime.transport.frames import Opcode, encode
from tests.clients.frames import masked
from tests.clients.raw import RawSocket
from tests.realtime.plain_http import UPGRADE, read, read_to_end, request
from tests.realtime.servers import Standin
from tests.servers import wait_until

ACCEPTED = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""What RFC 6455 (section 1.3) has for this key."""


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    with Standin(tmp_path_factory.mktemp("standin"), CONNECT_SECONDS="1", FIRST_BYTE_SECONDS="1", PROXY="1") as server:
        yield server


def test_the_answer(peer):
    """101 with the key's counterpart; what came in the same packet as the request is answered next."""
    peer.sendall(request() + masked(Opcode.TEXT, b"early"))
    head = read(peer, b"\r\n\r\n").decode()
    assert head.startswith("HTTP/1.1 101 Switching Protocols\r\n")
    assert f"Sec-WebSocket-Accept: {ACCEPTED}\r\n" in head
    assert read(peer, b"early") == encode(Opcode.TEXT, b"early")


def test_in_pieces(peer):
    """A request that arrives byte by byte is one like any other."""
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in request():
        peer.sendall(bytes([byte]))
    assert b" 101 " in read(peer, b"\r\n\r\n")
    peer.sendall(masked(Opcode.TEXT, b"late"))
    assert read(peer, b"late") == encode(Opcode.TEXT, b"late")


@pytest.mark.parametrize("earlier", [1, 3])
def test_after_other_requests(standin, earlier):
    """A proxy may ask for a WebSocket over a connection that it has used before; it gets the writer all the same, which
    may fall behind."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # fixed, so that a burst does not fit
        client.settimeout(10)
        client.connect(("127.0.0.1", standin.port))
        for _ in range(earlier):
            client.sendall(b"GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b" 200 " in read(client, b"well\r\n0\r\n\r\n")
        client.sendall(request("/attach?reused"))
        assert b" 101 " in read(client, b"\r\n\r\n")
        client.sendall(masked(Opcode.TEXT, b'{"do": "burst", "count": 200, "size": 1000}'))
        burst = [encode(Opcode.TEXT, f"{number} ".encode().ljust(1000, b".")) for number in range(200)]
        said = read(client, b"}")
        assert said.startswith(b"".join(burst))
        assert b'"pending": 0' not in said


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request(Sec_WebSocket_Key="short"), 400),
        (request(Sec_WebSocket_Key=None), 400),
        (request(Sec_WebSocket_Version="8"), 400),
        (request(Origin="http://["), 400),
        (request(Host=None), 400),
        (request(Host="one\r\nHost: two"), 400),
        (request(Origin="http://one\r\nOrigin: http://two"), 400),
        (request(X_Forwarded_For="\xff"), 400),
        (request(Sec_WebSocket_Protocol="\xff"), 400),
        (request("/scope", Sec_WebSocket_Protocol="one, tw\xf6"), 400),
        (request(Sec_WebSocket_Key="\xff" * 24), 400),
        (request(Sec_WebSocket_Version="\xb93"), 400),
        (request(Origin="http://\xff"), 400),
        (request(Connection="Upgrade\xff"), 426),
        (request(Broken="a\x01b"), 400),
        (request("/\xe4"), 400),
        (request("nowhere"), 400),
        (request(start="POST {} HTTP/1.1"), 405),
        (request(start="GET {} HTTP/1.0"), 505),
        (request(Connection="close"), 426),
        (request("/refuse"), 403),
        (request("/undecided"), 403),
        (request("/raise-first"), 500),
    ],
)
def test_a_refusal(standin, peer, sent, status):
    """Each error has its own status and ends the connection; the next client is accepted."""
    peer.sendall(sent)
    said = read_to_end(peer).decode()
    assert said.startswith(f"HTTP/1.1 {status} ")
    if b"Version: 8" in sent:
        assert "Sec-WebSocket-Version: 13\r\n" in said
    with closing(RawSocket(standin.port, "/echo").socket):
        pass


BYTES = "".join(map(chr, range(0x80, 0x100)))


PROXIES = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port"]
ASKED = ["Origin", "Cookie", "Authorization", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "X-Other"]


@pytest.mark.parametrize("name", [*UPGRADE, *PROXIES, *ASKED])
def test_bytes_that_are_no_ascii(standin, peer, name):
    """In any header: the handshake is refused for what it is, or the application has them as they were."""
    before = standin.log.read_text().count("Traceback")
    given = f"{UPGRADE.get(name, 'one')}{BYTES}"
    peer.sendall(request("/scope", **{name.replace("-", "_"): given}))
    said = read(peer, b"\r\n\r\n").decode("ascii")
    status = int(said.split()[1])
    assert status in (101, 400, 426) or (status == 200 and name == "Upgrade"), "a request for no WebSocket"
    if status == 101:
        scope = json.loads(read(peer, b"}").partition(b"{")[2].join([b"{", b""]))
        assert dict(scope["headers"])[name.lower()].endswith(BYTES)
    assert standin.log.read_text().count("Traceback") == before


def test_a_client_that_goes_before_the_answer(standin, peer):
    """The application is told, and the log has no traceback of it."""
    peer.sendall(request("/undecided"))
    peer.close()
    with closing((other := RawSocket(standin.port, "/attach?other")).socket):
        wait_until(lambda: other.ask("state")["closed"].get("undecided"), what="the disconnect")
    assert "AssertionError" not in standin.log.read_text()


def test_too_much_before_the_answer(peer):
    """A client that sends too much before the handshake is complete is cut off."""
    peer.sendall(request("/undecided"))

    def talk() -> None:
        for _ in range(1000):
            peer.sendall(bytes(10_000))

    with pytest.raises(ConnectionError):
        talk()


def test_silence(peer):
    """A connection that says nothing is closed after a while."""
    with suppress(ConnectionResetError):
        assert peer.recv(1) == b""


def test_the_scope(peer):
    """What ASGI says of it, with the address that a proxy tells; names with an underscore can't pose as others."""
    headers = {
        "X_Forwarded_For": "203.0.113.9, 10.0.0.1",
        "X_Forwarded_Port": "1234",
        "Sec_WebSocket_Protocol": "one, two",
        "X_Bytes": "\xe4",
    }
    sent = request("/scope%20of?a=1&b=%32", **headers)
    peer.sendall(sent.replace(b"\r\n\r\n", b"\r\nx_tra: 1\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"))
    head = read(peer, b"\r\n\r\n").decode()
    assert "Sec-WebSocket-Protocol: two\r\n" in head
    assert "X-Header: yes\r\n" in head
    scope = json.loads(read(peer, b"}").partition(b"{")[2].join([b"{", b""]))
    assert scope["type"] == "websocket"
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/scope of", "/scope%20of", "a=1&b=%32")
    assert scope["client"] == ["203.0.113.9", 1234]
    assert scope["server"][0] == "127.0.0.1"
    assert scope["subprotocols"] == ["one", "two"]
    assert dict(scope["headers"])["x-forwarded-for"] == "203.0.113.9, 10.0.0.1, 192.0.2.1"
    assert dict(scope["headers"])["x-bytes"] == "\xe4"
    names = [name for name, _ in scope["headers"]]
    assert "upgrade" in names
    assert "x_tra" not in names


def test_what_may_not_be_sent(standin):
    """Text before accepting, accepting twice, both or nothing, and a code of its own are the application's mistakes."""
    with closing((client := RawSocket(standin.port, "/mistakes")).socket):
        early, again, both, neither, code = json.loads(client.frame().payload)
        assert "before accepting" in early
        assert "any more" in again
        assert "either text or bytes" in both
        assert "either text or bytes" in neither
        assert code == "close code 0"
        assert client.frame() == (Opcode.BINARY, b"bytes")
