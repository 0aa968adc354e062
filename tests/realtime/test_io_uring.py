"""Many sockets written to with one system call."""

import ctypes
import errno
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime.transport.io_uring import SIZE, Recipients, SubmissionRing, open_submission_ring, send_header
from tests.realtime.rings import needs_io_uring

Pair = tuple["Target", socket.socket]


class Target:
    """One end of a pair of sockets, that remembers what it was told of sends that failed."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.sqe_header = send_header(end.fileno())
        self.written: list[bytes] = []
        self.results: list[int] = []

    def write(self, data: bytes, /) -> None:
        self.written.append(data)

    def take_result(self, data: bytes, result: int, /) -> None:
        self.results.append(result)


@pytest.fixture
def ring() -> Iterator[SubmissionRing]:
    ring = SubmissionRing()
    yield ring
    ring.close()


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    """As many as a ring takes at once: targets, and the other ends of their sockets."""
    pairs = [socket.socketpair() for _ in range(SIZE)]
    for _, there in pairs:
        there.setblocking(False)
    yield [(Target(here), there) for here, there in pairs]
    for pair in pairs:
        for end in pair:
            end.close()


@needs_io_uring
def test_each_gets_all_in_order(ring, pairs):
    """Recipients in every number, one after the other, so that the queue's numbers come round many times."""
    sizes = [1, SIZE, SIZE - 1, 7, 250, 0, 3, SIZE]
    for number, size in enumerate(sizes * 4):
        ring.write(Recipients([target for target, _ in pairs[:size]]), b"%d," % number)
    for index, (target, there) in enumerate(pairs):
        wanted = b"".join(b"%d," % number for number, size in enumerate(sizes * 4) if index < size)
        assert there.recv(10_000) == wanted
        assert (target.results, target.written) == ([], [])


@needs_io_uring
def test_what_does_not_fit_is_told(ring, pairs):
    """A short send says how much went out, a refused one why; the others get all of it, and nobody waits."""
    full, gone, shut = (pairs[index][0] for index in (0, 3, SIZE - 1))
    pairs[3][1].close()
    shut.end.shutdown(socket.SHUT_WR)
    data = b"x" * 100_000
    full.end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    for _ in range(2):
        ring.write(Recipients([target for target, _ in pairs]), data)
        for target, there in pairs:
            if target not in (full, gone, shut):
                assert receive_all(there) == data
                assert target.results == []
    short, refused = full.results
    assert 0 < short < len(data)
    assert refused == -errno.EAGAIN
    assert receive(pairs[0][1]) == data[:short]
    assert gone.results == shut.results == [-errno.EPIPE] * 2


def receive_all(end: socket.socket) -> bytes:
    data = b""
    while more := receive(end):
        data += more
    return data


def receive(end: socket.socket) -> bytes:
    """What has arrived; nothing where nothing has."""
    try:
        return end.recv(1 << 20)
    except BlockingIOError:
        return b""


@needs_io_uring
def test_one_without_a_request_is_written_to(ring, pairs):
    """Who has something pending decides itself, and the others do not notice."""
    targets = [target for target, _ in pairs[:5]]
    targets[0].sqe_header = targets[3].sqe_header = 0
    ring.write(Recipients(targets), b"event")
    assert [target.written for target in targets] == [[b"event"], [], [], [b"event"], []]
    assert [receive(there) for _, there in pairs[:5]] == [b"", b"event", b"event", b"", b"event"]
    for target in targets:
        target.sqe_header = 0
    ring.write(Recipients(targets), b"more")
    assert all(target.written[-1] == b"more" for target in targets)


@needs_io_uring
def test_recipients_that_are_kept(ring, pairs):
    """It is written to as it was until it is told of a change, and then as it is, whichever target has changed."""
    targets = [target for target, _ in pairs[:4]]
    groups = Recipients(targets[:2]), Recipients(targets[2:])
    for data in (b"first", b"second"):
        for group in groups:
            ring.write(group, data)
    first, fourth = targets[0].sqe_header, targets[3].sqe_header
    targets[0].sqe_header, targets[3].sqe_header = 0, first
    Recipients.outdate()
    for group in groups:
        ring.write(group, b"third")
    assert [target.written for target in targets] == [[b"third"], [], [], []]
    assert [receive(there) for _, there in pairs[:4]] == [b"firstsecondthird"] * 3 + [b"firstsecond"]
    targets[0].sqe_header, targets[3].sqe_header = first, fourth
    Recipients.outdate()
    for group in groups:
        ring.write(group, b"fourth")
    assert [receive(there) for _, there in pairs[:4]] == [b"fourth"] * 4


@needs_io_uring
def test_what_the_kernel_does_not_take_is_written(ring, pairs, monkeypatch, caplog):
    """Once it takes no more, the rest goes the ordinary way, each exactly once; then all goes on as before."""
    call, taken = ring._call, 0

    def stingy(number, descriptor, count, *rest):
        nonlocal taken
        if taken:
            raise OSError(errno.EAGAIN, "out of memory")
        taken = call(number, descriptor, min(count, 2), *rest)
        return taken

    targets = [target for target, _ in pairs[:5]]
    with monkeypatch.context() as patch:
        patch.setattr(ring, "_call", stingy)
        ring.write(Recipients(targets), b"event")
    assert [target.written for target in targets] == [[], [], [b"event"], [b"event"], [b"event"]]
    assert [receive(there) for _, there in pairs[:5]] == [b"event", b"event", b"", b"", b""]
    assert "out of memory" in caplog.text
    ring.write(Recipients(targets), b"more")
    assert [receive(there) for _, there in pairs[:5]] == [b"more"] * 5


@needs_io_uring
def test_one_target_that_raises_costs_the_others_nothing(ring, pairs, caplog):
    """All results are read first: those behind the exception are told, with their own data and not the next one's."""
    targets = [target for target, _ in pairs[:6]]
    for _, there in pairs[1:5]:
        there.close()

    def fail(data: bytes, result: int) -> None:
        raise RuntimeError("asked for")

    told: list[bytes] = []
    targets[1].take_result = fail
    for target in targets[2:5]:
        target.take_result = lambda data, result: told.append(data)
    targets[5].sqe_header = 0
    targets[5].write = lambda data: fail(data, 0)
    for data in (b"first", b"second"):
        assert ring.write(Recipients(targets), data) == [targets[1], targets[5]]
    assert told == [b"first"] * 3 + [b"second"] * 3
    assert receive(pairs[0][1]) == b"firstsecond"
    assert [record.getMessage() for record in caplog.records] == ["Exception while writing to one of many sockets"] * 4


@needs_io_uring
def test_a_closed_ring_leaves_no_descriptor():
    """Each of its two maps has one of its own."""

    def files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = files()
    rings = [SubmissionRing() for _ in range(3)]
    for ring in rings:
        ring.close()
    assert files() == before, "also before they are collected"


@needs_io_uring
def test_a_kernel_that_goes_on_refusing_is_told_once(ring, pairs, monkeypatch, caplog):
    """And once more when it takes requests again."""

    def refuse(*arguments: object) -> int:
        raise OSError(errno.EBUSY, "busy")

    recipients = Recipients([pairs[0][0]])
    with monkeypatch.context() as patch:
        patch.setattr(ring, "_call", refuse)
        for _ in range(5):
            ring.write(recipients, b"event")
    assert caplog.text.count("busy") == 1
    ring.write(recipients, b"event")
    ring.write(recipients, b"event")
    assert caplog.text.count("again, after refusing 5 times") == 1


class Forbidden:
    """io_uring_setup(2) under the seccomp profile of most containers."""

    restype = None

    def __call__(self, *arguments: object) -> int:
        ctypes.set_errno(errno.EPERM)
        return -1


def test_where_it_is_forbidden(monkeypatch, caplog):
    """There is no ring, and one line says why."""
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: type("Libc", (), {"syscall": Forbidden()}))
    with caplog.at_level(logging.INFO):
        assert open_submission_ring() is None
    assert "Operation not permitted" in caplog.text


@needs_io_uring
def test_a_kernel_that_hides_short_sends(monkeypatch, caplog):
    """A ring that would lose what did not fit is not used."""
    monkeypatch.setattr(SubmissionRing, "_take_reports", lambda *_: None)
    with caplog.at_level(logging.INFO):
        assert open_submission_ring() is None
    assert "does not report short sends" in caplog.text
