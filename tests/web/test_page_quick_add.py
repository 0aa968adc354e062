"""A line becomes a task: what is understood is shown at once, and can be refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE, BOB
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

ZONE = {"timezone_id": "UTC"}


def test_words_become_chips_and_chips_become_words(team: Team, open_window: Open):
    """A click on a chip, and Backspace behind the words, give them back; what is left is understood."""
    task_list = team.new_list("Household", members={})
    alice = open_window(ALICE, task_list=task_list, **ZONE)
    page, chips = alice.page, alice.page.locator("#composer-chips .quick-chip")
    alice.composer.press_sequentially("Pay rent tomorrow !high")
    expect(chips).to_have_text(["Tomorrow", "High"])
    expect(page.locator("#composer mark")).to_have_text(["tomorrow", "!high"])
    alice.composer.press("Backspace")
    expect(chips).to_have_text(["Tomorrow"])
    expect(alice.composer).to_have_value("Pay rent tomorrow !high")
    page.get_by_role("button", name="Tomorrow: keep").click()
    expect(chips).to_have_count(0)
    expect(alice.composer).to_be_focused()
    alice.composer.press("Enter")
    expect(alice.row("Pay rent tomorrow !high")).to_be_visible()
    expect(alice.composer).to_have_value("")
    alice.composer.press_sequentially("Water @nobody now")
    expect(page.locator("#composer .quick-hint")).to_contain_text("nobody")
    alice.composer.fill("")
    expect(page.locator("#composer .quick-hint")).to_be_empty()
    alice.composer.press_sequentially("Water the plants tomorrow 5pm !low")
    expect(chips).to_have_text(["Tomorrow", "5pm", "Low"])
    alice.composer.press("Enter")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    wait_until(lambda: "Water the plants" in team.tasks(task_list), what="the task")
    task = team.tasks(task_list)["Water the plants"]
    assert (task["due_date"], task["due_time"], task["due_zone"], task["priority"]) == (
        tomorrow,
        "17:00:00",
        "UTC",
        "low",
    )
    assert team.tasks(task_list)["Pay rent tomorrow !high"]["due_date"] is None


def test_a_line_that_was_not_read_yet_is_read_before_it_is_sent(team: Team, open_window: Open):
    """Enter comes at once after the last word: the row is there at once, and the server has what was meant."""
    task_list, other = team.new_list("Household", members={}), team.new_list("Garden", members={})
    alice = open_window(ALICE, task_list=task_list, **ZONE)
    alice.add("Mow the lawn every saturday #Garden *outside *30m before")
    wait_until(lambda: "Mow the lawn" in team.tasks(other), what="the task in the other list")
    task = team.tasks(other)["Mow the lawn"]
    assert "BYDAY=SA" in task["recurrence"]
    assert len(task["labels"]) == 1
    expect(alice.page.locator("#open .task")).to_have_count(0)
    alice.page.get_by_role("button", name="Open", exact=True).click()
    expect(alice.page.locator("#detail")).to_contain_text("Garden")
    assert team.tasks(task_list) == {}


def test_a_line_that_is_added_without_a_connection_is_read_when_it_is_back(team: Team, open_window: Open):
    task_list = team.new_list("Household", members={})
    alice = open_window(ALICE, task_list=task_list, **ZONE)
    alice.context.set_offline(True)
    alice.add("Pay rent tomorrow !1")
    expect(alice.row("Pay rent tomorrow !1")).to_be_visible()
    alice.add("tomorrow")
    expect(alice.row("tomorrow")).to_be_visible()
    alice.composer.press_sequentially("Call mum tomorrow")
    alice.composer.press("Shift", delay=200)  # long enough for the page to try to have it read
    alice.context.set_offline(False)
    expect(alice.page.locator("#composer-chips .quick-chip")).to_have_text(["Tomorrow"])
    expect(alice.row("Pay rent").locator(".check")).to_have_class("check urgent")
    expect(alice.row("Pay rent")).to_contain_text("Tomorrow")
    wait_until(lambda: {"Pay rent", "tomorrow"} == {*team.tasks(task_list)}, what="the tasks")


def test_a_task_can_be_added_from_anywhere(team: Team, open_window: Open):
    """Q opens the same line in a dialog; Enter adds and stays, with Shift it opens the task."""
    task_list = team.new_list("Household", members={})
    alice = open_window(ALICE, task_list=task_list, **ZONE)
    page = alice.page
    page.locator("h1").focus()
    page.keyboard.press("q")
    dialog = page.get_by_role("dialog", name="Add a task")
    dialog.get_by_label("New task").press_sequentially("Buy milk today")
    expect(dialog.locator(".quick-chip")).to_have_text(["Today"])
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Added “Buy milk” to “Household”.")
    dialog.get_by_label("New task").press_sequentially("Read")
    page.keyboard.press("Shift+Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#detail")).to_contain_text("Household")
    wait_until(lambda: {"Buy milk", "Read"} <= set(team.tasks(task_list)), what="both tasks")


def test_names_are_suggested_behind_their_signs(team: Team, open_window: Open):
    """By keyboard and by mouse; Enter adds where a name is complete. Escape closes the names alone, and a list that is
    named has its own people and labels.
    """
    task_list, garden = team.new_list("Household", members={BOB: "editor"}), team.new_list("Garden party", members={})
    session = team.sessions["alice"]
    for name in ("Big shed", "beds"):
        session.post("/api/labels", json={"list": garden, "name": name, "color": "#148f82"}).raise_for_status()
    alice = open_window(ALICE, task_list=task_list, **ZONE)
    page, options = alice.page, alice.page.get_by_role("option")
    alice.composer.press_sequentially("Mow @")
    expect(options).to_have_text(["alice", "bob"])
    alice.composer.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    alice.composer.press("Tab")
    expect(alice.composer).to_have_value("Mow @bob ")
    expect(alice.composer).to_be_focused()
    expect(page.locator("#composer-chips .quick-chip")).to_have_text(["bob"])
    alice.composer.press_sequentially("!ur")
    expect(options).to_have_text(["Urgent1"])  # with its number
    alice.composer.press("Escape")
    expect(options).to_have_count(0)
    expect(alice.composer).to_be_focused()
    alice.composer.press_sequentially("gent")
    alice.composer.press("Enter")
    wait_until(lambda: "Mow" in team.tasks(task_list), what="the task")
    assert team.tasks(task_list)["Mow"]["priority"] == "urgent"
    assert team.tasks(task_list)["Mow"]["assignee"]

    page.locator("h1").focus()
    page.keyboard.press("q")
    dialog = page.get_by_role("dialog", name="Add a task")
    field = dialog.get_by_label("New task")
    field.press_sequentially("Dig #par")
    dialog.get_by_role("option", name="Garden party").click()
    expect(dialog.locator(".quick-chip")).to_have_text(["Garden party"])
    field.press_sequentially("*b")
    expect(dialog.get_by_role("option")).to_have_text(["beds", "Big shed"])
    field.press("ArrowUp")
    field.press("Enter")
    expect(field).to_have_value('Dig #Garden party *"Big shed" ')
    expect(dialog.locator(".quick-chip")).to_have_text(["Garden party", "Big shed"])
    field.press("Enter")
    wait_until(lambda: "Dig" in team.tasks(garden), what="the task in the list that was named")
    assert len(team.tasks(garden)["Dig"]["labels"]) == 1


def test_several_lines_and_what_is_chosen_for_them(team: Team, open_window: Open):
    """Properties are chosen below the field, words win over them, and each pasted line is read as one that is typed."""
    task_list = team.new_list("Household", members={})
    alice = open_window(ALICE, task_list=task_list, **ZONE)
    page = alice.page
    properties = page.get_by_role("group", name="Choices")
    expect(properties).to_be_hidden()
    alice.composer.focus()
    properties.get_by_role("button", name="Due").click()
    page.locator(".preset", has_text="Tomorrow").click()
    expect(properties.get_by_role("button", name="Due: Tomorrow")).to_be_visible()
    expect(alice.composer).to_be_focused()
    properties.get_by_role("button", name="Priority").click()
    page.get_by_role("option", name="Low").click()
    expect(properties.get_by_role("button", name="Priority: Low")).to_be_visible()
    alice.composer.press_sequentially("Paint the fence !urgent *outside")
    expect(page.locator("#composer-chips .quick-chip")).to_have_count(2)
    alice.composer.press("Enter")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()

    def has(title: str, due: str | None, priority: str, labels: int) -> bool:
        tasks = team.tasks(task_list)
        found = [
            (each["due_date"], each["priority"], len(each["labels"]))
            for each in tasks.values()
            if each["title"] == title
        ]
        return found == [(due, priority, labels)]

    wait_until(lambda: has("Paint the fence", tomorrow, "urgent", 1), what="the words, and what was chosen")
    expect(properties.get_by_role("button", name="Due", exact=True)).to_be_visible()
    alice.composer.evaluate(PASTE, "Paper tomorrow !high\nLead *tools\nIce")
    page.get_by_role("button", name="Add 3 tasks").click()
    wait_until(lambda: has("Paper", tomorrow, "high", 0) and has("Lead", None, "none", 1), what="two of the tasks")
    expect(alice.row("Ice")).to_be_visible()
    alice.composer.fill("Look inside")
    alice.composer.press("Shift+Enter")
    expect(page.locator("#detail").get_by_label("Title")).to_have_value("Look inside")


PASTE = """(field, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
