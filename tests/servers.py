"""Real servers for tests, each on a port and in a folder of its own: Redis, PostgreSQL, and the application.

    with RedisServer(folder) as redis, Replica(folder, env={...}) as replica:
        redis.kill()
        redis.start()           # on the same port, so that clients find it again

What is not there is a skip, or a failure with CI set. Every wait has an end, and says what it waited for.
"""

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import httpx
import psycopg
import pytest
import redis
from psycopg import sql

from tests.clients.http import get

ROOT = Path(__file__).resolve().parent.parent


def program(name: str) -> str:
    """The path of a program that Debian's packages bring. A missing one skips the test, or with CI set fails it."""
    # Debian keeps PostgreSQL's servers off PATH, one folder a version; the newest for all, lest two versions meet.
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    path = str(versions[-1]) if versions else shutil.which(name)
    if path is None:
        message = f"{name} is missing: 'make test' installs it or says how"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


def wait_until(condition: Callable[[], Any], *, timeout: float = 10, what: str = "the condition") -> Any:
    """Returns the first true value of `condition`; after `timeout` seconds without one, raises AssertionError."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain for {what}")
        time.sleep(0.01)
    return value


class Server:
    """A process with a log, on a port that stays its own over restarts. `with` starts and kills it."""

    running: ClassVar[list["Server"]] = []
    name = "server"
    start_timeout = 60.0  # on a busy machine; usually it is a second or two

    def __init__(self, folder: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=folder))
        self.log = self.folder / "log.txt"
        self.process: subprocess.Popen[bytes] | None = None
        # Bound but not listening: nobody else is given this port, while the server, which sets SO_REUSEADDR too, may
        # listen on it; and while the server is down, connections are refused.
        self._reservation = socket.socket()
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind(("127.0.0.1", 0))
        self.port: int = self._reservation.getsockname()[1]

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def is_ready(self, log: str) -> bool:
        """Whether it takes work; `log` is what it has written since its start."""
        raise NotImplementedError

    def popen_options(self) -> dict[str, Any]:
        return {}

    def start(self) -> Self:
        """Returns when it takes work."""
        written = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.popen_options()
            )
        if self not in Server.running:
            Server.running.append(self)

        def ready() -> bool:
            if not self.is_alive():
                raise AssertionError(f"{self.name} ended at its start:\n{self.tail()}")
            return self.is_ready(self.log.read_bytes()[written:].decode(errors="replace"))

        try:
            wait_until(ready, timeout=self.start_timeout, what=f"{self.name} to take work")
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
        """SIGTERM, and the exit status. One that goes on for `timeout` seconds is killed, and AssertionError raised."""
        self.resume()
        return self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
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
            raise AssertionError(f"{self.name} went on for {timeout} s after {number.name}:\n{self.tail()}") from None

    def tail(self, lines: int = 60) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def close(self) -> None:
        self.kill()
        self._reservation.close()
        if self in Server.running:
            Server.running.remove(self)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.close()


class RedisServer(Server):
    """Nothing is kept over a restart. `arguments` come last; in them `{port}` stands for the port.

    TLS alone: arguments=["--port", "0", "--tls-port", "{port}", "--tls-cert-file", ...].
    """

    name = "redis"

    def __init__(self, folder: Path, *, password: str = "", arguments: Sequence[str] = ()) -> None:
        super().__init__(folder)
        self.password = password
        self.arguments = arguments
        self.url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        protection = ["--requirepass", self.password] if self.password else []
        return [
            *(program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)),
            *("--save", "", "--appendonly", "no"),
            *protection,
            *(argument.replace("{port}", str(self.port)) for argument in self.arguments),
        ]

    def is_ready(self, log: str) -> bool:
        return "Ready to accept connections" in log

    def run(self, *command: str) -> Any:
        """The reply to a Redis command, as in run("PUBSUB", "CHANNELS")."""
        with redis.Redis.from_url(self.url, decode_responses=True) as connection:
            return connection.execute_command(*command)


class PostgresServer(Server):
    """A cluster of its own that is gone with it, as fast as PostgreSQL gets by forgetting about power cuts."""

    name = "postgres"
    options: ClassVar[tuple[str, ...]] = (
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=300",
        "timezone=UTC",
    )

    def __init__(self, folder: Path | None = None) -> None:
        program("postgres")
        # PostgreSQL refuses to run as root, and the user postgres can't enter a folder that belongs to root alone.
        self.owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        super().__init__(folder if folder and not self.owner else Path(tempfile.gettempdir()))
        if self.owner:
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        self.data = self.folder / "data"
        self._numbers = itertools.count(1)

    def popen_options(self) -> dict[str, Any]:
        as_owner: dict[str, Any] = {}
        if self.owner:
            as_owner = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        return {"cwd": self.folder, **as_owner}

    def command(self) -> list[str]:
        if not self.data.exists():
            initdb = [
                program("initdb"),
                "-D",
                str(self.data),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ]
            subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, capture_output=True, **self.popen_options())
        options = [word for option in self.options for word in ("-c", option)]
        sockets = ["-c", "unix_socket_directories="]
        return [program("postgres"), "-D", str(self.data), "-h", "127.0.0.1", "-p", str(self.port), *sockets, *options]

    def is_ready(self, log: str) -> bool:
        return "ready to accept connections" in log

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, *, template: str = "template1") -> str:
        """The name of a new database, a copy of `template`, to which nobody may be connected."""
        name = f"todo_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def close(self) -> None:
        # Unlike a kill, an immediate shutdown leaves no shared memory behind.
        self._end(signal.SIGQUIT, 10)
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Replica(Server):
    """One server process of the application, by `manage.py serve` or by Daphne's own command."""

    def __init__(
        self,
        folder: Path,
        *,
        env: Mapping[str, str],
        server: Literal["serve", "daphne"] = "serve",
        name: str = "replica",
    ) -> None:
        self.name = name
        super().__init__(folder)
        self.env = env
        self.server = server
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}/ws/tasks"

    def command(self) -> list[str]:
        if self.server == "daphne":
            where = ["-b", "127.0.0.1", "-p", str(self.port)]
            return [sys.executable, "-m", "daphne", *where, "todo_project.asgi:application"]
        return [sys.executable, "manage.py", "serve", "--bind", "127.0.0.1", "--port", str(self.port)]

    def popen_options(self) -> dict[str, Any]:
        # What a server that is killed leaves behind goes with the test's folder.
        return {"cwd": ROOT, "env": {**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(self.folder), **self.env}}

    def is_ready(self, log: str) -> bool:
        try:
            return get(f"{self.url}/livez", timeout=2).is_success
        except httpx.HTTPError:
            return False


def manage(*arguments: str, env: Mapping[str, str], timeout: float = 60, check: bool = True) -> str:
    """What `manage.py ARGUMENTS` prints. Where it fails: AssertionError with all of it, standard error too."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"manage.py {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
