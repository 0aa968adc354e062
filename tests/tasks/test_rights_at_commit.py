"""A right that is taken between its check and the commit: the write is refused as if it had come after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from tasks.models import Change, Label, Membership, Reminder, Section, Task, TaskList, Trashed, User
from tests.realtime.locks import meanwhile, needs_row_locks
from tests.tasks.answers import Api, People, problem

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True), needs_row_locks]


@contextmanager
def behind(take: Callable[[], Any], *, until: type[Model] = Change) -> Iterator[None]:
    """Another connection takes a right, and commits when the write inside has done everything but note its change, or
    write another table.
    """

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{until._meta.db_table}" IN SHARE MODE')
        take()

    with meanwhile(write):
        yield


def removed(shared: TaskList, bob: User) -> None:
    Membership.objects.get(list=shared, user=bob).delete()


def made_viewer(shared: TaskList, bob: User) -> None:
    member = Membership.objects.get(list=shared, user=bob)
    member.role = "viewer"
    member.save(update_fields=["role"])


def archived(shared: TaskList, bob: User) -> None:
    row = TaskList.objects.get(pk=shared.pk)
    row.archived_at = timezone.now()
    row.save(update_fields=["archived_at"])


TAKEN: dict[str, Callable[[TaskList, User], None]] = {
    "removed": removed,
    "made a viewer": made_viewer,
    "archived": archived,
}


@pytest.fixture
def chores(shared: TaskList, milk: Task, people: People) -> dict[str, Any]:
    """What there is to write: a task with a label and a section in the shared list, and a list of bob's own."""
    home = TaskList.objects.create(name="Home", owner=people["bob"])
    return {
        "list": shared.pk,
        "task": milk.pk,
        "label": Label.objects.create(list=shared, name="cold").pk,
        "section": Section.objects.create(list=shared, name="Fridge").pk,
        "home": home.pk,
        "own": Task.objects.create(list=home, title="Tea", created_by=people["bob"]).pk,
    }


WRITES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a task is made": ("post", "/api/tasks", {"list": "{list}", "title": "New"}),
    "a line is added": ("post", "/api/tasks/quick-add", {"list": "{list}", "text": "New"}),
    "a task is changed": ("patch", "/api/tasks/{task}", {"title": "New"}),
    "a task is completed": ("post", "/api/tasks/{task}/complete", {}),
    "a task is assigned": ("patch", "/api/tasks/{task}", {"assignee": "alice"}),
    "a task is deleted": ("delete", "/api/tasks/{task}", {}),
    "a task is moved in": ("patch", "/api/tasks/{own}", {"list": "{list}"}),
    "a task is moved out": ("patch", "/api/tasks/{task}", {"list": "{home}"}),
    "a task is put to a place": ("post", "/api/tasks/{own}/move", {"list": "{list}", "after": "{task}"}),
    "a task is copied": ("post", "/api/tasks/{task}/duplicate", {}),
    "a label is made": ("post", "/api/labels", {"list": "{list}", "name": "New"}),
    "a label is changed": ("patch", "/api/labels/{label}", {"name": "New"}),
    "a section is made": ("post", "/api/sections", {"list": "{list}", "name": "New"}),
    "a section is deleted": ("delete", "/api/sections/{section}", {}),
}

BULK: dict[str, dict[str, Any]] = {
    "create": {"list": "{list}", "title": "New"},
    "update": {"id": "{task}", "title": "New"},
    "move": {"id": "{own}", "list": "{list}"},
    "label": {"id": "{task}", "add": ["{label}"]},
    "delete": {"id": "{task}"},
}


def filled(value: Any, names: dict[str, Any]) -> Any:
    """The text of each {name} replaced."""
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, names) for each in value]
    return value.format(**names) if isinstance(value, str) else value


def state() -> set[tuple[Any, ...]]:
    """All that can be written in lists."""
    found: set[tuple[Any, ...]] = set()
    for model in (Task, Label, Section):
        found |= set(model.objects.values_list("pk", "list", "version"))
    return found


def send(client: Any, method: str, path: str, body: Any, names: dict[str, Any]) -> Any:
    body = {key: value for key, value in body.items() if key != "assignee"} | (
        {"assignee": names["alice"]} if "assignee" in body else {}
    )
    return getattr(client, method)(path.format(**names), filled(body, names) or None)


@pytest.mark.parametrize("taken", TAKEN)
@pytest.mark.parametrize("write", WRITES)
def test_no_write_commits_behind_the_loss_of_its_right(
    write: str, taken: str, api: Api, people: People, shared: TaskList, chores: dict[str, Any]
) -> None:
    """It is refused like one that comes later, and nothing of it is kept."""
    names = chores | {"alice": people["alice"].pk}
    before = state()
    with behind(lambda: TAKEN[taken](shared, people["bob"])):
        response = send(api(people["bob"]), *WRITES[write], names)
    assert response.status_code in (400, 403, 404, 409), response.content
    assert state() == before
    assert response.status_code == send(api(people["bob"]), *WRITES[write], names).status_code


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize("op", BULK)
def test_no_bulk_request_commits_behind_it(
    op: str, atomic: bool, api: Api, people: People, shared: TaskList, chores: dict[str, Any]
) -> None:
    """Nor by many at once: each operation is answered with what holds now."""
    before = state()
    body = {"operations": [filled({"op": op, **BULK[op]}, chores)], "atomic": atomic}
    with behind(lambda: removed(shared, people["bob"])):
        response = api(people["bob"]).post("/api/tasks/bulk", body)
    assert response.status_code == (400 if atomic else 200)
    assert response.json()["results"][0]["status"] in (400, 404)
    assert state() == before


def test_what_is_still_allowed_is_carried_out_with_a_key_too(
    api: Api, people: People, shared: TaskList, chores: dict[str, Any]
) -> None:
    """Somebody else loses a right: the request is repeated, and written once; also where its answer is kept."""
    client = api(people["alice"])
    for headers in ({}, {"Idempotency-Key": "once"}):
        Membership.objects.get_or_create(list=shared, user=people["bob"], defaults={"role": "editor"})
        with behind(lambda: removed(shared, people["bob"])):
            response = client.post("/api/tasks", {"list": str(shared.pk), "title": "New"}, headers=headers)
        assert response.status_code == 201, response.content
    assert Task.objects.filter(list=shared, title="New").count() == 2


def test_a_write_with_a_key_is_refused_too(api: Api, people: People, shared: TaskList, chores: dict[str, Any]) -> None:
    """Its transaction is the one around the answer that is kept."""
    before = state()
    with behind(lambda: made_viewer(shared, people["bob"])):
        response = api(people["bob"]).patch(
            f"/api/tasks/{chores['task']}", {"title": "New"}, headers={"Idempotency-Key": "once"}
        )
    problem(response, 403)
    assert state() == before


@pytest.mark.parametrize("way", ["undo", "redo", "restore"])
def test_nothing_comes_back_behind_it(
    way: str, api: Api, people: People, shared: TaskList, chores: dict[str, Any]
) -> None:
    """By undo, redo, or out of the trash."""
    bob = api(people["bob"])
    assert bob.delete(f"/api/tasks/{chores['task']}").status_code == 204
    if way == "redo":
        assert bob.post("/api/undo").status_code == 200
    before = state()
    path = f"/api/trash/{chores['task']}/restore" if way == "restore" else f"/api/{way}"
    with behind(lambda: made_viewer(shared, people["bob"])):
        response = bob.post(path)
    problem(response, 403 if way == "restore" else 409)
    assert state() == before


@pytest.mark.parametrize("taken", TAKEN)
@pytest.mark.parametrize("path", ["/api/trash", "/api/trash/{task}"])
def test_nothing_is_deleted_for_good_behind_it(
    path: str, taken: str, api: Api, people: People, shared: TaskList, chores: dict[str, Any]
) -> None:
    """Though that has no event: the others of the list can still restore it. What is one's own is emptied."""
    bob = api(people["bob"])
    for task in ("task", "own"):
        assert bob.delete(f"/api/tasks/{chores[task]}").status_code == 204
    with behind(lambda: TAKEN[taken](shared, people["bob"]), until=Trashed):
        response = bob.delete(path.format(**chores))
    assert response.status_code in ((204,) if path == "/api/trash" else (400, 403, 404, 409)), response.content
    assert Trashed.objects.filter(object_id=chores["task"]).exists()
    assert Trashed.objects.filter(object_id=chores["own"]).exists() == (path != "/api/trash")


def test_a_former_owner_changes_neither_the_list_nor_its_members(
    api: Api, people: People, shared: TaskList, chores: dict[str, Any]
) -> None:
    """The list was given to somebody else in between."""
    member = shared.memberships.get(user=people["carol"])

    def give() -> None:
        member.role = "editor"
        Membership.objects.filter(list=shared, user=people["alice"]).update(role="editor")
        Membership.objects.filter(list=shared, user=people["bob"]).update(role="owner")

    with behind(give):
        problem(api(people["alice"]).delete(f"/api/lists/{shared.pk}"), 403)
    assert TaskList.objects.filter(pk=shared.pk).exists()


def test_a_command_writes_nothing_behind_it_and_says_nothing(
    people: People, shared: TaskList, chores: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """`manage.py task` is refused as the API is; what it would have written is not reported."""
    before = state()
    with (
        behind(lambda: made_viewer(shared, people["bob"])),
        pytest.raises(CommandError, match="may read the list Shared"),
    ):
        call_command("task", "edit", str(chores["task"]), "--title", "New", "--user", "bob")
    assert (state(), capsys.readouterr().out) == (before, "")


def test_the_operator_writes_in_no_list_that_is_archived_at_that_moment(
    people: People, shared: TaskList, chores: dict[str, Any]
) -> None:
    """Who acts for nobody has all rights, and an archived list is read-only to them too."""
    with behind(lambda: archived(shared, people["bob"])), pytest.raises(CommandError, match="is archived"):
        call_command("task", "add", "New", "--list", str(shared.pk))
    assert not Task.objects.filter(title="New").exists()


def test_nobody_is_reminded_of_a_task_that_they_lose_at_that_moment(
    api: Api, people: People, shared: TaskList, chores: dict[str, Any]
) -> None:
    """A reminder is on its person's own stream: it waits for the membership instead."""
    with meanwhile(lambda: removed(shared, people["bob"])):
        response = api(people["bob"]).post("/api/reminders", {"task": str(chores["task"]), "minutes_before": 5})
    problem(response, 400)
    assert not Reminder.objects.exists()


def test_a_task_and_its_list_may_go_at_once(api: Api, people: People, shared: TaskList) -> None:
    """A task that is made while its list is deleted is not there afterwards, and its writer is told."""
    body = {"list": str(shared.pk), "title": "New", "id": str(uuid4())}
    with behind(lambda: TaskList.objects.get(pk=shared.pk).delete()):
        response = api(people["bob"]).post("/api/tasks", body)
    assert response.status_code in (400, 404, 409), response.content
    assert not Task.objects.exists()
