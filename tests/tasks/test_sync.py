"""The snapshot, and the person who is signed in."""

import json
from typing import Any

import pytest

from realtime.models import Event
from tasks.models import Membership, Task, TaskList, User
from tests.tasks.answers import Api, People, error_fields, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {str(row["id"]) for row in rows}


def test_all_that_one_may_see(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """Me, all people, my lists with Everyone, their members and tasks: each as the API shows it elsewhere."""
    bob = api(people["bob"])
    answer = bob.get("/api/sync").json()
    sections = {"users", "members", "lists", "labels", "sections", "places", "tasks", "filters", "reminders"}
    assert answer.keys() == {"epoch", "positions", "me", *sections}
    assert answer["me"] == bob.get("/api/me").json()
    assert ids(answer["users"]) == {str(person.pk) for person in people.values()}
    assert answer["lists"] == bob.get("/api/lists").json()["results"]
    assert ids(answer["members"]) == {str(row.pk) for row in Membership.objects.filter(list=shared)}
    assert answer["tasks"] == bob.get("/api/tasks").json()["results"]
    assert answer["positions"].keys() == {"all", f"list.{shared.pk}", f"user.{people['bob'].pk}"}


def test_one_stream_or_two(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """`stream` gives that stream's objects only; given twice, both."""
    alice = api(people["alice"])
    alice.post("/api/tasks", {"title": "For everyone"})
    one = alice.get(f"/api/sync?stream=list.{shared.pk}").json()
    assert one["positions"].keys() == {f"list.{shared.pk}"}
    assert (ids(one["lists"]), ids(one["tasks"]), one["users"]) == ({str(shared.pk)}, {str(milk.pk)}, [])
    everyone = alice.get("/api/sync?stream=all").json()
    assert [row["title"] for row in everyone["tasks"]] == ["For everyone"]
    assert len(everyone["users"]) == len(people)
    both = alice.get(f"/api/sync?stream=all&stream=list.{shared.pk}").json()
    assert len(both["tasks"]) == 2
    own = alice.get(f"/api/sync?stream=user.{people['alice'].pk}").json()
    assert (own["lists"], own["tasks"], own["me"]["username"]) == ([], [], "alice")


@pytest.mark.parametrize("stream", ["list.{list}", "user.{alice}", "list.11111111-1111-4111-8111-111111111111", ""])
def test_streams_that_one_may_not_read(stream: str, api: Api, people: People, shared: TaskList) -> None:
    """Named, whether they are others' or do not exist; the ones that may be read come all the same."""
    name = stream.format(list=shared.pk, alice=people["alice"].pk)
    dora = api(people["dora"])
    answer = dora.get("/api/sync", {"stream": ["all", name]}).json()
    assert answer["unreadable"] == [name]
    assert answer["positions"].keys() == {"all"}
    assert len(answer["users"]) == len(people)
    assert problem(dora.get("/api/sync", {"stream": [name, name]}), 404)["unreadable"] == [name]
    assert "unreadable" not in dora.get("/api/sync", {"stream": "all"}).json()


def test_the_list_that_one_came_into_just_now_waits_for_its_event(
    api: Api, people: People, shared: TaskList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of a stream without a position would be rows that nobody keeps up to date."""
    from realtime import events

    read = events.positions

    def positions(streams: Any) -> Any:
        found = read(streams)
        Membership.objects.create(list=shared, user=people["dora"])
        return found

    monkeypatch.setattr(events, "positions", positions)
    answer = api(people["dora"]).get("/api/sync").json()
    assert f"list.{shared.pk}" not in answer["positions"]
    assert str(shared.pk) not in ids(answer["lists"])
    assert answer["members"] == []


def test_without_everyone_people_are_strangers(api: Api, people: People, shared: TaskList, settings: Any) -> None:
    """Nobody's name but those of the members of one's own lists, of which there is an Inbox from the start."""
    settings.EVERYONE_LIST = False
    answer = api(people["dora"]).get("/api/sync").json()
    (inbox,) = answer["lists"]
    assert inbox["kind"] == "inbox"
    assert (answer["users"], [row["user"]["username"] for row in answer["members"]]) == ([], ["dora"])
    assert answer["positions"].keys() == {f"user.{people['dora'].pk}", f"list.{inbox['id']}"}
    members = api(people["carol"]).get("/api/sync").json()["members"]
    assert sum(row["list"] == str(shared.pk) for row in members) == 3


# Me


def test_me(api: Api, people: People) -> None:
    """The fields of a person, and what only they need to know. Without a name, the username stands for it."""
    me = api(people["alice"]).get("/api/me").json()
    assert list(me) == ["id", "username", "name", "is_active", "version", "email", "time_zone", "is_staff"]
    assert (me["username"], me["name"], me["time_zone"], me["is_staff"]) == ("alice", "alice", "UTC", False)


def test_i_change_myself(api: Api, people: People, shared: TaskList) -> None:
    """Name, mail and zone; members and other people hear of the name, in my lists and in Everyone."""
    alice = api(people["alice"])
    sent = {"name": "Alice Liddell", "email": "alice@wonder.land", "time_zone": "Europe/London"}
    answer = alice.patch("/api/me", sent)
    assert answer.json().items() >= sent.items()
    assert api(User.objects.get(username="alice")).get("/api/me").json() == answer.json()
    assert events_of(f"user.{people['alice'].pk}")[-1] == "me.updated"
    last = json.loads(Event.objects.filter(stream="all").latest("seq").text)
    assert (last["type"], last["data"]["name"]) == ("user.updated", "Alice Liddell")
    assert "email" not in last["data"]
    owner = alice.get(f"/api/lists/{shared.pk}/members").json()["results"]
    assert "Alice Liddell" in [row["user"]["name"] for row in owner]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"email": "not a mail"}, "email"),
        ({"name": "x" * 151}, "name"),
        ({"username": "root"}, "username"),
        ({"is_staff": True}, "is_staff"),
        ({"is_superuser": True}, "is_superuser"),
        ({"password": "x"}, "password"),
    ],
)
def test_what_i_cannot_change(body: Any, field: str, api: Api, people: People) -> None:
    """Wrong values, and all that gives rights: 400 that names the field."""
    assert error_fields(api(people["alice"]).patch("/api/me", body)) == {field}
    assert not User.objects.get(pk=people["alice"].pk).is_staff


def test_a_patch_of_me_that_changes_nothing_is_no_news(api: Api, people: People) -> None:
    """No event, no version."""
    before = events_of("all")
    answer = api(people["alice"]).patch("/api/me", {"time_zone": "UTC"})
    assert answer.json()["version"] == people["alice"].version
    assert events_of("all") == before


def test_signing_in_is_no_news(client: Any, alice: User) -> None:
    """A last login makes no event and no version."""
    before = events_of("all")
    client.force_login(alice)
    found = User.objects.get(pk=alice.pk)
    assert found.last_login is not None
    assert found.version == alice.version
    assert events_of("all") == before
