"""What all connections of a process may hold together: the process stays small, and those that wait go first."""

import contextlib
import socket
from collections.abc import Iterator

import pytest
from websockets.frames import Opcode

from realtime.transport.shared_limit import SharedLimit
from tests.clients.frames import masked
from tests.clients.raw import RawSocket
from tests.realtime.plain_http import MIB, answer, connect, get, memory, read_to_end, request, status
from tests.realtime.servers import Standin


class Part:
    """Something that holds bytes."""

    def __init__(self, limit: SharedLimit) -> None:
        self.limit = limit
        self.has_given_up = False

    def hold(self, size: int) -> None:
        self.limit.hold(self, size)

    def give_up(self, limit: SharedLimit) -> None:
        assert limit is self.limit
        self.has_given_up = True


def test_who_has_held_its_bytes_for_the_longest_time_gives_them_up():
    """And only as many as is needed. What grows keeps its age, what was refreshed does not, what is kept stays."""
    limit = SharedLimit(100, kind="messages")
    kept, grows, refreshed, newest = (Part(limit) for _ in range(4))
    for part in (kept, grows, refreshed):
        part.hold(20)
    limit.keep(kept)
    grows.hold(30)
    limit.refresh(refreshed)
    newest.hold(50)
    assert [part.has_given_up for part in (kept, grows, refreshed, newest)] == [False, True, False, False]
    newest.hold(80)
    assert [part.has_given_up for part in (kept, refreshed, newest)] == [False, True, False]
    newest.hold(81)
    assert newest.has_given_up
    assert not kept.has_given_up
    limit.release(kept)
    Part(limit).hold(100)


@contextlib.contextmanager
def crowd(standin: Standin, path: str, count: int) -> Iterator[list[RawSocket]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(RawSocket(standin.port, path)) for _ in range(count)]


def send(socket: RawSocket, data: bytes) -> None:
    """To a server that may have closed already."""
    with contextlib.suppress(ConnectionError):
        socket.send(data)


@pytest.mark.parametrize(
    ("path", "count", "sent", "most"),
    [
        ("/attach", 100, masked(Opcode.BINARY, bytes(MIB))[:-1], 32),
        ("/attach", 100, masked(Opcode.BINARY, bytes(MIB - 1), fin=False), 32),
        ("/echo", 200, masked(Opcode.BINARY, bytes(MIB // 4))[:-1], 8),
        ("/deaf", 100, masked(Opcode.TEXT, ("a" * 200_000 + "😀").encode()) * 5, 8),
        ("/deaf", 10, masked(Opcode.TEXT, b"") * 40_000, 8),
    ],
    ids=["frames", "messages in parts", "before a receiver is attached", "untaken texts", "untaken empty texts"],
)
def test_messages_that_are_not_finished_or_not_taken(standin: Standin, path: str, count: int, sent: bytes, most: int):
    """A crowd of sockets does not make the process larger than a few do, and who comes then is served."""
    before = memory(standin)
    with crowd(standin, path, count) as sockets:
        for one in sockets:
            send(one, sent)
        with RawSocket(standin.port, "/echo") as honest:
            honest.text("a" * 100_000)
            assert honest.frame().payload == b"a" * 100_000
        grown = (memory(standin) - before) / MIB
    assert grown < most * 1.5 + 10


def test_the_socket_whose_message_is_unfinished_for_the_longest_time_is_closed(tmp_path):
    """With 1013; the others are served, also the one that went over the limit."""
    with Standin(tmp_path, ALL_MESSAGES_BYTES=str(MIB)) as standin, crowd(standin, "/attach", 3) as sockets:
        for one in sockets:
            one.send(masked(Opcode.BINARY, bytes(400_000), fin=False) + masked(Opcode.PING, b""))
            assert one.frame().opcode == Opcode.PONG
        first, *others = sockets
        assert first.frame().code == 1013
        for one in others:
            one.send(masked(Opcode.CONT, b""))
            assert len(one.frame().payload) == 400_000


def all_read(one: RawSocket) -> None:
    """What it has sent is read."""
    one.send(masked(Opcode.PING, b""))
    assert one.frame().opcode == Opcode.PONG


@pytest.mark.parametrize("part", [64 * 1024, 1024])
def test_a_message_that_arrives_slowly_is_not_refused_for_those_that_stopped(tmp_path, part: int):
    """However many begin after it; it is in parts, each of which is little or much."""
    with Standin(tmp_path, ALL_MESSAGES_BYTES=str(MIB)) as standin, RawSocket(standin.port, "/attach") as slow:
        slow.send(masked(Opcode.BINARY, bytes(64 * 1024), fin=False))
        with crowd(standin, "/attach", 6) as others:
            for other in others:
                for _ in range(64 * 1024 // part):
                    slow.send(masked(Opcode.CONT, bytes(part), fin=False))
                all_read(slow)
                other.send(masked(Opcode.BINARY, bytes(200_000), fin=False))
                all_read(other)
            assert others[0].frame().code == 1013
            slow.send(masked(Opcode.CONT, b""))
            assert len(slow.frame().payload) == 7 * 64 * 1024


def test_a_message_that_drips_keeps_its_age(tmp_path):
    """A byte now and then is no progress: it does not push others out."""
    with Standin(tmp_path, ALL_MESSAGES_BYTES=str(MIB)) as standin, crowd(standin, "/attach", 3) as sockets:
        first, *others = sockets
        first.send(masked(Opcode.BINARY, bytes(400_000), fin=False))
        all_read(first)
        for other in others:
            first.send(masked(Opcode.CONT, bytes(100), fin=False))
            all_read(first)
            other.send(masked(Opcode.BINARY, bytes(400_000), fin=False))
        assert first.frame().code == 1013


def test_a_first_message_has_a_limit_of_its_own(tmp_path):
    """Before a receiver is attached."""
    with Standin(tmp_path, FIRST_MESSAGE_BYTES=str(MIB // 4)) as standin, RawSocket(standin.port, "/echo") as one:
        other = RawSocket(standin.port, "/attach")
        other.send(masked(Opcode.BINARY, bytes(MIB)))
        assert len(other.frame().payload) == MIB
        other.socket.close()
        one.send(masked(Opcode.BINARY, bytes(MIB // 4)))
        assert len(one.frame().payload) == MIB // 4
        one.send(masked(Opcode.BINARY, bytes(MIB // 4 + 1))[:20])
        assert one.frame().code == 1009


HEAD = request()[:-2] + b"X-Pad: " + b"a" * 60_000
MANY = request()[:-2] + b"abc: abc\r\n" * 249


@contextlib.contextmanager
def clients(standin: Standin, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Connections that have sent this."""
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(connect(standin)) for _ in range(count)]
        for one in found:
            with contextlib.suppress(ConnectionError):  # refused already
                one.sendall(sent)
        yield found


@pytest.mark.parametrize(
    ("count", "sent", "most"),
    [
        (1000, HEAD, 16),
        (1000, MANY, 16),
    ],
    ids=["long heads", "many headers"],
)
def test_heads(standin: Standin, count: int, sent: bytes, most: int):
    """A crowd that sends no more does not make the process larger than a few do; who comes then is answered."""
    with connect(standin) as first:
        first.sendall(get())
        assert answer(first)[0] == 200
    before = memory(standin)
    with clients(standin, count, sent), connect(standin) as honest:
        honest.sendall(get())
        assert answer(honest)[0] == 200
        grown = (memory(standin) - before) / MIB
    assert grown < most * 1.25 + 12


def test_what_waits_behind_a_request(standin: Standin):
    """Is bounded as incomplete heads are, beside what the requests take that the application works on."""
    with clients(standin, 900, get("/wait?30")) as waiting, connect(standin) as honest:
        honest.sendall(get())
        assert answer(honest)[0] == 200
        before = memory(standin)
        for one in waiting:
            with contextlib.suppress(ConnectionError):  # refused already
                one.sendall(get() * 3000)
        honest.sendall(get())
        assert answer(honest)[0] == 200
        assert memory(standin) - before < 32 * MIB


def test_an_answered_request_keeps_nothing_of_its_head(standin: Standin):
    """However many connections are idle after one."""
    before = memory(standin)
    with contextlib.ExitStack() as stack:
        for _ in range(1000):
            one = stack.enter_context(connect(standin))
            one.sendall(get("/http/length", f"X-Pad: {'a' * 60_000}"))
            assert answer(one)[0] == 200
        assert memory(standin) - before < 12 * MIB


@pytest.mark.parametrize(
    ("count", "sent", "most"),
    [(100, get("/large?1000000"), 20), (400, get("/large?60000") * 10, 45)],
    ids=["large", "several small"],
)
def test_answers_that_nobody_reads(tmp_path, count, sent, most):
    """A crowd does not make the process larger than a few do; who comes then is answered."""
    with Standin(tmp_path, ALL_ANSWERS_BYTES=str(8 * MIB)) as standin, contextlib.ExitStack() as stack:
        before = memory(standin)
        for _ in range(count):
            one = stack.enter_context(connect(standin))
            one.sendall(sent)
            assert one.recv(1)
        honest = stack.enter_context(connect(standin))
        honest.sendall(get())
        assert answer(honest)[0] == 200
        assert memory(standin) - before < most * MIB


def test_the_head_that_is_incomplete_for_the_longest_time_is_refused(tmp_path):
    """With 503; the others are answered, also the one that went over the limit."""
    with Standin(tmp_path, ALL_HEADS_BYTES="150000") as standin, clients(standin, 3, HEAD) as (first, *others):
        assert status(read_to_end(first)) == 503
        for one in others:
            one.sendall(b"\r\nSec-WebSocket-Version: 13\r\n\r\n")
            assert status(read_to_end(one)) == 400  # two of these headers


def test_the_body_that_is_incomplete_for_the_longest_time_is_refused(tmp_path):
    """With 503; the others are answered, also the one that went over the limit."""
    sent = get("/http/length", "Content-Length: 60000", method="POST") + bytes(59_999)
    with Standin(tmp_path, ALL_BODIES_BYTES="150000") as standin, contextlib.ExitStack() as stack:
        first, *others = (stack.enter_context(connect(standin)) for _ in range(3))
        for one in (first, *others):
            one.sendall(sent)
            with connect(standin) as after:  # what came before it is read
                after.sendall(get())
                assert answer(after)[0] == 200
        assert status(read_to_end(first)) == 503
        for one in others:
            one.sendall(b"a")
            assert answer(one)[0] == 200


def test_a_body_that_arrives_slowly_is_not_refused_for_those_that_stopped(tmp_path):
    """However many begin after it."""
    size, part = 7 * 64 * 1024, 64 * 1024
    with Standin(tmp_path, ALL_BODIES_BYTES=str(MIB)) as standin, contextlib.ExitStack() as stack:
        slow = stack.enter_context(connect(standin))
        slow.sendall(get("/http/length", f"Content-Length: {size}", method="POST") + bytes(part))
        idle = get("/http/length", "Content-Length: 400000", method="POST") + bytes(200_000)
        others = [stack.enter_context(connect(standin)) for _ in range(6)]
        for other in others:
            slow.sendall(bytes(part))
            with connect(standin) as after:  # what came before it is read
                after.sendall(get())
                assert answer(after)[0] == 200
            other.sendall(idle)
        assert status(read_to_end(others[0])) == 503
        assert answer(slow)[0] == 200


def test_who_reads_slowly_is_not_cut_while_others_read_nothing(tmp_path):
    """However many come after it."""
    size = 6 * MIB
    with Standin(tmp_path, ALL_ANSWERS_BYTES=str(14 * MIB)) as standin, contextlib.ExitStack() as stack:
        slow = stack.enter_context(connect(standin))
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        slow.sendall(get(f"/large?{size}"))
        received = len(slow.recv(1))
        for _ in range(4):
            other = stack.enter_context(connect(standin))
            other.sendall(get(f"/large?{size}"))
            assert other.recv(1)  # it waits with the rest
            received += sum(len(slow.recv(1 << 14)) for _ in range(40))
        while received < size:
            data = slow.recv(1 << 14)
            assert data
            received += len(data)
