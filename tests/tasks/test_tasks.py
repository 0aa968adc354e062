"""Tasks over HTTP."""

import json
import threading
import uuid
from typing import Any

import pytest
from django.db import connection

from realtime.models import Event
from tasks.models import Task, TaskList
from tests.tasks.answers import Api, People, error_fields, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

FIELDS = [
    "id", "list", "parent", "section", "title", "notes", "priority", "labels", "assignee",
    "completed", "completed_at", "completed_by", "due_date", "due_time", "due_zone",
    "recurrence", "recurrence_from", "recurrence_anchor", "recurrence_text", "position", "version",
    "created_by", "updated_by", "created_at", "updated_at",
]  # fmt: skip


def test_a_task_has_these_fields(api: Api, people: People) -> None:
    """A new task with a title alone shows every field, with its default."""
    response = api(people["alice"]).post("/api/tasks", {"title": "  Milk "})
    task = response.json()
    assert list(task) == FIELDS
    assert response.headers["ETag"] == f'"{task["version"]}"'
    assert (task["title"], task["notes"], task["priority"], task["completed"]) == ("Milk", "", "none", False)
    assert (task["created_by"], task["updated_by"], task["completed_by"]) == (people["alice"].pk,) * 2 + (None,)
    assert (task["due_date"], task["due_time"], task["due_zone"]) == (None, None, None)


def test_what_is_written_is_what_is_read(api: Api, people: People, shared: TaskList) -> None:
    """Every field that can be written comes back as it was sent, in the answer, later, and in the event."""
    sent = {
        "id": str(uuid.uuid4()), "list": str(shared.pk), "title": "Zwölf Eier 🥚", "notes": " two\n lines ",
        "priority": "urgent", "due_date": "2026-12-24", "due_time": "18:30:00", "due_zone": "Europe/Berlin",
        "position": 12.5, "completed": True,
    }  # fmt: skip
    alice = api(people["alice"])
    answer = alice.post("/api/tasks", sent)
    assert answer.status_code == 201
    assert answer.json().items() >= sent.items()
    assert alice.get(f"/api/tasks/{sent['id']}").json() == answer.json()
    assert json.loads(Event.objects.filter(stream=f"list.{shared.pk}").latest("seq").text)["data"] == answer.json()


@pytest.mark.parametrize("slash", ["", "/"])
def test_addresses_end_with_a_slash_or_without(slash: str, api: Api, people: People, milk: Task) -> None:
    """Both are the same address: nobody is redirected, and no POST loses its body."""
    alice = api(people["alice"])
    assert alice.get(f"/api/tasks/{milk.pk}{slash}").status_code == 200
    assert alice.get(f"/api/lists/{milk.list_id}/members{slash}").status_code == 200
    assert alice.post(f"/api/tasks{slash}", {"title": "x"}).status_code == 201


def test_a_patch_leaves_absent_fields_alone(api: Api, people: People, milk: Task) -> None:
    """Only the fields in the body change, and who did it."""
    bob = api(people["bob"])
    before = bob.get(f"/api/tasks/{milk.pk}").json()
    after = bob.patch(f"/api/tasks/{milk.pk}", {"priority": "high"}).json()
    changed = {name for name in FIELDS if before[name] != after[name]}
    assert changed == {"priority", "version", "updated_by", "updated_at"}
    assert after["version"] == before["version"] + 1
    assert after["updated_by"] == people["bob"].pk


def test_two_people_change_different_fields(api: Api, people: People, milk: Task) -> None:
    """What one of them wrote stays when the other, who has not seen it, writes something else."""
    stale = Task.objects.get(pk=milk.pk)
    api(people["alice"]).patch(f"/api/tasks/{milk.pk}", {"title": "Oat milk"})
    stale.notes = "two litres"
    stale.save(update_fields=["notes"])
    task = api(people["bob"]).patch(f"/api/tasks/{milk.pk}", {"priority": "low"}).json()
    assert (task["title"], task["notes"], task["priority"]) == ("Oat milk", "two litres", "low")


def test_a_patch_that_changes_nothing_is_no_news(api: Api, people: People, milk: Task) -> None:
    """The same values again: no new version, no event."""
    before = events_of(f"list.{milk.list_id}")
    alice = api(people["alice"])
    same = {"title": "Milk", "completed": False, "list": str(milk.list_id), "priority": "none", "due_date": None}
    assert alice.patch(f"/api/tasks/{milk.pk}", same).json()["version"] == milk.version
    assert events_of(f"list.{milk.list_id}") == before


def test_a_patch_moves_a_task_to_the_end_of_another_list(api: Api, people: People, milk: Task) -> None:
    """It is the last one there, gone from the one stream and new in the other."""
    target = TaskList.objects.create(name="Other", owner=people["alice"])
    last = Task.objects.create(list=target, title="Last", position=5000)
    task = api(people["alice"]).patch(f"/api/tasks/{milk.pk}", {"list": str(target.pk)}).json()
    assert task["list"] == str(target.pk)
    assert task["position"] > last.position
    assert events_of(f"list.{milk.list_id}")[-1] == "task.deleted"
    assert events_of(f"list.{target.pk}")[-1] == "task.created"


def test_completing_notes_when_and_by_whom(api: Api, people: People, milk: Task) -> None:
    """`completed` sets both, keeps them when it is sent again, and clears both."""
    bob = api(people["bob"])
    done = bob.patch(f"/api/tasks/{milk.pk}", {"completed": True}).json()
    assert done["completed"]
    assert done["completed_by"] == people["bob"].pk
    again = api(people["alice"]).patch(f"/api/tasks/{milk.pk}", {"completed": True}).json()
    assert again == done
    undone = bob.patch(f"/api/tasks/{milk.pk}", {"completed": False}).json()
    assert (undone["completed"], undone["completed_at"], undone["completed_by"]) == (False, None, None)


def test_a_deleted_task_is_gone(api: Api, people: People, milk: Task) -> None:
    """204, then 404; the event says which."""
    alice = api(people["alice"])
    assert alice.delete(f"/api/tasks/{milk.pk}").status_code == 204
    problem(alice.delete(f"/api/tasks/{milk.pk}"), 404)
    assert events_of(f"list.{milk.list_id}")[-1] == "task.deleted"


def test_there_is_no_put(api: Api, people: People, milk: Task) -> None:
    """PUT would empty what a client does not know of: 405, and Allow names what there is."""
    response = api(people["alice"]).put(f"/api/tasks/{milk.pk}", {"title": "x"})
    problem(response, 405)
    assert "PATCH" in response.headers["Allow"]


# Creating again


def test_a_repeated_create_is_harmless(api: Api, people: People) -> None:
    """The same id again: 200 with the task as it is by now, and no second event."""
    alice = api(people["alice"])
    body = {"id": str(uuid.uuid4()), "title": "Milk"}
    assert alice.post("/api/tasks", body).status_code == 201
    alice.patch(f"/api/tasks/{body['id']}", {"title": "Oat milk"})
    before = events_of("all")
    again = alice.post("/api/tasks", body)
    assert (again.status_code, again.json()["title"]) == (200, "Oat milk")
    assert again.headers["ETag"] == f'"{again.json()["version"]}"'
    assert events_of("all") == before


def test_an_id_that_one_may_not_see_is_taken(api: Api, people: People, milk: Task) -> None:
    """422, and not a word about what has it."""
    body = problem(api(people["dora"]).post("/api/tasks", {"id": str(milk.pk), "title": "x"}), 422)
    assert "Milk" not in json.dumps(body)
    milk.refresh_from_db()
    assert milk.title == "Milk"


def test_a_task_made_again_under_its_old_id_is_newer(api: Api, people: People, milk: Task) -> None:
    """The version goes on growing, so no client takes the new task for an old state of the deleted one."""
    alice = api(people["alice"])
    for number in range(20):
        last = alice.patch(f"/api/tasks/{milk.pk}", {"title": f"Milk {number}"}).json()["version"]
    alice.delete(f"/api/tasks/{milk.pk}")
    new = alice.post(f"/api/trash/{milk.pk}/restore").json()["object"]
    assert new["version"] > last


# ETag


def test_a_stale_if_match_writes_nothing(api: Api, people: People, milk: Task) -> None:
    """412 with the object as it is now, for PATCH and DELETE alike."""
    alice, bob = api(people["alice"]), api(people["bob"])
    seen = alice.get(f"/api/tasks/{milk.pk}").headers["ETag"]
    current = bob.patch(f"/api/tasks/{milk.pk}", {"title": "Oat milk"}).json()
    for method in ("patch", "delete"):
        response = getattr(alice, method)(f"/api/tasks/{milk.pk}", {"title": "x"}, headers={"If-Match": seen})
        assert problem(response, 412)["current"] == current
    assert alice.get(f"/api/tasks/{milk.pk}").json() == current


@pytest.mark.parametrize("header", ["{tag}", 'W/"7", {tag}', '"1", {tag}', "*"])
def test_a_fresh_if_match_lets_through(header: str, api: Api, people: People, milk: Task) -> None:
    """The right tag, alone or in a list; or any version that there is."""
    alice = api(people["alice"])
    tag = alice.get(f"/api/tasks/{milk.pk}").headers["ETag"]
    response = alice.patch(f"/api/tasks/{milk.pk}", {"title": "x"}, headers={"If-Match": header.format(tag=tag)})
    assert response.status_code == 200
    assert response.headers["ETag"] != tag


def test_an_unchanged_task_is_not_sent_again(api: Api, people: People, milk: Task) -> None:
    """If-None-Match with the current tag: 304 and no body."""
    alice = api(people["alice"])
    tag = alice.get(f"/api/tasks/{milk.pk}").headers["ETag"]
    assert alice.get(f"/api/tasks/{milk.pk}", headers={"If-None-Match": tag}).status_code == 304
    alice.patch(f"/api/tasks/{milk.pk}", {"title": "x"})
    assert alice.get(f"/api/tasks/{milk.pk}", headers={"If-None-Match": tag}).status_code == 200


def test_a_front_end_elsewhere(api: Api, people: People, milk: Task, settings: Any) -> None:
    """From an allowed origin a browser may send If-Match, and read the tag and when to try again."""
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    alice = api(people["alice"])
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    allowed = alice.options(f"/api/tasks/{milk.pk}", headers=asked).headers
    assert "PATCH" in allowed["Access-Control-Allow-Methods"]
    assert {"authorization", "if-match"} <= {*allowed["Access-Control-Allow-Headers"].split(", ")}
    answer = alice.get(f"/api/tasks/{milk.pk}", headers={"Origin": "https://app.example"})
    assert {"ETag", "Retry-After"} <= {*answer.headers["Access-Control-Expose-Headers"].split(", ")}
    other = alice.get(f"/api/tasks/{milk.pk}", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers


# Everyone switched off


def test_without_everyone_tasks_go_to_an_inbox_of_ones_own(api: Api, people: People, settings: object) -> None:
    """Each person has one Inbox, made for the first task; it can be renamed, and neither deleted nor shared."""
    settings.EVERYONE_LIST = False  # type: ignore[attr-defined]
    alice = api(people["alice"])
    tasks = [alice.post("/api/tasks", {"title": title}).json() for title in "ab"]
    inbox = tasks[0]["list"]
    assert tasks[1]["list"] == inbox
    assert [(row["id"], row["kind"]) for row in alice.get("/api/lists").json()["results"]] == [(inbox, "inbox")]
    assert api(people["bob"]).get("/api/tasks").json()["results"] == []
    assert alice.patch(f"/api/lists/{inbox}", {"name": "In"}).status_code == 200
    problem(alice.delete(f"/api/lists/{inbox}"), 403)
    problem(alice.post(f"/api/lists/{inbox}/members", {"user": "bob"}), 403)
    assert error_fields(alice.post("/api/tasks", {"title": "x", "list": "00000000-0000-4000-8000-000000000001"}))


@pytest.mark.django_db(transaction=True)
def test_the_same_creation_twice_at_once(api: Api, people: People) -> None:
    """Six requests at the same moment: one makes the task, the others are given it."""
    body = {"id": str(uuid.uuid4()), "title": "Milk"}
    start = threading.Barrier(6)
    answers: list[Any] = []

    def create() -> None:
        alice = api(people["alice"])
        start.wait()
        try:
            answers.append(alice.post("/api/tasks", body))
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert events_of("all").count("task.created") == 1
