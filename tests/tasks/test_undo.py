"""One's own last change is taken back as a whole, and done again; nothing newer of others is lost by it."""

import math
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from tasks.core.changes import Change
from tasks.models import Label, Membership, Section, Task, TaskList
from tests.tasks.answers import Api, People, problem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]

Do = Callable[[APIClient, Task], Any]


def task_of(client: APIClient, task: Task) -> dict[str, Any] | None:
    """Without what each write changes; None where it is gone."""
    answer = client.get(f"/api/tasks/{task.pk}")
    changing = {"version", "updated_at", "updated_by"}
    found = answer.json()
    return {k: v for k, v in found.items() if k not in changing} if answer.status_code == 200 else None


def patch(**fields: Any) -> Do:
    return lambda client, task: client.patch(f"/api/tasks/{task.pk}", fields)


CHANGES: list[tuple[Do, str]] = [
    (patch(title="Oat milk"), "Undone: renamed “Milk”."),
    (patch(completed=True), "Undone: completed “Milk”."),
    (patch(due_date="2026-03-01", due_time="10:00", due_zone="UTC"), "Undone: rescheduled “Milk”."),
    (patch(priority="urgent"), "Undone: prioritised “Milk”."),
    (patch(notes="x" * 1000), "Undone: edited the notes of “Milk”."),
    (patch(list="00000000-0000-4000-8000-000000000001"), "Undone: moved “Milk”."),
    (patch(position=77.5), "Undone: moved “Milk”."),
    (lambda client, task: client.delete(f"/api/tasks/{task.pk}"), "Undone: deleted “Milk”."),
]


@pytest.mark.parametrize(("change", "sentence"), CHANGES, ids=map(str, range(8)))
def test_undo_and_redo(change: Do, sentence: str, api: Api, people: People, milk: Task) -> None:
    """Undo, redo, undo, redo: the task is as it was before the change, or after it; GET says what comes next."""
    bob = api(people["bob"])
    before = task_of(bob, milk)
    assert change(bob, milk).status_code in (200, 204)
    after = task_of(bob, milk)
    assert before != after
    for _ in range(2):
        assert bob.get("/api/undo").json()["next"]["count"] == 1
        answer = bob.post("/api/undo")
        assert answer.status_code == 200, answer.content
        assert answer.json()["detail"] == sentence
        assert answer.json()["objects"] == [{"kind": "task", "id": str(milk.pk)}]
        assert task_of(bob, milk) == before
        assert bob.get("/api/undo").json() == {"next": None}
        answer = bob.post("/api/redo")
        assert answer.status_code == 200, answer.content
        assert answer.json()["detail"] == sentence.replace("Undone", "Done again").replace(
            "renamed “Milk”", "renamed “Oat milk”"
        )
        assert task_of(bob, milk) == after
        assert bob.get("/api/redo").json() == {"next": None}


def test_creation(api: Api, people: People, milk: Task) -> None:
    """Is taken back into the trash."""
    bob = api(people["bob"])
    pk = bob.post("/api/tasks", {"title": "Bread", "list": str(milk.list_id)}).json()["id"]
    assert bob.post("/api/undo").json()["detail"] == "Undone: added “Bread”."
    problem(bob.get(f"/api/tasks/{pk}"), 404)
    assert bob.get("/api/trash").json()["results"][0]["id"] == pk
    bob.post("/api/redo")
    assert bob.get(f"/api/tasks/{pk}").json()["title"] == "Bread"


def test_one_after_the_other(api: Api, people: People, milk: Task) -> None:
    """Three changes are taken back in turn; a new change ends what could be done again."""
    bob, url = api(people["bob"]), f"/api/tasks/{milk.pk}"
    for title in "ABC":
        bob.patch(url, {"title": title})
    for title in ("B", "A"):
        bob.post("/api/undo")
        assert bob.get(url).json()["title"] == title
    bob.post("/api/redo")
    assert bob.get(url).json()["title"] == "B"
    bob.patch(url, {"notes": "new"})
    problem(bob.post("/api/redo"), 409)
    for _ in range(3):
        assert bob.post("/api/undo").status_code == 200
    assert (bob.get(url).json()["title"], bob.get(url).json()["notes"]) == ("Milk", "")
    problem(bob.post("/api/undo"), 409)


def test_only_ones_own_and_only_for_ten_minutes(api: Api, people: People, milk: Task) -> None:
    api(people["bob"]).patch(f"/api/tasks/{milk.pk}", {"title": "B"})
    problem(api(people["alice"]).post("/api/undo"), 409)
    Change.objects.update(at=timezone.now() - timedelta(minutes=11))
    problem(api(people["bob"]).post("/api/undo"), 409)


def test_others_changed_something_else(api: Api, people: People, milk: Task) -> None:
    """Theirs stays."""
    url = f"/api/tasks/{milk.pk}"
    api(people["bob"]).patch(url, {"completed": True})
    api(people["alice"]).patch(url, {"title": "A"})
    assert api(people["bob"]).post("/api/undo").status_code == 200
    task = api(people["bob"]).get(url).json()
    assert (task["title"], task["completed"]) == ("A", False)


STANDS: list[tuple[Do, Do, str]] = [
    (patch(title="B"), patch(title="A"), "title was changed by alice"),
    (patch(title="B"), lambda client, task: client.delete(f"/api/tasks/{task.pk}"), "it was deleted by alice"),
]


@pytest.mark.parametrize(("mine", "theirs", "what"), STANDS)
def test_what_stands_in_the_way(mine: Do, theirs: Do, what: str, api: Api, people: People, milk: Task) -> None:
    """409 names it; nothing is changed, and an undo of theirs clears the way."""
    bob, alice = api(people["bob"]), api(people["alice"])
    mine(bob, milk)
    theirs(alice, milk)
    before = task_of(bob, milk)
    body = problem(bob.post("/api/undo"), 409)
    assert what in body["detail"]
    assert [(each["id"], each["by"]) for each in body["conflicts"]] == [(str(milk.pk), people["alice"].pk)]
    assert task_of(bob, milk) == before
    alice.post("/api/undo")
    assert bob.post("/api/undo").status_code == 200


def test_a_creation_that_others_went_on_with(api: Api, people: People, shared: TaskList) -> None:
    """Neither a task that another person changed nor one with another's subtask is taken away."""
    bob, alice = api(people["bob"]), api(people["alice"])
    pk = bob.post("/api/tasks", {"title": "Bread", "list": str(shared.pk)}).json()["id"]
    alice.post("/api/tasks", {"title": "Flour", "list": str(shared.pk), "parent": pk})
    assert "put something into it" in problem(bob.post("/api/undo"), 409)["detail"]
    alice.post("/api/undo")
    alice.patch(f"/api/tasks/{pk}", {"notes": "rye"})
    assert "it was changed by alice" in problem(bob.post("/api/undo"), 409)["detail"]


def test_all_of_one_request(api: Api, people: People, milk: Task, browser: Client) -> None:
    """An action of the admin on many tasks is one change."""
    for number in range(3):
        Task.objects.create(list=milk.list, title=f"Task {number}")
    keys = [str(pk) for pk in Task.objects.values_list("pk", flat=True)]
    browser.post("/admin/tasks/task/", {"action": "mark_done", "_selected_action": keys})
    assert not Task.objects.filter(completed_at=None).exists()
    Membership.objects.create(list=milk.list, user=people["dora"])
    problem(api(people["dora"]).post("/api/undo"), 409)


def test_one_of_many_stands_in_the_way(api: Api, people: People, shared: TaskList) -> None:
    """Then none is taken back."""
    bob = api(people["bob"])
    parent = bob.post("/api/tasks", {"title": "Bread", "list": str(shared.pk)}).json()["id"]
    bob.post("/api/tasks", {"title": "Flour", "list": str(shared.pk), "parent": parent})
    bob.delete(f"/api/tasks/{parent}")
    Task.objects.create(pk=parent, list=shared, title="Another")
    assert "it exists again" in problem(bob.post("/api/undo"), 409)["detail"]
    assert Task.objects.count() == 1


def test_parts_of_a_list(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """A deleted label and a deleted section come back onto their tasks; so does a deleted list with all it had."""
    alice = api(people["alice"])
    label, section = Label.objects.create(list=shared, name="Blue"), Section.objects.create(list=shared, name="Shop")
    Task.objects.filter(pk=milk.pk).update(section=section)
    Task.objects.filter(pk=milk.pk).update(label_ids=[str(label.pk)])
    before = task_of(alice, milk)
    alice.delete(f"/api/lists/{shared.pk}")
    assert alice.post("/api/undo").json()["detail"] == "Undone: deleted “Shared”."
    assert task_of(alice, milk) == before
    assert task_of(api(people["bob"]), milk) == before


def test_who_may_not_write_any_more(api: Api, people: People, milk: Task) -> None:
    api(people["bob"]).patch(f"/api/tasks/{milk.pk}", {"title": "B"})
    Membership.objects.filter(user=people["bob"]).update(role="viewer")
    problem(api(people["bob"]).post("/api/undo"), 409)
    Membership.objects.filter(user=people["bob"]).delete()
    problem(api(people["bob"]).post("/api/undo"), 409)
    assert Task.objects.get().title == "B"


def test_a_list_that_was_renamed(api: Api, people: People, shared: TaskList) -> None:
    alice = api(people["alice"])
    alice.patch(f"/api/lists/{shared.pk}", {"name": "Other"})
    assert alice.post("/api/undo").json()["detail"] == "Undone: renamed “Shared”."
    shared.refresh_from_db()
    assert shared.name == "Shared"


def test_two_at_once(api: Api, people: People, milk: Task) -> None:
    """Each takes back another change, or is told that there is none."""
    bob = api(people["bob"])
    for title in "ABC":
        bob.patch(f"/api/tasks/{milk.pk}", {"title": title})
    start, codes = threading.Barrier(4), []

    def undo() -> None:
        client = api(people["bob"])
        start.wait()
        try:
            codes.append(client.post("/api/undo").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=undo) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 200, 200, 409]
    assert Task.objects.get().title == "Milk"


def test_a_task_that_moved_with_its_subtasks(api: Api, people: People, milk: Task) -> None:
    """They come back as its subtasks, and go with it when it is done again."""
    bob = api(people["bob"])
    subtasks = [Task.objects.create(list=milk.list, title=f"Subtask {i}", parent=milk) for i in range(3)]
    bob.patch(f"/api/tasks/{milk.pk}", {"list": "00000000-0000-4000-8000-000000000001"})
    for way, where in (("undo", str(milk.list_id)), ("redo", "00000000-0000-4000-8000-000000000001")):
        assert bob.post(f"/api/{way}").status_code == 200
        shown = [task_of(bob, subtask) or {} for subtask in subtasks]
        assert [(each["parent"], each["list"]) for each in shown] == [(str(milk.pk), where)] * 3


HIDDEN: list[Do] = [
    lambda client, task: Membership.objects.filter(user__username="bob").delete(),
    lambda client, task: client.patch(
        f"/api/tasks/{task.pk}", {"list": client.post("/api/lists", {"name": "Private"}).json()["id"]}
    ),
]


@pytest.mark.parametrize("hide", HIDDEN, ids=["left", "moved away"])
@pytest.mark.parametrize("mine", [patch(title="Bread"), patch(priority="high")], ids=["blocked", "free"])
def test_what_one_may_not_read_any_more(mine: Do, hide: Do, api: Api, people: People, milk: Task) -> None:
    """Neither its present name nor who changed it is told, and nothing is written there."""
    bob, alice = api(people["bob"]), api(people["alice"])
    mine(bob, milk)
    hide(alice, milk)
    alice.patch(f"/api/tasks/{milk.pk}", {"title": "Secret"})
    before = task_of(alice, milk)
    assert "Secret" not in bob.get("/api/undo").content.decode()
    body = problem(bob.post("/api/undo"), 409)
    assert body["detail"] == "You may not write in this list any more."
    assert "conflicts" not in body
    assert task_of(alice, milk) == before


def test_a_place_after_others_were_given_new_positions(api: Api, people: People, shared: TaskList) -> None:
    """Room is made by new numbers; the task goes back between the neighbours that it had, and forward again."""
    alice, bob = api(people["alice"]), api(people["bob"])
    at = 3.0
    numbers = [1.0, 2.0, at, math.nextafter(at, 9), math.nextafter(math.nextafter(at, 9), 9), 100.0, 101.0, 102.0]
    rows = [
        Task.objects.create(list=shared, title=name, position=number)
        for name, number in zip("ABCDEXYZ", numbers, strict=True)
    ]
    a, _, c, d, e, *others = (str(row.pk) for row in rows)

    def order() -> list[str]:
        return [str(pk) for pk in Task.objects.filter(list=shared).values_list("pk", flat=True)]

    assert alice.post(f"/api/tasks/{d}/move", {"after": a}).status_code == 200
    for each in others:
        assert bob.post(f"/api/tasks/{each}/move", {"after": c}).status_code == 200
    assert Task.objects.get(pk=e).position != numbers[4], "there was room enough"
    assert alice.post("/api/undo", {}).status_code == 200
    assert order().index(c) < order().index(d) < order().index(e)
    assert alice.post("/api/redo", {}).status_code == 200
    assert order()[:2] == [a, d]


def test_an_undo_with_a_key(api: Api, people: People, milk: Task) -> None:
    """Is one transaction with its answer, which still says what was taken back."""
    bob = api(people["bob"])
    bob.post("/api/tasks", {"title": "Bread", "list": str(milk.list_id)})
    answer = bob.post("/api/undo", headers={"Idempotency-Key": "undo-once"})
    assert answer.json()["detail"] == "Undone: added “Bread”."


def test_an_undo_takes_no_fields(api: Api, people: People, milk: Task) -> None:
    bob = api(people["bob"])
    bob.patch(f"/api/tasks/{milk.pk}", {"title": "Bread"})
    assert problem(bob.post("/api/undo", {"id": str(milk.pk)}), 400)["errors"]["id"]
    assert Task.objects.get().title == "Bread"


def test_an_undo_restores_what_it_deleted(api: Api, people: People, milk: Task) -> None:
    """Not what somebody restored, moved where one may not write, and deleted there."""
    alice, bob = api(people["alice"]), api(people["bob"])
    bob.delete(f"/api/tasks/{milk.pk}")
    private = alice.post("/api/lists", {"name": "Private"}).json()["id"]
    assert alice.post(f"/api/trash/{milk.pk}/restore").status_code == 200
    alice.patch(f"/api/tasks/{milk.pk}", {"list": private})
    alice.delete(f"/api/tasks/{milk.pk}")
    assert "not in the trash any more" in problem(bob.post("/api/undo"), 409)["detail"]
    assert not Task.objects.exists()
