"""A creation under an id that the client chose: repeated it is harmless, and it is never taken for another one."""

import threading
import uuid
from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from realtime.periodic import periodic_tasks
from tasks.core.models import Creation
from tasks.models import Task, TaskList
from tests.tasks.answers import Api, People, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

KINDS = [("tasks", "title"), ("lists", "name")]


@pytest.mark.parametrize(("kind", "field"), KINDS)
def test_a_second_body_under_a_used_id(kind: str, field: str, api: Api, people: People) -> None:
    """422, and nothing of it is lost silently: the client chooses another id."""
    alice = api(people["alice"])
    body = {"id": str(uuid.uuid4()), field: "Milk"}
    assert alice.post(f"/api/{kind}", body).status_code == 201
    problem(alice.post(f"/api/{kind}", {**body, field: "Bread"}), 422)
    assert alice.get(f"/api/{kind}/{body['id']}").json()[field] == "Milk"
    assert alice.post(f"/api/{kind}", dict(reversed(body.items()))).status_code == 200


@pytest.mark.parametrize(("kind", "field"), KINDS)
def test_a_repeat_after_the_deletion(kind: str, field: str, api: Api, people: People) -> None:
    """410: what somebody deleted is not brought back by a client that got no response to its creation."""
    alice = api(people["alice"])
    body = {"id": str(uuid.uuid4()), field: "Milk"}
    alice.post(f"/api/{kind}", body)
    alice.delete(f"/api/{kind}/{body['id']}")
    problem(alice.post(f"/api/{kind}", body), 410)
    problem(alice.post(f"/api/{kind}", {**body, field: "Bread"}), 422)
    assert alice.get(f"/api/{kind}/{body['id']}").status_code == 404


def test_a_repeat_after_a_change_by_others(api: Api, people: People, shared: TaskList) -> None:
    """Still the same creation: 200 with the task as it is by now, though it has moved, too."""
    body = {"id": str(uuid.uuid4()), "title": "Milk", "list": str(shared.pk)}
    api(people["alice"]).post("/api/tasks", body)
    everyone = str(TaskList.objects.get(kind="everyone").pk)
    api(people["bob"]).patch(f"/api/tasks/{body['id']}", {"title": "Oat milk", "list": everyone})
    again = api(people["alice"]).post("/api/tasks", body)
    assert (again.status_code, again.json()["title"], again.json()["list"]) == (200, "Oat milk", everyone)


def test_an_id_of_a_row_that_was_made_elsewhere(api: Api, people: People, milk: Task) -> None:
    """Nobody knows what was sent then; the same values are taken for the same creation."""
    alice = api(people["alice"])
    same = {"id": str(milk.pk), "title": "Milk", "list": str(milk.list_id)}
    assert alice.post("/api/tasks", same).status_code == 200
    problem(alice.post("/api/tasks", {**same, "title": "Bread"}), 422)
    problem(api(people["dora"]).post("/api/tasks", same), 422)


def test_who_may_not_see_it_learns_nothing(api: Api, people: People, shared: TaskList) -> None:
    """The same answer, whether the other's row is there or gone, and whatever was sent."""
    body = {"id": str(uuid.uuid4()), "title": "Secret", "list": str(shared.pk)}
    alice, dora = api(people["alice"]), api(people["dora"])
    alice.post("/api/tasks", body)
    details = set()
    for sent in (body, {**body, "title": "Bread"}, {"id": body["id"], "title": "Secret"}):
        details.add(problem(dora.post("/api/tasks", sent), 422)["detail"])
    assert len(details) == 1


def test_a_refused_creation_leaves_the_id_free(api: Api, people: People, shared: TaskList) -> None:
    """A body that was corrected is sent again under the same id."""
    body = {"id": str(uuid.uuid4()), "title": "", "list": str(shared.pk)}
    alice = api(people["alice"])
    problem(alice.post("/api/tasks", body), 400)
    problem(api(people["carol"]).post("/api/tasks", {**body, "title": "x"}), 403)
    assert alice.post("/api/tasks", {**body, "title": "Milk"}).status_code == 201


def test_what_is_noted_is_cleared_away(api: Api, people: People) -> None:
    """After a month, by the servers. Creations without an id leave nothing."""
    alice = api(people["alice"])
    alice.post("/api/tasks", {"title": "x"})
    assert not Creation.objects.exists()
    alice.post("/api/tasks", {"id": str(uuid.uuid4()), "title": "x"})
    Creation.objects.update(created_at=timezone.now() - timedelta(days=31))
    later = str(uuid.uuid4())
    alice.post("/api/tasks/bulk", {"operations": [{"op": "create", "id": later, "title": "x"}]})
    assert Creation.objects.count() == 2
    (task,) = [task for task in periodic_tasks() if task.name == "prune history"]
    task.function()
    assert [str(row) for row in Creation.objects.all()] == [f"task {later}"]


@pytest.mark.django_db(transaction=True)
def test_two_bodies_at_the_same_moment(api: Api, people: People) -> None:
    """One is created; its repeats get it, the others are told."""
    pk, start, codes = str(uuid.uuid4()), threading.Barrier(6), []

    def create(title: str) -> None:
        alice: Any = api(people["alice"])
        start.wait()
        try:
            codes.append(alice.post("/api/tasks", {"id": pk, "title": title}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=create, args=[title]) for title in ("Milk", "Bread") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(codes) == {201: 1, 200: 2, 422: 3}
    assert events_of("all").count("task.created") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", range(5))
@pytest.mark.parametrize(("kind", "field"), KINDS)
def test_a_repeat_meets_the_first_at_each_moment(kind: str, field: str, moment: int, api: Api, people: People) -> None:
    """The first creation is committed between two of the repeat's questions to the database: 200, never 410."""
    alice: Any = api(people["alice"])
    body = {"id": str(uuid.uuid4()), field: " Milk "}
    questions = count()

    def first(execute: Any, sql: str, *args: Any) -> Any:
        result = execute(sql, *args)
        if not connection.in_atomic_block and sql.startswith("SELECT") and next(questions) == moment:
            other = threading.Thread(target=create)
            other.start()
            other.join()
        return result

    def create() -> None:
        try:
            assert api(people["alice"]).post(f"/api/{kind}", body).status_code == 201
        finally:
            connection.close()

    with connection.execute_wrapper(first):
        answer = alice.post(f"/api/{kind}", body)
    assert answer.status_code == (200 if next(questions) > moment else 201), answer.content
    assert alice.post(f"/api/{kind}", body).status_code == 200
