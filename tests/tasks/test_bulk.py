"""Up to 500 operations in one request: all or none, or each that can be done; one unit for undo and history."""

import random
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasks.core.changes import Change
from tasks.models import EVERYONE_ID, Label, Task, TaskList
from tests.tasks.answers import Api, People, events_of, problem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]

URL = "/api/tasks/bulk"


@pytest.fixture
def tasks(shared: TaskList) -> list[Task]:
    rows: list[Task] = Task.objects.bulk_create([Task(list=shared, title=f"Task {number}") for number in range(20)])
    return rows


def test_each_operation(api: Api, people: People, shared: TaskList, tasks: list[Task]) -> None:
    """Each does what its name says; the answers stand in the order of the operations."""
    bob = api(people["bob"])
    label, new = Label.objects.create(list=shared, name="Blue"), str(uuid.uuid4())
    ids = [str(row.pk) for row in tasks]
    operations: list[dict[str, Any]] = [
        {"op": "create", "id": new, "title": "New", "list": str(shared.pk)},
        {"op": "update", "id": ids[1], "title": "Renamed", "priority": "high"},
        {"op": "complete", "id": ids[2]},
        {"op": "move", "id": ids[3], "list": str(EVERYONE_ID)},
        {"op": "label", "id": ids[4], "add": [str(label.pk)]},
        {"op": "assign", "id": ids[5], "assignee": people["alice"].pk},
        {"op": "due", "id": ids[6], "due_date": "2026-03-01", "due_time": "10:00", "due_zone": "UTC"},
        {"op": "delete", "id": ids[7]},
        {"op": "update", "id": new, "notes": "after its creation"},
        {"op": "label", "id": ids[4], "remove": [str(label.pk)]},
        {"op": "reopen", "id": ids[2]},
    ]
    before = len(events_of(f"list.{shared.pk}"))
    answer = bob.post(URL, {"operations": operations})
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert [(each["op"], each["id"]) for each in results] == [(each["op"], each["id"]) for each in operations]
    assert [each["status"] for each in results] == [201, 200, 200, 200, 200, 200, 200, 204, 200, 200, 200]
    assert (answer.json()["succeeded"], answer.json()["failed"]) == (11, 0)
    rows = {str(row.pk): row for row in Task.objects.all()}
    assert (rows[new].title, rows[new].notes, rows[new].created_by) == ("New", "after its creation", people["bob"])
    assert (rows[ids[1]].title, rows[ids[1]].priority, rows[ids[1]].updated_by) == ("Renamed", 3, people["bob"])
    assert (rows[ids[2]].completed, rows[ids[4]].label_ids) == (False, [])
    assert rows[ids[3]].list_id == EVERYONE_ID
    assert rows[ids[5]].assignee == people["alice"]
    assert str(rows[ids[6]].due_time) == "10:00:00"
    assert ids[7] not in rows
    versions = {each["id"]: each["version"] for each in results if each["status"] != 204}
    assert versions[new] == rows[new].version
    assert len(events_of(f"list.{shared.pk}")) > before
    assert len({change.unit for change in Change.objects.filter(actor=people["bob"])}) == 1


def test_one_undo(api: Api, people: People, tasks: list[Task]) -> None:
    bob = api(people["bob"])
    fields = ("pk", "title", "completed_at", "priority")
    before = set(Task.objects.values_list(*fields))
    operations = [{"op": "complete", "id": str(row.pk)} for row in tasks[:10]]
    operations += [{"op": "delete", "id": str(row.pk)} for row in tasks[10:]]
    bob.post(URL, {"operations": operations})
    assert bob.get("/api/undo").json()["next"]["count"] == 20
    answer = bob.post("/api/undo")
    assert answer.json()["detail"] == "Undone: completed 10 tasks.", answer.content
    assert set(Task.objects.values_list(*fields)) == before


def test_moves_to_a_place(api: Api, people: People, shared: TaskList, tasks: list[Task]) -> None:
    """One after the other, also where there is no room, and into another list; one undo takes all back."""
    ids = [str(row.pk) for row in tasks]
    Task.objects.filter(pk__in=ids).update(position=1)
    for number, pk in enumerate(ids):
        Task.objects.filter(pk=pk).update(position=number if number < 3 else 2 + number * 1e-15)
    before = list(Task.objects.order_by("position", "pk").values_list("pk", flat=True))
    bob = api(people["bob"])
    operations: list[dict[str, Any]] = [
        {"op": "move", "id": ids[5], "after": ids[0]},
        {"op": "move", "id": ids[6], "after": ids[5], "before": ids[1]},
        {"op": "move", "id": ids[0], "after": ids[6]},
        {"op": "move", "id": ids[7], "list": str(EVERYONE_ID), "before": None},
        {"op": "move", "id": ids[1], "after": ids[7]},
        {"op": "move", "id": ids[1], "after": ids[6], "position": 3},
        {"op": "complete", "id": ids[5], "before": ids[1]},
    ]
    answer = bob.post(URL, {"operations": operations, "atomic": False}).json()
    assert [each["status"] for each in answer["results"]] == [200, 200, 200, 200, 400, 400, 400]
    assert answer["results"][4]["error"]["errors"] == {"after": ["This is not another one in the list."]}
    order = [str(pk) for pk in Task.objects.filter(list=shared).order_by("position", "pk").values_list("pk", flat=True)]
    assert order[:4] == [ids[5], ids[6], ids[0], ids[1]]
    assert len(order) == len(ids) - 1
    versions = dict(Task.objects.values_list("pk", "version"))
    assert all(versions[uuid.UUID(each["id"])] == each["version"] for each in answer["results"][:4])
    assert bob.post("/api/undo", {}).status_code == 200
    assert list(Task.objects.order_by("position", "pk").values_list("pk", flat=True)) == before


def test_many_moves_to_places(api: Api, people: People, shared: TaskList, tasks: list[Task]) -> None:
    """As if each were sent alone, after what those before it did; with few statements while there is room."""
    choose = random.Random(7)
    expected = [row.pk for row in tasks]
    operations: list[dict[str, Any]] = []
    for pk in choose.sample(expected, len(expected)):
        side, other = choose.choice(["before", "after"]), choose.choice([key for key in expected if key != pk])
        operations.append({"op": "move", "id": str(pk), side: str(other)})
        expected.remove(pk)
        expected.insert(expected.index(other) + (side == "after"), pk)
    operations[7:7] = [{"op": "move", "id": operations[9]["id"], "after": operations[9]["id"]}]
    with CaptureQueriesContext(connection) as context:
        answer = api(people["bob"]).post(URL, {"operations": operations, "atomic": False}).json()
    assert [each["status"] for each in answer["results"]] == [400 if number == 7 else 200 for number in range(21)]
    assert [*Task.objects.order_by("position", "pk").values_list("pk", flat=True)] == expected
    versions = dict(Task.objects.values_list("pk", "version"))
    assert all(versions[uuid.UUID(each["id"])] == each["version"] for each in answer["results"] if "version" in each)
    assert len(context) < 80


def test_all_or_none(api: Api, people: People, tasks: list[Task]) -> None:
    """The default: one that is refused is named, and nothing is changed."""
    operations = [{"op": "complete", "id": str(row.pk)} for row in tasks[:3]]
    operations.append({"op": "complete", "id": str(uuid.uuid4())})
    body = problem(api(people["bob"]).post(URL, {"operations": operations}), 400)
    assert "Operation 3: Not found." in body["detail"]
    assert [each["status"] for each in body["results"]] == [404]
    assert not Task.objects.exclude(completed_at=None).exists()


REFUSED: list[tuple[Callable[[Task], Any], int]] = [
    (lambda task: {"op": "update", "id": str(uuid.uuid4()), "title": "x"}, 404),
    (lambda task: {"op": "update", "id": str(task.pk), "title": ""}, 400),
    (lambda task: {"op": "update", "id": str(task.pk), "nothing": 1}, 400),
    (lambda task: {"op": "due", "id": str(task.pk)}, 400),
    (lambda task: {"op": "due", "id": str(task.pk), "due_date": None, "due_time": "10:00", "due_zone": "UTC"}, 400),
    (lambda task: {"op": "assign", "id": str(task.pk), "assignee": "bob"}, 400),
    (lambda task: {"op": "label", "id": str(task.pk), "add": "blue"}, 400),
    (lambda task: {"op": "complete", "id": "x"}, 400),
    (lambda task: {"op": "complete", "id": str(task.pk), "title": "x"}, 400),
    (lambda task: {"op": "explode", "id": str(task.pk)}, 400),
    (lambda task: {"op": ["complete"]}, 400),
    (lambda task: "complete", 400),
    (lambda task: {"op": "create", "title": "x", "list": str(uuid.uuid4())}, 400),
    (lambda task: {"op": "create", "id": str(task.pk), "title": "x"}, 422),
    (lambda task: {"op": "move", "id": str(task.pk), "list": str(uuid.uuid4())}, 400),
    (lambda task: {"op": "update", "id": str(task.pk), "title": "x", "base_version": 1}, 409),
]


def test_one_by_one(api: Api, people: People, tasks: list[Task]) -> None:
    """What can be done is done, and the others are answered with what is wrong."""
    operations: list[Any] = [make(tasks[0]) for make, _ in REFUSED]
    operations.insert(3, {"op": "complete", "id": str(tasks[1].pk)})
    operations.append({"op": "complete", "id": str(tasks[2].pk)})
    answer = api(people["bob"]).post(URL, {"operations": operations, "atomic": False})
    assert answer.status_code == 200, answer.content
    statuses = [each["status"] for each in answer.json()["results"]]
    wanted = [status for _, status in REFUSED]
    assert statuses == [*wanted[:3], 200, *wanted[3:], 200]
    assert answer.json()["failed"] == len(REFUSED)
    assert all(each["error"]["detail"] for each in answer.json()["results"] if each["status"] >= 400)
    assert Task.objects.exclude(completed_at=None).count() == 2
    assert Task.objects.count() == len(tasks)


def test_one_that_the_database_refuses(api: Api, people: People, shared: TaskList) -> None:
    """Only it is refused: another one of the same request made the same id."""
    pk = str(uuid.uuid4())
    operations = [{"op": "create", "id": pk, "title": title, "list": str(shared.pk)} for title in ("A", "B", "A")]
    answer = api(people["bob"]).post(URL, {"operations": operations, "atomic": False}).json()
    assert [each["status"] for each in answer["results"]] == [201, 422, 200]


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"operations": []},
        {"operations": {}},
        {"operations": [{}] * 501},
        {"operations": [1], "atomic": 1},
    ],
    ids=["nothing", "a list", "no operations", "none", "an object", "too many", "atomic is a number"],
)
def test_what_is_no_bulk(body: Any, api: Api, people: People) -> None:
    problem(api(people["bob"]).post(URL, body), 400)


def test_who_may_write(api: Api, people: People, tasks: list[Task]) -> None:
    operations = [{"op": "complete", "id": str(tasks[0].pk)}]
    for name, status in [("carol", 403), ("dora", 404)]:
        body = problem(api(people[name]).post(URL, {"operations": operations}), 400)
        assert [each["status"] for each in body["results"]] == [status]


@pytest.mark.parametrize("name", ["create", "update", "complete", "due", "delete"])
def test_queries(name: str, api: Api, people: People, shared: TaskList, tasks: list[Task]) -> None:
    """As many for twenty as for ten, but for the list that each creation names."""
    bob = api(people["bob"])
    more = {"create": {"title": "x"}, "update": {"title": "y"}, "due": {"due_date": "2026-03-01"}}.get(name, {})
    counts = []
    for rows in (tasks[:5], tasks[5:20]):
        operations = [{"op": name, **more, **({} if name == "create" else {"id": str(row.pk)})} for row in rows]
        with CaptureQueriesContext(connection) as context:
            answer = bob.post(URL, {"operations": operations})
        assert answer.status_code == 200, answer.content
        counts.append(len(context))
    assert counts[0] == counts[1] <= 40


def test_five_hundred(api: Api, people: People, shared: TaskList, show: Callable[[str], None]) -> None:
    """In well under two seconds."""
    Task.objects.bulk_create([Task(list=shared, title=f"Task {number}") for number in range(500)])
    keys = Task.objects.values_list("pk", flat=True)
    operations = [
        {"op": "update", "id": str(pk), "title": f"Title {n}", "priority": "high"} for n, pk in enumerate(keys)
    ]
    began, cpu = time.perf_counter(), time.process_time()
    answer = api(people["bob"]).post(URL, {"operations": operations})
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert answer.json()["succeeded"] == 500
    show(f"bulk of 500 updates on {connection.vendor}: {took:.2f} s, {cpu:.2f} s of CPU here")
    assert cpu < 2  # others may use the machine, too


def test_a_task_and_its_subtasks(api: Api, people: People, tasks: list[Task]) -> None:
    """One after the other, as they are named: what the first one does to its subtasks is what the next one finds."""
    bob, (task, subtask) = api(people["bob"]), tasks[:2]
    subtask.parent = task
    subtask.save(update_fields={"parent"})
    own, other = {"id": str(task.pk)}, {"id": str(subtask.pk)}
    bob.post(URL, {"operations": [{"op": "complete", **own}, {"op": "reopen", **other}]})
    assert [Task.objects.get(pk=row.pk).completed for row in (task, subtask)] == [True, False]
    bob.post(URL, {"operations": [{"op": "complete", **other}, {"op": "reopen", **own}, {"op": "reopen", **other}]})
    assert [Task.objects.get(pk=row.pk).completed for row in (task, subtask)] == [False, False]


def test_a_parent_in_other_letters(api: Api, people: People, shared: TaskList) -> None:
    """An id may be written without hyphens."""
    new = uuid.uuid4()
    operations = [
        {"op": "create", "id": str(new), "title": "Cake", "list": str(shared.pk)},
        {"op": "create", "title": "Flour", "parent": new.hex},
    ]
    assert api(people["bob"]).post(URL, {"operations": operations}).json()["succeeded"] == 2


def test_a_name_that_is_no_text(api: Api, people: People) -> None:
    """Half of a surrogate pair can't be sent back."""
    body = b'{"operations": [{"op": "\\ud800"}], "atomic": false}'
    answer = api(people["bob"]).post(URL, body, content_type="application/json")
    assert answer.json()["results"][0]["op"] == "?"


def test_an_archived_list(api: Api, people: People, shared: TaskList, tasks: list[Task]) -> None:
    """Says what a single request says: 409 to those who could write, 403 to others."""
    api(people["alice"]).post(f"/api/lists/{shared.pk}/archive")
    body = {"operations": [{"op": "update", "id": str(tasks[0].pk), "title": "New"}], "atomic": False}
    for name, status, words in (("bob", 409, "is archived"), ("carol", 403, "you may read, not write")):
        result = api(people[name]).post(URL, body).json()["results"][0]
        assert result["status"] == status
        assert words in result["error"]["detail"]
