"""Lists and their members over HTTP."""

import uuid
from typing import Any

import pytest

from tasks.models import Membership, Role, Task, TaskList, User
from tests.tasks.answers import Api, People, error_fields, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def roles(task_list: TaskList) -> dict[str, str]:
    return {row.user.username: row.role for row in Membership.objects.filter(list=task_list).select_related("user")}


def test_a_list_has_these_fields(api: Api, people: People) -> None:
    """A new list belongs to who made it, who is its first member."""
    response = api(people["alice"]).post("/api/lists", {"name": "Work", "color": "#AABBCC"})
    assert response.status_code == 201
    made = response.json()
    assert list(made) == ["id", "name", "color", "kind", "owner", "archived_at", "version", "created_at", "updated_at"]
    assert (made["color"], made["kind"], made["owner"]) == ("#aabbcc", "list", people["alice"].pk)
    assert roles(TaskList.objects.get(pk=made["id"])) == {"alice": "owner"}
    assert events_of(f"list.{made['id']}") == ["list.created", "member.created"]
    assert events_of(f"user.{people['alice'].pk}")[-1] == "list.joined"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name"}),
        ({"name": ""}, {"name"}),
        ({"name": "x" * 201}, {"name"}),
        ({"name": "x", "color": "red"}, {"color"}),
        ({"name": "x", "color": "#12345"}, {"color"}),
        ({"name": "x", "kind": "inbox"}, {"kind"}),
        ({"name": "x", "owner": 1}, {"owner"}),
        ({"name": "x", "secret": True}, {"secret"}),
    ],
)
def test_bad_lists(body: Any, fields: set[str], api: Api, people: People) -> None:
    """Each bad field is named. Nobody makes lists for others."""
    body = {**body, **({"owner": people["alice"].pk} if "owner" in body else {})}
    assert error_fields(api(people["alice"]).post("/api/lists", body)) == fields


def test_lists_can_be_made_again_and_have_tags(api: Api, people: People, shared: TaskList) -> None:
    """As with tasks: 200 for a repeated id, 422 for one that one may not see, 412 for a stale tag."""
    alice = api(people["alice"])
    body = {"id": str(uuid.uuid4()), "name": "Work"}
    assert [alice.post("/api/lists", body).status_code for _ in range(2)] == [201, 200]
    problem(api(people["dora"]).post("/api/lists", {"id": str(shared.pk), "name": "x"}), 422)
    tag = alice.get(f"/api/lists/{shared.pk}").headers["ETag"]
    assert alice.patch(f"/api/lists/{shared.pk}", {"name": "New"}, headers={"If-Match": tag}).status_code == 200
    stale = alice.delete(f"/api/lists/{shared.pk}", headers={"If-Match": tag})
    assert problem(stale, 412)["current"]["name"] == "New"


def test_a_deleted_list_takes_all_with_it(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """One event says so; its tasks and members are gone."""
    before = len(events_of(f"list.{shared.pk}"))
    assert api(people["alice"]).delete(f"/api/lists/{shared.pk}").status_code == 204
    assert events_of(f"list.{shared.pk}")[before:] == ["list.deleted"]
    assert not Task.objects.filter(pk=milk.pk).exists()
    assert not Membership.objects.filter(list=shared).exists()


# Giving a list away


def test_an_owner_hands_over_to_a_member(api: Api, people: People, shared: TaskList) -> None:
    """PATCH with the new owner: the old one stays as an editor and may do no more than that."""
    alice, bob = api(people["alice"]), api(people["bob"])
    assert alice.patch(f"/api/lists/{shared.pk}", {"owner": people["bob"].pk}).json()["owner"] == people["bob"].pk
    assert roles(shared) == {"alice": "editor", "bob": "owner", "carol": "viewer"}
    problem(alice.patch(f"/api/lists/{shared.pk}", {"name": "x"}), 403)
    assert bob.patch(f"/api/lists/{shared.pk}", {"name": "x"}).status_code == 200


def test_only_members_become_owners(api: Api, people: People, shared: TaskList) -> None:
    """Not a stranger, not somebody who has left the company, and not nobody."""
    alice = api(people["alice"])
    User.objects.filter(pk=people["carol"].pk).update(is_active=False)
    for owner in (people["dora"].pk, people["carol"].pk, 10**6, None, "bob"):
        assert error_fields(alice.patch(f"/api/lists/{shared.pk}", {"owner": owner})) == {"owner"}
    assert roles(shared)["alice"] == "owner"


# Members


def test_a_member_has_these_fields(api: Api, people: People, shared: TaskList) -> None:
    """Found by username or by number; an editor, unless said otherwise."""
    alice, dora = api(people["alice"]), people["dora"]
    for who in ("dora", dora.pk):
        response = alice.post(f"/api/lists/{shared.pk}/members", {"user": who})
        assert response.status_code == 201
        member = response.json()
        assert list(member) == ["id", "list", "user", "role", "version"]
        assert member["user"] == {"id": dora.pk, "username": "dora", "name": "dora"}
        assert (member["list"], member["role"]) == (str(shared.pk), "editor")
        assert alice.delete(f"/api/lists/{shared.pk}/members/{member['id']}").status_code == 204


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"user"}),
        ({"user": "nobody"}, {"user"}),
        ({"user": 0}, {"user"}),
        ({"user": True}, {"user"}),
        ({"user": "nul\0"}, {"user"}),
        ({"user": {"id": 1}}, {"user"}),
        ({"user": "dora", "role": "owner"}, {"role"}),
        ({"user": "dora", "role": "king"}, {"role"}),
        ({"user": "dora", "list": "x"}, {"list"}),
    ],
)
def test_bad_members(body: Any, fields: set[str], api: Api, people: People, shared: TaskList) -> None:
    """Each bad field is named. There is one owner, and adding a member makes no second one."""
    assert error_fields(api(people["alice"]).post(f"/api/lists/{shared.pk}/members", body)) == fields


def test_somebody_inactive_cannot_be_added(api: Api, people: People, shared: TaskList) -> None:
    """They look like somebody who does not exist."""
    User.objects.filter(pk=people["dora"].pk).update(is_active=False)
    assert error_fields(api(people["alice"]).post(f"/api/lists/{shared.pk}/members", {"user": "dora"})) == {"user"}


def test_adding_a_member_again(api: Api, people: People, shared: TaskList) -> None:
    """With the same role it is harmless; with another one it is a conflict, and changes nothing."""
    alice = api(people["alice"])
    assert alice.post(f"/api/lists/{shared.pk}/members", {"user": "carol", "role": "viewer"}).status_code == 200
    problem(alice.post(f"/api/lists/{shared.pk}/members", {"user": "carol", "role": "editor"}), 409)
    assert roles(shared)["carol"] == "viewer"


def test_a_member_leaves(api: Api, people: People, shared: TaskList) -> None:
    """Anybody may remove themself, and sees nothing of the list from then on."""
    bob = api(people["bob"])
    own = shared.memberships.get(user=people["bob"])
    assert bob.delete(f"/api/lists/{shared.pk}/members/{own.pk}").status_code == 204
    problem(bob.get(f"/api/lists/{shared.pk}"), 404)
    assert events_of(f"list.{shared.pk}")[-1] == "member.deleted"


def test_the_owner_neither_leaves_nor_steps_down(api: Api, people: People, shared: TaskList) -> None:
    """A list always has an owner: 409 says to hand it over first."""
    alice = api(people["alice"])
    own = shared.memberships.get(role=Role.OWNER)
    problem(alice.delete(f"/api/lists/{shared.pk}/members/{own.pk}"), 409)
    problem(alice.patch(f"/api/lists/{shared.pk}/members/{own.pk}", {"role": "viewer"}), 409)
    assert roles(shared)["alice"] == "owner"


def test_a_member_row_stays_with_its_list_and_person(api: Api, people: People, shared: TaskList) -> None:
    """Only the role can be changed, and not to owner."""
    alice = api(people["alice"])
    member = shared.memberships.get(user=people["bob"])
    path = f"/api/lists/{shared.pk}/members/{member.pk}"
    assert error_fields(alice.patch(path, {"user": "dora"})) == {"user"}
    assert error_fields(alice.patch(path, {"role": "owner"})) == {"role"}
    assert alice.patch(path, {"role": "viewer"}).json()["role"] == "viewer"


def test_members_are_looked_for_in_their_own_list(api: Api, people: People, shared: TaskList) -> None:
    """A member's address under another list leads nowhere."""
    alice = api(people["alice"])
    other = alice.post("/api/lists", {"name": "Other"}).json()["id"]
    member = shared.memberships.get(user=people["bob"])
    problem(alice.delete(f"/api/lists/{other}/members/{member.pk}"), 404)
    assert roles(shared)["bob"] == "editor"
