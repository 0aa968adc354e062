"""A list that is archived can be read, and nothing in it is written."""

from typing import Any

import pytest

from tasks.models import EVERYONE_ID, Label, Section, Task, TaskList
from tests.tasks.answers import Api, People, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def test_an_archived_list_can_only_be_read(
    api: Api, people: People, furnished: Task, shop: Label, later: Section, shared: TaskList
) -> None:
    """Its owner archives it and takes it out again; nothing in it is written meanwhile, nor shown in other views."""
    alice, bob = api(people["alice"]), api(people["bob"])
    problem(bob.post(f"/api/lists/{shared.pk}/archive"), 403)
    archived = alice.post(f"/api/lists/{shared.pk}/archive").json()
    assert archived["archived_at"] is not None
    assert alice.post(f"/api/lists/{shared.pk}/archive").json() == archived
    part = f"/api/tasks/{furnished.pk}"
    refused = [
        bob.post("/api/tasks", {"title": "x", "list": str(shared.pk)}),
        bob.post("/api/tasks", {"title": "x", "parent": str(furnished.pk)}),
        bob.patch(part, {"title": "x"}),
        bob.delete(part),
        *(bob.post(f"{part}/{action}") for action in ("complete", "reopen", "move", "duplicate")),
        bob.post("/api/labels", {"name": "x", "list": str(shared.pk)}),
        bob.patch(f"/api/labels/{shop.pk}", {"name": "x"}),
        bob.delete(f"/api/sections/{later.pk}"),
        alice.patch(f"/api/lists/{shared.pk}", {"name": "x"}),
    ]
    for response in refused:
        assert "archived" in problem(response, 409)["detail"]
    assert bob.get("/api/tasks").json()["results"] == []
    assert len(bob.get(f"/api/tasks?list={shared.pk}").json()["results"]) == 1
    assert [row["id"] for row in bob.get("/api/lists?archived=true").json()["results"]] == [str(shared.pk)]
    assert shared.name not in [row["name"] for row in bob.get("/api/lists?archived=false").json()["results"]]
    assert alice.post(f"/api/lists/{shared.pk}/unarchive").json()["archived_at"] is None
    assert bob.patch(part, {"title": "x"}).status_code == 200
    assert events_of(f"list.{shared.pk}")[-3:] == ["list.updated", "list.updated", "task.updated"]


def test_what_is_built_in_is_not_archived(api: Api, people: People, settings: Any) -> None:
    alice = api(people["alice"])
    inbox = TaskList.objects.inbox_of(people["alice"])
    problem(alice.post(f"/api/lists/{inbox.pk}/archive"), 403)
    problem(alice.post(f"/api/lists/{EVERYONE_ID}/archive"), 403)
