"""Values of the wrong JSON type are refused, never converted: numbers, text, times and passwords count as they are."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks.core.positions import GAP, MAX_POSITION
from tasks.models import Task, TaskList, User
from tests.cast import ALICE
from tests.tasks.answers import Api, People, error_fields, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

JSON = "application/json"


@pytest.mark.parametrize("value", ["1e400", "-1e400", "{bob}.0", "{bob}.9", '"{bob}"', '" {bob} "', "true", "[{bob}]"])
def test_an_owner_is_a_whole_number(value: str, api: Api, people: People, shared: TaskList) -> None:
    """Anything else is 400 that names the owner, and the list stays where it is."""
    body = f'{{"owner": {value.format(bob=people["bob"].pk)}}}'
    response = api(people["alice"]).patch(f"/api/lists/{shared.pk}", body, content_type=JSON)
    assert error_fields(response) == {"owner"}
    shared.refresh_from_db()
    assert shared.owner == people["alice"]


def test_an_owner_in_digits_of_another_script(api: Api, people: People, shared: TaskList) -> None:
    """Full-width digits are text."""
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in str(people["bob"].pk))
    assert error_fields(api(people["alice"]).patch(f"/api/lists/{shared.pk}", {"owner": wide})) == {"owner"}


@pytest.mark.parametrize("value", ["1.0", "%201%20", "%EF%BC%91", "1_0", "%2B1", "1e3", "0x1", "true"])
def test_a_filter_by_person_takes_a_whole_number(value: str, api: Api, people: People) -> None:
    """Only ASCII digits are one."""
    assert error_fields(api(people["alice"]).get(f"/api/tasks?created_by={value}")) == {"created_by"}


BAD_IDS = ["true", "7", "1e400", '"11111111-1111-4111-8111-11111111111\uff11"', '"1_11111111111411181111111111111"']


@pytest.mark.parametrize("value", BAD_IDS, ids=ascii)
@pytest.mark.parametrize("field", ["id", "list"])
def test_an_id_is_text_in_hexadecimal(field: str, value: str, api: Api, people: People) -> None:
    """Numbers, digits of other scripts and separators that Python reads are none."""
    body = f'{{"title": "x", "{field}": {value}}}'
    assert error_fields(api(people["alice"]).post("/api/tasks", body, content_type=JSON)) == {field}


def test_a_filter_by_list_takes_an_id(api: Api, people: People, shared: TaskList) -> None:
    """In hexadecimal digits, as the API shows it."""
    alice = api(people["alice"])
    assert alice.get(f"/api/tasks?list={shared.pk}").status_code == 200
    wide = str(shared.pk)[:-1] + chr(ord("0") + 0xFEE0)
    assert error_fields(alice.get("/api/tasks", {"list": wide})) == {"list"}


TEXTS = [("tasks", "title"), ("tasks", "notes"), ("lists", "name"), ("me", "name"), ("notes", "text")]


@pytest.mark.parametrize("value", ["1e400", "5", "1.5", "-0.0", "true"])
@pytest.mark.parametrize(("path", "field"), TEXTS)
def test_text_is_text(path: str, field: str, value: str, api: Api, people: People) -> None:
    """A number in its place is named."""
    alice = api(people["alice"])
    method = alice.patch if path == "me" else alice.post
    title = '"title": "x", ' if field == "notes" else ""
    response: Any = method(f"/api/{path}", f'{{{title}"{field}": {value}}}', content_type=JSON)
    assert error_fields(response) == {field}


REFERENCES = [
    ("tasks", "parent"),
    ("tasks", "list"),
    ("tasks", "section"),
    ("tasks", "assignee"),
    ("tasks", "id"),
    ("tasks/quick-add", "list"),
    ("labels", "list"),
    ("sections", "list"),
    ("places", "list"),
    ("reminders", "task"),
    ("reminders", "minutes_before"),
]


@pytest.mark.parametrize(("path", "field"), REFERENCES)
def test_empty_text_is_not_null(path: str, field: str, api: Api, people: People, milk: Task) -> None:
    """It names no row, and takes none away."""
    subtask = Task.objects.create(list=milk.list, parent=milk, title="Oat milk")
    alice = api(people["alice"])
    needed = {"tasks": {"title": "x"}, "tasks/quick-add": {"text": "x"}, "reminders": {"task": str(milk.pk)}}
    body = {**needed.get(path, {}), **({} if path.startswith("tasks") else {"name": "x"}), field: ""}
    assert field in error_fields(alice.post(f"/api/{path}", body))
    if path == "tasks":
        assert field in error_fields(alice.patch(f"/api/tasks/{subtask.pk}", {field: ""}))
    if field in ("parent", "section", "list"):
        assert field in error_fields(alice.post(f"/api/tasks/{subtask.pk}/move", {field: ""})) or path != "tasks"
    assert error_fields(alice.patch(f"/api/lists/{milk.list_id}", {"owner": ""})) == {"owner"}
    subtask.refresh_from_db()
    assert subtask.parent_id == milk.pk


DAYS = ["20260101", "2026-W01-1", "2026-1-1", "10/25/2026", " 2026-01-01", "2026-01-01T00:00", "\uff12026-01-01", ""]


@pytest.mark.parametrize("day", DAYS, ids=ascii)
def test_a_day_is_year_month_day(day: str, api: Api, people: People) -> None:
    """Of four, two and two digits, in a body and in a parameter."""
    alice = api(people["alice"])
    assert error_fields(alice.post("/api/tasks", {"title": "x", "due_date": day})) == {"due_date"}
    for name in ("due_before", "due_after") if day else ():
        assert error_fields(alice.get("/api/tasks", {name: day})) == {name}
        assert error_fields(alice.post("/api/filters", {"name": "x", "query": {name: day}})) == {f"query.{name}"}


@pytest.mark.parametrize("at", ["20261224T170000Z", "2026-W52-4T17:00Z", "2026-12-24T17Z", "2026-12-24T17:00:00,,5Z"])
def test_a_moment_is_written_in_full(at: str, api: Api, people: People, milk: Task) -> None:
    """As in RFC 3339."""
    assert error_fields(api(people["alice"]).post("/api/reminders", {"task": str(milk.pk), "at": at})) == {"at"}


TIMES = ["12:00+05:00", "12:00Z", "12:00-01", "12:00:00.5+00:00", "\uff11\uff12:00"]
TIMES += ["20260101", "1200", "12", "T12:00", "12:0", "24:00", "12:00:00,5", "12:00:00.1234567", " 12:00", ""]


@pytest.mark.parametrize("time", TIMES, ids=ascii)
def test_a_time_has_no_offset(time: str, api: Api, people: People) -> None:
    """Its zone is `due_zone`; an offset that would be lost is refused, as is all but HH:MM and HH:MM:SS."""
    body = {"title": "x", "due_date": "2026-01-01", "due_zone": "UTC", "due_time": time}
    assert error_fields(api(people["alice"]).post("/api/tasks", body)) == {"due_time"}


@pytest.mark.parametrize(
    ("time", "kept"), [("12:00", "12:00:00"), ("07:08:09", "07:08:09"), ("12:00:00.5", "12:00:00.500000"), (None, None)]
)
def test_a_time_without_offset_is_kept(time: str | None, kept: str | None, api: Api, people: People) -> None:
    body = {"title": "x", "due_date": "2026-01-01", "due_zone": "UTC", "due_time": time}
    assert api(people["alice"]).post("/api/tasks", body).json()["due_time"] == kept


@pytest.mark.parametrize("body", ['{"title": "a", "title": "b"}', '{"title": "a", "x": {"y": 1, "y": 1}}'])
def test_a_name_that_comes_twice(body: str, api: Api, people: People) -> None:
    """Programs disagree about which of the two counts."""
    detail = problem(api(people["alice"]).post("/api/tasks", body, content_type=JSON), 400)["detail"]
    assert "twice" in detail
    assert not Task.objects.exists()


# Positions


@pytest.mark.parametrize("value", ["1e308", "-1e308", "1.1e12", "true", '"1_000"', '"5"', '" 7 "', "1e400"])
@pytest.mark.parametrize("method", ["post", "patch"])
def test_positions_have_a_bound(method: str, value: str, api: Api, people: People, milk: Task) -> None:
    """Beyond it there is no room for neighbours, for anybody."""
    path = "/api/tasks" if method == "post" else f"/api/tasks/{milk.pk}"
    body = f'{{"title": "x", "position": {value}}}'
    response = getattr(api(people["alice"]), method)(path, body, content_type=JSON)
    assert error_fields(response) == {"position"}


@pytest.mark.parametrize("ends", [[MAX_POSITION], [1e308], [MAX_POSITION - 1, MAX_POSITION], [5.0, 1e308, 1.7e308]])
def test_new_tasks_find_a_place_behind_one_at_the_bound(ends: list[float], api: Api, people: People) -> None:
    """A list whose last tasks are as far out as can be keeps its order, and has room again."""
    alice = api(people["alice"])
    task_list = TaskList.objects.create(name="Ends", owner=people["alice"])
    Task.objects.create(list=task_list, title="first", position=GAP)
    for number, position in enumerate(ends):
        Task.objects.create(list=task_list, title=f"end {number}", position=position)
    before = list(task_list.tasks.values_list("title", flat=True))
    for title in ("next", "last"):
        assert alice.post("/api/tasks", {"list": str(task_list.pk), "title": title}).status_code == 201
    assert list(task_list.tasks.values_list("title", flat=True)) == [*before, "next", "last"]
    positions = list(task_list.tasks.values_list("position", flat=True))
    assert len(set(positions)) == len(positions)
    assert max(positions) < MAX_POSITION - GAP


def test_a_row_from_before_the_bound_is_on_a_page(api: Api, people: People, shared: TaskList) -> None:
    """Its position is in a cursor, too."""
    for position in (1e300, 1e301):
        Task.objects.create(list=shared, title="x", position=position)
    alice = api(people["alice"])
    cursor = alice.get("/api/tasks?limit=1&ordering=position").json()["next_cursor"]
    assert len(alice.get(f"/api/tasks?limit=1&ordering=position&cursor={cursor}").json()["results"]) == 1


# Passwords


@pytest.mark.parametrize("password", [f" {ALICE.password}", f"{ALICE.password} ", f"\t{ALICE.password}\n"])
def test_spaces_belong_to_a_password(password: str, alice: User, anybody: APIClient) -> None:
    """At `/api/token` and for a new password, as on the page."""
    problem(anybody.post("/api/token", {"username": ALICE.username, "password": password}), 401)
    tokens = anybody.post("/api/token", {"username": ALICE.username, "password": ALICE.password}).json()
    anybody.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
    change = {"current_password": password, "new_password": "another long password"}
    assert error_fields(anybody.post("/api/me/password", change)) == {"current_password"}
    change = {"current_password": ALICE.password, "new_password": password}
    assert anybody.post("/api/me/password", change).status_code == 200
    anybody.credentials()
    assert anybody.post("/api/token", {"username": ALICE.username, "password": password}).status_code == 200
    problem(anybody.post("/api/token", {"username": ALICE.username, "password": ALICE.password}), 401)


# Headers


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR"])
def test_the_scheme_of_a_token_in_any_case(scheme: str, alice: User, anybody: APIClient) -> None:
    """RFC 9110, 11.1."""
    access = anybody.post("/api/token", {"username": ALICE.username, "password": ALICE.password}).json()["access"]
    assert anybody.get("/api/me", headers={"Authorization": f"{scheme} {access}"}).status_code == 200
    problem(anybody.get("/api/me", headers={"Authorization": f"{scheme} x{access}"}), 401)
    problem(anybody.get("/api/me", headers={"Authorization": f"{scheme} {access} x"}), 401)


@pytest.mark.parametrize("header", ["W/{tag}", 'W/{tag}, "0"'])
def test_a_weak_tag_never_matches_a_write(header: str, api: Api, people: People, milk: Task) -> None:
    """RFC 9110, 13.1.1: If-Match compares strongly, If-None-Match weakly."""
    alice, path = api(people["alice"]), f"/api/tasks/{milk.pk}"
    tag = header.format(tag=alice.get(path).headers["ETag"])
    problem(alice.patch(path, {"title": "x"}, headers={"If-Match": tag}), 412)
    problem(alice.delete(path, headers={"If-Match": tag}), 412)
    assert alice.get(path, headers={"If-None-Match": tag}).status_code == 304
