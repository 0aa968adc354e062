"""Writing the same bytes to many sockets with one system call, by Linux' io_uring (io_uring_enter(2)).

About a quarter of the cost of a `send(2)` is the way into the kernel and back. Here the requests for many sockets lie
in memory that the kernel reads, so one system call serves all of them. Each request is a send that does not wait: when
the call returns, all are done, and the kernel reports only those that were refused or cut short. Event loop only.
"""

import contextlib
import ctypes
import errno
import logging
import mmap
import os
import socket
import struct
import sys
from array import array
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

logger = logging.getLogger(__name__)

SIZE = 512
"""Requests (submission queue entries, "SQE") that fit into the ring: a power of two."""

_SETUP, _ENTER = 425, 426
"""The numbers of the system calls, the same on every architecture."""

_SUBMIT_ALL = 1 << 7
"""A request that fails does not stop those behind it (Linux 5.18)."""

_SINGLE_MMAP, _CQE_SKIP = 1 << 0, 1 << 11
_NEEDED_FEATURES = _SINGLE_MMAP | _CQE_SKIP

_QUEUES_AT, _REQUESTS_AT = 0, 0x10000000
_PARAMS = struct.Struct("<10I 10I 10I")
"""struct io_uring_params: ten words, then the offsets within the submission queue and those within the completion
queue. The last two words of each set of offsets are unused."""

_OP_SEND = 26
_SKIP_SUCCESS = 1 << 6
_FLAGS = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL | socket.MSG_WAITALL
"""MSG_WAITALL turns a short send into a failed one, which is reported; with MSG_DONTWAIT it returns at once."""

_REQUEST_WORDS = 8
"""64-bit words in a request: the header (operation, descriptor); offset; address; length and flags; user data, which
its completion repeats. The header serves as user data too."""

_COMPLETION = struct.Struct("<QiI")


def send_header(descriptor: int) -> int:
    """The first word of a request that sends to this socket. Never 0."""
    return _OP_SEND | _SKIP_SUCCESS << 8 | descriptor << 32


class Target(Protocol):
    """A socket to write to. A target with an `sqe_header` also has a method `take_result(data, result)`. It is called
    for a send that was refused or cut short, with the number of bytes sent, or with -errno."""

    @property
    def sqe_header(self) -> int:
        """`send_header()` of its descriptor, or 0 while `write()` must be used. Code that changes it must call
        `Recipients.outdate()`, before another socket can get the same descriptor."""

    def write(self, data: Any, /) -> None: ...


class Recipients:
    """At most SIZE targets that are written to together. Their request headers are kept in an array, so that a write
    to unchanged recipients looks at none of the targets."""

    _changes: ClassVar[int] = 0

    __slots__ = ("_known", "headers", "others", "ready", "targets")

    @classmethod
    def outdate(cls) -> None:
        """To be called after the `sqe_header` of any target has changed."""
        cls._changes += 1

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = targets
        self._known = -1

    def refresh(self) -> None:
        """Updates `ready`, `headers` (of the targets in `ready`) and `others` (the targets without a header)."""
        if self._known == Recipients._changes:
            return
        self._known = Recipients._changes
        headers = [target.sqe_header for target in self.targets]
        self.ready, self.others = self.targets, []
        if 0 in headers:
            self.ready = [target for target in self.targets if target.sqe_header]
            self.others = [target for target in self.targets if not target.sqe_header]
            headers = [target.sqe_header for target in self.ready]
        self.headers = array("Q", headers)


class SubmissionRing:
    """An io_uring. Raises OSError if the kernel has no suitable one, or forbids it to this process."""

    def __init__(self) -> None:
        if sys.byteorder != "little" or sys.platform != "linux":
            raise OSError(errno.ENOSYS, "not on this platform")
        self._syscall = ctypes.CDLL(None, use_errno=True).syscall
        self._syscall.restype = ctypes.c_long
        params = ctypes.create_string_buffer(_PARAMS.pack(0, 0, _SUBMIT_ALL, *[0] * 27), _PARAMS.size)
        self._refused = 0
        self._resources = contextlib.ExitStack()
        with contextlib.ExitStack() as opened:
            self._descriptor = self._call(_SETUP, SIZE, params)
            opened.callback(os.close, self._descriptor)
            self._map(_PARAMS.unpack(params.raw), opened)
            self._check()
            self._resources = opened.pop_all()

    def _map(self, params: Sequence[int], opened: contextlib.ExitStack) -> None:
        """Maps the two queues; `opened` closes the maps, each of which holds a descriptor of its own."""
        completions, features = params[1], params[5]
        if features & _NEEDED_FEATURES != _NEEDED_FEATURES:
            raise OSError(errno.ENOSYS, "Linux is too old")
        _, self._tail_at, _, _, _, _, order_at, *_ = (offset // 4 for offset in params[10:20])
        self._done_at, self._reported_at, _, _, _, self._reports_at, *_ = params[20:30]
        self._completions = completions
        size = max(order_at * 4 + SIZE * 4, self._reports_at + completions * _COMPLETION.size)
        self._queues = opened.enter_context(self._mapped(size, _QUEUES_AT))
        whole = opened.enter_context(memoryview(self._queues)[: size // 4 * 4])
        self._words = opened.enter_context(whole.cast("I"))
        self._order = opened.enter_context(self._words[order_at : order_at + SIZE])
        self._orders = array("I", [*range(SIZE), *range(SIZE)])
        requests = opened.enter_context(self._mapped(SIZE * _REQUEST_WORDS * 8, _REQUESTS_AT))
        self._requests = opened.enter_context(memoryview(requests).cast("Q"))

    def _mapped(self, size: int, offset: int) -> mmap.mmap:
        return mmap.mmap(self._descriptor, size, mmap.MAP_SHARED, offset=offset)

    def _check(self) -> None:
        """Tries whether short sends are reported: everything depends on that, and kernels differ."""
        results: list[int] = []
        here, there = socket.socketpair()
        with here, there:
            probe = _Probe(send_header(here.fileno()), results)
            data = bytes(1 << 20)
            for _ in range(2):
                self.write(Recipients([probe]), data)
        if not (len(results) == 2 and 0 < results[0] < len(data) and results[1] == -errno.EAGAIN):
            raise OSError(errno.ENOSYS, "Linux does not report short sends")

    def _call(self, *arguments: object) -> int:
        result: int = self._syscall(*arguments)
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result

    def close(self) -> None:
        """Frees the ring and its memory. It must not be used any more."""
        self._resources.close()

    def write(self, recipients: Recipients, data: bytes) -> list[Target]:
        """As `target.write(data)` for each target. Returns those that raised, which is logged; the others get the
        data."""
        recipients.refresh()
        ready, others = recipients.ready, recipients.others
        failed: list[Target] = []
        if ready:
            left = self._submit(recipients.headers, data)
            failed = self._take_reports(ready, data)
            others = [*others, *ready[len(ready) - left :]]
        for target in others:
            try:
                target.write(data)
            except Exception:
                logger.exception("Exception while writing to one of many sockets")
                failed.append(target)
        return failed

    def _submit(self, headers: "array[int]", data: bytes) -> int:
        """Submits the requests to the kernel; returns how many of the last ones it did not take."""
        count = len(headers)
        queue, end = self._requests, count * _REQUEST_WORDS
        address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        queue[0:end:_REQUEST_WORDS] = queue[4:end:_REQUEST_WORDS] = headers
        queue[2:end:_REQUEST_WORDS] = array("Q", [address]) * count
        queue[3:end:_REQUEST_WORDS] = array("Q", [len(data) | _FLAGS << 32]) * count
        # The requests always stand at the beginning of the queue; the ring of their numbers goes round.
        tail = self._words[self._tail_at]
        turn = SIZE - tail % SIZE
        self._order[:] = self._orders[turn : turn + SIZE]
        self._words[self._tail_at] = (tail + count) % (1 << 32)
        taken = 0
        try:
            while taken < count:
                taken += self._call(_ENTER, self._descriptor, count - taken, 0, 0, None, 0)
        except OSError as error:
            self._words[self._tail_at] = (tail + taken) % (1 << 32)
            if not self._refused:
                logger.warning("io_uring takes no more requests at the moment: %s", error.strerror)
            self._refused += 1
        else:
            if self._refused:
                logger.warning("io_uring takes requests again, after refusing %d times", self._refused)
                self._refused = 0
        return count - taken

    def _completed(self) -> list[tuple[int, int]]:
        """Takes all completions out of the queue: the header and the result of each reported request."""
        done, reported = self._words[self._done_at // 4], self._words[self._reported_at // 4]
        results = []
        while done != reported:
            at = self._reports_at + done % self._completions * _COMPLETION.size
            header, result, _ = _COMPLETION.unpack_from(self._queues, at)
            results.append((header, result))
            done = (done + 1) % (1 << 32)
        self._words[self._done_at // 4] = done
        return results

    def _take_reports(self, targets: Sequence[Target], data: bytes) -> list[Target]:
        """Tells the targets their results; returns those that raised. All are read first: what is left in the queue
        would be taken for results of the next write."""
        failed: list[Target] = []
        results = self._completed()
        if not results:
            return failed
        by_header: dict[int, Any] = {target.sqe_header: target for target in targets}
        for header, result in results:
            try:
                by_header[header].take_result(data, result)
            except Exception:
                logger.exception("Exception while writing to one of many sockets")
                failed += [by_header[header]] if header in by_header else []
        return failed


class _Probe(NamedTuple):
    """A target that records its results."""

    sqe_header: int
    results: list[int]

    def write(self, data: bytes, /) -> None:
        self.results.append(0)

    def take_result(self, data: bytes, result: int, /) -> None:
        self.results.append(result)


def open_submission_ring() -> SubmissionRing | None:
    """A ring, or None if there can't be one; the log says why."""
    try:
        ring = SubmissionRing()
    except OSError as error:
        logger.info("Sockets are written to one by one, since io_uring can't be used: %s", error.strerror or error)
        return None
    logger.info("Sockets are written to by io_uring")
    return ring
