"""A database that is away or locked for a while: 503 with Retry-After, quickly, and never a lost change or a 500."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import OperationalError, ProgrammingError
from django.test import Client

from tasks.items.views import TaskViewSet
from tasks.models import User
from tests.cast import ALICE
from tests.clients import Session
from tests.servers import PostgresServer, Replica
from tests.tasks.answers import Api, People, problem


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


def sqlite_error(name: str) -> OperationalError:
    cause = sqlite3.OperationalError(name)
    cause.sqlite_errorname = name
    error = OperationalError(name)
    error.__cause__ = cause
    return error


PASSING = [
    OperationalError("couldn't get a connection after 3.00 sec"),
    sqlite_error("SQLITE_BUSY"),
    sqlite_error("SQLITE_BUSY_SNAPSHOT"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("error", PASSING, ids=str)
def test_an_error_that_passes_is_503(
    error: Exception, api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the API as a problem that says when to try again."""
    monkeypatch.setattr(TaskViewSet, "get_queryset", failing(error))
    response = api(people["alice"]).get("/api/tasks")
    problem(response, 503)
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.django_db
def test_a_mistake_stays_500(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing table does not come back by waiting."""
    alice = api(people["alice"])
    alice.raise_request_exception = False
    for error in (sqlite_error("SQLITE_ERROR"), ProgrammingError("no such column")):
        monkeypatch.setattr(TaskViewSet, "get_queryset", failing(error))
        problem(alice.get("/api/tasks"), 500)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/login", "/admin/", "/ws/ticket", "/api/me"])
def test_every_address_says_so(path: str, alice: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the session is looked up, or a page asks the database."""
    client.force_login(User.objects.create_superuser("root", password="x"))
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", failing(PASSING[0]))
    response = client.post(path) if path == "/ws/ticket" else client.get(path)
    assert response.status_code == 503, response.content
    assert int(response.headers["Retry-After"]) >= 1


def test_a_locked_file(start_replica: Callable[..., Replica], sqlite_database: dict[str, str]) -> None:
    """While another process writes for long: 503 for writes, and then the same request works."""
    replica = start_replica(sqlite_database)
    session = Session(replica.url, ALICE)
    path = Path(sqlite_database["DATABASE_URL"].removeprefix("sqlite:///"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    headers = {"Authorization": f"Bearer {session.token}"}
    started = time.monotonic()
    refused = httpx.post(f"{replica.url}/api/tasks", json={"title": "x"}, headers=headers, timeout=30)
    assert (refused.status_code, refused.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) >= 1
    assert time.monotonic() - started < 15
    other.execute("ROLLBACK")
    assert httpx.post(f"{replica.url}/api/tasks", json={"title": "x"}, headers=headers, timeout=30).status_code == 201


def test_postgresql_is_away(start_replica: Callable[..., Replica], tmp_path: Path) -> None:
    """503 within seconds, for reading, writing and signing in; afterwards all goes on."""
    from tests.conftest import _fill

    with PostgresServer(tmp_path / "postgres") as server:
        database = {"DATABASE_URL": server.url(server.create_database())}
        _fill(database)
        replica = start_replica(database)
        headers = {"Authorization": f"Bearer {Session(replica.url, ALICE).token}"}
        body = {"username": ALICE.username, "password": ALICE.password}
        server.kill()
        for _ in range(2):
            for request in (
                httpx.Request("GET", f"{replica.url}/api/tasks", headers=headers),
                httpx.Request("POST", f"{replica.url}/api/tasks", headers=headers, json={"title": "x"}),
                httpx.Request("GET", f"{replica.url}/api/sync", headers=headers),
                httpx.Request("POST", f"{replica.url}/api/token", json=body),
            ):
                started = time.monotonic()
                with httpx.Client(timeout=30) as client:
                    response = client.send(request)
                assert response.status_code == 503, response.text
                assert response.headers["Content-Type"] == "application/problem+json"
                assert time.monotonic() - started < 8
        server.start()
        deadline = time.monotonic() + 20
        # A killed server without fsync may have lost the sign-in.
        while httpx.get(f"{replica.url}/api/tasks", headers=headers, timeout=30).status_code >= 500:
            assert time.monotonic() < deadline
        assert Session(replica.url, ALICE).token
