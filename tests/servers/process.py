"""Processes that servers run in: those that Popen starts, and those that are forked (quickly.py)."""

import contextlib
import os
import select
import signal
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Forked:
    """As much of subprocess.Popen as servers need."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        with self._lock:
            if self.returncode is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                self.returncode = os.waitstatus_to_exitcode(status) if pid else None
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # another thread has seen the end
                end = os.pidfd_open(self.pid)
                try:
                    poller = select.poll()
                    poller.register(end, select.POLLIN)
                    poller.poll(None if timeout is None else timeout * 1000)
                finally:
                    os.close(end)
        if (status := self.poll()) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Process = subprocess.Popen[bytes] | Forked
