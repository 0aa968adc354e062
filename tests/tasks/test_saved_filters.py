"""Filters that a person keeps: theirs alone, checked when they are saved, and run in their own lists."""

from typing import Any

import pytest
from django.db.models import JSONField, Value
from rest_framework.test import APIClient

from tasks.models import Label, Membership, Task, TaskList
from tasks.saved_filters.models import MOST_FILTERS, SavedFilter
from tests.tasks.answers import Api, People, error_fields, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def make(client: APIClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/api/filters", {"name": "Mine", **fields})
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def titles(client: APIClient, made: dict[str, Any], query: str = "") -> list[str]:
    answer = client.get(f"/api/filters/{made['id']}/tasks{query}")
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["results"]]


def test_one_saves_changes_and_deletes_them(api: Api, people: People) -> None:
    """With events on one's own stream; a new one stands behind the others."""
    alice = api(people["alice"])
    first = make(alice, query={"due": ["overdue", "today"], "completed": False}, sort="-priority", group="list")
    second = make(alice, id="11111111-1111-4111-8111-111111111111")
    assert first["position"] < second["position"]
    assert (second["query"], second["sort"], second["group"]) == ({}, None, None)
    assert alice.post("/api/filters", {"name": "Mine", "id": second["id"]}).status_code == 200
    changed = alice.patch(f"/api/filters/{first['id']}", {"name": "Now", "group": None})
    assert (changed.json()["name"], changed.json()["query"]) == ("Now", first["query"])
    rows = alice.get("/api/filters").json()["results"]
    assert [row["name"] for row in rows] == ["Now", "Mine"]
    assert alice.get("/api/sync").json()["filters"] == rows
    assert alice.delete(f"/api/filters/{first['id']}").status_code == 204
    told = [name for name in events_of(f"user.{people['alice'].pk}") if name.startswith("filter.")]
    assert told == ["filter.created", "filter.created", "filter.updated", "filter.deleted"]


def test_they_are_ones_own(api: Api, people: People) -> None:
    """Nobody else sees, runs or changes them; another's id is taken."""
    made = make(api(people["alice"]))
    bob = api(people["bob"])
    assert bob.get("/api/filters").json()["results"] == []
    for answer in (
        bob.get(f"/api/filters/{made['id']}"),
        bob.get(f"/api/filters/{made['id']}/tasks"),
        bob.patch(f"/api/filters/{made['id']}", {"name": "x"}),
        bob.delete(f"/api/filters/{made['id']}"),
    ):
        problem(answer, 404)
    problem(bob.post("/api/filters", {"name": "Mine", "id": made["id"]}), 422)
    assert bob.get("/api/sync").json()["filters"] == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"query": []}, "query"),
    ({"query": "due=today"}, "query"),
    ({"query": {"due": "soon"}}, "query.due"),
    ({"query": {"due": []}}, "query.due"),
    ({"query": {"due": {"a": 1}}}, "query.due"),
    ({"query": {"due": None}}, "query.due"),
    ({"query": {"priority": [["high"]]}}, "query.priority"),
    ({"query": {"priority": 4}}, "query.priority"),
    ({"query": {"completed": "yes"}}, "query.completed"),
    ({"query": {"completed": 1.5}}, "query.completed"),
    ({"query": {"list": "x"}}, "query.list"),
    ({"query": {"assignee": "bob"}}, "query.assignee"),
    ({"query": {"search": "a" * 501}}, "query.search"),
    ({"query": {"search": "a\0b"}}, "query.search"),
    ({"query": {"label": ["x"] * 51}}, "query.label"),
    ({"query": {"label": "x," * 50 + "y"}}, "query.label"),
    ({"query": {"label": "x" * 2001}}, "query.label"),
    ({"query": {"label": ["x" * 2001]}}, "query.label"),
    ({"query": {"ordering": "title"}}, "query.ordering"),
    ({"query": {"time_zone": "UTC"}}, "query.time_zone"),
    ({"query": {"x": 1}}, "query.x"),
    ({"sort": "color"}, "sort"),
    ({"sort": "title,"}, "sort"),
    ({"sort": 1}, "sort"),
    ({"group": "color"}, "group"),
    ({"name": ""}, "name"),
    ({"name": "\u200b"}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"position": 1e300}, "position"),
    ({"user": 1}, "user"),
]


def test_what_is_refused(api: Api, people: People) -> None:
    """400 that names the field and, in a query, the parameter."""
    alice = api(people["alice"])
    made = make(alice)
    for fields, name in WRONG:
        assert error_fields(alice.post("/api/filters", {"name": "Mine", **fields})) == {name}, fields
        assert error_fields(alice.patch(f"/api/filters/{made['id']}", fields)) == {name}, fields
    assert alice.get(f"/api/filters/{made['id']}").json() == made


def test_a_person_has_so_many_at_most(api: Api, people: People) -> None:
    """The bound is checked with the person's row locked."""
    person = people["alice"]
    SavedFilter.objects.bulk_create(SavedFilter(user=person, name=str(n)) for n in range(MOST_FILTERS))
    problem(api(person).post("/api/filters", {"name": "One more"}), 409)
    make(api(people["bob"]))


def test_running_one(api: Api, people: People, shared: TaskList) -> None:
    """Each parameter, several values of one, the order, and pages."""
    alice = api(people["alice"])
    shop = Label.objects.create(list=shared, name="Straße & Co")
    other = TaskList.objects.create(name="Other", owner=people["alice"])
    twin = Label.objects.create(list=other, name="STRASSE & co")
    Task.objects.create(list=shared, title="a", priority=3, label_ids=[str(shop.pk)])
    Task.objects.create(list=other, title="b", priority=4, label_ids=[str(twin.pk)], notes="Milk")
    Task.objects.create(list=other, title="c", assignee=people["alice"])
    cases: list[tuple[dict[str, Any], str | None, list[str]]] = [
        ({}, "-title", ["c", "b", "a"]),
        ({"priority": ["high", "urgent"]}, "priority,title", ["a", "b"]),
        ({"list": [str(other.pk)]}, "title", ["b", "c"]),
        ({"list": [str(other.pk), str(shared.pk)], "search": "milk"}, None, ["b"]),
        ({"label": str(shop.pk)}, None, ["a"]),
        ({"label": ["straße & co"]}, "title", ["a", "b"]),
        ({"assignee": "me", "due": "none", "completed": False}, None, ["c"]),
        ({"assignee": people["alice"].pk}, None, ["c"]),
        ({"completed": True}, None, []),
    ]
    for query, sort, found in cases:
        assert titles(alice, make(alice, query=query, sort=sort)) == found, query
    made = make(alice, sort="title")
    assert titles(alice, made, "?limit=2&time_zone=Asia/Tokyo") == ["a", "b"]
    for wrong in ("x=1", "time_zone=Mars", "limit=0"):
        error_fields(alice.get(f"/api/filters/{made['id']}/tasks?{wrong}"))


def test_what_is_gone_has_no_tasks(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """A list that was left or deleted, and a label that was deleted, are no errors."""
    bob = api(people["bob"])
    by_list = make(bob, query={"list": [str(shared.pk)]})
    by_label = make(bob, query={"label": ["11111111-1111-4111-8111-111111111111", "gone"]})
    assert (titles(bob, by_list), titles(bob, by_label)) == (["Milk"], [])
    Membership.objects.get(list=shared, user=people["bob"]).delete()
    assert titles(bob, by_list) == []


STALE: list[tuple[Any, str | None, str]] = [
    ({"due": "someday"}, None, "query.due"),
    ({"due": {"a": 1}}, None, "query.due"),
    ({"color": "red", "due": "today"}, None, "query.color"),
    (["due"], None, "query"),
    ("due=today", None, "query"),
    (None, None, "query"),
    ({"list": "x"}, "title", "query.list"),
    ({}, "color", "sort"),
]
"""What may be stored of a release that knew other parameters, or by no way that checks it."""


def test_what_is_not_valid_any_more_can_be_seen_and_changed(api: Api, people: People, milk: Task) -> None:
    """Running it says what is wrong, in a sentence and by name; it is shown, renamed and repaired as any other."""
    alice = api(people["alice"])
    made = make(alice)
    for query, sort, name in STALE:
        stored = SavedFilter.objects.filter(pk=made["id"])
        stored.update(query=query if query is not None else Value(None, JSONField()), sort=sort)
        answer = alice.get(f"/api/filters/{made['id']}/tasks?time_zone=UTC")
        assert error_fields(answer) == {"non_field_errors", name}, query
        assert answer.json()["detail"].startswith("This filter can't be used as it is any more; change it. "), query
        assert alice.get("/api/sync").json()["filters"] == alice.get("/api/filters").json()["results"]
        renamed = alice.patch(f"/api/filters/{made['id']}", {"name": "Old"}).json()
        assert (renamed["name"], renamed["query"], renamed["sort"]) == ("Old", query, sort)
    assert alice.patch(f"/api/filters/{made['id']}", {"query": {"due": "none"}, "sort": None}).status_code == 200
    assert titles(alice, made) == ["Milk"]
