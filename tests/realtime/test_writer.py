"""The server's half of a WebSocket, over real sockets, under a stand-in application."""

import contextlib
import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime.transport.frames import Opcode, close_frame
from tests.clients.frames import VIOLATIONS, masked
from tests.clients.raw import RawSocket
from tests.realtime.plain_http import read_to_end, request
from tests.realtime.rings import needs_io_uring
from tests.realtime.servers import Standin
from tests.realtime.slow_readers import check_that_send_waits, fill
from tests.realtime.standin import SEND_LIMIT
from tests.servers import wait_until


@pytest.fixture(scope="module", params=["", pytest.param("1", marks=needs_io_uring)], ids=["send", "io_uring"])
def standin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    """One that sends bursts as the hub does without a ring, and one as with it."""
    with Standin(tmp_path_factory.mktemp("standin"), IO_URING=request.param) as server:
        yield server


@pytest.fixture
def connect(standin: Standin) -> Iterator[Callable[..., RawSocket]]:
    """connect(path, receive_buffer=...): a socket that is closed with the test."""
    sockets = []

    def connect(path: str, **options: Any) -> RawSocket:
        sockets.append(RawSocket(standin.address, path, **options))
        return sockets[-1]

    yield connect
    for one in sockets:
        one.socket.close()


def numbers(frames: list[Any]) -> list[int]:
    """Those of a burst's frames."""
    return [int(frame.payload.split()[0]) for frame in frames if frame.opcode == Opcode.TEXT]


@pytest.mark.parametrize("path", ["/echo", "/attach?echo"])
@pytest.mark.parametrize("size", [1, 125, 126, 65535, 65536, 1024 * 1024])
def test_messages_of_all_sizes_come_back(connect, path, size):
    """Through ASGI and through a receiver: text and bytes of every form of length, and a message in parts."""
    client = connect(path)
    for opcode in (Opcode.TEXT, Opcode.BINARY):
        client.send(masked(opcode, b"x" * size))
        assert client.frame() == (opcode, b"x" * size)
    client.send(masked(Opcode.TEXT, b"a", fin=False) + masked(Opcode.PING, b"!") + masked(Opcode.CONTINUATION, b"b"))
    assert [client.frame(), client.frame()] == [(Opcode.PONG, b"!"), (Opcode.TEXT, b"ab")]


def test_nothing_is_left_to_the_garbage_collector(connect):
    """What a handshake and a connection took goes at once: no object of the server's is part of a cycle."""
    watcher = connect("/attach?watcher")
    watcher.ask("garbage", begin=True)
    for number in range(10):
        with contextlib.closing(connect(f"/attach?{number}").socket):
            pass
    wait_until(lambda: len(watcher.ask("state")["closed"].keys() & set("0123456789")) == 10, what="all to be closed")
    assert watcher.ask("garbage", begin=False)["found"] == []


def test_a_refused_handshake_leaves_nothing(standin, connect):
    """The client gets 403, and the log not a word."""
    key = (
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + "A" * 22
        + "=="
    )
    with socket.create_connection(("127.0.0.1", standin.address), timeout=10) as client:
        client.sendall(f"GET /refuse HTTP/1.1\r\nHost: 127.0.0.1\r\n{key}\r\n\r\n".encode())
        said = b""
        while data := client.recv(4096):
            said += data
    assert said.startswith(b"HTTP/1.1 403 ")
    connect("/attach?after").ask("state")
    assert "Traceback" not in standin.log.read_text()


def test_compression_is_not_offered(connect):
    """A client that offers permessage-deflate is served without."""
    client = connect("/echo", headers={"Sec-WebSocket-Extensions": "permessage-deflate"})
    assert "Sec-WebSocket-Extensions" not in client.response.headers


def test_a_slow_reader_gets_all_in_order(connect):
    """What the kernel refuses waits, and arrives whole and in order, pongs between frames, when the reader goes on."""
    slow, other, sent = fill(connect, "slow")
    pending = other.ask("state", to="slow")["pending"]
    for number in range(5):
        slow.send(masked(Opcode.PING, b"%d" % number))
    other.do("drain", to="slow")
    wait_until(lambda: other.ask("state", to="slow")["pending"] > pending, what="pongs to wait behind the burst")
    assert not other.ask("state", to="slow")["drained"]
    frames = [slow.frame() for _ in range(sent + 5)]
    assert numbers(frames) == [*range(10)] * (sent // 10)
    assert [frame.payload for frame in frames if frame.opcode == Opcode.PONG] == [b"0", b"1", b"2", b"3", b"4"]
    state = wait_until(lambda: (state := other.ask("state", to="slow"))["drained"] and state, what="drained()")
    assert state["pending"] == 0
    slow.text("still there")
    assert slow.frame().payload == b"still there"


def test_too_slow_a_reader_is_closed_with_4008(connect):
    """Over the limit, what has not begun to go out gives way to a close frame that follows a whole frame."""
    slow, other, sent = fill(connect, "late")
    assert other.ask("burst", to="late", count=1000, size=1000)["pending"] < 70_000
    frames = slow.frames_to_the_end()
    assert frames[-1].code == 4008
    assert all(len(frame.payload) == 1000 for frame in frames[:-1])
    assert len(frames) < sent - SEND_LIMIT * 0.8 / 1000
    slow.send(masked(Opcode.CLOSE, frames[-1].payload))
    assert slow.ended()
    wait_until(lambda: other.ask("state")["closed"].get("late") == 4008, what="on_close")


def test_one_that_never_reads_is_cut_off(connect):
    """After 4008 a peer that goes on not to read is dropped, and costs nothing more."""
    slow, other, _ = fill(connect, "dead")
    other.ask("burst", to="dead", count=1000, size=1000)
    wait_until(lambda: other.ask("state")["closed"].get("dead") == 1006, what="the connection to be cut")
    with pytest.raises((ConnectionError, AssertionError)):
        slow.frames_to_the_end()


def test_asgi_send_waits_for_a_slow_reader(standin, connect):
    """An application that knows only ASGI's send cannot fill the memory."""
    check_that_send_waits(standin, connect)


@pytest.mark.parametrize("code", [1000, 3000, 4503])
def test_the_closing_handshake(connect, code):
    """close() sends the code, waits for the peer's answer, then ends the connection and tells the receiver."""
    client, other = connect(f"/attach?closing{code}"), connect("/attach?other")
    client.do("close", code=code)
    assert client.frame() == (Opcode.CLOSE, code.to_bytes(2))
    client.send(masked(Opcode.TEXT, b"ignored") + masked(Opcode.CLOSE, code.to_bytes(2)))
    assert client.ended()
    wait_until(lambda: other.ask("state")["closed"].get(f"closing{code}") == code, what="on_close")


def test_a_peer_that_does_not_answer_a_close(connect):
    """It is cut off after a while."""
    client, other = connect("/attach?silent"), connect("/attach?other")
    client.do("close", code=4503)
    assert client.frame().code == 4503
    assert client.ended(by_reset=True)
    wait_until(lambda: other.ask("state")["closed"].get("silent") == 1006, what="on_close")


@pytest.mark.parametrize(("frame", "code"), [(close_frame(None), 1005), (close_frame(4001, "bye"), 4001)])
@pytest.mark.parametrize("path", ["/attach?echo", "/echo"])
def test_a_peer_closes(connect, path, frame, code):
    """Its close frame is answered with the same code, and the application told it."""
    client, other = connect(path), connect("/attach?other")
    client.send(masked(Opcode.CLOSE, frame[2:]))
    assert client.frame() == (Opcode.CLOSE, frame[2:4])
    assert client.ended()
    wait_until(lambda: other.ask("state")["closed"].get("echo") == code, what="the code")


def test_a_peer_that_vanishes(connect):
    """Writes to it are swallowed, the receiver is told 1006, and other clients are not affected."""
    gone, other = connect("/attach?gone"), connect("/attach?other")
    other.do("burst", to="gone", count=10, size=1000, after=0.3)
    gone.reset()  # while the server's loop is busy: the first that it sees of it is the write that fails
    assert json.loads(other.frame().payload) == {"pending": 0}
    wait_until(lambda: other.ask("state")["closed"].get("gone") == 1006, what="on_close")
    assert other.ask("burst", to="gone", count=10, size=1000) == {"pending": 0}


def test_a_slow_peer_that_vanishes(connect):
    """What waited for it is forgotten, and the receiver told."""
    gone, other, _ = fill(connect, "slowgone")
    gone.reset()
    wait_until(lambda: other.ask("state")["closed"].get("slowgone") == 1006, what="on_close")
    assert other.ask("burst", to="slowgone", count=10, size=1000) == {"pending": 0}


def test_the_kernel_finds_dead_peers(tmp_path):
    """A peer that acknowledges nothing is dropped after a while, without a ping per connection."""
    with Standin(tmp_path, DEAD_PEER_SECONDS="1") as standin, contextlib.ExitStack() as stack:

        def connect(path: str, **options: Any) -> RawSocket:
            return stack.enter_context(RawSocket(standin.address, path, **options))

        _, other, _ = fill(connect, "asleep")
        wait_until(lambda: other.ask("state")["closed"].get("asleep") == 1006, timeout=30, what="the end")


@pytest.mark.parametrize("path", ["/attach?bad", "/echo", "/deaf"])
@pytest.mark.parametrize(("code", "sent"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_violation_is_answered_with_its_code(connect, path, code, sent):
    """A client that is still sending a frame that is too big reads the code too; other clients are not affected."""
    other = connect("/attach?other")
    client = connect(path)
    client.send(sent)
    assert client.frame().code == code
    client.send(bytes(1_000_000))  # no reset, which would overtake the close frame on a real network
    client.socket.shutdown(socket.SHUT_WR)
    assert client.ended()
    other.text("still here")
    assert other.frame().payload == b"still here"


def test_a_receiver_that_raises(connect):
    """1011 for its own connection, which is over."""
    client = connect("/attach?raises")
    client.do("raise")
    assert client.frame().code == 1011
    assert client.ended()


def test_the_application_may_return_after_attaching(connect):
    """The socket lives on without a task, and messages sent before that arrive."""
    other = connect("/attach?other")
    tasks = other.ask("state")["tasks"]
    clients = [connect(f"/attach?{number}") for number in range(10)]
    for client in clients:
        client.text("early")
        assert client.frame().payload == b"early"
    wait_until(lambda: other.ask("state")["tasks"] <= tasks, what="the applications' tasks to end")
    clients[0].text("late")
    assert clients[0].frame().payload == b"late"


@pytest.mark.parametrize(("path", "code"), [("/return", 1000), ("/raise", 1011)])
def test_an_application_that_ends_otherwise_closes_its_socket(connect, path, code):
    """What a client sends would be lost after the application has returned or raised."""
    assert connect(path).frame().code == code


def test_writing_before_accepting_is_a_mistake(connect):
    """It raises: there is no WebSocket yet."""
    assert b"accepted" in connect("/early").frame().payload


def test_codes_that_an_application_may_not_use(connect):
    """close(1001) is a ValueError, and the connection stays."""
    client = connect("/attach?refused")
    assert client.ask("bad close") == {"refused": True}
    client.text("still here")
    assert client.frame().payload == b"still here"


def test_an_application_that_does_not_receive_stops_the_reading(connect):
    """A client that floods it has to wait, instead of filling the server's memory."""
    client = connect("/deaf")
    client.socket.settimeout(2)
    message = masked(Opcode.TEXT, b"x" * 60_000)

    def flood() -> None:
        for _ in range(1000):
            client.send(message)

    with pytest.raises(TimeoutError):
        flood()


def test_a_unix_socket_has_the_writer_too(tmp_path):
    """The same over a Unix socket, a slow reader included."""
    with Standin(tmp_path, unix=True) as standin, RawSocket(standin.address, "/attach?unix") as client:
        client.do("burst", count=3, size=100)
        assert [client.frame().payload[:2] for _ in range(3)] == [b"0 ", b"1 ", b"2 "]
        assert json.loads(client.frame().payload) == {"pending": 0}
        client.socket.close()
        assert standin.stop() == 0
        assert Path(str(standin.address)).exists(), "other processes may listen there still"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    names = str(folder / "cert.pem"), str(folder / "key.pem")
    subject = ["-subj", "/CN=localhost", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command = ["openssl", "req", "-x509", "-nodes", *subject, "-out", names[0], "-keyout", names[1]]
    subprocess.run(command, check=True, capture_output=True)
    return names


def test_over_tls_it_is_the_same(tmp_path, certificate):
    """Messages come and go, empty ones too, a receiver can be attached, a violation has its code, a slow reader is
    waited for, or closed with 4008, and old HTTP or two origins are refused."""
    import ssl

    context = ssl.create_default_context(cafile=certificate[0])

    def wrap(plain: socket.socket) -> socket.socket:
        return context.wrap_socket(plain, server_hostname="localhost")

    with Standin(tmp_path, *certificate) as standin, contextlib.ExitStack() as stack:

        def connect(path: str, **options: Any) -> RawSocket:
            return stack.enter_context(RawSocket(standin.port, path, wrap=wrap, **options))

        client = connect("/echo")
        client.text("hello")
        assert client.frame() == (Opcode.TEXT, b"hello")
        client.send(masked(Opcode.TEXT, b"\xff"))
        assert client.frame().code == 1007
        assert b"accepted" in connect("/early").frame().payload
        client = connect("/echo")
        client.send(masked(Opcode.TEXT, b"") + masked(Opcode.BINARY, b""))
        assert [client.frame(), client.frame()] == [(Opcode.TEXT, b""), (Opcode.BINARY, b"")]
        client = connect("/attach?tls")
        client.do("close", code=4503)
        assert client.frame().code == 4503
        client.send(masked(Opcode.CLOSE, (4503).to_bytes(2)))
        assert client.ended()
        late, other, _ = fill(connect, "late")
        assert other.ask("burst", to="late", count=1000, size=1000)["pending"] < 70_000
        assert late.frames_to_the_end()[-1].code == 4008
        for sent, status in (
            (request(start="GET {} HTTP/1.0"), b"505"),
            (request(Origin="http://one\r\nOrigin: http://two"), b"400"),
            (request(Cookie="x" * 70_000), b"431"),
        ):
            with wrap(socket.create_connection(("127.0.0.1", standin.port), timeout=10)) as refused:
                refused.sendall(sent)
                assert read_to_end(refused).split()[1] == status
        check_that_send_waits(standin, connect)
