"""When tasks are due: what the words are taken for, before they are, and what is told of several."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE
from tests.clients import ok
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def day(offset: int) -> date:
    return datetime.now(UTC).date() + timedelta(days=offset)


@pytest.mark.parametrize("options", [{}, PHONE], ids=["laptop", "phone"])
def test_words_are_said_back_before_they_are_taken(team: Team, open_window: Open, options: dict[str, Any]):
    """With the day that they mean, its time and how it repeats; what is no date is said to be none."""
    task_list = team.new_list("Party", "Cake", members={})
    alice = open_window(ALICE, task_list=task_list, timezone_id="UTC", locale="en-GB", **options)
    alice.open_details("Cake")
    popover = alice.open_property("Due")
    words, said = popover.get_by_label("Due in words"), popover.locator(".picker-said")
    in_four = day(4)
    words.fill("in 4 days 5pm")
    expect(said).to_have_text(f"→ {in_four:%a} {in_four.day} {in_four:%b}".replace("Sep", "Sept") + ", 17:00")
    words.fill("every! 3 days")
    expect(said).to_contain_text("every 3 days, counted from the completion")
    words.fill("whenever")
    expect(said).to_have_text("“whenever” is not understood as a date.")
    words.fill("")
    expect(said).to_be_empty()
    words.fill("every! 3 days")
    words.press("Enter")
    wait_until(lambda: team.tasks(task_list)["Cake"]["recurrence"] is not None, what="the repetition")
    assert team.tasks(task_list)["Cake"]["recurrence_from"] == "completion"


def test_what_is_done_with_several_tasks_is_told(team: Team, open_window: Open):
    """And can be taken back there, as one."""
    titles = ["One", "Two", "Three"]
    task_list = team.new_list("Party", *titles, members={})
    alice = open_window(ALICE, task_list=task_list, timezone_id="UTC")
    page, told = alice.page, alice.page.locator(".toast")
    days = lambda: {team.tasks(task_list)[title]["due_date"] for title in titles}  # noqa: E731

    def select_all() -> None:
        alice.title("One").focus()
        page.keyboard.press("Control+a")

    select_all()
    page.keyboard.press("d")
    page.get_by_role("dialog", name="Due").get_by_role("button", name="Tomorrow").click()
    expect(told).to_contain_text("Moved 3 tasks to tomorrow.")
    wait_until(lambda: days() == {day(1).isoformat()}, what="the day")
    page.keyboard.press("d")
    page.get_by_role("dialog", name="Due").get_by_role("button", name="No date").click()
    expect(told).to_contain_text("Removed the date of 3 tasks.")
    told.get_by_role("button", name="Undo").click()
    expect(told).to_contain_text("Undone: rescheduled 3 tasks.")
    wait_until(lambda: days() == {day(1).isoformat()}, what="the undo")
    for key, option, text in (
        ("p", "High", "Set the priority of 3 tasks to high."),
        ("a", "alice (you)", "Assigned 3 tasks to you."),
        ("a", "Nobody", "Assigned 3 tasks to nobody."),
    ):
        page.keyboard.press(key)
        page.get_by_role("listbox").get_by_role("option", name=option).click()
        expect(told).to_contain_text(text)
    page.keyboard.press("2")
    page.keyboard.press("3")
    expect(told).to_contain_text("Set the priority of 3 tasks to medium.")


def test_subtasks_in_the_details_show_when_they_are_due_and_whose_they_are(team: Team, open_window: Open):
    task_list, api = team.new_list("Party", "Cake"), team.sessions["alice"]
    cake, me = team.tasks(task_list)["Cake"]["id"], ok(api.get("/api/me"))["id"]
    fields = {"title": "Flour", "due_date": day(1).isoformat(), "assignee": me}
    flour = ok(api.post("/api/tasks", json={"list": task_list, "parent": cake, **fields}))["id"]
    alice = open_window(ALICE, task_list=task_list, timezone_id="UTC")
    row = alice.open_details("Cake").locator(".subtask", has_text="Flour")
    expect(row.locator(".due")).to_have_text("Tomorrow")
    expect(row.locator(".avatar")).to_have_attribute("title", "alice")
    ok(api.patch(f"/api/tasks/{flour}", json={"due_date": day(-1).isoformat(), "assignee": None}))
    expect(row.locator(".due.late")).to_have_text("Yesterday")
    expect(row.locator(".avatar")).to_have_count(0)
