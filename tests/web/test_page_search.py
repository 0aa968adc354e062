"""Search as one types, and reminders."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]


def test_tasks_are_found_while_one_types(team: Team, open_window: Open):
    """In notes, too, and completed ones; without a connection among those on the device."""
    task_list = team.new_list("Garden", "Prune the roses", members={})
    alice_api = team.sessions["alice"]
    for task in (
        {"title": "Buy a ladder", "notes": "For the rosarium."},
        {"title": "Order roses", "completed": True},
    ):
        alice_api.post("/api/tasks", json={"list": task_list, **task}).raise_for_status()
    alice = open_window(ALICE)
    page = alice.page
    page.locator("h1").focus()
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search")
    field.press_sequentially("rosa")
    expect(page.get_by_role("option")).to_contain_text(["Buy a ladder"])
    field.fill("roses")
    expect(page.get_by_role("group", name="Tasks").get_by_role("option")).to_contain_text(["Prune the roses"])
    expect(page.get_by_role("group", name="Completed").get_by_role("option")).to_contain_text(["Order roses"])
    alice.context.set_offline(True)
    field.fill("ladder")
    expect(page.get_by_role("group", name="Tasks on this device").get_by_role("option")).to_contain_text(
        ["Buy a ladder"]
    )
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_contain_text("Garden")


def test_a_reminder_is_shown_in_the_page(team: Team, open_window: Open):
    """An event of the person's own stream; the message stays until it is closed, and leads to the task."""
    task_list = team.new_list("Garden", "Prune the roses", members={})
    task = team.tasks(task_list)["Prune the roses"]
    alice = open_window(ALICE)
    data = {"id": task["id"], "task": task["id"], "list": task_list, "title": "Prune the roses"}
    data |= {"due_date": None, "due_time": None, "due_zone": None}
    script = (
        "from realtime.events import publish; from tasks.models import User; "
        "from tasks.core.streams import user_stream; from django.db import transaction; "
        "user = User.objects.get(username='alice')\n"
        f"with transaction.atomic(): publish(user_stream(user.pk), 'reminder.due', {data!r})"
    )
    team.manage("shell", "--command", script)
    toast = alice.page.locator(".toast", has_text="Reminder: “Prune the roses”.")
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Open").click()
    expect(alice.page.locator("#detail")).to_contain_text("Garden")
