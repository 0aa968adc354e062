"""Pages, filters and orders."""

import base64
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from realtime import events
from tasks.lists.access import streams_of
from tasks.models import Membership, Priority, Task, TaskList, User
from tests.tasks.answers import Api, People, error_fields

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

Queries = Callable[..., AbstractContextManager[Any]]


def walk(client: APIClient, query: str, path: str = "/api/tasks") -> list[Any]:
    """All rows, page by page."""
    rows: list[Any] = []
    cursor = ""
    while True:
        page = client.get(f"{path}?{query}{cursor}").json()
        rows += page["results"]
        if page["next_cursor"] is None:
            return rows
        cursor = f"&cursor={page['next_cursor']}"
        assert len(rows) < 1000, "the pages go round in circles"


@pytest.fixture
def pile(people: People, shared: TaskList) -> list[Task]:
    """16 tasks with few priorities, dates and titles, so that every order has ties, and values that are missing."""
    random = Random(7)
    tasks: list[Task] = Task.objects.bulk_create(
        Task(
            list=shared,
            title=random.choice(["Milk", "Eggs", "bread"]),
            notes=random.choice(["", "two of 100% cocoa"]),
            priority=random.choice(list(Priority)),
            due_date=random.choice([None, date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)]),
            completed_at=random.choice([None, timezone.now()]),
            created_by=random.choice([people["alice"], people["bob"]]),
        )
        for _ in range(16)
    )
    return tasks


ORDERS = [
    "", "position", "-position", "priority", "-priority", "due_date", "-due_date", "title", "-created_at",
    "-updated_at", "completed_at", "-completed_at", "-priority,due_date,-title", "-due_date,due_time,priority",
]  # fmt: skip


@pytest.mark.parametrize("limit", [1, 5, 16])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_hold_each_row_once(order: str, limit: int, api: Api, people: People, pile: list[Task]) -> None:
    """Whatever the order and the size of a page: every row, no row twice, in one and the same order."""
    alice = api(people["alice"])
    rows = walk(alice, f"limit={limit}" + (f"&ordering={order}" if order else ""))
    assert sorted(row["id"] for row in rows) == sorted(str(task.pk) for task in pile)
    whole = alice.get("/api/tasks?limit=100" + (f"&ordering={order}" if order else "")).json()
    assert whole["next_cursor"] is None
    assert [row["id"] for row in rows] == [row["id"] for row in whole["results"]]


@pytest.mark.parametrize("order", ["due_date", "-due_date"])
def test_what_has_no_date_comes_last(order: str, api: Api, people: People, pile: list[Task]) -> None:
    """Upwards and downwards, on every database."""
    dates = [row["due_date"] for row in walk(api(people["alice"]), f"limit=9&ordering={order}")]
    known = [value for value in dates if value]
    assert known == sorted(known, reverse=order.startswith("-"))
    assert dates == known + [None] * (len(dates) - len(known))


def test_rows_that_come_and_go_move_no_others(api: Api, people: People, pile: list[Task]) -> None:
    """Between two pages some rows of the first are deleted and new ones made: the second begins where it would have."""
    alice = api(people["alice"])
    whole = [row["id"] for row in alice.get("/api/tasks?limit=100").json()["results"]]
    first = alice.get("/api/tasks?limit=10").json()
    Task.objects.filter(pk__in=whole[:5]).delete()
    Task.objects.create(list=pile[0].list, title="New at the top", position=-1)
    second = alice.get(f"/api/tasks?limit=10&cursor={first['next_cursor']}").json()
    assert [row["id"] for row in second["results"]] == whole[10:20]


def test_a_cursor_belongs_to_its_order(api: Api, people: People, pile: list[Task]) -> None:
    """Used with another order, or made up, it is an error and not a wrong page."""
    alice = api(people["alice"])
    cursor = alice.get("/api/tasks?limit=5").json()["next_cursor"]
    assert error_fields(alice.get(f"/api/tasks?ordering=title&cursor={cursor}")) == {"cursor"}
    for values in (["position,id", "x", "y"], ["position,id", 1], {"a": 1}, [["position,id"], 1, 2]):
        forged = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
        assert error_fields(alice.get(f"/api/tasks?cursor={forged}")) == {"cursor"}


FILTERS: dict[str, Callable[[Task, People], bool]] = {
    "completed=true": lambda task, _: task.completed,
    "completed=false": lambda task, _: not task.completed,
    "priority=urgent": lambda task, _: task.priority == Priority.URGENT,
    "priority=none,low": lambda task, _: task.priority in (Priority.NONE, Priority.LOW),
    "due_before=2026-01-02": lambda task, _: task.due_date is not None and task.due_date < date(2026, 1, 2),
    "due_after=2026-01-02": lambda task, _: task.due_date is not None and task.due_date > date(2026, 1, 2),
    "due_after=2026-01-01&due_before=2026-01-03": lambda task, _: task.due_date == date(2026, 1, 2),
    "search=MILK": lambda task, _: task.title == "Milk",
    "search=100%25": lambda task, _: "100%" in task.notes,
    "search=1_0": lambda task, _: False,
    "completed=": lambda task, _: True,
}


@pytest.mark.parametrize("query", FILTERS)
def test_filters(query: str, api: Api, people: People, pile: list[Task]) -> None:
    """Each lets through what it says, page by page too."""
    expected = {str(task.pk) for task in pile if FILTERS[query](task, people)}
    assert {row["id"] for row in walk(api(people["alice"]), f"limit=4&{query}")} == expected


def test_filters_by_person_and_list(api: Api, people: People, pile: list[Task], shared: TaskList) -> None:
    """created_by takes a person's number, list a list's id; together they narrow each other."""
    alice = api(people["alice"])
    Task.objects.create(list_id="00000000-0000-4000-8000-000000000001", title="x", created_by=people["bob"])
    bobs = [task for task in pile if task.created_by == people["bob"]]
    assert len(walk(alice, f"created_by={people['bob'].pk}")) == len(bobs) + 1
    assert len(walk(alice, f"created_by={people['bob'].pk}&list={shared.pk}")) == len(bobs)


def test_lists_have_pages_filters_and_orders_too(api: Api, people: People) -> None:
    """By name unless asked otherwise; Everyone among them."""
    for name in "cab":
        TaskList.objects.create(name=name, owner=people["alice"])
    alice = api(people["alice"])
    assert [row["name"] for row in walk(alice, "limit=1&search=", "/api/lists")] == ["Everyone", *"abc"]
    assert [row["name"] for row in walk(alice, "kind=list&ordering=-name&limit=2", "/api/lists")] == [*"cba"]
    assert [row["name"] for row in walk(alice, "search=every", "/api/lists")] == ["Everyone"]


def test_a_page_says_where_to_follow_on_from(api: Api, people: People, pile: list[Task], shared: TaskList) -> None:
    """Every page has the epoch and the heads of all streams that the person may read."""
    for path in ("/api/tasks", "/api/lists", f"/api/lists/{shared.pk}/members"):
        page = api(people["carol"]).get(path).json()
        assert page.keys() == {"results", "next_cursor", "epoch", "positions"}
        now = events.positions(streams_of(people["carol"].pk))
        assert {"epoch": page["epoch"], "positions": page["positions"]} == now


def test_the_position_is_read_before_the_rows(
    api: Api, people: People, shared: TaskList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written between the two is in the rows and after the position: told twice rather than never."""
    read = events.positions

    def positions(streams: Any) -> Any:
        found = read(streams)
        Task.objects.create(list=shared, title="In between")
        return found

    monkeypatch.setattr(events, "positions", positions)
    for path in ("/api/tasks", "/api/sync"):
        before = read([f"list.{shared.pk}"])["positions"][f"list.{shared.pk}"]
        body = api(people["alice"]).get(path).json()
        assert body["positions"][f"list.{shared.pk}"] == before
        assert "In between" in [row["title"] for row in body.get("results", body.get("tasks"))]


# Queries, whatever the page holds


def fill(shared: TaskList, number: int) -> None:
    owner = shared.owner
    Task.objects.bulk_create(
        Task(list=shared, title=f"Task {index}", created_by=owner, completed_by=owner, updated_by=owner)
        for index in range(number)
    )
    TaskList.objects.bulk_create(TaskList(name=f"List {index}", owner=owner) for index in range(number))
    people = User.objects.bulk_create(User(username=f"person-{index}") for index in range(number))
    Membership.objects.bulk_create(Membership(list=shared, user=person, role="viewer") for person in people)


QUERIES = {
    "/api/tasks?limit=50": 3,
    "/api/tasks?limit=50&list={list}&completed=false&ordering=-priority": 4,
    "/api/tasks?limit=50&search=task&assignee=none&due=none": 3,
    "/api/lists?limit=50": 3,
    "/api/lists/{list}/members?limit=50": 4,
    "/api/sync": 11,
    "/api/sync?stream=list.{list}": 7,
}


@pytest.mark.parametrize("rows", [3, 50])
def test_as_many_queries_for_three_rows_as_for_fifty(
    rows: int, api: Api, people: People, shared: TaskList, django_assert_num_queries: Queries
) -> None:
    """Streams, epoch, heads, rows: the number says nothing about how much there is. (Signing in adds one.)"""
    fill(shared, rows)
    alice = api(people["alice"])
    alice.get("/api/sync")  # the epoch is made when it is first asked for
    for path, queries in QUERIES.items():
        with django_assert_num_queries(queries, info=path):
            answer = alice.get(path.format(list=shared.pk)).json()
        assert len(answer.get("results", answer.get("tasks"))) >= rows, path


def test_a_deadline_far_away_and_long_ago(api: Api, people: People, shared: TaskList) -> None:
    """The first and the last day that there is can be stored, ordered and paged by."""
    for day in (date.min, date.max, date.max - timedelta(days=1)):
        Task.objects.create(list=shared, title=str(day), due_date=day)
    titles = [row["title"] for row in walk(api(people["alice"]), "ordering=due_date&limit=1")]
    assert titles == [str(date.min), str(date.max - timedelta(days=1)), str(date.max)]


@pytest.mark.parametrize("path", ["tasks?", "search?q=long&", "assigned?"])
def test_a_page_ends_by_its_size(path: str, api: Api, people: People, shared: TaskList) -> None:
    """With a million characters of notes; the next one goes on behind it, and no row is missing or comes twice."""
    alice = people["alice"]
    rows = (Task(list=shared, title=f"long {at}", notes="n" * 20_000, assignee=alice) for at in range(120))
    made = Task.objects.bulk_create(
        [*rows, *(Task(list=shared, title="long, short", assignee=alice) for _ in range(9))]
    )
    client = api(alice)
    name, _, query = path.partition("?")
    found = walk(client, f"{query}limit=200", f"/api/{name}")
    assert sorted(row["id"] for row in found) == sorted(str(task.pk) for task in made)
    first = client.get(f"/api/{path}limit=200").json()
    assert first["next_cursor"]
    assert sum(len(row["notes"]) for row in first["results"]) <= 1024 * 1024
    assert 50 <= len(first["results"]) < 70


def test_a_page_of_history_ends_by_its_size(api: Api, people: People, milk: Task) -> None:
    """As pages of tasks do."""
    alice = api(people["alice"])
    for at in range(60):
        changed = alice.patch(f"/api/tasks/{milk.pk}", {"notes": str(at % 10) * 20_000}, format="json")
        assert changed.status_code == 200
    path = f"/api/tasks/{milk.pk}/history"
    for query in ("limit=200", ""):  # a change has the notes before and after it: 50 are two pages
        first = alice.get(f"{path}?{query}").json()
        assert 20 <= len(first["results"]) < 30
        found = walk(alice, query, path)
        assert len({row["id"] for row in found}) == len(found) == 61


def test_a_page_of_the_trash_ends_by_its_size(api: Api, people: People, shared: TaskList) -> None:
    """As pages of tasks do: an entry has the task's notes."""
    alice = api(people["alice"])
    made = Task.objects.bulk_create(Task(list=shared, title=str(at), notes="n" * 20_000) for at in range(60))
    body = {"operations": [{"op": "delete", "id": str(task.pk)} for task in made]}
    assert alice.post("/api/tasks/bulk", body).status_code == 200
    first = alice.get("/api/trash?limit=200").json()
    assert 40 <= len(first["results"]) < 53
    assert first["next_cursor"]
    found = walk(alice, "limit=200", "/api/trash")
    assert sorted(row["id"] for row in found) == sorted(str(task.pk) for task in made)
