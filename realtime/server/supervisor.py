"""A parent and its workers: processes that serve one listening socket, each on a core of its own.

The workers are new processes and not forks, so that they share no event loop, thread or database connection.
"""

import contextlib
import ctypes
import fcntl
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from realtime.metrics import DIRECTORY_VARIABLE, WORKER_VARIABLE, forget_process

logger = logging.getLogger(__name__)

GRACE_SECONDS = 20.0
"""How long after its drain a worker may go on before it is killed."""

SHORT_LIFE_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a worker that died early is replaced: the first time, and at most. It doubles in between."""

_STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_SIGNALS = {signal.SIGCHLD, *_STOP_SIGNALS}
_PR_SET_PDEATHSIG = 1

_FOLDER_PREFIX = "realtime-metrics-"
_LOCK = "parent.lock"
"""Locked by the parent to whom the folder belongs."""


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    started: float


class Supervisor:
    """Keeps `count` workers running until SIGTERM, SIGINT or SIGHUP; then lets them drain."""

    def __init__(
        self, command: Sequence[str], *, sockets: Sequence[socket.socket], count: int, drain_seconds: float
    ) -> None:
        """`command` starts a worker, which inherits `sockets`."""
        self._command = command
        self._sockets = sockets
        self._drain_seconds = drain_seconds
        self._workers: dict[int, _Worker] = {}
        self._due = dict.fromkeys(range(1, count + 1), 0.0)
        """When each worker that is not running is to be started."""
        self._pauses = dict.fromkeys(self._due, FIRST_PAUSE)
        self._kill_at: float | None = None
        self._kill_reason = ""
        self._status = 0
        self._figures = ""
        """The folder in which the workers keep their metrics."""
        self._arrived: socket.socket

    def run(self) -> int:
        """Returns the exit status when all workers are gone: 0, or 1 if one did not drain in time. Main thread only."""
        with _metrics_folder() as self._figures, _signals() as self._arrived:
            try:
                self._keep_running()
            finally:
                self._kill()
        return self._status

    def _keep_running(self) -> None:
        while self._workers or self._due:
            self._start_due()
            self._take_signal()
            self._reap()
            if self._kill_at is not None and self._kill_at <= time.monotonic():
                self._kill()

    def _start_due(self) -> None:
        now = time.monotonic()
        for number in [number for number, due in self._due.items() if due <= now]:
            # A group of its own: the terminal's Ctrl-C is passed on from here, and would arrive twice.
            descriptors = [one.fileno() for one in self._sockets]
            environment = {**os.environ, DIRECTORY_VARIABLE: self._figures, WORKER_VARIABLE: str(number)}
            before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # for the worker, until it handles them
            try:
                process = subprocess.Popen(  # noqa: S603
                    self._command, env=environment, pass_fds=descriptors, process_group=0
                )
            except OSError as error:  # too many processes, or no memory, at the moment
                pause = self._longer_pause(number)
                self._due[number] = now + pause
                why = error.strerror or error
                logger.error("Worker %d could not be started: %s; again in %.1f s", number, why, pause)
                continue
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            del self._due[number]
            self._workers[number] = _Worker(process, now)

    def _take_signal(self) -> None:
        """Waits for a signal, or for the next thing to do."""
        moments = [*self._due.values(), *([self._kill_at] if self._kill_at is not None else [])]
        wait = max(0.0, min(moments) - time.monotonic()) if moments else 3600.0
        if not select.select([self._arrived], [], [], wait)[0]:
            return
        for number in self._arrived.recv(4096):
            if number in _STOP_SIGNALS:
                self._stop()

    def _stop(self) -> None:
        if self._kill_at is not None:
            self._kill_at = 0.0
            self._kill_reason = "a second signal arrived"
            return
        limit = self._drain_seconds + GRACE_SECONDS
        self._kill_at = time.monotonic() + limit
        self._kill_reason = f"it has not ended within {limit:g} s"
        self._due.clear()
        for one in self._sockets:  # the kernel would accept connections that no process serves
            one.close()
        for worker in self._workers.values():
            worker.process.terminate()

    def _reap(self) -> None:
        for number, worker in list(self._workers.items()):
            status = worker.process.poll()
            if status is None:
                continue
            del self._workers[number]
            forget_process(number, self._figures)  # type: ignore[no-untyped-call]  # its counters stay
            if self._kill_at is None:
                self._replace(number, status, time.monotonic() - worker.started)
            elif status:
                logger.error("Worker %d ended its drain with status %d", number, status)
                self._status = 1

    def _replace(self, number: int, status: int, lived: float) -> None:
        pause = 0.0
        if lived < SHORT_LIFE_SECONDS:
            pause = self._longer_pause(number)
        else:
            self._pauses[number] = FIRST_PAUSE
        self._due[number] = time.monotonic() + pause
        logger.error("Worker %d ended after %.1f s, status %d; again in %.1f s", number, lived, status, pause)

    def _longer_pause(self, number: int) -> float:
        """Seconds until the worker's next start; the pause after that is twice as long."""
        pause = self._pauses[number]
        self._pauses[number] = min(LONGEST_PAUSE, pause * 2)
        return pause

    def _kill(self) -> None:
        for number, worker in self._workers.items():
            logger.warning("Worker %d is killed: %s", number, self._kill_reason or "the parent failed")
            worker.process.kill()
            worker.process.wait()
            self._status = 1
        self._workers.clear()


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """A socket from which the number of each signal can be read, a byte each.

    Python writes it in whichever thread the kernel has chosen. To block signals and wait for them is not enough: it
    holds for threads that are made later, and any earlier one (of a database pool, of a library) would take them.
    """
    arrived, told = socket.socketpair()
    with arrived, told:
        told.setblocking(False)
        wakeup = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        before = {one: signal.signal(one, _note) for one in _SIGNALS if signal.getsignal(one) != signal.SIG_IGN}
        mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        try:
            yield arrived
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            for one, handler in before.items():
                signal.signal(one, handler)
            signal.set_wakeup_fd(wakeup)


def _note(number: int, frame: FrameType | None) -> None:
    """Its number is in the socket by now."""


@contextlib.contextmanager
def _metrics_folder() -> Iterator[str]:
    """A temporary folder for the workers' metrics. Those that killed parents have left are removed."""
    with contextlib.ExitStack() as opened:
        try:
            temporary = tempfile.TemporaryDirectory(prefix=_FOLDER_PREFIX, ignore_cleanup_errors=True)
            folder = opened.enter_context(temporary)
            lock = opened.enter_context((Path(folder) / _LOCK).open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel frees it when this process ends, however it ends
        except OSError as error:
            sys.exit(f"The metrics of several workers need a temporary folder: {error.strerror or error}")
        _remove_leftovers()
        yield folder


def _remove_leftovers() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER_PREFIX}*"):
        try:
            with (folder / _LOCK).open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        except OSError:  # in use, somebody else's, or gone
            continue


def become_worker(parent: int) -> None:
    """To be called early in a worker: it ends with its parent, even with one that is killed."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except AttributeError:
        logger.warning("On this system workers outlive a parent that is killed")
    if os.getppid() != parent:
        sys.exit("The parent of this worker is gone.")


def unblock_signals() -> None:
    """To be called by a worker before it handles signals: it has inherited the parent's mask."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
