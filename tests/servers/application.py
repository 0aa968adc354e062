"""The application as a process: a replica, one with options of `serve`, and commands of manage.py."""

import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Literal

import httpx

from tests.clients.http import get
from tests.processes import children
from tests.servers.base import Server
from tests.servers.process import Process
from tests.servers.quickly import AS_INSTALLED, start


class Replica(Server):
    """One server process of the application, by `manage.py serve` or by Daphne's own command."""

    is_quick = True
    """Whether it may share memory with other processes."""

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

    def launch(self, log: IO[bytes]) -> Process:
        # TMPDIR: what a killed server leaves behind is removed with the test's folder.
        env = {**os.environ, **AS_INSTALLED, "PYTHONUNBUFFERED": "1", "TMPDIR": str(self.folder), **self.env}
        return start(self.command(), env=env, stdout=log, stderr=log, is_quick=self.is_quick)

    def is_ready(self, log: str) -> bool:
        try:
            return get(f"{self.url}/livez", timeout=2).is_success
        except httpx.HTTPError:
            return False


class Serve(Replica):
    """A replica with options of `serve`: Serve(folder, "--workers", "2", env=...). Options that say where to listen
    replace --bind and --port."""

    start_timeout = 60.0

    def __init__(self, folder: Path, *options: str, env: Mapping[str, str]) -> None:
        super().__init__(folder, env=env)
        self.options = options

    def command(self) -> list[str]:
        listens = {"--port", "--unix-socket"} & set(self.options)
        usual = super().command()
        return [*(usual[: usual.index("serve") + 1] if listens else usual), *self.options]

    def is_ready(self, log: str) -> bool:
        found = re.search(r'Listening on (http://[^\s"]+)', log)
        if found is None:
            return "Listening on" in log
        self.url = found[1]
        return super().is_ready(log)

    def status(self, timeout: float = 10) -> int:
        """Waits until it has ended by itself; returns its exit status."""
        assert self.process
        return self.process.wait(timeout)

    def processes(self) -> list[int]:
        """The workers' process ids."""
        assert self.process
        return children(self.process.pid)


PREPARE = """
from django.core.management import call_command
from tests.cast import add_cast
call_command("migrate", verbosity=0)
add_cast()
"""


def prepare(env: Mapping[str, str]) -> None:
    """Migrates the database and adds the cast."""
    manage("shell", "--no-imports", "--verbosity", "0", "--command", PREPARE, env=env, timeout=110)


def manage(*arguments: str, env: Mapping[str, str], timeout: float = 100, check: bool = True) -> str:
    """What `manage.py ARGUMENTS` prints. Where it fails: AssertionError with all of it, standard error too."""
    return run("manage.py", *arguments, env=env, timeout=timeout, check=check)


def run(*words: str, env: Mapping[str, str], timeout: float = 100, check: bool = True) -> str:
    """What `python WORDS` prints, in the folder of the application; see `manage`."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        all_variables = {**os.environ, **AS_INSTALLED, **env}
        process = start([sys.executable, *words], env=all_variables, stdout=out, stderr=errors)
        try:
            status = process.wait(timeout)
        finally:
            process.kill()
            process.wait()
        out.seek(0)
        errors.seek(0)
        said = out.read()
        if check and status:
            raise AssertionError(f"{' '.join(words)}: exit {status}\n{said}{errors.read()}")
        return said
