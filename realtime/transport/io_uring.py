"""Writing the same bytes to many sockets with one system call, by Linux' io_uring (io_uring_enter(2)).

Of what a `send(2)` costs, about a quarter is the way into the kernel and back. Here the requests of a whole crowd lie
in memory that the kernel reads, so that way is taken once for all of them. Each is a send that never waits: when the
call returns, all are done, and the kernel reports only those that were refused or cut short. Event loop only.
"""

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
"""Requests that fit into the ring: a power of two."""

_SETUP, _ENTER = 425, 426
"""The numbers of the system calls, the same on every architecture."""

_SUBMIT_ALL = 1 << 7
"""A request that can't be taken does not hold up those behind it (Linux 5.18)."""

_SINGLE_MMAP, _CQE_SKIP = 1 << 0, 1 << 11
_NEEDED_FEATURES = _SINGLE_MMAP | _CQE_SKIP

_QUEUES_AT, _REQUESTS_AT = 0, 0x10000000
_PARAMS = struct.Struct("<10I 10I 10I")
"""struct io_uring_params: ten words, then the offsets within the submission queue and those within the completion
queue. The last two words of each set of offsets are not in use."""

_OP_SEND = 26
_SKIP_SUCCESS = 1 << 6
_FLAGS = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL | socket.MSG_WAITALL
"""MSG_WAITALL makes a short send one that failed, and so one that is reported; with MSG_DONTWAIT it ends at once."""

_REQUEST_WORDS = 8
"""A request is so many 64-bit words: how and to whom; offset; address; length and flags; what its report will say."""

_COMPLETION = struct.Struct("<QiI")


def send_request(descriptor: int) -> int:
    """The first word of a request that sends to this socket. Never 0."""
    return _OP_SEND | _SKIP_SUCCESS << 8 | descriptor << 32


class Target(Protocol):
    """A socket to write to. One with a `request` also has `take_result(data, result)`, which is told what came of a
    send that was refused or cut short: how many bytes went out, or -errno."""

    @property
    def request(self) -> int:
        """`send_request()` of its descriptor, or 0 while only `write()` knows what is to be done. Whoever changes it
        calls `Recipients.outdate()`, and before another socket can get the descriptor."""

    def write(self, data: Any, /) -> None: ...


class Recipients:
    """Targets that are written to together, at most SIZE, with their requests side by side in memory: of a crowd that
    does not change, no target is looked at when it is written to."""

    _changes: ClassVar[int] = 0

    __slots__ = ("_known", "others", "ready", "requests", "targets")

    @classmethod
    def outdate(cls) -> None:
        """The request of some target is another one now."""
        cls._changes += 1

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = targets
        self._known = -1

    def refresh(self) -> None:
        """Makes `requests` those of `ready`, and `others` the targets that have none."""
        if self._known == Recipients._changes:
            return
        self._known = Recipients._changes
        requests = [target.request for target in self.targets]
        self.ready, self.others = self.targets, []
        if 0 in requests:
            self.ready = [target for target in self.targets if target.request]
            self.others = [target for target in self.targets if not target.request]
            requests = [target.request for target in self.ready]
        self.requests = array("Q", requests)


class SubmissionRing:
    """An io_uring. Raises OSError where the kernel has none that will do, or does not let this process have one."""

    def __init__(self) -> None:
        if sys.byteorder != "little" or sys.platform != "linux":
            raise OSError(errno.ENOSYS, "not on this platform")
        self._syscall = ctypes.CDLL(None, use_errno=True).syscall
        self._syscall.restype = ctypes.c_long
        params = ctypes.create_string_buffer(_PARAMS.pack(0, 0, _SUBMIT_ALL, *[0] * 27), _PARAMS.size)
        self._descriptor = self._call(_SETUP, SIZE, params)
        try:
            self._map(_PARAMS.unpack(params.raw))
            self._check()
        except BaseException:
            os.close(self._descriptor)
            raise

    def _map(self, params: Sequence[int]) -> None:
        completions, features = params[1], params[5]
        if features & _NEEDED_FEATURES != _NEEDED_FEATURES:
            raise OSError(errno.ENOSYS, "Linux is too old")
        _, self._tail_at, _, _, _, _, order_at, *_ = (offset // 4 for offset in params[10:20])
        self._done_at, self._reported_at, _, _, _, self._reports_at, *_ = params[20:30]
        self._completions = completions
        size = max(order_at * 4 + SIZE * 4, self._reports_at + completions * _COMPLETION.size)
        self._queues = mmap.mmap(self._descriptor, size, mmap.MAP_SHARED, offset=_QUEUES_AT)
        self._words = memoryview(self._queues)[: size // 4 * 4].cast("I")
        self._order = self._words[order_at : order_at + SIZE]
        self._orders = array("I", [*range(SIZE), *range(SIZE)])
        requests = mmap.mmap(self._descriptor, SIZE * _REQUEST_WORDS * 8, mmap.MAP_SHARED, offset=_REQUESTS_AT)
        self._requests = memoryview(requests).cast("Q")

    def _check(self) -> None:
        """Whether what does not fit is reported, for everything hangs on that and kernels differ."""
        results: list[int] = []
        here, there = socket.socketpair()
        with here, there:
            probe = _Probe(send_request(here.fileno()), results)
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
        """Gives the ring back. It may not be used any more."""
        os.close(self._descriptor)

    def write(self, crowd: Recipients, data: bytes) -> None:
        """As `target.write(data)` for each of the crowd's targets."""
        crowd.refresh()
        ready, others = crowd.ready, crowd.others
        if ready:
            left = self._submit(crowd.requests, data)
            self._take_reports(ready, data)
            others = [*others, *ready[len(ready) - left :]]
        for target in others:
            target.write(data)

    def _submit(self, requests: "array[int]", data: bytes) -> int:
        """Has the kernel carry out the requests; returns how many of the last ones it did not take."""
        count = len(requests)
        queue, end = self._requests, count * _REQUEST_WORDS
        address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        queue[0:end:_REQUEST_WORDS] = queue[4:end:_REQUEST_WORDS] = requests
        queue[2:end:_REQUEST_WORDS] = array("Q", [address]) * count
        queue[3:end:_REQUEST_WORDS] = array("Q", [len(data) | _FLAGS << 32]) * count
        # All requests lie at the queue's beginning, wherever the kernel's ring of their numbers has come to.
        tail = self._words[self._tail_at]
        turn = SIZE - tail % SIZE
        self._order[:] = self._orders[turn : turn + SIZE]
        self._words[self._tail_at] = (tail + count) % (1 << 32)
        taken = 0
        try:
            while taken < count:
                taken += self._call(_ENTER, self._descriptor, count - taken, 0, 0, None, 0)
        except OSError as error:
            logger.warning("io_uring does not take more at the moment: %s", error.strerror)
            self._words[self._tail_at] = (tail + taken) % (1 << 32)
        return count - taken

    def _take_reports(self, targets: Sequence[Target], data: bytes) -> None:
        done, reported = self._words[self._done_at // 4], self._words[self._reported_at // 4]
        if done == reported:
            return
        by_request: dict[int, Any] = {target.request: target for target in targets}
        while done != reported:
            at = self._reports_at + done % self._completions * _COMPLETION.size
            request, result, _ = _COMPLETION.unpack_from(self._queues, at)
            done = (done + 1) % (1 << 32)
            self._words[self._done_at // 4] = done
            by_request[request].take_result(data, result)


class _Probe(NamedTuple):
    """A target that only remembers what it was told."""

    request: int
    results: list[int]

    def write(self, data: bytes, /) -> None:
        self.results.append(0)

    def take_result(self, data: bytes, result: int, /) -> None:
        self.results.append(result)


def open_submission_ring() -> SubmissionRing | None:
    """A ring, or None where there can't be one; the log says why."""
    try:
        ring = SubmissionRing()
    except OSError as error:
        logger.info("Sockets are written to one by one, since io_uring can't be used: %s", error.strerror or error)
        return None
    logger.info("Sockets are written to by io_uring")
    return ring
