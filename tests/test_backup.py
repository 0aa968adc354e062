"""`manage.py backup` and `manage.py restore` for SQLite: a wrong file name changes nothing, and nothing is lost."""

import io
import os
import re
import resource
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from realtime.backends.sqlite_backup import BackupError, back_up, restore
from tests.servers import ROOT, Replica, manage, wait_until

Run = Callable[..., str]


@pytest.fixture(scope="module")
def with_a_task(shared_sqlite: dict[str, str]) -> Path:
    manage("task", "add", "before the back-up", env=shared_sqlite)
    return Path(shared_sqlite["DATABASE_URL"].removeprefix("sqlite:///"))


@pytest.fixture
def live(with_a_task: Path, tmp_path: Path) -> Path:
    """A database that has one task."""
    return Path(shutil.copy(with_a_task, tmp_path / "live.sqlite3"))


@pytest.fixture
def run(live: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command for it, in this process; returns what it prints."""
    monkeypatch.setitem(connection.settings_dict, "NAME", str(live))

    def run(command: str, *arguments: object) -> str:
        printed = io.StringIO()
        call_command(command, *map(str, arguments), stdout=printed)
        return printed.getvalue()

    return run


@pytest.fixture
def typed(live: Path) -> Run:
    """The same as a process: `python manage.py ...`."""
    return lambda *arguments: manage(*arguments, env={"DATABASE_URL": f"sqlite:///{live}"})


def test_there_and_back(run: Run, live: Path, tmp_path: Path) -> None:
    """The log has a new epoch, and the database from before is kept, with what it had."""
    copy = tmp_path / "copy.sqlite3"
    run("backup", copy)
    before = _epoch(copy)
    with closing(sqlite3.connect(live)) as database, database:
        database.execute("UPDATE tasks_task SET title = 'after the back-up'")
    live.chmod(0o640)
    said = run("restore", copy)
    assert _epoch(live) in said
    assert _epoch(live) != before == _epoch(copy)
    assert _titles(live) == {"before the back-up"}
    assert _titles(tmp_path / "live.sqlite3.before-restore") == {"after the back-up"}
    assert live.stat().st_mode & 0o777 == 0o640
    # Once more: the first one that was kept is the one that may be needed.
    assert "live.sqlite3.before-restore-2" in run("restore", copy)
    assert "after the back-up" in _titles(tmp_path / "live.sqlite3.before-restore")
    assert not {path.name for path in tmp_path.iterdir()} - {
        "live.sqlite3", "live.sqlite3-wal", "live.sqlite3-shm", "copy.sqlite3",
        "live.sqlite3.before-restore", "live.sqlite3.before-restore-2",
    }  # fmt: skip


def test_a_wrong_back_up_restores_nothing(live: Path, tmp_path: Path) -> None:
    """A missing file, a folder, other content, an empty or a damaged database, and the live file itself."""
    (tmp_path / "text").write_text("no database at all\n" * 100)
    (tmp_path / "empty").touch()
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE a (b)")
    back_up(live, tmp_path / "damaged")
    with (tmp_path / "damaged").open("r+b") as file:
        file.truncate(file.seek(0, os.SEEK_END) // 2)
    (tmp_path / "link").symlink_to(live)
    cases = {
        "none": "no such file",
        ".": "is not a file",
        "text": "is not a database",
        "empty": "is not a back-up",
        "other": "is not a back-up",
        "damaged": "damaged",
        "link": "is the database itself",
    }
    for name, why in cases.items():
        with pytest.raises(BackupError, match=re.escape(str(tmp_path / name))) as error:
            restore(tmp_path / name, live, epoch="another", alive_seconds=15)
        assert why in str(error.value).lower(), name
    assert not (tmp_path / "none").exists()
    assert _titles(live) == {"before the back-up"}
    assert not list(tmp_path.glob("*before-restore*"))


def test_a_back_up_overwrites_nothing(run: Run, live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it make a folder, or an empty copy of a database that is not there."""
    file = tmp_path / "copy"
    file.write_text("mine")
    with pytest.raises(CommandError, match="exists"):
        run("backup", file)
    assert file.read_text() == "mine"
    for wrong, said in ((live, "exists"), (tmp_path / "nowhere/copy", "no such folder")):
        with pytest.raises(BackupError, match=f"(?i){said}"):
            back_up(live, wrong)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "missing.sqlite3"))
    with pytest.raises(CommandError, match=r"missing\.sqlite3"):
        run("backup", tmp_path / "of-nothing")
    assert not (tmp_path / "missing.sqlite3").exists()
    assert not (tmp_path / "of-nothing").exists()


def test_what_is_wrong_is_said_of_the_right_file(live: Path, tmp_path: Path) -> None:
    """Of the copy, where its disk is full; and of a live database, that it has no tables yet."""
    copy, new = tmp_path / "copy", tmp_path / "new"
    new.touch()
    with pytest.raises(BackupError, match=rf"{new} is not migrated: run manage\.py migrate"):
        back_up(new, copy)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(BackupError, match=rf"{copy} can't be written: "):
            back_up(live, copy)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.glob("copy*"))


def test_while_a_server_runs(typed: Run, live: Path, tmp_path: Path) -> None:
    """A back-up is fine, a restore is refused, though an idle server has no connection; after its end it is not."""
    copy = tmp_path / "copy"
    with Replica(tmp_path, env={"DATABASE_URL": f"sqlite:///{live}"}) as server:
        wait_until(lambda: _instances(live) == 1, what="the server to report")
        typed("backup", str(copy))
        with pytest.raises(AssertionError, match=r"exit 1\n.*Stop the servers.*$"):
            typed("restore", str(copy))
        assert _titles(live) == {"before the back-up"}
        server.stop()
    typed("restore", str(copy))
    assert _instances(live) == 0
    assert "before the back-up" in typed("task", "list")


def test_a_damaged_database_can_be_restored(run: Run, live: Path, tmp_path: Path) -> None:
    """Or one that is gone: that is what a back-up is for."""
    copy = tmp_path / "copy"
    run("backup", copy)
    live.write_bytes(b"damaged" * 1000)
    run("restore", copy)
    assert _titles(live) == {"before the back-up"}
    for path in tmp_path.glob("live.sqlite3*"):
        path.unlink()
    run("restore", copy)
    assert _titles(live) == {"before the back-up"}


TRY_BOTH = """
from django.core.management import CommandError, call_command
for command in ("backup", "restore"):
    try:
        call_command(command, "{file}")
    except CommandError as error:
        print(error)
"""


def test_postgresql_has_programs_of_its_own(tmp_path: Path) -> None:
    """The commands name them."""
    url = "postgres://todo@127.0.0.1:1/todo"
    said = manage(
        "shell", "--verbosity", "0", "--command", TRY_BOTH.format(file=tmp_path / "copy"), env={"DATABASE_URL": url}
    )
    for_back_up, for_restore = said.splitlines()
    assert "pg_dump" in for_back_up
    assert "pg_restore" in for_restore


def test_the_documents_copy_no_file_by_hand() -> None:
    """`sqlite3.connect` creates what it does not find."""
    for name in ("operations.md", "redis.md"):
        assert ".backup(" not in (ROOT / "docs" / name).read_text()


def _instances(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM realtime_instance").fetchone()[0])


def _titles(path: Path) -> set[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return {title for (title,) in database.execute("SELECT title FROM tasks_task")}


def _epoch(path: Path) -> str:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return "".join(epoch for (epoch,) in database.execute("SELECT epoch FROM realtime_log"))
