"""Where people have their lists: each their own order and favourites, which nobody else is told of."""

import pytest

from tasks.models import EVERYONE_ID, Membership, TaskList
from tasks.places.models import Place
from tests.tasks.answers import Api, People, error_fields, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

ID = "11111111-1111-4111-8111-111111111111"


def test_a_person_has_an_order_and_favourites(api: Api, people: People, shared: TaskList) -> None:
    """Of Everyone too; a repeated creation is one. All of it is told in one's own stream and snapshot."""
    bob = api(people["bob"])
    made = bob.post("/api/places", {"id": ID, "list": str(shared.pk), "favorite": True})
    assert (made.status_code, made.json()["position"]) == (201, None)
    assert bob.post("/api/places", {"id": ID, "list": str(shared.pk), "favorite": True}).status_code == 200
    placed = bob.patch(f"/api/places/{ID}", {"position": 1.5}).json()
    assert (placed["favorite"], placed["position"]) == (True, 1.5)
    everyone = bob.post("/api/places", {"list": str(EVERYONE_ID), "position": -7}).json()
    rows = bob.get("/api/places").json()["results"]
    assert sorted(rows, key=str) == sorted([placed, everyone], key=str)
    assert sorted(bob.get("/api/sync").json()["places"], key=str) == sorted(rows, key=str)
    assert bob.delete(f"/api/places/{everyone['id']}").status_code == 204
    told = [name for name in events_of(f"user.{people['bob'].pk}") if name.startswith("place.")]
    assert told == ["place.created", "place.updated", "place.created", "place.deleted"]
    alice = api(people["alice"])
    assert alice.get("/api/sync").json()["places"] == alice.get("/api/places").json()["results"] == []
    for answer in (alice.get(f"/api/places/{ID}"), alice.patch(f"/api/places/{ID}", {"favorite": False})):
        problem(answer, 404)


def test_what_is_refused(api: Api, people: People, shared: TaskList) -> None:
    """A second place, another list, a list that one can't read, and what is no number."""
    bob = api(people["bob"])
    place = {"list": str(shared.pk)}
    made = bob.post("/api/places", place).json()
    problem(bob.post("/api/places", place), 409)
    path = f"/api/places/{made['id']}"
    for fields, name in (
        ({"list": str(EVERYONE_ID)}, "list"),
        ({"position": 1e300}, "position"),
        ({"position": "first"}, "position"),
        ({"favorite": None}, "favorite"),
        ({"user": 1}, "user"),
    ):
        assert error_fields(bob.patch(path, fields)) == {name}, fields
    secret = TaskList.objects.create(name="Secret", owner=people["alice"])
    for unknown in (str(secret.pk), ID, None):
        assert error_fields(bob.post("/api/places", {"list": unknown})) == {"list"}
    assert bob.get(path).json() == made


def test_it_ends_with_what_it_is_about(api: Api, people: People, shared: TaskList) -> None:
    """When the person leaves the list, and when the list is deleted; others keep theirs until then."""
    for name in ("alice", "bob"):
        api(people[name]).post("/api/places", {"list": str(shared.pk), "favorite": True})
    Membership.objects.get(list=shared, user=people["bob"]).delete()
    assert [row.user for row in Place.objects.select_related("user")] == [people["alice"]]
    assert events_of(f"user.{people['bob'].pk}")[-1] == "place.deleted"
    shared.delete()
    assert not Place.objects.exists()
    assert events_of(f"user.{people['alice'].pk}")[-1] == "place.deleted"
