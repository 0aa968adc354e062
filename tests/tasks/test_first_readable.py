"""From which event on somebody may read a stream: the one that let them in, not those before."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from realtime.models import Event
from tasks.lists.access import streams_of_people
from tasks.models import Membership, Role, Task, TaskList, User
from tests.tasks.answers import Api, People

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def first(person: User, stream: str) -> int:
    return streams_of_people([person.pk])[person.pk][stream]


def number_of(stream: str, type: str) -> int:
    """The number of the newest event of this type."""
    rows = Event.objects.filter(stream=stream).order_by("-seq")
    return next(row.seq for row in rows if json.loads(row.text)["type"] == type)


@pytest.fixture
def private(people: People) -> TaskList:
    """A list of alice's in which something was written and deleted."""
    private: TaskList = TaskList.objects.create(name="Private", owner=people["alice"])
    Task.objects.create(list=private, title="A secret", notes="Nobody else's").delete()
    return private


def by_the_api(api: Api, people: People, task_list: TaskList) -> None:
    path = f"/api/lists/{task_list.pk}/members"
    assert api(people["alice"]).post(path, {"user": "bob"}, format="json").status_code == 201


def by_a_row(api: Api, people: People, task_list: TaskList) -> None:
    Membership.objects.create(list=task_list, user=people["bob"], role=Role.VIEWER)


def by_many_rows(api: Api, people: People, task_list: TaskList) -> None:
    Membership.objects.bulk_create([Membership(list=task_list, user=people["bob"])])


def by_a_row_of_another_list(api: Api, people: People, task_list: TaskList) -> None:
    other = TaskList.objects.create(name="Other", owner=people["carol"])
    Membership.objects.create(list=other, user=people["bob"])
    Membership.objects.filter(list=other, user=people["bob"]).update(list=task_list)


def by_the_row_of_somebody_else(api: Api, people: People, task_list: TaskList) -> None:
    row = Membership.objects.create(list=task_list, user=people["carol"])
    Task.objects.create(list=task_list, title="Carol's")
    row.user = people["bob"]
    row.save()


def by_ownership(api: Api, people: People, task_list: TaskList) -> None:
    task_list.owner = people["bob"]
    task_list.save()


WAYS: list[Callable[..., None]] = [
    by_the_api,
    by_a_row,
    by_many_rows,
    by_a_row_of_another_list,
    by_the_row_of_somebody_else,
    by_ownership,
]


@pytest.mark.parametrize("join", WAYS)
def test_a_new_member_reads_on_from_their_own_event(join: Any, api: Api, people: People, private: TaskList) -> None:
    """By every way of becoming one."""
    stream = f"list.{private.pk}"
    head = Event.objects.filter(stream=stream).count()
    join(api, people, private)
    events = Event.objects.filter(stream=stream, seq__lt=first(people["bob"], stream))
    assert len(events) >= head
    assert any("A secret" in event.text for event in events)
    assert first(people["bob"], stream) <= Event.objects.filter(stream=stream).count()
    assert first(people["alice"], stream) <= 2  # 1 in a transaction that commits: the list's and hers come together


def test_who_comes_back_reads_on_from_their_return(people: People, private: TaskList) -> None:
    """What happened between the two stays unread; a new role changes nothing."""
    stream = f"list.{private.pk}"
    row = Membership.objects.create(list=private, user=people["bob"])
    before = first(people["bob"], stream)
    row.role = Role.VIEWER
    row.save()
    assert first(people["bob"], stream) == before
    row.delete()
    Task.objects.create(list=private, title="While bob was away").delete()
    Membership.objects.create(list=private, user=people["bob"])
    assert first(people["bob"], stream) == number_of(stream, "member.created") > before


def test_a_list_under_an_old_id_begins_after_the_old_one(people: People, private: TaskList) -> None:
    """Its stream holds the events of the list that had the id before."""
    stream, pk = f"list.{private.pk}", private.pk
    private.delete()
    TaskList.objects.create(pk=pk, name="Another", owner=people["bob"])
    assert number_of(stream, "list.deleted") < first(people["bob"], stream) <= number_of(stream, "member.created")


def test_a_new_person_reads_everyone_from_their_beginning(people: People) -> None:
    """Likewise somebody who was deactivated for a while. One's own stream is one's own."""
    Task.objects.create(list=TaskList.objects.get(kind="everyone"), title="From before").delete()
    eve: User = User.objects.create(username="eve")
    assert first(eve, "all") == number_of("all", "user.created")
    assert first(eve, f"user.{eve.pk}") <= 1
    eve.is_active = False
    eve.save()
    Task.objects.create(list=TaskList.objects.get(kind="everyone"), title="Meanwhile").delete()
    User.objects.filter(pk=eve.pk).update(is_active=True)
    assert first(eve, "all") == number_of("all", "user.updated")
    User.objects.filter(pk=eve.pk).update(name="Eve")
    assert first(eve, "all") < number_of("all", "user.updated")


def test_the_number_is_nobodys_business(api: Api, people: People, private: TaskList) -> None:
    """It is neither shown nor an event of its own."""
    stream = f"list.{private.pk}"
    head = Event.objects.filter(stream=stream).count()
    Membership.objects.create(list=private, user=people["bob"])
    assert Event.objects.filter(stream=stream).count() == head + 1
    assert "first_seq" not in api(people["bob"]).get(f"/api/lists/{private.pk}/members").content.decode()
