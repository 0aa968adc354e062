"""Starts processes of the application at a third of the CPU: they are forked from one that has imported its libraries.

    with quick_starts():
        process = start([sys.executable, "manage.py", "check"], env={...}, stdout=file, stderr=file)

What a process is apart from that is what the command makes it: its environment, its arguments, its signals, its open
files, and this process as its parent. But its memory is partly shared with others, the hashes of its strings are those
of its siblings, and /proc shows another command line. So tests that measure memory start theirs with Popen, as do all
processes outside of a run of the tests; and the workers of `serve` are always started.
"""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from tests.servers.process import ROOT, Forked, Process

PR_SET_CHILD_SUBREAPER = 36

AS_INSTALLED = {"PYTHONPATH": str(Path(__file__).parent / "as_installed")}
"""What only the tests have installed is not there for the application, which would import it at each start."""

READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "OPENSSL_", "TZ")
"""Variables with these beginnings work on the interpreter itself, before any code of it runs."""


class Origin:
    """The process from which others are forked."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(60)
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 -- closed in close()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("origin.py")), str(theirs.fileno())],
                cwd=ROOT, env=env, pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors,
            )  # fmt: skip

    def fork(self, command: Sequence[str], env: Mapping[str, str], files: Sequence[int]) -> Forked:
        ignored = [one for one in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(one) == signal.SIG_IGN]
        request = json.dumps({"command": [*command], "env": {**env}, "ignored": ignored})
        try:
            with _parent_of_orphans():
                socket.send_fds(self.control, [request.encode()], files)
                pid = self.control.recv(100)
                assert self.control.recv(100), "it has ended"
        except Exception as error:
            self.errors.seek(0)
            raise AssertionError(f"the process to fork from: {error}\n{self.errors.read()}") from error
        return Forked(int(pid))

    def close(self) -> None:
        self.control.close()
        self.process.wait(30)
        self.errors.close()


@contextlib.contextmanager
def _parent_of_orphans() -> Iterator[None]:
    """Meanwhile a process whose parent ends becomes a child of this one, and not of the first process."""
    _adopt_orphans(True)
    try:
        yield
    finally:
        _adopt_orphans(False)


def _adopt_orphans(is_on: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(is_on), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _read_at_the_start(env: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in env.items() if name.startswith(READ_AT_THE_START) and name != "PYTHONUNBUFFERED"
    }


class _Starts:
    """All that are made in a run of the tests; the first one makes the origin."""

    def __init__(self) -> None:
        self.env = {**os.environ, **AS_INSTALLED}
        self.origin: Origin | None = None
        self.lock = threading.Lock()

    def fork(self, command: Sequence[str], env: Mapping[str, str], files: Sequence[int]) -> Forked | None:
        """None where the interpreter itself has to start in another environment."""
        if _read_at_the_start(env) != _read_at_the_start(self.env):
            return None
        with self.lock:
            if self.origin is None:
                self.origin = Origin(self.env)
            try:
                return self.origin.fork(command, env, files)
            except BaseException:
                self.close()  # its next answer would be to this request
                raise

    def close(self) -> None:
        if self.origin:
            self.origin.close()
            self.origin = None


_starts: _Starts | None = None


@contextlib.contextmanager
def quick_starts() -> Iterator[None]:
    """Within the block `start` forks."""
    global _starts  # noqa: PLW0603 -- the tests of a process share one origin
    _starts = _Starts()
    try:
        yield
    finally:
        _starts.close()
        _starts = None


def start(
    command: Sequence[str], *, env: Mapping[str, str], stdout: IO[Any], stderr: IO[Any], is_quick: bool = True
) -> Process:
    """A process of the application, which is [sys.executable, "manage.py" or "-m", ...], in its folder."""
    if is_quick and _starts and (forked := _starts.fork(command, env, [stdout.fileno(), stderr.fileno()])):
        return forked
    return subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
