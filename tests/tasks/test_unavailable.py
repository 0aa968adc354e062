"""A database that is away or locked for a while: 503 with Retry-After, quickly, and never a lost change or a 500."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError
from django.test import Client

from tasks.items.views import TaskViewSet
from tasks.models import User
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
