"""What all servers of the tests have in common: a process, a folder with a log, and a port of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, ClassVar, Self

import pytest

from tests.servers.process import Process
from tests.waiting import wait_until


def program(name: str) -> str:
    """The path of an installed program. If it is missing, the test is skipped, or with CI set failed."""
    # Debian keeps PostgreSQL's servers off PATH, in a folder per version; always the newest, so that versions match.
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    path = str(versions[-1]) if versions else shutil.which(name)
    if path is None:
        message = f"{name} is missing: 'make test' installs it or says how"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


class Server:
    """A process with a log, on a port that it keeps over restarts. `with` starts and kills it."""

    running: ClassVar[list["Server"]] = []
    name = "server"
    start_timeout = 60.0  # on a busy machine; usually it is a second or two

    def __init__(self, folder: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=folder))
        self.log = self.folder / "log.txt"
        self.process: Process | None = None
        # Bound but not listening: the kernel gives this port to nobody else, while the server, which sets SO_REUSEADDR
        # too, may listen on it; and while the server is down, connections are refused.
        self._reservation = socket.socket()
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind(("127.0.0.1", 0))
        self.port: int = self._reservation.getsockname()[1]

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def is_ready(self, log: str) -> bool:
        """Whether it accepts work; `log` is what it has written since its start."""
        raise NotImplementedError

    def popen_options(self) -> dict[str, Any]:
        return {}

    def launch(self, log: IO[bytes]) -> Process:
        return subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.popen_options()
        )

    def start(self) -> Self:
        """Returns when it accepts work."""
        written = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = self.launch(log)
        if self not in Server.running:
            Server.running.append(self)

        def ready() -> bool:
            if not self.is_alive():
                raise AssertionError(f"{self.name} ended while it started:\n{self.tail()}")
            return self.is_ready(self.log.read_bytes()[written:].decode(errors="replace"))

        try:
            wait_until(ready, timeout=self.start_timeout, what=f"{self.name} to accept work")
        except AssertionError as error:
            self.kill()
            raise AssertionError(f"{error}\n{self.tail()}") from None
        return self

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send_signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.send_signal(signal.SIGCONT)

    def stop(self, timeout: float = 15) -> int:
        """SIGTERM; returns the exit status. After `timeout` seconds it is killed, and AssertionError raised."""
        self.resume()
        return self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """SIGKILL; returns when the process has ended."""
        self._end(signal.SIGKILL, 10)

    def restart(self) -> Self:
        """Kills it, and starts it on the same port."""
        self.kill()
        return self.start()

    def _end(self, number: signal.Signals, timeout: float) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(
                f"{self.name} was still running {timeout} s after {number.name}:\n{self.tail()}"
            ) from None

    def tail(self, lines: int = 60) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def close(self) -> None:
        self.kill()
        self._reservation.close()
        if self in Server.running:
            Server.running.remove(self)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *exc: object) -> None:
        self.close()
