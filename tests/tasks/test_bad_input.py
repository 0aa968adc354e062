"""Bad input: an error that says what is wrong and where, and a server that goes on."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.urls import get_resolver, reverse
from rest_framework.test import APIClient

from tasks.core.api.unknown_route import UnknownRoute
from tasks.items.views import TaskViewSet
from tasks.models import Task, TaskList
from tests.tasks.answers import Api, People, error_fields, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

NOWHERE = "11111111-1111-4111-8111-111111111111"

NO_BOOLEANS: list[Any] = ["yes", "true", "", "on", 1, 0, 1.0, [], {}]

BAD_TASKS = [
    ({}, {"title"}),
    ({"title": ""}, {"title"}),
    ({"title": "   "}, {"title"}),
    ({"title": None}, {"title"}),
    ({"title": ["x"]}, {"title"}),
    ({"title": "x" * 10_000}, {"title"}),
    ({"title": "nul\0"}, {"title"}),
    ({"title": "half a pair \ud83e"}, {"title"}),
    ({"title": "x", "notes": "x" * 20_001}, {"notes"}),
    ({"title": "x", "notes": None}, {"notes"}),
    ({"title": "x", "priority": "huge"}, {"priority"}),
    ({"title": "x", "priority": 3}, {"priority"}),
    ({"title": "x", "completed": "perhaps"}, {"completed"}),
    ({"title": "x", "completed": None}, {"completed"}),
    *(({"title": "x", "completed": value}, {"completed"}) for value in NO_BOOLEANS),
    ({"title": "x", "list": NOWHERE}, {"list"}),
    ({"title": "x", "list": "work"}, {"list"}),
    ({"title": "x", "list": None}, {"list"}),
    ({"title": "x", "list": {"id": NOWHERE}}, {"list"}),
    ({"title": "x", "id": "7"}, {"id"}),
    ({"title": "x", "id": None}, {"id"}),
    ({"title": "x", "assignee": 0}, {"assignee"}),
    ({"title": "x", "assignee": -1}, {"assignee"}),
    ({"title": "x", "due_date": "2026-02-30"}, {"due_date"}),
    ({"title": "x", "due_date": "tomorrow"}, {"due_date"}),
    ({"title": "x", "due_date": 20260101}, {"due_date"}),
    ({"title": "x", "due_time": "10:00"}, {"due_time"}),
    ({"title": "x", "due_time": "25:00", "due_date": "2026-01-01", "due_zone": "UTC"}, {"due_time"}),
    ({"title": "x", "due_zone": "Mars/Olympus"}, {"due_zone"}),
    ({"title": "x", "due_zone": ""}, {"due_zone"}),
    ({"title": "x", "due_zone": "../../etc/passwd"}, {"due_zone"}),
    ({"title": "x", "position": "first"}, {"position"}),
    ({"title": "x", "position": "nan"}, {"position"}),
    ({"title": "x", "position": "inf"}, {"position"}),
    ({"title": "x", "position": 10**400}, {"position"}),
    ({"title": "x", "colour": "red"}, {"colour"}),
    ({"title": "x", "version": 1}, {"version"}),
    ({"title": "x", "created_by": 1, "completed_at": None}, {"created_by", "completed_at"}),
    ({"title": "x", "half a pair \ud83e": 1, "priority": "\ud83e"}, {"half a pair ?", "priority"}),
    ({"titel": "x", "priority": "huge"}, {"titel", "title", "priority"}),
]


def named(value: dict[str, Any] | set[str]) -> str:
    """The same name in each process, whatever the order of a set."""
    return repr(value if isinstance(value, dict) else sorted(value))[:60]


@pytest.mark.parametrize(("body", "fields"), BAD_TASKS, ids=named)
def test_each_bad_field_is_named(body: Any, fields: set[str], api: Api, people: People) -> None:
    """400 with the names of all that is wrong, the misspelled ones too; nothing is written."""
    text = json.dumps(body)
    assert error_fields(api(people["alice"]).post("/api/tasks", text, content_type="application/json")) == fields
    assert not Task.objects.exists()


@pytest.mark.parametrize("body", [b"{", b"", b"[1]", b'"x"', b"null", b"\xff\xfe", b'{"title": NaN}', b"[" * 100_000])
def test_broken_bodies(body: bytes, api: Api, people: People, milk: Task) -> None:
    """A body that is no JSON object is refused, for creating, changing and signing in alike."""
    alice = api(people["alice"])
    for path in ("/api/tasks", "/api/token", f"/api/lists/{milk.list_id}/members"):
        problem(alice.post(path, body, content_type="application/json"), 400)
    if body:  # a PATCH without a body is one that changes nothing
        problem(alice.patch(f"/api/tasks/{milk.pk}", body, content_type="application/json"), 400)
    milk.refresh_from_db()
    assert milk.title == "Milk"


def test_numbers_beyond_all_bounds(api: Api, people: People, shared: TaskList) -> None:
    """An id or a float that no database can hold is an error of the client's, not of the server's."""
    alice = api(people["alice"])
    text = json.dumps({"title": "x"})[:-1] + ', "position": 1e400}'
    assert error_fields(alice.post("/api/tasks", text, content_type="application/json")) == {"position"}
    assert error_fields(alice.post(f"/api/lists/{shared.pk}/members", {"user": 10**30})) == {"user"}
    assert error_fields(alice.patch(f"/api/lists/{shared.pk}", {"owner": 10**30})) == {"owner"}
    assert alice.get(f"/api/tasks?created_by={10**30}").json()["results"] == []


def test_a_body_that_is_no_json(api: Api, people: People) -> None:
    """A form is 415; text that says it is JSON and is not is 400."""
    alice = api(people["alice"])
    problem(alice.post("/api/tasks", {"title": "x"}, format="multipart"), 415)
    problem(alice.post("/api/tasks", "title=x", content_type="application/x-www-form-urlencoded"), 415)
    problem(alice.get("/api/tasks", headers={"Accept": "application/xml"}), 406)


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_body_that_is_too_large(api: Api, people: People) -> None:
    """413 before it is parsed."""
    alice = api(people["alice"])
    problem(alice.post("/api/tasks", {"title": "x", "notes": "x" * 1000}), 413)
    assert alice.post("/api/tasks", {"title": "x"}).status_code == 201


BAD_QUERIES = [
    ("lost=1", {"lost"}),
    ("completed=perhaps", {"completed"}),
    ("completed=yes", {"completed"}),
    ("completed=True", {"completed"}),
    ("priority=high,huge", {"priority"}),
    ("due_before=soon", {"due_before"}),
    ("due_before=10/25/2026", {"due_before"}),
    ("created_by=alice", {"created_by"}),
    (f"label={'x,' * 50}y", {"label"}),
    (f"assignee={'1,' * 50}me", {"assignee"}),
    ("list=work", {"list"}),
    (f"list={NOWHERE}", {"list"}),
    ("ordering=owner", {"ordering"}),
    ("search=%00", {"search"}),
    ("limit=0", {"limit"}),
    ("limit=201", {"limit"}),
    ("limit=many", {"limit"}),
    ("limit=%C2%B2", {"limit"}),
    ("cursor=x", {"cursor"}),
    ("cursor=%C3%A4", {"cursor"}),
    ("cursor=W10", {"cursor"}),
    ("cursor=bnVsbA", {"cursor"}),
    ("completed=true&completed=false", {"completed"}),
    ("lost=1&found=2", {"lost", "found"}),
]


@pytest.mark.parametrize(("query", "fields"), BAD_QUERIES)
def test_each_bad_parameter_is_named(query: str, fields: set[str], api: Api, people: People) -> None:
    """A filter that is misspelled or wrong is never taken for no filter at all."""
    assert error_fields(api(people["alice"]).get(f"/api/tasks?{query}")) == fields


def test_parameters_that_other_addresses_do_not_know(api: Api, people: People, shared: TaskList) -> None:
    """Lists, members and the snapshot are as strict."""
    alice = api(people["alice"])
    assert error_fields(alice.get("/api/lists?completed=true")) == {"completed"}
    assert error_fields(alice.get(f"/api/lists/{shared.pk}/members?role=owner")) == {"role"}
    assert error_fields(alice.get("/api/sync?streams=all")) == {"streams"}


def addresses(pk: str) -> Iterator[tuple[str, str]]:
    """Each address of the API with each method that it knows; ids are `pk`."""
    for pattern in get_resolver("tasks.urls").url_patterns:
        for each in getattr(pattern, "url_patterns", [pattern]):
            view: Any = each.callback.cls
            if view is UnknownRoute:
                continue
            path = reverse(each.name, kwargs=dict.fromkeys(each.pattern.regex.groupindex, pk))
            for method in getattr(each.callback, "actions", None) or view.http_method_names:
                if method != "options" and (hasattr(each.callback, "actions") or hasattr(view, method)):
                    yield method, path


def test_a_parameter_that_an_address_does_not_know(api: Api, people: People, milk: Task) -> None:
    """400 that names it, at every address and with every method; likewise one that is given twice."""
    alice = api(people["alice"])
    members = f"/api/lists/{milk.list_id}/members"  # whose filters are asked after the list
    asked = [(method, members if path.endswith("/members") else path) for method, path in addresses(str(milk.pk))]
    assert len(asked) > 60
    for method, path in asked:
        response = getattr(alice, method)(f"{path}?lost=1")
        assert method == "head" or error_fields(response) == {"lost"}, (method, path)
        assert response.status_code == 400, (method, path)
    for path, name in (("upcoming", "days"), (f"tasks/{milk.pk}/occurrences", "count"), ("tasks", "cursor")):
        assert error_fields(alice.get(f"/api/{path}?{name}=1&{name}=2")) == {name}
    assert alice.get("/api/sync?stream=people&stream=people").status_code in (200, 404)
    assert Task.objects.filter(pk=milk.pk).exists()


@pytest.mark.parametrize("path", ["", "nothing", "tasks/7", "tasks/" + "-" * 36, f"tasks/{NOWHERE}"])
@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_addresses_that_lead_nowhere(method: str, path: str, api: Api, people: People) -> None:
    """404 as a problem that names the address, whether the API has no such route or no such row."""
    response = getattr(api(people["alice"]), method)(f"/api/{path}", {})
    assert problem(response, 404)["instance"] == f"/api/{path}"


def test_unknown_addresses_need_no_sign_in(anybody: APIClient) -> None:
    """Somebody who mistypes an address hears just that."""
    problem(anybody.post("/api/taks", {"title": "x"}), 404)


def test_a_method_that_an_address_does_not_know(anybody: APIClient, api: Api, people: People) -> None:
    """405, with the methods that it knows."""
    response = api(people["alice"]).post("/api/sync", {})
    problem(response, 405)
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    problem(anybody.get("/api/token"), 405)


def test_what_nobody_expected(
    api: Api, people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 without a word of the inside; the log has it all, under the request's id."""

    def fail(self: Any) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(TaskViewSet, "get_queryset", fail)
    alice = api(people["alice"])
    alice.raise_request_exception = False
    with caplog.at_level(logging.ERROR, "tasks.core.api.problems"):
        body = problem(alice.get("/api/tasks", headers={"X-Request-ID": "mine-7"}), 500)
    assert "42" not in json.dumps(body)
    assert body["request_id"] == "mine-7"
    assert "mine-7" in caplog.text
    assert "the secret is 42" in caplog.text


def test_options_answers(api: Api, people: People, milk: Task) -> None:
    """A browser that asks beforehand, and a curious person, get an answer at every address."""
    for path in ("tasks", f"tasks/{milk.pk}", "lists", f"lists/{milk.list_id}/members", "sync", "me", "token"):
        assert api(people["alice"]).options(f"/api/{path}").status_code == 200


COOKIES = [
    '"\\000abcdefgh"',
    '"abcdefgh\\000"',
    '"\\377\\012abcdefgh"',
    "\xff" * 40,
    "\x85" * 9,
    "x" * 60_000,
    '"',
    "..:::",
]
"""As they are sent: Python reads three octal digits in quotation marks as one character."""

ADDRESSES = [
    "/",
    "/login",
    "/admin/",
    "/admin/login/",
    "/admin/jsi18n/",
    "/api/me",
    "/api/token",
    "/ws/ticket",
    "/nowhere",
]


@pytest.mark.parametrize("value", COOKIES, ids=lambda value: ascii(value)[:20])
def test_cookies_that_nobody_has_set(value: str, anybody: APIClient) -> None:
    """They sign nobody in, and no address fails because of them."""
    cookies = "; ".join(f"{name}={value}" for name in ("sessionid", "csrftoken", "messages", "django_language"))
    for path in ADDRESSES:
        for ask in (anybody.get, anybody.post):
            response: Any = ask(path, headers={"Cookie": f"{cookies}; other=1"})
            assert response.status_code in (200, 302, 400, 401, 403, 404, 405), (path, response.content)


HEADERS = ["Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID", "Accept-Language", "X-CSRFToken"]
HEADERS += ["Accept-Encoding", "Origin", "Referer", "X-Requested-With", "User-Agent", "X-Forwarded-For"]
VALUES = [
    "\xff\xfe",
    "\x85",
    "Bearer \xff",
    "Bearer a.\xff.c",
    "Basic \xff",
    'W/"\xff"',
    "Bearer " + "x" * 60_000,
    "x" * 60_000,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:20])
def test_headers_that_hold_anything(value: str, api: Api, people: People, anybody: APIClient, milk: Task) -> None:
    """Each is read or refused, signed in or not."""
    owner = api(people["alice"])
    owner.raise_request_exception = False
    asked = [(anybody, dict.fromkeys(HEADERS, value)), (owner, dict.fromkeys(HEADERS, value))]
    for client, headers in [*asked, (anybody, {"Authorization": value}), (anybody, {"Accept": value})]:
        for path in (f"/api/tasks/{milk.pk}", f"/api/tasks/{milk.pk}/occurrences", "/api/sync", "/login"):
            assert client.get(path, headers=headers).status_code < 500, path
        for path in ("/api/tasks", "/api/token", "/login", "/ws/ticket"):
            assert client.post(path, {}, headers=headers).status_code < 500, path
        assert client.patch(f"/api/tasks/{milk.pk}", {"title": "x"}, headers=headers).status_code < 500


@pytest.mark.parametrize(
    "name", ["\0", "a\0b", "\ud800", "x" * 60_000, "\x85", " \0 "], ids=lambda value: ascii(value)[:20]
)
def test_names_that_nobody_has(name: str, anybody: APIClient) -> None:
    """Of people who sign in, at each door."""
    anybody.logout()
    body = json.dumps({"username": name, "password": name})
    assert anybody.post("/api/token", body, content_type="application/json").status_code in (400, 401)
    form = {"username": name.encode(errors="replace").decode(), "password": "x"}
    for path in ("/login", "/admin/login/"):
        assert anybody.post(path, form, format="multipart").status_code == 200


def test_the_addresses_beside_the_socket_have_no_parameters(anybody: APIClient) -> None:
    """Refused by name, as at every other address, and before anybody is asked for."""
    for response in (anybody.get("/ws/stats?x=1"), anybody.post("/ws/ticket?x=1&y=2")):
        assert "x" in response.json()["errors"], response.content
        assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
