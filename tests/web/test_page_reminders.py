"""A reminder that comes: the task is completed there, or one is reminded again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.cast import ALICE, BOB
from tests.clients import ok
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def remind(team: Team, window: Window, task_list: str, title: str) -> Locator:
    """A reminder of the task that is due; returns the message of it."""
    session, task = team.sessions[window.person.username], team.tasks(task_list)[title]["id"]
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    ok(session.post("/api/reminders", json={"task": task, "at": at}))
    team.manage("send_reminders")
    message = window.page.locator(".toast", has_text=f"Reminder: “{title}”.")
    expect(message).to_be_visible()
    return message


def times(team: Team, username: str = "alice") -> list[datetime]:
    """When reminders come that have not come yet."""
    found = ok(team.sessions[username].get("/api/reminders"))["results"]
    return [datetime.fromisoformat(each["fires_at"]) for each in found if each["sent_at"] is None]


def test_a_task_is_completed_in_its_reminder(team: Team, open_window: Open):
    task_list = team.new_list("Garden", "Prune the roses", members={})
    alice = open_window(ALICE)
    remind(team, alice, task_list, "Prune the roses").get_by_role("button", name="Complete").click()
    wait_until(lambda: team.tasks(task_list)["Prune the roses"]["completed"], what="the completion")
    expect(alice.page.locator(".toast")).to_contain_text("Completed “Prune the roses”.")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize(
    ("choice", "said", "least", "most"),
    [
        ("10 minutes", "in 10 minutes", timedelta(minutes=5), timedelta(minutes=10)),
        ("1 hour", "in an hour", timedelta(minutes=30), timedelta(minutes=60)),
        ("Tomorrow morning", "tomorrow morning, at 9:00", timedelta(hours=8), timedelta(hours=33)),
    ],
)
def test_one_is_reminded_again(
    team: Team, open_window: Open, options: Any, choice: str, said: str, least: timedelta, most: timedelta
):
    """By one reminder, which has another time."""
    task_list = team.new_list("Garden", "Prune the roses", members={})
    alice = open_window(ALICE, timezone_id="UTC", **options)
    message = remind(team, alice, task_list, "Prune the roses")
    message.get_by_role("button", name="Snooze").click()
    toasts = alice.page.locator(".toast")
    expect(toasts).to_contain_text("When are you to be reminded of “Prune the roses” again?")
    toasts.get_by_role("button", name=choice).click()
    expect(toasts).to_contain_text(f"You are reminded of “Prune the roses” {said}.")
    wait_until(lambda: len(times(team)) == 1, what="the new time")
    assert least < times(team)[0] - datetime.now(UTC) <= most
    assert len(ok(team.sessions["alice"].get("/api/reminders"))["results"]) == 1


def test_a_reminder_is_put_off_by_keyboard(team: Team, open_window: Open):
    """The focus goes on to the question; a reminder before the due date stays what it is."""
    task_list = team.new_list("Garden", "Prune the roses", members={})
    alice = open_window(ALICE)
    page = alice.page
    message = remind(team, alice, task_list, "Prune the roses")
    message.get_by_role("button", name="Snooze").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="10 minutes")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("in an hour")


def test_who_may_only_read_is_not_offered_to_complete(team: Team, open_window: Open):
    task_list = team.new_list("Garden", "Prune the roses", members={BOB: "viewer"})
    bob = open_window(BOB)
    message = remind(team, bob, task_list, "Prune the roses")
    expect(message.get_by_role("button", name="Snooze")).to_be_visible()
    expect(message.get_by_role("button", name="Complete")).to_have_count(0)
