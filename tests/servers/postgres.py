"""PostgreSQL."""

import fcntl
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from tests.servers.base import Server, program

SHARED_FOLDER = "TODO_TEST_FOLDER"
"""In a run of the tests, the variable with the folder of all its processes."""


class PostgresServer(Server):
    """A cluster in a temporary folder, with all durability off for speed."""

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
            self._make_cluster()
        options = [word for option in self.options for word in ("-c", option)]
        sockets = ["-c", "unix_socket_directories="]
        return [program("postgres"), "-D", str(self.data), "-h", "127.0.0.1", "-p", str(self.port), *sockets, *options]

    def _make_cluster(self) -> None:
        """The first one of a run is made, which takes a second, and the others are copies of it as it was then."""
        if SHARED_FOLDER not in os.environ:
            self._initialise(self.data)
            return
        shared = Path(os.environ[SHARED_FOLDER])
        made, unfinished = shared / "cluster", shared / "unfinished-cluster"
        with (shared / "cluster.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.owner:
                os.chown(shared, self.owner.pw_uid, self.owner.pw_gid)
            if not made.exists():
                self._initialise(unfinished)
                unfinished.rename(made)
        self._run("cp", "-a", str(made), str(self.data))

    def _initialise(self, folder: Path) -> None:
        usual = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self._run(program("initdb"), "-D", str(folder), *usual)

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, **self.popen_options())

    def is_ready(self, log: str) -> bool:
        return "ready to accept connections" in log

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, *, template: str = "template1") -> str:
        """The name of a new database, a copy of `template`, which must have no connections."""
        name = f"todo_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def load(self, dump: Path, database: str = "postgres") -> None:
        """Fills the database with what pg_dump has written."""
        psql = [program("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={dump}"]
        subprocess.run([*psql, self.url(database)], check=True, stdout=subprocess.DEVNULL)

    def close(self) -> None:
        # Unlike a kill, an immediate shutdown leaves no shared memory behind.
        self._end(signal.SIGQUIT, 30)
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)
