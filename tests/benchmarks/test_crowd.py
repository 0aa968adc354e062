"""The benchmarks' clients count right, whatever pieces the frames come in, and notice what is wrong."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.benchmarks import event
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.frames import PONG
from tests.benchmarks.opening import CrowdError, Door

ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
READY = b"\x81\x10" + b'{"type":"ready"}'
HEARTBEAT = b"\x81\x02{}"
PING = b"\x89\x01x"
CLOSE = b"\x88\x02\x03\xe8"


def frame(number: int) -> bytes:
    text = event.text(number).encode()
    return b"\x81\x7e" + len(text).to_bytes(2, "big") + text


def events(first: int, count: int) -> bytes:
    return b"".join(map(frame, range(first, first + count)))


@pytest.fixture
def serve() -> Iterator[Callable[..., int]]:
    """serve(pieces): a server on the port returned that sends its one client the pieces, some time apart."""
    with contextlib.ExitStack() as stack:

        def serve(pieces: list[bytes]) -> int:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def work() -> None:
                client, _ = listener.accept()
                stack.enter_context(client)
                client.recv(65536)
                for piece in pieces:
                    client.sendall(piece)
                    time.sleep(0.002)

            thread = threading.Thread(target=work)
            thread.start()
            stack.callback(thread.join)
            return int(listener.getsockname()[1])

        yield serve


def read_until(crowd: Crowd, total: int) -> None:
    end = time.monotonic() + 10
    while crowd.total < total and time.monotonic() < end:
        crowd.read(0.1)


@pytest.mark.parametrize("size", [1, 3, 100, 229, 1000, 100_000])
@pytest.mark.parametrize("keeps", [True, False])
def test_events_are_counted_in_any_pieces(serve: Callable[..., int], size: int, keeps: bool) -> None:
    """And nothing else is: not the heartbeat, not the ping, not the answer to the handshake."""
    count = 5 if size < 10 else 60
    data = ANSWER + READY + events(1, 3) + HEARTBEAT + PING + events(4, count - 3)
    port = serve([data[start : start + size] for start in range(0, len(data), size)])
    with Crowd(port, greeting=b"ready") as crowd:
        crowd.connect([Door("/")])
        if not keeps:
            crowd.kept.clear()  # the other, faster way of counting
        read_until(crowd, count)
        crowd.check(event.number_of, count)


def test_a_hole_is_noticed(serve: Callable[..., int]) -> None:
    """Also one that leaves the count right."""
    with Crowd(serve([ANSWER, events(1, 3) + events(5, 1)])) as crowd:
        crowd.connect([Door("/")])
        read_until(crowd, 4)
        with pytest.raises(CrowdError, match="out of order"):
            crowd.check(event.number_of, 4)


def test_a_missing_event_is_noticed(serve: Callable[..., int]) -> None:
    """By the count."""
    with Crowd(serve([ANSWER, events(1, 3)])) as crowd:
        crowd.connect([Door("/")])
        read_until(crowd, 3)
        with pytest.raises(CrowdError, match="3 to 3 events and not 4"):
            crowd.check(event.number_of, 4)


def test_a_close_is_noticed(serve: Callable[..., int]) -> None:
    """A server that closes a connection has failed."""

    def listen(crowd: Crowd) -> None:
        crowd.connect([Door("/")])  # with which the close may have come already
        crowd.read(5)

    with Crowd(serve([ANSWER, CLOSE])) as crowd, pytest.raises(CrowdError, match="closed"):
        listen(crowd)


def test_a_refusal_is_noticed(serve: Callable[..., int]) -> None:
    """It is no handshake that takes a while."""
    with Crowd(serve([b"HTTP/1.1 403 Forbidden\r\n\r\n"])) as crowd, pytest.raises(CrowdError, match="403"):
        crowd.connect([Door("/")])


def test_pong_is_a_masked_frame() -> None:
    """As the protocol demands it of a client."""
    assert PONG[1] & 0x80
    assert len(PONG) == 6
