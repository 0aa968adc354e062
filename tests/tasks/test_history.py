"""Each write leaves a note of what it changed, by whichever way it came, and who may read the list reads them."""

from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from tasks.core.changes import Change
from tasks.models import Membership, Task, TaskList, User
from tests.tasks.answers import Api, People, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


class Abandoned(Exception):
    """Rolls back what it passes through."""


def history(api: Api, person: User, task: Task, **params: Any) -> list[dict[str, Any]]:
    response = api(person).get(f"/api/tasks/{task.pk}/history", params)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def test_what_changed_field_by_field(api: Api, people: People, milk: Task) -> None:
    """From what to what, named and written as the task itself is shown; without the stamps that each write sets."""
    answer = api(people["bob"]).patch(f"/api/tasks/{milk.pk}", {"title": "Oat milk", "priority": "high"})
    entry = history(api, people["carol"], milk)[0]
    assert entry["changes"] == {"title": {"from": "Milk", "to": "Oat milk"}, "priority": {"from": "none", "to": "high"}}
    assert entry["actor"] == {"id": people["bob"].pk, "username": "bob", "name": "bob"}
    assert (entry["action"], entry["version"], entry["way"]) == ("updated", answer.json()["version"], None)
    assert entry["request_id"] == answer.headers["X-Request-ID"]
    api(people["bob"]).patch(f"/api/tasks/{milk.pk}", {"completed": True})
    assert history(api, people["bob"], milk)[0]["changes"].keys() == {"completed", "completed_at", "completed_by"}


def test_by_which_way(api: Api, people: People, milk: Task, browser: Client) -> None:
    """The page, the API, the admin, a command, and a bulk write of the ORM."""
    url = f"/api/tasks/{milk.pk}"
    session = Client(headers={"X-Request-ID": "mine"})
    session.force_login(people["bob"])
    session.patch(url, {"title": "from the page"}, content_type="application/json")
    browser.post("/admin/tasks/task/", {"action": "mark_done", "_selected_action": [str(milk.pk)]})
    call_command("task", "done", str(milk.pk), "--undo", "--user", "alice", stdout=StringIO())
    Task.objects.filter(pk=milk.pk).update(notes="from nobody")
    entries = history(api, people["alice"], milk)
    found = [(entry["source"], entry["actor"] and entry["actor"]["username"]) for entry in entries]
    assert found == [("command", None), ("command", "alice"), ("admin", "root"), ("web", "bob"), ("command", None)]
    assert entries[3]["request_id"] == "mine"


def test_a_write_without_a_change_leaves_none(api: Api, people: People, milk: Task) -> None:
    milk.save()
    milk.refresh_from_db()
    milk.save(update_fields=["title"])
    assert [entry["action"] for entry in history(api, people["alice"], milk)] == ["created"]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_leaves_none(milk: Task) -> None:
    """Neither of a transaction nor of a savepoint; all of one transaction are one unit."""
    before = Change.objects.count()
    with transaction.atomic():
        milk.title = "kept"
        milk.save(update_fields=["title"])
        with suppress(Abandoned), transaction.atomic():
            Task.objects.update(title="lost")
            raise Abandoned
        milk.notes = "kept"
        milk.save(update_fields=["notes"])
    assert Change.objects.count() == before + 2
    assert [change.values for change in Change.objects.all()[:2]] == [
        {"notes": ["", "kept"]},
        {"title": ["Milk", "kept"]},
    ]
    assert len({change.unit for change in Change.objects.all()[:2]}) == 1


def test_pages(api: Api, people: People, milk: Task) -> None:
    alice = api(people["alice"])
    for number in range(5):
        alice.patch(f"/api/tasks/{milk.pk}", {"title": f"Milk {number}"})
    seen: list[int] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        page = alice.get(f"/api/tasks/{milk.pk}/history", {"limit": "2", **cursor}).json()
        seen += [entry["id"] for entry in page["results"]]
        cursor = {"cursor": page["next_cursor"]}
    assert len(seen) == 6
    assert seen == sorted(seen, reverse=True)
    assert page["next_cursor"] is None
    problem(alice.get(f"/api/tasks/{milk.pk}/history", {"list": "x"}), 400)


def test_who_may_not_read_the_task(api: Api, people: People, milk: Task) -> None:
    problem(api(people["dora"]).get(f"/api/tasks/{milk.pk}/history"), 404)
    problem(api(people["dora"]).get(f"/api/tasks/{'-' * 36}/history"), 404)


def test_values_of_a_list_that_one_has_left(api: Api, people: People, milk: Task) -> None:
    """A task that came from another list shows nothing of it, not even its name's id."""
    alice, bob = people["alice"], people["bob"]
    other = TaskList.objects.create(name="Other", owner=alice)
    Membership.objects.create(list=other, user=bob)
    api(alice).patch(f"/api/tasks/{milk.pk}", {"title": "Secret milk"})
    api(alice).patch(f"/api/tasks/{milk.pk}", {"list": str(other.pk), "title": "Milk"})
    Membership.objects.filter(list=milk.list_id, user=bob).delete()
    found = history(api, bob, milk)
    assert len(found) == 1
    assert found[0]["changes"]["list"] == {"from": None, "to": str(other.pk)}
    assert "Secret" not in str(found)
    assert len(history(api, alice, milk)) == 3


def test_a_deleted_task_has_its_history(api: Api, people: People, milk: Task) -> None:
    """As long as it is in the trash."""
    alice = api(people["alice"])
    alice.delete(f"/api/tasks/{milk.pk}")
    assert [entry["action"] for entry in history(api, people["carol"], milk)] == ["deleted", "created"]
    problem(api(people["dora"]).get(f"/api/tasks/{milk.pk}/history"), 404)
    alice.delete(f"/api/trash/{milk.pk}")
    problem(alice.get(f"/api/tasks/{milk.pk}/history"), 404)


@pytest.mark.parametrize("count", [1, 30])
def test_queries(count: int, api: Api, people: People, milk: Task, django_assert_num_queries: Any) -> None:
    """As many for a long page as for a short one: one is for how long the changes are."""
    for number in range(count):
        api(people["bob"]).patch(f"/api/tasks/{milk.pk}", {"title": f"Milk {number}"})
    alice = api(people["alice"])
    with django_assert_num_queries(10):
        alice.get(f"/api/tasks/{milk.pk}/history")


def test_the_changes_of_one_person(api: Api, people: People, milk: Task) -> None:
    for name in ("alice", "bob", "alice"):
        api(people[name]).patch(f"/api/tasks/{milk.pk}", {"title": f"by {name} {milk.pk}"})
    found = history(api, people["carol"], milk, actor=people["bob"].pk)
    assert [entry["changes"]["title"]["to"] for entry in found] == [f"by bob {milk.pk}"]
    problem(api(people["carol"]).get(f"/api/tasks/{milk.pk}/history", {"actor": "bob"}), 400)
