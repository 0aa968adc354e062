"""Reminders: one person's, planned by their task, sent once, by an event and a mail."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from realtime.models import Event
from tasks.models import Membership, Reminder, Role, Task, User
from tasks.reminders.sending import send_due
from tests.tasks.answers import Api, People, error_fields, events_of, problem
from tests.tasks.reminding import DAY, ago, remind

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

# Over the API


def test_a_reminder_over_the_api(call: Task, api: Api, alice: User) -> None:
    """It is made, read, changed and deleted; each is told on the person's own stream, and on no other."""
    before = Event.objects.exclude(stream=f"user.{alice.pk}").count()
    made = api(alice).post("/api/reminders", {"task": str(call.pk), "minutes_before": 30})
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["user"], shown["at"], shown["minutes_before"]) == (alice.pk, None, 30)
    assert (shown["fires_at"], shown["sent_at"]) == ("2095-01-07T15:30:00Z", None)
    path = f"/api/reminders/{shown['id']}"
    assert api(alice).get(path).json() == shown
    later = api(alice).patch(path, {"at": "2095-01-07T10:00:00+02:00"}).json()
    assert (later["at"], later["minutes_before"], later["fires_at"]) == (*["2095-01-07T08:00:00Z", None], later["at"])
    assert api(alice).get(f"/api/reminders?task={call.pk}").json()["results"] == [later]
    assert api(alice).delete(path).status_code == 204
    kinds = ["reminder.created", "reminder.updated", "reminder.deleted"]
    assert events_of(f"user.{alice.pk}")[-3:] == kinds
    assert Event.objects.exclude(stream=f"user.{alice.pk}").count() == before


def test_who_may_read_may_be_reminded(call: Task, api: Api, people: People) -> None:
    """A viewer too. Another person's reminder does not exist."""
    for name in ("alice", "carol"):
        assert api(people[name]).post("/api/reminders", {"task": str(call.pk), "minutes_before": 5}).status_code == 201
    assert error_fields(api(people["dora"]).post("/api/reminders", {"task": str(call.pk), "minutes_before": 5})) == {
        "task"
    }
    hers = Reminder.objects.get(user=people["carol"])
    for request in (api(people["alice"]).get, api(people["alice"]).delete):
        problem(request(f"/api/reminders/{hers.pk}"), 404)
    problem(api(people["alice"]).patch(f"/api/reminders/{hers.pk}", {"minutes_before": 6}), 404)
    assert len(api(people["alice"]).get("/api/reminders").json()["results"]) == 1


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "at"),
    ({"at": None, "minutes_before": None}, "at"),
    ({"at": "2095-01-07T17:00:00Z", "minutes_before": 5}, "at"),
    ({"at": "2095-01-07T17:00:00"}, "at"),
    ({"at": "2095-01-07"}, "at"),
    ({"at": 1700000000}, "at"),
    ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
    ({"at": "9999-12-31T23:59:59-12:00"}, "at"),
    ({"at": "2026-01-01T17:00:00Z"}, "at"),
    ({"minutes_before": -1}, "minutes_before"),
    ({"minutes_before": 527_041}, "minutes_before"),
    ({"minutes_before": 10**30}, "minutes_before"),
    ({"minutes_before": 1.5}, "minutes_before"),
    ({"minutes_before": "5"}, "minutes_before"),
    ({"minutes_before": True}, "minutes_before"),
    ({"minutes_before": 5, "user": 1}, "user"),
    ({"minutes_before": 5, "fires_at": "2095-01-07T17:00:00Z"}, "fires_at"),
    ({"minutes_before": 5, "color": "red"}, "color"),
]


def test_a_time_within_a_day_comes_and_an_older_one_can_be_written_again(milk: Task, api: Api, alice: User) -> None:
    """What is more than a day past is refused, see BAD; one that has become so since is left as it is."""
    recent = api(alice).post("/api/reminders", {"task": str(milk.pk), "at": ago(hours=23).isoformat()}).json()
    assert recent["fires_at"] == recent["at"]
    before = ago(days=2)
    old = remind(alice, milk, at=before)
    assert api(alice).patch(f"/api/reminders/{old.pk}", {"at": before.isoformat()}).status_code == 200
    assert send_due() == 1


@pytest.mark.parametrize(("data", "field"), BAD)
def test_what_is_refused(data: dict[str, Any], field: str, call: Task, api: Api, alice: User) -> None:
    assert error_fields(api(alice).post("/api/reminders", {"task": str(call.pk), **data})) == {field}
    reminder = remind(alice, call, minutes_before=7)
    if data and "user" not in data:
        assert error_fields(api(alice).patch(f"/api/reminders/{reminder.pk}", data)) == {field}


def test_a_task_has_a_bounded_number(call: Task, api: Api, alice: User, bob: User) -> None:
    """Of each person; and none twice."""
    for number in range(20):
        data = {"task": str(call.pk), "minutes_before": number}
        assert api(alice).post("/api/reminders", data).status_code == 201
    assert error_fields(api(alice).post("/api/reminders", {**data, "minutes_before": 20})) == {"task"}
    assert api(bob).post("/api/reminders", data).status_code == 201
    assert error_fields(api(bob).post("/api/reminders", data)) == {"task"}


def test_a_reminder_keeps_its_task(call: Task, milk: Task, api: Api, alice: User) -> None:
    reminder = remind(alice, call, minutes_before=7)
    path = f"/api/reminders/{reminder.pk}"
    assert error_fields(api(alice).patch(path, {"task": str(milk.pk)})) == {"task"}
    assert api(alice).patch(path, {"task": str(call.pk), "minutes_before": 8}).status_code == 200


def test_a_creation_may_be_repeated(call: Task, api: Api, alice: User) -> None:
    data = {"id": str(uuid4()), "task": str(call.pk), "minutes_before": 5}
    assert [api(alice).post("/api/reminders", data).status_code for _ in range(2)] == [201, 200]
    assert Reminder.objects.count() == 1


@pytest.mark.parametrize("rows", [2, 9])
def test_queries_of_a_page(rows: int, call: Task, api: Api, alice: User, django_assert_num_queries: Any) -> None:
    for number in range(rows):
        remind(alice, call, minutes_before=number)
    with django_assert_num_queries(7):
        assert len(api(alice).get("/api/reminders").json()["results"]) == rows


def test_a_snapshot_has_ones_own(call: Task, api: Api, alice: User, bob: User) -> None:
    """Of the whole, and of one's own stream."""
    reminder = remind(alice, call, minutes_before=7)
    remind(bob, call, minutes_before=7)
    for query in ("", f"?stream=user.{alice.pk}"):
        shown = api(alice).get(f"/api/sync{query}").json()
        assert [row["id"] for row in shown["reminders"]] == [str(reminder.pk)]
        assert f"user.{alice.pk}" in shown["positions"]


# When


BERLIN, NEW_YORK, MARS = "Europe/Berlin", "America/New_York", "Mars/Olympus"


@pytest.mark.parametrize(
    ("day", "clock", "zone", "minutes", "fires_at"),
    [
        (DAY, time(17), BERLIN, 0, "2095-01-07T16:00"),
        (DAY, time(17), NEW_YORK, 60, "2095-01-07T21:00"),
        (DAY, None, None, 0, "2095-01-07T00:00"),  # nine o'clock in Tokyo, where alice is
        (DAY, None, None, 1440, "2095-01-06T00:00"),
        (date(2027, 3, 28), time(2, 30), BERLIN, 30, "2027-03-28T01:00"),
        (date(1, 1, 1), None, None, 1440, None),  # past
        (date(2026, 1, 1), time(9), BERLIN, 0, None),
        (DAY, time(9), MARS, 0, "2095-01-07T00:00"),
        (None, None, None, 0, None),
    ],
)
def test_when_it_fires(
    day: date | None, clock: time | None, zone: str | None, minutes: int, fires_at: str | None, milk: Task, alice: User
) -> None:
    """So long before the due time, or before nine o'clock on the person's clock."""
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    Task.objects.filter(pk=milk.pk).update(due_date=day, due_time=clock, due_zone=zone)
    found = Reminder.objects.get(pk=remind(alice, milk, minutes_before=minutes).pk)
    assert found.fires_at == (fires_at and datetime.fromisoformat(f"{fires_at}Z"))


def save_a_day_later(task: Task) -> None:
    task.due_date = date(2095, 1, 8)
    task.save()


CHANGES: dict[str, Callable[..., Any]] = {
    "patch": lambda task, api, alice: api(alice).patch(f"/api/tasks/{task.pk}", {"due_date": "2095-01-08"}),
    "save": lambda task, api, alice: save_a_day_later(task),
    "update": lambda task, api, alice: Task.objects.filter(pk=task.pk).update(due_date=date(2095, 1, 8)),
}


@pytest.mark.parametrize("way", CHANGES)
def test_it_moves_with_the_due_date(way: str, call: Task, api: Api, alice: User, bob: User) -> None:
    """That of each person; one at a time of its own stays."""
    before, fixed = remind(alice, call, minutes_before=30), remind(bob, call, at=datetime(2095, 1, 1, tzinfo=UTC))
    CHANGES[way](call, api, alice)
    before.refresh_from_db()
    fixed.refresh_from_db()
    assert before.fires_at == datetime(2095, 1, 8, 15, 30, tzinfo=UTC)
    assert fixed.fires_at == fixed.at
    assert events_of(f"user.{alice.pk}")[-1] == "reminder.updated"


def test_without_a_due_date_it_waits_for_one(call: Task, alice: User) -> None:
    reminder = remind(alice, call, minutes_before=30)
    Task.objects.filter(pk=call.pk).update(due_date=None, due_time=None)
    reminder.refresh_from_db()
    assert reminder.fires_at is None
    Task.objects.filter(pk=call.pk).update(due_date=DAY)
    reminder.refresh_from_db()
    assert reminder.fires_at == datetime(2095, 1, 7, 8, 30, tzinfo=UTC)


def test_one_that_was_sent_is_sent_again_for_a_new_due_date(call: Task, alice: User) -> None:
    """Not for one that has passed already: who changes it knows."""
    reminder = remind(alice, call, minutes_before=30)
    Reminder.objects.filter(pk=reminder.pk).update(sent_at=timezone.now(), fires_at=ago(minutes=1))
    Task.objects.filter(pk=call.pk).update(due_date=date(2026, 1, 1))
    reminder.refresh_from_db()
    assert reminder.sent_at is not None
    Task.objects.filter(pk=call.pk).update(due_date=date(2095, 1, 9))
    reminder.refresh_from_db()
    assert reminder.sent_at is None
    assert reminder.fires_at == datetime(2095, 1, 9, 15, 30, tzinfo=UTC)
    Task.objects.filter(pk=call.pk).update(due_date=date(2026, 1, 1))
    assert send_due() == 0


def test_a_person_who_moves_to_another_zone(milk: Task, alice: User) -> None:
    """Is reminded of a day by the new clock."""
    Task.objects.filter(pk=milk.pk).update(due_date=DAY)
    reminder = remind(alice, milk, minutes_before=0)
    person = User.objects.get(pk=alice.pk)
    person.time_zone = "America/New_York"
    person.save(update_fields=["time_zone"])
    reminder.refresh_from_db()
    assert reminder.fires_at == datetime(2095, 1, 7, 14, tzinfo=UTC)


def test_the_next_task_of_a_series_has_them_too(call: Task, alice: User, bob: User) -> None:
    """Of everybody; but for those at a time of their own."""
    Task.objects.filter(pk=call.pk).update(recurrence="FREQ=DAILY")
    remind(alice, call, minutes_before=30)
    remind(bob, call, minutes_before=0)
    remind(bob, call, at=datetime(2095, 1, 1, tzinfo=UTC))
    Task.objects.filter(pk=call.pk).mark(completed=True, by=alice)
    found = Reminder.objects.exclude(task=call).order_by("minutes_before")
    assert [(row.user_id, row.minutes_before, row.fires_at) for row in found] == [
        (bob.pk, 0, datetime(2095, 1, 8, 16, tzinfo=UTC)),
        (alice.pk, 30, datetime(2095, 1, 8, 15, 30, tzinfo=UTC)),
    ]


@pytest.mark.parametrize("comes_back", [False, True])
def test_who_left_the_list_is_reminded_of_nothing_that_comes_back(
    comes_back: bool, call: Task, api: Api, people: People
) -> None:
    """Not after the restore either, when they are a member again."""
    bob = Membership.objects.get(user=people["bob"])
    remind(people["bob"], call, minutes_before=11)
    remind(people["alice"], call, minutes_before=12)
    alice = api(people["alice"])
    assert alice.delete(f"/api/tasks/{call.pk}").status_code == 204
    assert alice.delete(f"/api/lists/{call.list_id}/members/{bob.pk}").status_code == 204
    if comes_back:
        Membership.objects.create(list_id=call.list_id, user=people["bob"], role=Role.EDITOR)
    assert alice.post(f"/api/trash/{call.pk}/restore").status_code == 200
    assert list(Reminder.objects.values_list("user", "minutes_before")) == [(people["alice"].pk, 12)]
