"""Two writers who wait for each other: the request is repeated, or answered with 503, and never with 500."""

import threading
from collections import Counter
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from tasks.core.api import repeat
from tasks.items.views import TaskViewSet
from tasks.models import Task, TaskList
from tests.tasks.answers import Api, People, problem

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


def deadlock() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = psycopg.errors.DeadlockDetected()
    return error


@pytest.mark.parametrize(("failures", "status"), [(1, 201), (repeat.ATTEMPTS - 1, 201), (repeat.ATTEMPTS, 503)])
def test_a_deadlock_is_repeated(
    failures: int, status: int, api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bounded number of times; what was done before is rolled back, so the task is there once."""
    left = [deadlock() for _ in range(failures)]
    create = TaskViewSet.perform_create

    def perform_create(self: Any, serializer: Any) -> None:
        create(self, serializer)
        if left:
            raise left.pop()

    monkeypatch.setattr(TaskViewSet, "perform_create", perform_create)
    response = api(people["alice"]).post("/api/tasks", {"title": "x"})
    assert response.status_code == status
    if status == 503:
        assert int(response.headers["Retry-After"]) >= 1
        problem(response, 503)
    assert Task.objects.count() == (status == 201)


def test_other_errors_are_not_repeated(api: Api, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away is away for the next attempt, too."""
    calls = []

    def perform_create(self: Any, serializer: Any) -> None:
        calls.append(1)
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(TaskViewSet, "perform_create", perform_create)
    problem(api(people["alice"]).post("/api/tasks", {"title": "x"}), 503)
    assert len(calls) == 1


def test_writers_against_deletions(api: Api, people: People) -> None:
    """Fifty writers add tasks to lists, and rename them, while these are deleted: each request has a proper answer."""
    lists = [TaskList.objects.create(name=f"{number}", owner=people["alice"]) for number in range(5)]
    start, codes = threading.Barrier(55), []

    def write(number: int) -> None:
        client: Any = api(people["alice"])
        client.raise_request_exception = False
        target = lists[number % 5]
        start.wait()
        try:
            if number >= 50:
                codes.append(client.delete(f"/api/lists/{target.pk}").status_code)
            elif number % 2:
                codes.append(client.post("/api/tasks", {"title": "x", "list": str(target.pk)}).status_code)
            else:
                codes.append(client.patch(f"/api/lists/{target.pk}", {"name": "y"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(55)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(Counter(codes)) <= {200, 201, 204, 400, 404, 409, 503}, Counter(codes)
    assert not TaskList.objects.filter(pk__in=[row.pk for row in lists]).exists() or 503 in codes
