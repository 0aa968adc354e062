"""What is decoded is validated too: cursors made by hand, odd parameters, ids that change, text that nobody sees."""

import json
from base64 import urlsafe_b64encode
from datetime import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tasks.core.zones import validate_zone
from tasks.models import Task, TaskList, User
from tests.tasks.answers import Api, People, error_fields, problem

pytestmark = pytest.mark.django_db

ID = "11111111-1111-4111-8111-111111111111"


def cursor(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


BAD_CURSORS = [
    ("position", f'["position,id",1{"0" * 400},"{ID}"]'),
    ("position", f'["position,id",1e999,"{ID}"]'),
    ("position", f'["position,id",NaN,"{ID}"]'),
    ("position", f'["position,id",null,"{ID}"]'),
    ("position", '["position,id",1,null]'),
    ("position", '["position,id",1,"not an id"]'),
    ("position", '["position,id",1,{"id":1}]'),
    ("position", f'["position,id",[1],"{ID}"]'),
    ("priority", f'["priority,id",1e999,"{ID}"]'),
    ("priority", f'["priority,id",1{"0" * 400},"{ID}"]'),
    ("priority", f'["priority,id",99999999999,"{ID}"]'),
    ("priority", f'["priority,id",-1,"{ID}"]'),
    ("title", f'["title,id","a\\u0000b","{ID}"]'),
    ("title", f'["title,id","\\ud800","{ID}"]'),
    ("title", f'["title,id",null,"{ID}"]'),
    ("created_at", f'["created_at,id","0001-01-01T00:00:00+14:00","{ID}"]'),
    ("-created_at", f'["-created_at,id","9999-12-31T23:59:59-14:00","{ID}"]'),
    ("created_at", f'["created_at,id","2026-01-01T00:00:00","{ID}"]'),
    ("created_at", f'["created_at,id",5,"{ID}"]'),
    ("completed_at", f'["completed_at,id","0001-01-01T00:00:00+14:00","{ID}"]'),
    ("due_date", f'["due_date,id","2026-02-30","{ID}"]'),
    ("due_date", f'["due_date,id",7,"{ID}"]'),
    ("due_time", f'["due_time,id","25:00","{ID}"]'),
    ("position", "7"),
    ("position", '{"position,id":1}'),
    ("position", '["position,id"]'),
    ("position", '[["position,id"],1,2]'),
]


@pytest.mark.parametrize(("ordering", "text"), BAD_CURSORS)
def test_cursors_made_by_hand(ordering: str, text: str, api: Api, people: People, milk: Task) -> None:
    """400 that names the cursor, whatever the decoded value is."""
    response = api(people["alice"]).get("/api/tasks", {"ordering": ordering, "cursor": cursor(text)})
    assert error_fields(response) == {"cursor"}


@pytest.mark.databases
@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("priority=high,", {"priority"}),
        ("priority=,", {"priority"}),
        ("priority=,high", {"priority"}),
        ("due_before=0000-01-01", {"due_before"}),
        ("created_by=1e999", {"created_by"}),
        ("created_by=" + "9" * 5000, {"created_by"}),
        ("ordering=,", {"ordering"}),
        ("ordering=position,position", set()),
        ("ordering=position,-position", set()),
        ("completed=", set()),
        ("limit=" + "9" * 5000, {"limit"}),
        ("list=" + "-" * 36, {"list"}),
    ],
)
def test_odd_parameters(query: str, fields: set[str], api: Api, people: People, milk: Task) -> None:
    """A client's mistake that names the parameter, or something that works; never an error of the server."""
    response = api(people["alice"]).get(f"/api/tasks?{query}")
    if fields:
        assert error_fields(response) == fields
    else:
        assert response.status_code == 200


@pytest.mark.parametrize("path", ["tasks", "lists", "sync", "me", "token"])
def test_more_parameters_than_are_read(path: str, api: Api, people: People) -> None:
    """1,001 of them are the client's mistake."""
    alice = api(people["alice"])
    query = "&".join(f"p{number}=1" for number in range(1_001))
    response = alice.post(f"/api/token?{query}", {}) if path == "token" else alice.get(f"/api/{path}?{query}")
    if path in ("me", "token"):  # these read no parameters
        assert response.status_code in (200, 400)
    else:
        problem(response, 400)


@pytest.mark.parametrize("charset", ["bz2", "zlib", "hex", "rot13", "undefined", "idna", "utf-16", "no-such-charset"])
def test_bodies_in_another_encoding(charset: str, api: Api, people: People) -> None:
    """JSON is UTF-8, whatever the header calls it; no codec of Python's is run on it."""
    kind = f"application/json; charset={charset}"
    assert api(people["alice"]).post("/api/tasks", b'{"title": "\xc3\xbc"}', content_type=kind).json()["title"] == "ü"
    problem(api(people["alice"]).post("/api/tasks", b"\xff\xfe{\0}\0", content_type=kind), 400)


# Ids that change


@pytest.mark.parametrize("kind", ["tasks", "lists"])
def test_a_patch_with_another_id(kind: str, api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """400 that names the id, before a row of anybody's is read or locked."""
    alice, row = api(people["alice"]), milk if kind == "tasks" else shared
    foreign = TaskList.objects.create(name="Dora's", owner=people["dora"])
    others: list[Any] = [foreign.pk, Task.objects.create(list=foreign, title="x").pk, ID, "nonsense", None, 7, [1]]
    for other in others:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = alice.patch(f"/api/{kind}/{row.pk}", {"id": other}, format="json")
        assert error_fields(response) == {"id"}
        assert not [query for query in queries if "SELECT" in query["sql"]]
    assert alice.patch(f"/api/{kind}/{row.pk}", {"id": str(row.pk).upper()}).status_code == 200


def test_a_patch_of_a_member_with_an_id(api: Api, people: People, shared: TaskList) -> None:
    """Its id is never written, as before."""
    row = shared.memberships.get(user=people["bob"])
    assert error_fields(api(people["alice"]).patch(f"/api/lists/{shared.pk}/members/{row.pk}", {"id": ID})) == {"id"}


# Text

INVISIBLE = [
    "\u200b",
    "\u00ad",
    "\u2060\u200d",
    "\u3164",
    "\u115f\u1160",
    "\uffa0",
    "\u2800",
    "\ufe0f",
    "\u034f",
    "\u180e",
]
FORBIDDEN = [
    *(f"a{chr(code)}b" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    "a\x07b",
    "a\x1b[31mb",
    "a\x7fb",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "a\nb",
    "a\tb",
]
GOOD = ["ü", "日本", "مرحبا\u200f!", "👩\u200d👩\u200d👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "x\u200by", "·", "e\u0301", "!", "0"]


@pytest.mark.parametrize("text", [*INVISIBLE, *FORBIDDEN], ids=ascii)
def test_text_that_nobody_sees_or_that_deceives(
    text: str, api: Api, people: People, shared: TaskList, milk: Task
) -> None:
    """Refused as the title of a task and as the name of a list or a person, by every way in."""
    alice = api(people["alice"])
    assert error_fields(alice.post("/api/tasks", {"title": text})) == {"title"}
    assert error_fields(alice.patch(f"/api/tasks/{milk.pk}", {"title": text})) == {"title"}
    assert error_fields(alice.post("/api/lists", {"name": text})) == {"name"}
    assert error_fields(alice.patch("/api/me", {"name": text})) == {"name"}
    for row, field in ((milk, "title"), (shared, "name"), (people["alice"], "name"), (people["alice"], "username")):
        setattr(row, field, text)
        with pytest.raises(ValidationError) as error:
            row.clean_fields()
        assert set(error.value.message_dict) == {field}
        row.refresh_from_db()


@pytest.mark.databases
@pytest.mark.parametrize("text", GOOD, ids=ascii)
def test_text_of_every_script_is_good(text: str, api: Api, people: People) -> None:
    """Joiners and marks of direction that scripts need are kept."""
    alice = api(people["alice"])
    assert alice.post("/api/tasks", {"title": text}).json()["title"] == text
    assert alice.post("/api/lists", {"name": text}).json()["name"] == text
    assert alice.patch("/api/me", {"name": text}).json()["name"] == text


@pytest.mark.databases
def test_notes_keep_their_lines(api: Api, people: People) -> None:
    """Lines and tabs belong to notes; they may also be empty. A name may be empty, too."""
    alice = api(people["alice"])
    assert alice.post("/api/tasks", {"title": "x", "notes": "a\n\tb\u200b"}).json()["notes"] == "a\n\tb\u200b"
    assert alice.post("/api/tasks", {"title": "x", "notes": ""}).json()["notes"] == ""
    assert alice.patch("/api/me", {"name": ""}).json()["name"] == "alice"


# Zones

NO_ZONES = [
    "localtime",
    "Factory",
    "posixrules",
    "posix/Europe/Berlin",
    "right/UTC",
    "SystemV/EST5",
    "europe/berlin",
    "+01:00",
]


@pytest.mark.parametrize("zone", NO_ZONES)
def test_zones_that_browsers_do_not_know(zone: str, api: Api, people: People) -> None:
    """Refused for tasks and for people, whatever this machine's database has."""
    alice = api(people["alice"])
    assert error_fields(alice.post("/api/tasks", {"title": "x", "due_zone": zone})) == {"due_zone"}
    assert error_fields(alice.patch("/api/me", {"time_zone": zone})) == {"time_zone"}


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "Asia/Calcutta"]
)
def test_zones_that_browsers_know(zone: str) -> None:
    """Old names, too."""
    validate_zone(zone)


@pytest.mark.databases
def test_a_row_with_a_zone_from_before(api: Api, people: People, shared: TaskList) -> None:
    """It is shown, and its other fields can be changed."""
    task = Task.objects.create(list=shared, title="x", due_date="2026-01-01", due_time=time(9), due_zone="localtime")
    User.objects.filter(pk=people["alice"].pk).update(time_zone="localtime")
    alice = api(User.objects.get(pk=people["alice"].pk))
    assert alice.patch(f"/api/tasks/{task.pk}", {"title": "y"}).json()["due_zone"] == "localtime"
    assert alice.patch("/api/me", {"name": "A"}).json()["time_zone"] == "localtime"
    assert alice.get("/api/sync").status_code == 200


# Without Everyone


@override_settings(EVERYONE_LIST=False)
def test_a_first_page_by_a_session(client: Any, alice: User) -> None:
    """The Inbox is made when a browser asks for it, as it is for a token."""
    client.force_login(alice)
    (inbox,) = client.get("/api/sync").json()["lists"]
    assert inbox["kind"] == "inbox"
    task = client.post("/api/tasks", json.dumps({"title": "x"}), content_type="application/json").json()
    assert task["list"] == inbox["id"]


@override_settings(EVERYONE_LIST=False)
def test_numbers_tell_no_names(api: Api, people: People, shared: TaskList) -> None:
    """With Everyone off nobody lists the people by counting; co-members and usernames work."""
    bobs = TaskList.objects.create(name="Bob's", owner=people["bob"])
    bob = api(people["bob"])
    path = f"/api/lists/{bobs.pk}/members"
    assert error_fields(bob.post(path, {"user": people["dora"].pk})) == {"user"}
    assert bob.post(path, {"user": people["carol"].pk}).status_code == 201
    assert bob.post(path, {"user": "dora"}).status_code == 201
