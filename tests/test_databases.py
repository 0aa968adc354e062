"""Tests in this process see the database that the run was asked for."""

import gc
import os
import socket
import threading

import psycopg
import pytest
from django.db import connection, transaction

from tests.faulty_link import FaultyLink
from tests.servers import PostgresServer
from todo_project.postgresql.answers import Connection


@pytest.mark.databases
def test_the_database_is_of_the_kind_asked_for(db: None, pytestconfig: pytest.Config) -> None:
    """--database says which kind it is, unless TEST_DATABASE_URL names another."""
    if "TEST_DATABASE_URL" not in os.environ:
        assert connection.vendor == pytestconfig.getoption("--database")


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_another_thread_sees_what_was_committed_and_nothing_else() -> None:
    """Threads have connections of their own, on SQLite too."""

    def count() -> int:
        seen: list[int] = []

        def look() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM django_content_type WHERE app_label = 'weather'")
                seen.append(cursor.fetchone()[0])
            connection.close()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return seen[0]

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('weather', 'rain')")
        assert count() == 0
    assert count() == 1


@pytest.mark.parametrize("statement", ["SELECT 1", "INSERT INTO a VALUES (1); COMMIT", "COMMIT"])
def test_a_statement_without_an_answer_ends(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """Though the other machine is there. The connection can't be used any more."""
    monkeypatch.setattr(Connection, "limit", 0.3)
    with FaultyLink(postgres) as link:
        url = link.through(postgres.url("postgres"))
        with Connection.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as opened:
            opened.execute("BEGIN; CREATE TABLE a (b int)")
            link.black_hole()
            with pytest.raises(psycopg.OperationalError, match=r"has not answered within 0\.3 seconds"):
                opened.execute(statement)
            assert opened.closed


def test_an_attempt_that_is_given_up_is_closed() -> None:
    """At once: the server would wait for this client, and could not end."""
    gc.disable()
    try:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"postgres://someone@127.0.0.1:{silent.getsockname()[1]}/a?connect_timeout=2"
            with pytest.raises(psycopg.OperationalError, match="timeout"):
                Connection.connect(url)
            accepted, _ = silent.accept()
            with accepted:
                accepted.settimeout(5)
                while accepted.recv(1_000):
                    pass
    finally:
        gc.enable()
