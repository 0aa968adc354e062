"""Reminders are sent: each once, by an event and a mail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from realtime import periodic
from tasks.models import Membership, Reminder, Task, TaskList, User
from tasks.reminders.mail import MAX_ATTEMPTS, OFF, message_of, send_mails
from tasks.reminders.sending import BATCH, send_due
from tasks.reminders.timing import LATEST
from tests.tasks.answers import Api, events_of
from tests.tasks.reminding import ago, remind, told

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

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
