"""Recurring tasks: completing one makes the next, by whichever way, and the completed one stays."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any
from uuid import uuid5

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tasks.items.limits import MAX_SUBTASKS
from tasks.items.next_ids import next_ids
from tasks.models import Task, TaskList, User
from tests.tasks.answers import Api, People, error_fields, events_of
from tests.tasks.rent import FRIDAY, FRIDAYS

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def following(task: Task) -> Task:
    found: Task = Task.objects.get(pk__in=next_ids(task.pk))
    return found


def complete(task: Task, by: User | None = None) -> Task:
    """As the models do it; returns the next one."""
    task.refresh_from_db()
    task.save(update_fields=task.mark(completed=True, by=by))
    return following(task)


WAYS: dict[str, Callable[..., Any]] = {
    "patch": lambda task, api, browser, alice: api(alice).patch(f"/api/tasks/{task.pk}", {"completed": True}),
    "mark": lambda task, api, browser, alice: Task.objects.filter(pk=task.pk).mark(completed=True, by=alice),
    "save": lambda task, api, browser, alice: task.save(update_fields=task.mark(completed=True, by=alice)),
    "update": lambda task, api, browser, alice: Task.objects.filter(pk=task.pk).update(completed_at=timezone.now()),
    "admin action": lambda task, api, browser, alice: browser.post(
        "/admin/tasks/task/", {"action": "mark_done", "_selected_action": [str(task.pk)]}
    ),
    "command": lambda task, api, browser, alice: call_command("task", "done", str(task.pk), stdout=StringIO()),
}


@pytest.mark.parametrize("way", WAYS)
def test_completing_makes_the_next_one(way: str, rent: Task, api: Api, browser: Client, alice: User) -> None:
    """By whichever way; done twice, it makes none the second time."""
    for _ in range(2):
        WAYS[way](rent, api, browser, alice)
    rent.refresh_from_db()
    assert rent.completed
    assert rent.due_date == FRIDAY
    other = Task.objects.exclude(pk=rent.pk).get()
    assert other == following(rent)
    assert (other.due_date, other.due_time, other.due_zone) == (date(2095, 1, 21), time(17), "Europe/Berlin")
    assert not other.completed
    for name in ("list_id", "title", "notes", "priority", "assignee_id", "recurrence", "position", "created_by_id"):
        assert getattr(other, name) == getattr(rent, name), name
    assert events_of(f"list.{rent.list_id}").count("task.created") == 2


def test_the_series_goes_on(rent: Task) -> None:
    """Each from the one before."""
    days = []
    for _ in range(4):
        rent = complete(rent)
        days.append(rent.due_date)
    assert days == [FRIDAY + timedelta(weeks=2 * number) for number in range(1, 5)]


def test_one_occurrence_is_rescheduled(rent: Task, api: Api, alice: User) -> None:
    """The rule, and the rhythm, stay; moved back to its day it is as if it had never been moved."""
    moved = {"due_date": "2095-01-10", "due_time": "09:30", "due_zone": "America/New_York"}
    shown = api(alice).patch(f"/api/tasks/{rent.pk}", moved).json()
    assert shown["recurrence"] == FRIDAYS
    assert shown["recurrence_anchor"] == "2095-01-07T17:00:00[Europe/Berlin]"
    later = api(alice).patch(f"/api/tasks/{rent.pk}", {"due_date": "2095-01-13"}).json()
    assert later["recurrence_anchor"] == shown["recurrence_anchor"]
    next_one = complete(rent)
    assert (next_one.due_date, next_one.due_time, next_one.due_zone) == (date(2095, 1, 21), time(17), "Europe/Berlin")
    assert next_one.recurrence_anchor is None
    api(alice).patch(f"/api/tasks/{next_one.pk}", {"due_date": "2095-01-25"})
    back = api(alice).patch(f"/api/tasks/{next_one.pk}", {"due_date": "2095-01-21"}).json()
    assert back["recurrence_anchor"] is None


@pytest.mark.parametrize("way", ["save", "update", "bulk_update"])
def test_rescheduled_by_any_way(rent: Task, way: str) -> None:
    if way == "update":
        Task.objects.filter(pk=rent.pk).update(due_date=date(2095, 1, 10))
    else:
        rent.due_date = date(2095, 1, 10)
        rent.save() if way == "save" else Task.objects.bulk_update([rent], ["due_date"])
    rent = Task.objects.get(pk=rent.pk)
    assert rent.recurrence_anchor == "2095-01-07T17:00:00[Europe/Berlin]"
    assert complete(rent).due_date == date(2095, 1, 21)


def test_a_new_time_of_day_is_for_all_that_follow(rent: Task, api: Api, alice: User) -> None:
    shown = api(alice).patch(f"/api/tasks/{rent.pk}", {"due_time": "18:00"}).json()
    assert (shown["due_zone"], shown["recurrence_anchor"]) == ("Europe/Berlin", None)
    assert complete(rent).due_time == time(18)


def test_a_new_rule_begins_at_the_due_date(rent: Task, api: Api, alice: User) -> None:
    """Also of an occurrence that was rescheduled."""
    api(alice).patch(f"/api/tasks/{rent.pk}", {"due_date": "2095-01-10"})
    shown = api(alice).patch(f"/api/tasks/{rent.pk}", {"recurrence": "FREQ=DAILY;INTERVAL=3"}).json()
    assert shown["recurrence_anchor"] is None
    assert complete(rent).due_date == date(2095, 1, 13)


def test_it_ends_by_count(rent: Task, api: Api, alice: User) -> None:
    api(alice).patch(f"/api/tasks/{rent.pk}", {"recurrence": "FREQ=DAILY;COUNT=3"})
    second = complete(rent)
    third = complete(second)
    assert [second.recurrence, third.recurrence] == ["FREQ=DAILY;COUNT=2", "FREQ=DAILY;COUNT=1"]
    third.save(update_fields=third.mark(completed=True, by=alice))
    assert Task.objects.count() == 3


def test_it_ends_by_date(rent: Task, api: Api, alice: User) -> None:
    """The last moment is part of it: 16:00 UTC is five o'clock in Berlin."""
    api(alice).patch(f"/api/tasks/{rent.pk}", {"recurrence": "FREQ=DAILY;UNTIL=20950108T160000Z"})
    last = complete(rent)
    assert last.due_date == date(2095, 1, 8)
    last.save(update_fields=last.mark(completed=True, by=alice))
    assert Task.objects.count() == 2


def test_completed_for_good(rent: Task, api: Api, alice: User) -> None:
    """The rule is taken away in the same request."""
    api(alice).patch(f"/api/tasks/{rent.pk}", {"completed": True, "recurrence": None})
    assert Task.objects.count() == 1


def test_what_was_missed_is_left_out(shared: TaskList, alice: User) -> None:
    """The next one of a daily task that is ten days late is today's, by the clock of the person who completes it."""
    alice.time_zone = "Pacific/Kiritimati"
    alice.save()
    today = timezone.now().astimezone(timezone.zoneinfo.ZoneInfo(alice.time_zone)).date()  # type: ignore[attr-defined]
    late = Task.objects.create(list=shared, title="x", due_date=today - timedelta(days=10), recurrence="FREQ=DAILY")
    assert complete(late, alice).due_date in (today, today + timedelta(days=1))  # midnight may come in between


def test_from_completion(shared: TaskList, alice: User) -> None:
    """Counted from the day on which the task is completed, in the zone of the task."""
    task = Task.objects.create(
        list=shared, title="Water the plants", due_date=FRIDAY, due_time=time(9), due_zone="Asia/Tokyo",
        recurrence="FREQ=DAILY;INTERVAL=3", recurrence_from="completion",
    )  # fmt: skip
    task.completed_at, task.completed_by = datetime(2094, 12, 30, 16, 0, tzinfo=UTC), alice  # the 31st in Tokyo
    task.save()
    other = following(task)
    assert (other.due_date, other.due_time) == (date(2095, 1, 3), time(9))
    assert other.recurrence_from == "completion"


def test_reopening_takes_the_next_one_back(rent: Task, api: Api, alice: User) -> None:
    """If nobody has touched it. A box that was ticked by mistake leaves nothing behind."""
    for _ in range(2):
        api(alice).patch(f"/api/tasks/{rent.pk}", {"completed": True})
        assert following(rent).due_date == date(2095, 1, 21)
        api(alice).patch(f"/api/tasks/{rent.pk}", {"completed": False})
        assert Task.objects.get() == rent
        assert api(alice).get("/api/trash").json()["results"] == []
    assert api(alice).post("/api/undo").status_code == 200  # of the reopening
    assert following(rent).due_date == date(2095, 1, 21)


def test_a_next_one_that_was_deleted_comes_back(rent: Task, api: Api, alice: User) -> None:
    """By as many undos as there were changes; another next one that was made meanwhile does not take its id."""
    person = api(alice)
    person.post(f"/api/tasks/{rent.pk}/complete")
    first = following(rent)
    person.delete(f"/api/tasks/{first.pk}")
    person.post(f"/api/tasks/{rent.pk}/reopen")
    person.post(f"/api/tasks/{rent.pk}/complete")
    second = following(rent)
    assert second != first
    for left in ({rent}, {rent}, {rent, first}):
        assert person.post("/api/undo").status_code == 200
        assert set(Task.objects.all()) == left
    rent.refresh_from_db()
    assert rent.completed


def test_nobody_can_take_the_id_of_the_next_one(rent: Task, api: Api, people: People) -> None:
    """Not even a viewer, who knows the task's."""
    guessed = uuid5(rent.pk, "next")
    own = api(people["carol"]).post("/api/lists", {"name": "Own"}).json()["id"]
    taken = {"id": str(guessed), "list": own, "title": "x"}
    assert api(people["carol"]).post("/api/tasks", taken).status_code == 201
    assert api(people["alice"]).post(f"/api/tasks/{rent.pk}/complete").status_code == 200
    assert following(rent).list_id == rent.list_id


def test_the_next_one_is_known_by_an_older_key(rent: Task, api: Api, alice: User, settings: Any) -> None:
    other = complete(rent, alice)
    api(alice).patch(f"/api/tasks/{other.pk}", {"notes": "Changed"})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
    for completed in (False, True):
        Task.objects.filter(pk=rent.pk).mark(completed=completed, by=alice)
    assert set(Task.objects.all()) == {rent, other}


def test_a_next_one_that_was_touched_stays(rent: Task, api: Api, alice: User) -> None:
    """And none is made beside it when the task is completed again."""
    other = complete(rent)
    api(alice).patch(f"/api/tasks/{other.pk}", {"notes": "Changed"})
    for completed in (False, True):
        api(alice).patch(f"/api/tasks/{rent.pk}", {"completed": completed})
        assert set(Task.objects.all()) == {rent, other}


def test_an_undo_names_the_completion(rent: Task, api: Api, alice: User) -> None:
    """Not the next task, which it deletes."""
    person = api(alice)
    for _ in range(2):
        person.post(f"/api/tasks/{rent.pk}/complete")
        assert following(rent).due_date == FRIDAY + timedelta(days=14)
        assert person.post("/api/undo").json()["detail"] == "Undone: completed “Rent”."
        assert Task.objects.get() == rent
        assert person.get("/api/trash").json()["results"] == []
    assert person.post("/api/redo").json()["detail"] == "Done again: completed “Rent”."
    assert following(rent).due_date == FRIDAY + timedelta(days=14)


def test_both_reopened_at_once_stay(rent: Task, alice: User) -> None:
    """One statement reopens a task and the one that follows it."""
    other = complete(rent, alice)
    other.save(update_fields=other.mark(completed=True, by=alice))
    assert Task.objects.filter(pk__in=[rent.pk, other.pk]).mark(completed=False, by=alice) == 2
    assert set(Task.objects.filter(completed_at=None)) >= {rent, other}


def test_subtasks_come_again(rent: Task) -> None:
    """All of them, open, and due as long after their task as before."""
    done = {"completed_at": timezone.now()}
    Task.objects.create(list=rent.list, parent=rent, title="Transfer", due_date=FRIDAY - timedelta(days=2), **done)
    Task.objects.create(list=rent.list, parent=rent, title="Check")
    other = complete(rent)
    found = {task.title: (task.due_date, task.completed) for task in Task.objects.filter(parent=other)}
    assert found == {"Transfer": (date(2095, 1, 19), False), "Check": (None, False)}
    rent.refresh_from_db()
    rent.save(update_fields=rent.mark(completed=False, by=None))
    assert not Task.objects.filter(pk=other.pk).exists()
    assert not Task.objects.filter(parent=other.pk).exists()


def test_a_subtask_of_its_own_rhythm(rent: Task, alice: User) -> None:
    """It recurs below its task; once that is completed, it comes again with it, and once only."""
    daily = Task.objects.create(list=rent.list, parent=rent, title="x", due_date=FRIDAY, recurrence="FREQ=DAILY")
    second = complete(daily)
    assert second.parent_id == rent.pk
    other = complete(rent)
    (copy,) = Task.objects.filter(parent=other)
    assert (second.due_date, copy.due_date) == (date(2095, 1, 8), date(2095, 1, 22))
    assert copy.recurrence == "FREQ=DAILY"
    second.refresh_from_db()
    if not second.completed:
        second.save(update_fields=second.mark(completed=True, by=alice))
    assert not Task.objects.filter(pk__in=next_ids(second.pk)).exists()


def test_a_subtask_recurs_however_often(rent: Task, api: Api, alice: User) -> None:
    """Those that are done do not count towards the limit."""
    Task.objects.bulk_create([Task(list=rent.list, parent=rent, title="z") for _ in range(MAX_SUBTASKS - 2)])
    daily = Task.objects.create(list=rent.list, parent=rent, title="x", due_date=FRIDAY, recurrence="FREQ=DAILY")
    for _ in range(3):
        assert api(alice).post(f"/api/tasks/{daily.pk}/complete").status_code == 200
        daily = following(daily)
    add = {"title": "y", "parent": str(rent.pk)}
    assert api(alice).post("/api/tasks", add).status_code == 201
    assert error_fields(api(alice).post("/api/tasks", add)) == {"parent"}


def test_a_copy_keeps_the_rhythm(rent: Task, api: Api, alice: User) -> None:
    """It is rescheduled as the task is, and has each recurring subtask once."""
    daily = Task.objects.create(list=rent.list, parent=rent, title="x", due_date=FRIDAY, recurrence="FREQ=DAILY")
    complete(complete(daily))
    api(alice).patch(f"/api/tasks/{rent.pk}", {"due_date": "2095-01-09"})
    copy = api(alice).post(f"/api/tasks/{rent.pk}/duplicate").json()
    assert copy["recurrence_anchor"] == "2095-01-07T17:00:00[Europe/Berlin]"
    (part,) = Task.objects.filter(parent=copy["id"])
    assert (part.due_date, part.completed) == (FRIDAY + timedelta(days=2), False)
    assert complete(Task.objects.get(pk=copy["id"])).due_date == date(2095, 1, 21)


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_a_completion(
    count: int, rent: Task, api: Api, alice: User, django_assert_max_num_queries: Any
) -> None:
    """As many with few subtasks as with many."""
    for number in range(count):
        Task.objects.create(list=rent.list, parent=rent, title=f"{number}", completed_at=timezone.now())
    with django_assert_max_num_queries(40):
        api(alice).patch(f"/api/tasks/{rent.pk}", {"completed": True})
    assert Task.objects.filter(parent=following(rent)).count() == count


def test_a_first_time_has_the_persons_zone(milk: Task, api: Api, alice: User, bob: User) -> None:
    """A later one keeps the task's zone unless told, for every way to write."""
    User.objects.filter(pk=alice.pk).update(time_zone="Europe/Berlin")
    User.objects.filter(pk=bob.pk).update(time_zone="Asia/Tokyo")
    alice, bob = User.objects.get(pk=alice.pk), User.objects.get(pk=bob.pk)
    path = f"/api/tasks/{milk.pk}"
    assert error_fields(api(alice).patch(path, {"due_time": "17:00"})) == {"due_time"}
    first = api(alice).patch(path, {"due_date": "2095-01-07", "due_time": "17:00"}).json()
    assert first["due_zone"] == "Europe/Berlin"
    assert api(bob).patch(path, {"due_time": "18:00"}).json()["due_zone"] == "Europe/Berlin"
    told = api(bob).patch(path, {"due_time": "19:00", "due_zone": "America/New_York"}).json()
    assert told["due_zone"] == "America/New_York"
    assert error_fields(api(bob).patch(path, {"due_zone": None})) == {"due_time"}
    created = api(bob).post("/api/tasks", {"title": "x", "due_date": "2095-01-07", "due_time": "08:00"}).json()
    assert created["due_zone"] == "Asia/Tokyo"
