"""What was done can be looked up and taken back: undo, trash, history, and two changes side by side."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def test_undo_works_after_a_reload(team: Team, open_window: Open):
    """Ctrl+Z takes back one change after the other, Ctrl+Shift+Z does the last one again. The page is left before
    the answer to the deletion, which it so sends again.
    """
    task_list = team.new_list("Party", "One", "Two", members={})
    alice = open_window(ALICE, task_list=task_list)
    page = alice.page
    alice.row("One").get_by_role("checkbox").check()
    wait_until(lambda: team.tasks(task_list)["One"]["completed"], what="the completion")
    deletions: list[Any] = []

    def answer(route: Any) -> None:
        deletions.append(route.continue_() if deletions else route.fetch())  # the page never gets the first one

    page.route(f"**/api/tasks/{team.tasks(task_list)['Two']['id']}", answer)
    alice.title("Two").focus()
    page.keyboard.press("Delete")
    wait_until(lambda: page.evaluate("1") and deletions, what="the deletion")
    alice.reload()
    page.keyboard.press("Control+z")
    expect(alice.row("Two")).to_be_visible()
    expect(page.locator(".toast").last).to_contain_text("Undone: deleted “Two”.")
    page.keyboard.press("Control+z")
    wait_until(lambda: not team.tasks(task_list)["One"]["completed"], what="the undo of the completion")
    page.keyboard.press("Control+Shift+z")
    wait_until(lambda: team.tasks(task_list)["One"]["completed"], what="the redo")
    wait_until(lambda: page.evaluate("1") and len(deletions) == 2, what="the deletion again")
    expect(page.locator("#unsaved")).to_be_empty()
    expect(alice.row("Two")).to_be_visible()
    expect(alice.problem()).to_have_count(0)


def test_what_was_not_sent_is_simply_not_sent(team: Team, open_window: Open):
    task_list = team.new_list("Party", "One", members={})
    alice = open_window(ALICE, task_list=task_list)
    alice.context.set_offline(True)
    alice.expect_status("offline", timeout=30_000)
    alice.title("One").focus()
    alice.page.keyboard.press("Delete")
    expect(alice.row("One")).to_have_count(0)
    alice.page.keyboard.press("Control+z")
    expect(alice.row("One")).to_be_visible()
    expect(alice.page.locator("#unsaved")).to_be_empty()


def test_the_trash_gives_back_what_was_deleted(team: Team, open_window: Open):
    task_list = team.new_list("Party", "One", "Two", members={})
    alice = open_window(ALICE, task_list=task_list)
    page = alice.page
    alice.title("One").focus()
    page.keyboard.press("Delete")
    wait_until(lambda: "One" not in team.tasks(task_list), what="the deletion")
    heading = page.get_by_role("heading", level=1)

    def opened() -> bool:
        page.keyboard.press("g")
        page.keyboard.press("b")  # within a second, which is short for a busy machine
        return heading.text_content() == "Trash"

    wait_until(opened, what="the trash")
    entry = page.locator(".trash li").filter(has=page.get_by_role("button", name="Restore One")).first
    expect(entry).to_contain_text("Party, deleted by you")
    entry.get_by_role("button", name="Restore One").click()
    wait_until(lambda: "One" in team.tasks(task_list), what="the task")
    expect(page.locator(".toast")).to_have_text(re.compile("Restored “One”"))
    page.go_back()
    expect(alice.row("One")).to_be_visible()


@pytest.mark.parametrize("options", [{}, PHONE], ids=["laptop", "phone"])
def test_the_trash_is_searched(team: Team, open_window: Open, options: dict[str, Any]):
    """By what stands in the title; where there is nothing of that kind, it says so."""
    api = team.sessions["alice"]
    task_list = team.new_list("Party", "Paper lanterns", "Balloons", "Wallpaper", members={})
    for task in team.tasks(task_list).values():
        api.delete(f"/api/tasks/{task['id']}").raise_for_status()
    page = open_window(ALICE, **options).page
    page.goto(page.url.split("#")[0] + "#/trash")
    found = page.locator(".trash .trash-text")
    expect(found.filter(has_text="Balloons")).not_to_have_count(0)
    field = page.get_by_role("searchbox", name="Search the trash")
    field.fill("PAPER")
    expect(found.filter(has_text="Balloons")).to_have_count(0)
    expect(found.filter(has_text="Wallpaper")).not_to_have_count(0)
    expect(page.get_by_role("button", name="Empty the trash")).to_be_hidden()
    field.fill("no such thing")
    expect(page.get_by_role("status").filter(has_text="Nothing in the trash has")).to_contain_text("“no such thing”")
    expect(field).to_be_focused()
    field.fill("")
    expect(found.filter(has_text="Balloons")).not_to_have_count(0)


def test_the_history_is_that_of_one_person(team: Team, open_window: Open):
    """Where two have changed the task, one chooses whose changes are shown; also of those that come."""
    task_list = team.new_list("Party", "One")
    path = f"/api/tasks/{team.tasks(task_list)['One']['id']}"
    alice = open_window(ALICE, task_list=task_list)
    alice.title("One").focus()
    alice.page.keyboard.press("h")
    detail = alice.page.locator("#detail")
    entries = detail.get_by_role("list", name="Changes").get_by_role("listitem")
    expect(entries).to_have_count(1)
    who = detail.get_by_label("Whose changes")
    expect(who).to_be_hidden()
    team.sessions["bob"].patch(path, json={"title": "Two"}).raise_for_status()
    expect(entries).to_have_count(2)
    who.select_option("Changes of bob")
    expect(entries).to_have_count(1)
    expect(entries.first).to_contain_text("bob changed the title")
    team.sessions["bob"].patch(path, json={"priority": "high"}).raise_for_status()
    expect(entries).to_have_count(2)
    who.select_option("Your changes")
    expect(entries).to_have_count(1)
    expect(entries.first).to_contain_text("You added this task")


def test_the_history_says_who_changed_what_and_restores_it(team: Team, open_window: Open):
    """Below the details, live: what another person does appears in it, and an earlier value is one click away."""
    task_list = team.new_list("Party", "One")
    path = f"/api/tasks/{team.tasks(task_list)['One']['id']}"
    bob = team.sessions["bob"]
    bob.patch(path, json={"title": "Two"}).raise_for_status()
    alice = open_window(ALICE, task_list=task_list)
    alice.title("Two").focus()
    alice.page.keyboard.press("h")
    entries = alice.page.locator("#detail").get_by_role("list", name="Changes").get_by_role("listitem")
    expect(entries).to_have_count(2)
    expect(entries.nth(0)).to_contain_text("bob changed the title")
    expect(entries.nth(0)).to_contain_text("One → to Two")
    expect(entries.nth(0)).to_contain_text("by the API")
    expect(entries.nth(1)).to_contain_text("You added this task")
    bob.patch(path, json={"priority": "high", "due_date": "2030-01-31"}).raise_for_status()
    expect(entries).to_have_count(3)
    expect(entries.nth(0)).to_contain_text("bob changed the priority and the due date")
    alice.page.get_by_role("button", name="Restore the title: One").click()
    expect(entries).to_have_count(4)
    expect(entries.nth(0)).to_contain_text("You changed the title")
    expect(entries.nth(0)).to_contain_text("in the page")
    expect(alice.page.get_by_role("button", name="Restore the title: One")).to_be_hidden()
    assert team.tasks(task_list)["One"]["priority"] == "high"


def test_two_changes_of_one_field_stand_side_by_side(team: Team, open_window: Open):
    """Nothing is overwritten without a word: one compares and chooses."""
    task_list = team.new_list("Party", "One")
    task = team.tasks(task_list)["One"]
    alice = open_window(ALICE, task_list=task_list)
    alice.context.set_offline(True)
    alice.expect_status("offline", timeout=30_000)
    alice.open_details("One")
    alice.choose("Priority", "High")
    alice.page.keyboard.press("Escape")
    expect(alice.page.locator("#unsaved")).not_to_be_empty()
    path = f"/api/tasks/{task['id']}"
    team.sessions["bob"].patch(path, json={"priority": "low"}).raise_for_status()
    alice.context.set_offline(False)
    problem = alice.problem().filter(has_text="had just been changed by bob")
    problem.get_by_role("button", name="Compare").click()
    dialog = alice.page.get_by_role("dialog", name="Two changes")
    expect(dialog.get_by_role("radio", name="bob")).to_be_checked()
    expect(dialog.get_by_role("radio", name="bob")).to_be_focused()
    alice.page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("radio", name="Yours")).to_be_checked()
    dialog.get_by_role("button", name="Save").click()
    wait_until(lambda: team.tasks(task_list)["One"]["priority"] == "high", what="one's own")


def test_a_message_can_be_answered_above_a_dialog(team: Team, open_window: Open):
    """What is outside a modal dialog can't be reached, so its messages are in it. A copy is the server's own."""
    task_list = team.new_list("Party", "One", "Two", members={})
    tasks = team.tasks(task_list)
    subtask = {"list": task_list, "title": "Sub", "parent": tasks["One"]["id"]}
    team.sessions["alice"].post("/api/tasks", json=subtask).raise_for_status()
    alice = open_window(ALICE, task_list=task_list)
    page = alice.page
    alice.title("Two").focus()
    page.keyboard.press("Delete")
    expect(page.locator(".toast")).to_contain_text("Deleted “Two”.")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Commands")).to_be_focused()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(".toast", has_text="Undone: deleted “Two”.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".toast", has_text="Undone")).to_be_visible()
    alice.title("One").focus()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Commands").fill("Duplicate")
    page.keyboard.press("Enter")
    expect(page.locator("#open button.title")).to_have_text(["One", "Sub", "One", "Sub", "Two"])
