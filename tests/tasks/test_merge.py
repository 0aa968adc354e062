"""A PATCH with `base_version`: different fields are merged, the same field is a conflict."""

from typing import Any

import pytest

from tasks.core.changes import Change
from tasks.models import Task
from tests.tasks.answers import Api, People, error_fields, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

BOB = [
    # what bob changes, what alice sends based on the version before, what comes out; None: a conflict in these fields
    ({"title": "B"}, {"notes": "A"}, {"title": "B", "notes": "A"}),
    ({"title": "B"}, {"title": "A"}, None),
    ({"title": "B"}, {"title": "B", "notes": "A"}, {"title": "B", "notes": "A"}),
    ({"title": "B"}, {"title": "Milk", "notes": "A"}, {"title": "B", "notes": "A"}),
    ({"completed": True}, {"priority": "high"}, {"completed": True, "priority": "high"}),
    ({"completed": True}, {"completed": True}, {"completed": True}),
    ({"due_date": "2026-03-01"}, {"due_date": "2026-03-02"}, None),
    ({"due_date": "2026-03-01"}, {"title": "A"}, {"due_date": "2026-03-01", "title": "A"}),
]


@pytest.mark.parametrize(("theirs", "mine", "result"), BOB)
def test_two_who_change_a_task(theirs: Any, mine: Any, result: Any, api: Api, people: People, milk: Task) -> None:
    alice, bob, url = api(people["alice"]), api(people["bob"]), f"/api/tasks/{milk.pk}"
    bob.patch(url, theirs)
    answer = alice.patch(url, {**mine, "base_version": milk.version})
    if result is None:
        body = problem(answer, 409)
        (name,) = mine
        assert body["conflicts"] == {
            name: {"base": milk_field(milk, name), "yours": mine[name], "current": theirs[name]},
        }
        assert body["current"] == bob.get(url).json()
        # The person decides, and sends the version that they have seen.
        again = alice.patch(url, {**mine, "base_version": body["current"]["version"]})
        assert again.json()[name] == mine[name]
    else:
        assert answer.status_code == 200, answer.content
        assert {name: answer.json()[name] for name in result} == result


def milk_field(milk: Task, name: str) -> Any:
    return getattr(milk, name)


def test_changed_and_changed_back(api: Api, people: People, milk: Task) -> None:
    """Nothing that would be lost: no conflict."""
    url = f"/api/tasks/{milk.pk}"
    for title in ("B", "Milk"):
        api(people["bob"]).patch(url, {"title": title})
    assert api(people["alice"]).patch(url, {"title": "A", "base_version": milk.version}).status_code == 200


def test_a_version_that_is_not_known(api: Api, people: People, milk: Task) -> None:
    """After its changes were pruned, or invented: all that differs is a conflict, and a repeat of the same is none."""
    url, alice = f"/api/tasks/{milk.pk}", api(people["alice"])
    api(people["bob"]).patch(url, {"title": "B"})
    Change.objects.filter(object_id=milk.pk, version__lte=milk.version).delete()
    for version in (milk.version, 1, 2**60):
        body = problem(alice.patch(url, {"notes": "A", "title": "B", "base_version": version}), 409)
        assert body["conflicts"] == {"notes": {"yours": "A", "current": ""}}
        assert "not known" in body["detail"]
        assert alice.patch(url, {"title": "B", "base_version": version}).status_code == 200


@pytest.mark.parametrize("version", ["1", None, True, 1.5, -1, 2**64, [1]])
def test_what_is_no_version(version: Any, api: Api, people: People, milk: Task) -> None:
    answer = api(people["alice"]).patch(f"/api/tasks/{milk.pk}", {"title": "x", "base_version": version})
    assert error_fields(answer) == {"base_version"}


def test_if_match_is_strict(api: Api, people: People, milk: Task) -> None:
    """412 also where the two could be merged."""
    url = f"/api/tasks/{milk.pk}"
    api(people["bob"]).patch(url, {"title": "B"})
    sent = {"notes": "A", "base_version": milk.version}
    problem(api(people["alice"]).patch(url, sent, headers={"If-Match": f'"{milk.version}"'}), 412)


def test_a_due_time_whose_date_was_taken(api: Api, people: People, milk: Task) -> None:
    """Fields that only make sense together are one conflict, and not an error of the client's."""
    url = f"/api/tasks/{milk.pk}"
    base = api(people["alice"]).patch(url, {"due_date": "2026-03-01"}).json()["version"]
    api(people["bob"]).patch(url, {"due_date": None})
    sent = {"due_time": "10:00", "due_zone": "UTC", "base_version": base}
    assert "due_date" in problem(api(people["alice"]).patch(url, sent), 409)["conflicts"]


def test_lists_merge_too(api: Api, people: People, milk: Task) -> None:
    alice, url = api(people["alice"]), f"/api/lists/{milk.list_id}"
    base = alice.get(url).json()["version"]
    alice.patch(url, {"name": "Other"})
    assert alice.patch(url, {"color": "#123456", "base_version": base}).json()["name"] == "Other"
    problem(alice.patch(url, {"name": "Third", "base_version": base}), 409)


def test_a_version_from_a_list_of_others(api: Api, people: People, milk: Task) -> None:
    """Counts as one that is not known: nothing is told of the time when the task was there."""
    alice, bob, url = api(people["alice"]), api(people["bob"]), f"/api/tasks/{milk.pk}"
    alice.patch(url, {"list": alice.post("/api/lists", {"name": "Private"}).json()["id"]})
    version = alice.patch(url, {"title": "Secret"}).json()["version"]
    alice.patch(url, {"title": "Milk", "list": str(milk.list_id)})
    body = problem(bob.patch(url, {"title": "Bread", "base_version": version}), 409)
    assert body["conflicts"]["title"] == {"yours": "Bread", "current": "Milk"}
