"""Rows, written in every way that Django knows."""

import json
import threading
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from realtime.models import Event
from tasks.items.serializers import TaskSerializer
from tasks.models import EVERYONE_ID, Kind, Membership, Priority, Role, Task, TaskList, User
from tests.tasks.answers import People, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def last(stream: str) -> Any:
    return json.loads(Event.objects.filter(stream=stream).latest("seq").text)


def roles(task_list: TaskList) -> dict[str, str]:
    return {row.user.username: row.role for row in Membership.objects.filter(list=task_list)}


# Everyone and inboxes


def test_everyone_is_there_from_the_start() -> None:
    """The migrations leave the list Everyone, under an id that all clients know."""
    everyone = TaskList.objects.get(pk=EVERYONE_ID)
    assert (everyone.name, everyone.kind, everyone.owner) == ("Everyone", "everyone", None)


@pytest.mark.django_db(transaction=True)
def test_everyone_is_there_after_a_flush() -> None:
    """`manage.py flush` empties the tables and not the house; and what was renamed stays so in a migrate."""
    call_command("flush", interactive=False, verbosity=0)
    assert TaskList.objects.get().pk == EVERYONE_ID
    TaskList.objects.update(name="Team")
    call_command("migrate", verbosity=0)
    assert TaskList.objects.get().name == "Team"


def test_everyone_cannot_be_deleted(people: People) -> None:
    """Neither alone nor among others."""
    TaskList.objects.create(name="x", owner=people["alice"])
    with pytest.raises(ProtectedError), transaction.atomic():
        TaskList.objects.get(pk=EVERYONE_ID).delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        TaskList.objects.all().delete()
    assert TaskList.objects.count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": Kind.EVERYONE},
        {"kind": Kind.LIST, "owner": None},
        {"kind": Kind.EVERYONE, "owner": None},
    ],
)
def test_one_list_without_an_owner_is_enough(fields: dict[str, Any], people: People) -> None:
    """The database refuses a second Everyone, and any other list that belongs to nobody."""
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskList.objects.create(**{"name": "x", "owner": people["alice"], **fields})


@pytest.mark.django_db(transaction=True)
def test_first_tasks_at_the_same_moment_share_one_inbox(alice: User, settings: Any) -> None:
    """Eight at once, one Inbox."""
    settings.EVERYONE_LIST = False
    found = set()
    start = threading.Barrier(8)

    def first_task() -> None:
        start.wait()
        try:
            found.add(TaskList.objects.default_for(alice).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=first_task) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert TaskList.objects.filter(owner=alice, kind=Kind.INBOX).count() == 1


# The owner is a member


def test_the_owner_is_a_member_in_every_way_of_making_a_list(people: People) -> None:
    """One by one or many at once."""
    one = TaskList.objects.create(name="One", owner=people["alice"])
    many = TaskList.objects.bulk_create(TaskList(name=name, owner=people["bob"]) for name in "ab")
    assert [roles(task_list) for task_list in (one, *many)] == [{"alice": "owner"}, {"bob": "owner"}, {"bob": "owner"}]


def test_a_new_owner_takes_the_place_of_the_old(people: People, shared: TaskList) -> None:
    """A member or not; the old one edits from then on. The stream tells each step."""
    shared.owner = people["carol"]
    shared.save()
    assert roles(shared) == {"alice": "editor", "bob": "editor", "carol": "owner"}
    shared.owner = people["dora"]
    shared.save(update_fields=["owner"])
    assert roles(shared) == {"alice": "editor", "bob": "editor", "carol": "editor", "dora": "owner"}
    assert events_of(f"list.{shared.pk}")[-3:] == ["list.updated", "member.updated", "member.created"]


def test_an_owner_cannot_be_changed_behind_the_members(people: People, shared: TaskList) -> None:
    """A queryset's update would leave the membership behind: refused."""
    with pytest.raises(TypeError, match="save"):
        TaskList.objects.filter(pk=shared.pk).update(owner=people["bob"])
    with pytest.raises(TypeError, match="save"), transaction.atomic():
        TaskList.objects.bulk_update([shared], ["owner"])
    assert roles(shared)["alice"] == "owner"


def test_an_owners_membership_goes_with_the_list_alone(people: People, shared: TaskList) -> None:
    """Not by itself, not among others; with the list it does."""
    with pytest.raises(ProtectedError), transaction.atomic():
        shared.memberships.get(role=Role.OWNER).delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        shared.memberships.all().delete()
    with pytest.raises(ProtectedError), transaction.atomic():
        people["alice"].delete()
    shared.memberships.exclude(role=Role.OWNER).delete()
    assert roles(shared) == {"alice": "owner"}
    shared.delete()
    assert not Membership.objects.exists()


# What the event shows is what the row holds


def test_values_given_as_text_look_like_values(shared: TaskList) -> None:
    """A date set as text is the same in the event, in memory and in the database."""
    made = Task.objects.create(
        list_id=str(shared.pk).upper(), title="x", due_date="2026-12-24", due_time="18:30", due_zone="UTC",
        priority="3", position="7", completed_at="2026-01-01T12:00:00+02:00",
    )  # fmt: skip
    assert (made.due_date, made.due_time, made.priority) == (date(2026, 12, 24), time(18, 30), Priority.HIGH)
    assert made.completed_at == datetime(2026, 1, 1, 10, tzinfo=UTC)
    shown = TaskSerializer(Task.objects.get(pk=made.pk)).data
    assert last(f"list.{shared.pk}")["data"] == shown == TaskSerializer(made).data
    assert shown["completed_at"] == "2026-01-01T10:00:00Z"


def test_each_way_of_writing_shows_the_row_as_it_is(shared: TaskList, people: People) -> None:
    """save(), save(update_fields), update(), bulk_create(), bulk_update(): the last event equals the row."""
    stream = f"list.{shared.pk}"

    def check() -> None:
        assert last(stream)["data"] == TaskSerializer(Task.objects.get(title="x")).data

    task = Task.objects.bulk_create([Task(list=shared, title="x", due_date="2026-12-24")])[0]
    check()
    task.notes = "more"
    task.save()
    check()
    task.priority = Priority.LOW
    task.save(update_fields=["priority"])
    check()
    Task.objects.filter(pk=task.pk).update(completed_by=people["bob"], due_date="2026-12-25")
    check()
    task.refresh_from_db()
    task.position = 3
    Task.objects.bulk_update([task], ["position"])
    check()


def test_every_change_moves_updated_at(shared: TaskList, milk: Task) -> None:
    """Whichever way it is written, and never backwards; created_at stays."""
    created, seen = milk.created_at, milk.updated_at

    def moved() -> bool:
        nonlocal seen
        before = seen
        milk.refresh_from_db()
        seen = milk.updated_at
        return seen > before and milk.created_at == created

    milk.save()
    assert moved()
    milk.save(update_fields=["title"])
    assert moved()
    Task.objects.filter(pk=milk.pk).update(title="x")
    assert moved()
    Task.objects.filter(pk=milk.pk).mark(completed=True, by=None)
    assert moved()


# Tasks


def test_new_tasks_go_to_the_end(people: People, shared: TaskList) -> None:
    """Of their own list; those made together stand in their order, and one with a position stays where it is."""
    other = TaskList.objects.create(name="Other", owner=people["alice"])
    Task.objects.create(list=shared, title="1")
    Task.objects.create(list=other, title="far", position=10**6)
    Task.objects.bulk_create(
        [Task(list=shared, title="2"), Task(list=other, title="farther"), Task(list=shared, title="3")]
    )
    Task.objects.create(list=shared, title="0", position=-5)
    Task.objects.create(list=shared, title="4")
    assert [task.title for task in Task.objects.filter(list=shared)] == [*"01234"]
    assert [task.title for task in Task.objects.filter(list=other)] == ["far", "farther"]


@pytest.mark.parametrize(
    "fields",
    [
        {"due_time": time(9)},
        {"due_time": time(9), "due_date": date(2026, 1, 1)},
        {"due_time": time(9), "due_zone": "UTC"},
        {"priority": 5},
    ],
)
def test_what_the_database_refuses(fields: dict[str, Any], shared: TaskList) -> None:
    """A time without a day or a zone, and an unknown priority are refused for every writer."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(list=shared, title="x", **fields)


def test_marking_many_counts_and_tells_those_that_changed(people: People, shared: TaskList) -> None:
    """Tasks that are done already keep when and by whom."""
    first, second = (Task.objects.create(list=shared, title=title) for title in "ab")
    Task.objects.filter(pk=first.pk).mark(completed=True, by=people["bob"])
    before = len(events_of(f"list.{shared.pk}"))
    assert Task.objects.filter(list=shared).mark(completed=True, by=people["alice"]) == 1
    assert len(events_of(f"list.{shared.pk}")) == before + 1
    assert [Task.objects.get(pk=row.pk).completed_by for row in (first, second)] == [people["bob"], people["alice"]]
    assert Task.objects.filter(list=shared).mark(completed=False, by=None) == 2
    assert not Task.objects.filter(completed_at__isnull=False).exists()


def test_tasks_forget_a_deleted_person_with_an_event(people: People, shared: TaskList) -> None:
    """The names go from the tasks, and the clients hear of each."""
    dora = people["dora"]
    task = Task.objects.create(list=shared, title="x", created_by=dora, updated_by=dora, completed_by=dora)
    dora.delete()
    task.refresh_from_db()
    assert (task.created_by, task.updated_by, task.completed_by) == (None, None, None)
    told = last(f"list.{shared.pk}")
    assert told["type"] == "task.updated"
    assert told["data"] == TaskSerializer(task).data
