"""A command whose database is away, wrong or not migrated says so in one line, whichever command it is."""

import socket
from pathlib import Path

import pytest

from tests.servers import PostgresServer, manage


def said(*words: str, url: str) -> list[str]:
    with pytest.raises(AssertionError) as error:
        manage(*words, env={"DATABASE_URL": url})
    first, *lines = str(error.value).splitlines()
    assert first.endswith("exit 1")
    return lines


def test_the_reason_in_one_line(tmp_path: Path, postgres: PostgresServer) -> None:
    """That of the server, not that the pool had none."""
    new = f"sqlite:///{tmp_path}/new.sqlite3"
    for words in (["first_user"], ["task", "list"]):
        (line,) = said(*words, url=new)
        assert line.startswith(
            f"manage.py {words[0]}: The database lacks tables of this version: run manage.py migrate"
        )
        assert "(no such table: tasks_" in line
    (line,) = said("migrate", url=postgres.url().replace("postgres@", "nobody@"))
    assert line.startswith("manage.py migrate: The database can't be used: ")
    assert 'role "nobody" does not exist' in line
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        port = nobody.getsockname()[1]
        (line,) = said("changepassword", "admin", url=f"postgres://todo@127.0.0.1:{port}/todo")
    assert "Connection refused" in line
    assert any(line.startswith("Traceback") for line in said("prune_events", "--traceback", url=new))


def test_a_password_without_a_terminal(sqlite_database: dict[str, str]) -> None:
    """It comes from standard input; where that is empty, one line says so."""
    assert "There is no terminal" in said("changepassword", "alice", url=sqlite_database["DATABASE_URL"])[-1]
