"""Reminders: one person's, planned by their task, sent once, by an event and a mail."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from realtime import periodic
from realtime.events import since
from realtime.models import Event
from tasks.models import Membership, Reminder, Task, TaskList, User
from tasks.reminders.mail import MAX_ATTEMPTS, OFF, message_of, send_mails
from tasks.reminders.sending import BATCH, send_due
from tasks.reminders.timing import LATEST
from tests.tasks.answers import Api, People, error_fields, events_of, problem

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

DAY = date(2095, 1, 7)


@pytest.fixture
def call(shared: TaskList, people: People) -> Task:
    """A task that is due at five o'clock in Berlin."""
    berlin = {"due_date": DAY, "due_time": time(17), "due_zone": "Europe/Berlin"}
    task: Task = Task.objects.create(list=shared, title="Call the landlord", created_by=people["alice"], **berlin)
    return task


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def remind(person: User, task: Task, **when: Any) -> Reminder:
    reminder: Reminder = Reminder.objects.create(user=person, task=task, **(when or {"at": ago(seconds=1)}))
    return reminder


def told(person: User) -> list[dict[str, Any]]:
    """The data of each `reminder.due` on the person's own stream."""
    frames = [json.loads(event.text) for event in since(f"user.{person.pk}", 0, 1000)]
    return [frame["data"] for frame in frames if frame["type"] == "reminder.due"]


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
        (date(1, 1, 1), None, None, 1440, "0001-01-01T00:00"),
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


# Sending


def test_each_is_sent_once(call: Task, alice: User) -> None:
    """As an event with what a notification needs; the reminder says when it was sent."""
    reminder = remind(alice, call)
    remind(alice, call, at=timezone.now() + timedelta(minutes=1))
    assert [send_due(), send_due()] == [1, 0]
    (data,) = told(alice)
    assert data["id"] == str(reminder.pk)
    wanted = {"task": str(call.pk), "list": str(call.list_id), "title": call.title, "due_zone": "Europe/Berlin"}
    assert wanted.items() <= data.items()
    assert events_of(f"user.{alice.pk}")[-2:] == ["reminder.due", "reminder.updated"]
    reminder.refresh_from_db()
    assert reminder.sent_at is not None


@pytest.mark.parametrize(
    "stops",
    [
        lambda task, person: Task.objects.filter(pk=task.pk).mark(completed=True, by=None),
        lambda task, person: task.delete(),
        lambda task, person: Membership.objects.get(list=task.list, user=person).delete(),
        lambda task, person: Task.objects.filter(pk=task.pk).update(list=TaskList.objects.inbox_of(task.created_by)),
        lambda task, person: User.objects.filter(pk=person.pk).update(is_active=False),
        lambda task, person: TaskList.objects.filter(pk=task.list_id).update(archived_at=timezone.now()),
        lambda task, person: Reminder.objects.filter(user=person).update(fires_at=timezone.now() - LATEST),
    ],
    ids=["completed", "deleted", "left", "moved", "inactive", "archived", "long ago"],
)  # fmt: skip
def test_what_stops_it(stops: Callable[[Task, User], Any], call: Task, bob: User) -> None:
    remind(bob, call)
    stops(call, bob)
    assert send_due() == 0
    assert told(bob) == []
    assert send_mails() == 0


def test_a_right_that_ended_behind_the_models(call: Task, bob: User, mailoutbox: list[Any]) -> None:
    """A person who can't read the list gets nothing, and the reminder goes."""
    remind(bob, call)
    Membership.objects.filter(user=bob)._raw_delete("default")
    assert send_due() == 0
    assert told(bob) == []
    assert not Reminder.objects.filter(user=bob).exists()


def test_leaving_a_list_ends_its_reminders(call: Task, bob: User, api: Api) -> None:
    """And coming back does not bring them back."""
    remind(bob, call, minutes_before=5)
    mine = Task.objects.create(list=TaskList.objects.inbox_of(bob), title="Mine")
    remind(bob, mine, at=datetime(2095, 1, 1, tzinfo=UTC))
    Membership.objects.get(list=call.list, user=bob).delete()
    assert [row.task_id for row in Reminder.objects.filter(user=bob)] == [mine.pk]
    assert events_of(f"user.{bob.pk}")[-1] == "reminder.deleted"


def test_a_reopened_task(call: Task, bob: User) -> None:
    """What it would have said while it was completed stays silent; what is to come does not."""
    Task.objects.filter(pk=call.pk).mark(completed=True, by=bob)
    past, future = remind(bob, call), remind(bob, call, at=datetime(2095, 1, 1, tzinfo=UTC))
    Task.objects.filter(pk=call.pk).mark(completed=False, by=bob)
    assert send_due() == 0
    past.refresh_from_db()
    future.refresh_from_db()
    assert past.fires_at is None
    assert future.fires_at == future.at


def test_many_are_sent_in_batches(call: Task, alice: User) -> None:
    Reminder.objects.bulk_create([Reminder(user=alice, task=call, at=ago(seconds=n)) for n in range(BATCH + 5)])
    assert send_due() == BATCH + 5
    assert len(told(alice)) == BATCH + 5


def test_the_trash_keeps_them_with_their_task(call: Task, api: Api, alice: User, bob: User) -> None:
    """Everybody's; they come back with it, and are no entries of their own, there or in an undo."""
    remind(alice, call, minutes_before=30)
    remind(bob, call, minutes_before=10)
    assert api(alice).delete(f"/api/tasks/{call.pk}").status_code == 204
    assert not Reminder.objects.exists()
    assert [row["id"] for row in api(alice).get("/api/trash").json()["results"]] == [str(call.pk)]
    assert api(alice).post(f"/api/trash/{call.pk}/restore").status_code == 200
    assert set(Reminder.objects.values_list("user", "minutes_before")) == {(alice.pk, 30), (bob.pk, 10)}
    assert Reminder.objects.filter(fires_at=None).count() == 0


def test_undo_of_a_completion(call: Task, api: Api, alice: User, bob: User) -> None:
    """It takes the next task back, also where other people have reminders of it."""
    Task.objects.filter(pk=call.pk).update(recurrence="FREQ=DAILY")
    remind(bob, call, minutes_before=10)
    api(alice).patch(f"/api/tasks/{call.pk}", {"completed": True})
    assert Task.objects.count() == 2
    assert api(alice).post("/api/undo").status_code == 200
    assert Task.objects.get() == call
    assert [row.task_id for row in Reminder.objects.all()] == [call.pk]


# Mail


@pytest.fixture
def mailed(call: Task, alice: User) -> Reminder:
    """Alice's reminder, whose event has been sent and whose mail has not."""
    User.objects.filter(pk=alice.pk).update(email="alice@example.com", time_zone="Asia/Tokyo")
    reminder = remind(alice, call)
    assert send_due() == 1
    return reminder


def test_the_mail(mailed: Reminder, settings: Any, mailoutbox: list[Any]) -> None:
    """Says what, where and when, by the person's clock; sent once."""
    settings.PUBLIC_URL = "https://todo.example.com"
    settings.DEFAULT_FROM_EMAIL = "Todo <todo@example.com>"
    assert [send_mails(), send_mails()] == [1, 0]
    (found,) = mailoutbox
    assert (found.to, found.from_email) == (["alice@example.com"], "Todo <todo@example.com>")
    assert found.subject == "Reminder: Call the landlord"
    assert found.body == (
        "Call the landlord\n\nDue: Saturday 8 January 2095, 01:00 (Asia/Tokyo)\nList: Shared\n\nhttps://todo.example.com\n"
    )
    assert found.extra_headers["Message-ID"].endswith("@example.com>")
    settings.PUBLIC_URL = ""
    assert message_of(mailed).body.endswith("\nList: Shared\n"), "no line for a link that there is not"


def test_who_gets_no_mail(call: Task, alice: User, bob: User, settings: Any, mailoutbox: list[Any]) -> None:
    """A person without an address; and nobody where there is no mail server."""
    User.objects.filter(pk=bob.pk).update(email="")
    remind(bob, call)
    assert (send_due(), send_mails()) == (1, 0)
    settings.EMAIL_BACKEND = OFF
    User.objects.filter(pk=alice.pk).update(email="alice@example.com")
    remind(alice, call)
    assert (send_due(), send_mails()) == (1, 0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_mails() == 0
    assert mailoutbox == []


@pytest.mark.parametrize(
    "change",
    [
        lambda task, person: Task.objects.filter(pk=task.pk).mark(completed=True, by=None),
        lambda task, person: User.objects.filter(pk=person.pk).update(is_active=False),
        lambda task, person: Membership.objects.filter(user=person)._raw_delete("default"),
    ],
    ids=["completed", "inactive", "left"],
)
def test_a_mail_that_is_not_wanted_any_more(
    change: Callable[[Task, User], Any], mailed: Reminder, mailoutbox: list[Any]
) -> None:
    change(mailed.task, mailed.user)
    assert (send_mails(), mailoutbox) == (0, [])
    mailed.refresh_from_db()
    assert mailed.mail_at is None


class Failing(EmailBackend):
    """A mail server that says no, as often as `errors` has something to say."""

    errors: list[Exception] = []

    def send_messages(self, messages: Any) -> int:
        if self.errors:
            raise self.errors.pop(0)
        return super().send_messages(messages)


@pytest.fixture
def errors(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What the mail server answers first."""
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    found: list[Exception] = []
    monkeypatch.setattr(Failing, "errors", found)
    return found


FAILURES: list[Exception] = [
    ConnectionRefusedError("no"),
    SMTPServerDisconnected("gone"),
    SMTPRecipientsRefused({"alice@example.com": (550, b"unknown")}),
    ValueError("a header with a line break"),
]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_a_mail_that_fails_is_tried_again(
    error: Exception, mailed: Reminder, errors: list[Exception], mailoutbox: list[Any], caplog: Any
) -> None:
    """Later, and then not once more."""
    errors.append(error)
    assert send_mails() == 0
    assert send_mails() == 0
    mailed.refresh_from_db()
    assert mailed.mail_at is not None
    assert timedelta(0) < mailed.mail_at - timezone.now() <= timedelta(minutes=1)
    assert "is tried again in 0:01:00" in caplog.text
    Reminder.objects.update(mail_at=timezone.now())
    assert [send_mails(), send_mails()] == [1, 0]
    assert len(mailoutbox) == 1


def test_a_mail_is_given_up(mailed: Reminder, errors: list[Exception], mailoutbox: list[Any], caplog: Any) -> None:
    """After some hours."""
    errors += [OSError("no")] * MAX_ATTEMPTS
    for _ in range(MAX_ATTEMPTS):
        Reminder.objects.update(mail_at=timezone.now())
        assert send_mails() == 0
    mailed.refresh_from_db()
    assert mailed.mail_at is None
    assert "is given up" in caplog.text


@pytest.mark.parametrize(("error", "sent"), [(FAILURES[0], 0), (FAILURES[2], 1)])
def test_one_bad_address_does_not_stop_the_others(
    error: Exception, sent: int, mailed: Reminder, errors: list[Exception], bob: User
) -> None:
    """A mail server that is away does, until the next time."""
    User.objects.filter(pk=bob.pk).update(email="bob@example.com")
    remind(bob, mailed.task)
    send_due()
    errors.append(error)
    assert send_mails() == sent


def test_a_claim_runs_out(mailed: Reminder, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ended while it sent a mail leaves it to another one, some minutes later."""
    Reminder.objects.update(mail_at=timezone.now() + timedelta(minutes=5), mail_attempts=1)
    assert send_mails() == 0
    Reminder.objects.update(mail_at=ago(seconds=1))
    assert send_mails() == 1


def test_a_title_can_not_break_the_mail(call: Task, alice: User, mailoutbox: list[Any]) -> None:
    User.objects.filter(pk=alice.pk).update(email="alice@example.com")
    Task.objects.filter(pk=call.pk).update(title="A\nBcc: everybody@example.com\n" + "x" * 400)
    remind(alice, call)
    assert (send_due(), send_mails()) == (1, 1)
    assert mailoutbox[0].message()["Bcc"] is None
    assert len(mailoutbox[0].subject) <= 200


# Who sends


def test_the_command(mailed: Reminder, call: Task, alice: User) -> None:
    remind(alice, call)
    out = StringIO()
    call_command("send_reminders", stdout=out)
    assert out.getvalue() == "1 reminders and 2 mails sent\n"
    assert len(mail.outbox) == 2


def test_the_servers_send_by_themselves() -> None:
    """SEND_REMINDERS is on by default."""
    assert "send reminders" in [task.name for task in periodic.periodic_tasks()]


def test_the_admin_shows_and_makes_them(call: Task, alice: User, browser: Client) -> None:
    data = {"user": alice.pk, "task": str(call.pk), "minutes_before": "30", "at_0": "", "at_1": ""}
    assert browser.post("/admin/tasks/reminder/add/", data).status_code == 302
    reminder = Reminder.objects.get()
    assert reminder.fires_at == datetime(2095, 1, 7, 15, 30, tzinfo=UTC)
    page = browser.get(f"/admin/tasks/reminder/{reminder.pk}/change/")
    assert "Call the landlord" in page.content.decode()
    assert browser.get("/admin/tasks/reminder/?q=landlord").status_code == 200
