"""Subtasks: one level, always in the list of their task."""

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tasks.items.limits import MAX_SUBTASKS
from tasks.models import Label, Membership, Section, Task, TaskList
from tests.tasks.answers import Api, People, error_fields, events_of, problem

BULK = "/api/tasks/bulk"

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


@pytest.fixture
def other(people: People) -> TaskList:
    """A list of alice's alone."""
    made: TaskList = TaskList.objects.create(name="Other", owner=people["alice"])
    return made


@pytest.fixture
def part(milk: Task) -> Task:
    made: Task = Task.objects.create(list=milk.list, title="Part", parent=milk)
    return made


def test_a_subtask_is_made_in_the_list_of_its_task(api: Api, people: People, milk: Task) -> None:
    """Without a list in the request; with another one it is refused."""
    bob = api(people["bob"])
    made = bob.post("/api/tasks", {"title": "Part", "parent": str(milk.pk)}).json()
    assert (made["parent"], made["list"], made["section"]) == (str(milk.pk), str(milk.list_id), None)
    elsewhere = TaskList.objects.create(name="Bob's", owner=people["bob"])
    body = {"title": "Part", "parent": str(milk.pk), "list": str(elsewhere.pk)}
    assert error_fields(bob.post("/api/tasks", body)) == {"parent"}


def test_there_is_one_level(api: Api, people: People, milk: Task, part: Task) -> None:
    """No task is in itself, in a subtask, or in another one with its own subtasks."""
    alice = api(people["alice"])
    free = Task.objects.create(list=milk.list, title="Free")
    for task, parent in ((milk, milk), (milk, part), (part, part), (free, part), (milk, free)):
        assert error_fields(alice.patch(f"/api/tasks/{task.pk}", {"parent": str(parent.pk)})) == {"parent"}
        with pytest.raises(ValidationError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(parent=parent)
    assert Task.objects.filter(parent=None).count() == 2


@pytest.mark.parametrize("who", ["carol", "dora"])
def test_who_may_not_write_adds_no_subtask(who: str, api: Api, people: People, milk: Task) -> None:
    response = api(people[who]).post("/api/tasks", {"title": "x", "parent": str(milk.pk)})
    assert response.status_code == (403 if who == "carol" else 400)
    mine = TaskList.objects.create(name="Mine", owner=people[who])
    task = Task.objects.create(list=mine, title="Mine")
    response = api(people[who]).patch(f"/api/tasks/{task.pk}", {"parent": str(milk.pk)})
    assert response.status_code == (403 if who == "carol" else 400)


def test_a_subtask_becomes_a_task_and_back(api: Api, people: People, milk: Task, part: Task) -> None:
    """It stays in the section that it was shown in."""
    section = Section.objects.create(list=milk.list, name="Later")
    milk.section = section
    milk.save(update_fields=["section"])
    alice = api(people["alice"])
    free = alice.patch(f"/api/tasks/{part.pk}", {"parent": None}).json()
    assert (free["parent"], free["section"]) == (None, str(section.pk))
    back = alice.patch(f"/api/tasks/{part.pk}", {"parent": str(milk.pk)}).json()
    assert (back["parent"], back["section"]) == (str(milk.pk), None)
    assert error_fields(alice.patch(f"/api/tasks/{part.pk}", {"section": str(section.pk)})) == {"section"}


def test_subtasks_move_with_their_task(api: Api, people: People, milk: Task, part: Task, other: TaskList) -> None:
    alice = api(people["alice"])
    alice.patch(f"/api/tasks/{milk.pk}", {"list": str(other.pk)})
    part.refresh_from_db()
    assert (part.list_id, part.parent_id) == (other.pk, milk.pk)
    assert events_of(f"list.{other.pk}")[-2:] == ["task.created", "task.created"]
    assert events_of(f"list.{milk.list_id}")[-2:] == ["task.deleted", "task.deleted"]


def test_a_subtask_that_moves_alone_is_a_task_there(
    api: Api, people: People, milk: Task, part: Task, other: TaskList
) -> None:
    moved = api(people["alice"]).patch(f"/api/tasks/{part.pk}", {"list": str(other.pk)}).json()
    assert (moved["parent"], moved["list"]) == (None, str(other.pk))


def test_all_tasks_of_a_list_move_at_once(milk: Task, part: Task, other: TaskList) -> None:
    """Whichever comes first, a subtask stays with its task."""
    Task.objects.filter(list=milk.list_id).update(list=other)
    assert Task.objects.get(pk=part.pk).parent_id == milk.pk
    assert not Task.objects.exclude(list=other).exists()


def test_completing_a_task_completes_its_subtasks(api: Api, people: People, milk: Task, part: Task) -> None:
    """Reopening reopens it alone."""
    bob = api(people["bob"])
    assert bob.post(f"/api/tasks/{milk.pk}/complete").json()["completed"]
    part.refresh_from_db()
    assert part.completed
    assert part.completed_by == people["bob"]
    assert not bob.post(f"/api/tasks/{milk.pk}/reopen").json()["completed"]
    part.refresh_from_db()
    assert part.completed


def test_deleting_a_task_deletes_its_subtasks(api: Api, people: People, milk: Task, part: Task) -> None:
    api(people["alice"]).delete(f"/api/tasks/{milk.pk}")
    assert not Task.objects.exists()
    assert events_of(f"list.{milk.list_id}")[-2:] == ["task.deleted"] * 2


def test_a_copy_has_copies_of_the_subtasks(api: Api, people: People, milk: Task, part: Task) -> None:
    """Directly behind the task, open, in the same order, and with what people wrote."""
    last = Task.objects.create(list=milk.list, title="Last")
    second = Task.objects.create(list=milk.list, title="Second", parent=milk, notes="n", assignee=people["bob"])
    label = Label.objects.create(list=milk.list, name="Shop")
    Task.objects.filter(pk=milk.pk).update(label_ids=[str(label.pk)], priority=2, due_date="2026-03-01")
    Task.objects.filter(pk=milk.pk).mark(completed=True, by=people["bob"])
    response = api(people["bob"]).post(f"/api/tasks/{milk.pk}/duplicate")
    assert response.status_code == 201
    copy = response.json()
    assert (copy["title"], copy["completed"], copy["labels"]) == ("Milk", False, [str(label.pk)])
    assert (copy["created_by"], copy["due_date"], copy["priority"]) == (people["bob"].pk, "2026-03-01", "medium")
    assert milk.position < copy["position"] < last.position
    parts = Task.objects.filter(parent=copy["id"])
    assert [(row.title, row.notes, row.assignee, row.completed) for row in parts] == [
        ("Part", "", None, False),
        ("Second", "n", people["bob"], False),
    ]
    assert Task.objects.filter(parent=milk).count() == 2 == len({part.pk, second.pk})


def test_a_task_has_a_bounded_number_of_subtasks(api: Api, people: People, milk: Task, part: Task) -> None:
    rows = [Task(list=milk.list, parent=milk, title="x") for _ in range(MAX_SUBTASKS - 2)]
    Task.objects.bulk_create(rows)
    body = {"title": "x", "parent": str(milk.pk)}
    assert api(people["alice"]).post("/api/tasks", body).status_code == 201
    assert error_fields(api(people["alice"]).post("/api/tasks", body)) == {"parent"}


@pytest.mark.django_db(transaction=True)
def test_a_task_moves_while_subtasks_are_added(api: Api, people: People, milk: Task, other: TaskList) -> None:
    """Whichever is first, all of them are in one list in the end; nothing is answered with 500."""
    Membership.objects.create(list=other, user=people["bob"])
    start, answers = threading.Barrier(5), []

    def run(number: int) -> None:
        client = api(people["alice"] if number else people["bob"])
        start.wait()
        try:
            for _ in range(5):
                if number:
                    answers.append(client.post("/api/tasks", {"title": "x", "parent": str(milk.pk)}))
                else:
                    targets = (other.pk, milk.list_id)
                    answers.extend(client.patch(f"/api/tasks/{milk.pk}", {"list": str(pk)}) for pk in targets)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {200, 201, 409, 503}
    milk.refresh_from_db()
    assert {row.list_id for row in milk.subtasks.all()} <= {milk.list_id}
    assert milk.subtasks.count() == sum(answer.status_code == 201 for answer in answers)


@pytest.mark.parametrize("path", ["complete", "reopen", "duplicate", "move"])
def test_who_may_use_the_actions(path: str, api: Api, people: People, milk: Task) -> None:
    """Not those who only read, nor those who see nothing of it; an unknown field is refused."""
    address = f"/api/tasks/{milk.pk}/{path}"
    problem(api(people["carol"]).post(address), 403)
    problem(api(people["dora"]).post(address), 404)
    assert error_fields(api(people["bob"]).post(address, {"unknown": 1})) == {"unknown"}
    stale: Any = api(people["bob"]).post(address, headers={"If-Match": '"1"'})
    problem(stale, 412)


@pytest.mark.django_db(transaction=True)
def test_many_subtasks_take_as_many_statements_as_few(
    api: Api, people: People, shared: TaskList, other: TaskList
) -> None:
    """Whatever is done to a task and all of its subtasks, and taken back. (SQLite takes 37 new rows in a statement.)"""
    alice, counts = api(people["alice"]), []
    label = Label.objects.create(list=other, name="Blue")
    for number in (10, 100):
        task = Task.objects.create(list=shared, title="Large", created_by=people["alice"])
        parts = [Task(list=shared, parent=task, title=str(part), created_by=people["alice"]) for part in range(number)]
        keys = [str(part.pk) for part in Task.objects.bulk_create(parts)]
        url = f"/api/tasks/{task.pk}"
        taken: dict[str, int] = {}
        bodies: dict[str, dict[str, Any]] = {
            f"{url}/complete": {},
            f"{url}/move": {"list": str(other.pk)},
            f"{url}/duplicate": {},
            "assign": {"assignee": people["alice"].pk},
            "label": {"add": [str(label.pk)]},
            "move": {"list": str(shared.pk)},
            "delete": {},
        }
        for path, body in bodies.items():
            operations = [{"op": path, "id": key, **body} for key in keys]
            sent: list[tuple[str, Any]] = [(path, body) if path.startswith(url) else (BULK, {"operations": operations})]
            if path in (f"{url}/complete", f"{url}/duplicate", "move", "delete"):
                sent.append(("/api/undo", {}))
            for at, data in sent:
                with CaptureQueriesContext(connection) as context:
                    answer = alice.post(at, data)
                assert answer.status_code in (200, 201), (path, at, answer.content)
                taken[f"{at.removeprefix(url)} {path.removeprefix(url)}"] = len(context)
        with CaptureQueriesContext(connection) as context:
            alice.delete(url)
            assert alice.post(f"/api/trash/{task.pk}/restore").status_code == 200
        taken["delete and restore"] = len(context)
        counts.append(taken)
    few, many = counts
    assert {name: more - few[name] for name, more in many.items() if more - few[name] > 9} == {}
    assert max(many.values()) < 60
