"""Back-up and restore of a SQLite file, by SQLite's own back-up. Synchronous; a wrong file name changes nothing."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

TABLES = {"django_migrations", "realtime_log", "realtime_instance"}
"""Those that each back-up has."""

BESIDE = ("", "-wal", "-shm")
"""The files of a database, by what follows its name."""

_SET_EPOCH = "INSERT INTO realtime_log (id, epoch) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch"

_REPORTED = "SELECT 1 FROM realtime_instance WHERE seen_at > strftime('%Y-%m-%d %H:%M:%f', 'now', ?) LIMIT 1"


_OF_THE_COPY = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE")
"""Beginnings of the names of errors that come from writing."""


class BackupError(Exception):
    """The reason in one line, which names the file."""


def back_up(database: Path, file: Path) -> None:
    """Copies the database, which may be in use, to a new file. Raises BackupError."""
    _require_file(database)
    if file.exists() or file.is_symlink():
        raise BackupError(f"{file} exists: name a new file, or remove it first.")
    with _copy(database, near=file, without_tables="is not migrated: run manage.py migrate") as copy:
        copy.rename(file)


def restore(file: Path, database: Path, *, epoch: str, alive_seconds: float) -> Path | None:
    """Puts a copy of the back-up, with that epoch, in the place of the database; raises BackupError.

    A server that has reported in the last `alive_seconds` counts as running.
    Returns where the database of before is now, None if there was none.
    """
    _require_file(file)
    if database.exists() and file.samefile(database):
        raise BackupError(f"{file} is the database itself, not a back-up.")
    with _copy(file, near=database, without_tables="is not a back-up of this application: it lacks the tables") as copy:
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute(_SET_EPOCH, [epoch])
            connection.execute("DELETE FROM realtime_instance")
        if not database.exists():
            copy.rename(database)
            return None
        _require_unused(database, alive_seconds)
        _give_owner_and_mode(copy, database)
        kept = _unused_name(database)
        for ending in BESIDE:
            with contextlib.suppress(FileNotFoundError):
                Path(f"{database}{ending}").rename(f"{kept}{ending}")
        copy.rename(database)
        return kept


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise BackupError(f"{path} is not a file." if path.exists() else f"There is no such file: {path}")


@contextmanager
def _copy(source: Path, *, near: Path, without_tables: str) -> Iterator[Path]:
    """A whole and checked copy in the folder of `near`, to be renamed; it is removed after a failure."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f"{near.name}.", suffix=".partial", dir=near.parent)
    except FileNotFoundError:
        raise BackupError(f"There is no such folder: {near.parent}") from None
    except OSError as error:
        raise BackupError(f"{near.parent} can't be written to: {error.strerror}.") from None
    os.close(descriptor)
    copy = Path(name)
    try:
        _fill(copy, source, without_tables)
        yield copy
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(_OF_THE_COPY):
            raise BackupError(f"{near} can't be written: {error}.") from None
        raise BackupError(f"{source} can't be used: {error}.") from None
    except OSError as error:
        raise BackupError(f"{near} can't be written: {error.strerror or error}.") from None
    finally:
        copy.unlink(missing_ok=True)


def _fill(copy: Path, source: Path, without_tables: str) -> None:
    with closing(sqlite3.connect(f"file:{quote(str(source.absolute()))}?mode=ro", uri=True)) as old:
        if not {name for (name,) in old.execute("SELECT name FROM sqlite_master")} >= TABLES:
            raise BackupError(f"{source} {without_tables}.")
        with closing(sqlite3.connect(copy)) as new:
            old.backup(new)
            # One file that can be read on its own; the application turns the write-ahead log on again.
            new.execute("PRAGMA journal_mode=DELETE")
            (found, *_), *_ = new.execute("PRAGMA integrity_check")
    if found != "ok":
        raise BackupError(f"{source} is damaged: {str(found).splitlines()[0]}")


def _require_unused(database: Path, alive_seconds: float) -> None:
    """A server that is idle has no connection open, so its reports count too. A damaged database counts as unused."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database.absolute()))}?mode=rw", uri=True, timeout=1)) as live:
            is_used = bool(live.execute(_REPORTED, [f"-{alive_seconds} seconds"]).fetchone())
            # SQLite leaves the write-ahead log only where no other connection is open.
            is_used = is_used or live.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete"
    except sqlite3.DatabaseError as error:
        is_used = "locked" in str(error)
    if is_used:
        raise BackupError(
            f"{database} is in use. Stop the servers first; one that was killed counts for {alive_seconds:g} seconds."
        )


def _give_owner_and_mode(copy: Path, database: Path) -> None:
    shutil.copymode(database, copy)
    state = database.stat()
    with contextlib.suppress(PermissionError):
        os.chown(copy, state.st_uid, state.st_gid)


def _unused_name(database: Path) -> Path:
    name, number = Path(f"{database}.before-restore"), 1
    while name.exists():
        number += 1
        name = Path(f"{database}.before-restore-{number}")
    return name
