"""What a person has typed: it stays, it goes where it was meant to go, and nowhere else."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE, BOB
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

EVERYONE = "00000000-0000-4000-8000-000000000001"

PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  const field = document.activeElement;
  if (field.dispatchEvent(event)) document.execCommand("insertText", false, text);
}"""


def remove_bob(team: Team, task_list: str) -> None:
    members = team.sessions["alice"].get(f"/api/lists/{task_list}/members").json()["results"]
    member = next(each["id"] for each in members if each["user"]["username"] == "bob")
    team.sessions["alice"].delete(f"/api/lists/{task_list}/members/{member}").raise_for_status()


def test_half_a_task_is_not_published_when_its_list_goes(team: Team, open_window: Open):
    """Bob is removed while he types: the text stays, locked, and Enter adds it nowhere."""
    task_list = team.new_list("Party")
    bob = open_window(BOB, task_list=task_list)
    bob.composer.press_sequentially("A present for Al")
    remove_bob(team, task_list)
    expect(bob.page.locator("#composer-notice")).to_contain_text("You are not in “Party” any more")
    expect(bob.composer).to_have_value("A present for Al")
    expect(bob.composer).not_to_be_editable()
    bob.page.keyboard.type("ice")
    bob.page.keyboard.press("Enter")
    bob.page.get_by_role("link", name="Everyone").click()
    expect(bob.composer).to_have_value("")
    expect(bob.composer).to_be_editable()
    assert not [title for title in team.tasks(EVERYONE) if "present" in title]
    bob.page.go_back()
    expect(bob.composer).to_have_value("A present for Al")
    bob.page.get_by_role("button", name="Discard").click()
    expect(bob.composer).to_be_hidden()


def test_half_a_task_is_kept_when_one_may_only_read(team: Team, open_window: Open):
    task_list = team.new_list("Party")
    bob = open_window(BOB, task_list=task_list)
    bob.composer.press_sequentially("A present")
    members = team.sessions["alice"].get(f"/api/lists/{task_list}/members").json()["results"]
    member = next(each["id"] for each in members if each["user"]["username"] == "bob")
    team.sessions["alice"].patch(f"/api/lists/{task_list}/members/{member}", json={"role": "viewer"})
    expect(bob.composer).not_to_be_editable()
    expect(bob.composer).to_have_value("A present")
    expect(bob.page.locator("#composer-notice")).to_contain_text("may only read this list")


def test_half_a_task_belongs_to_its_list(team: Team, open_window: Open):
    first, second = team.new_list("First", members={}), team.new_list("Second", members={})
    alice = open_window(ALICE, task_list=first)
    alice.composer.fill("For the first")
    alice.open_list(second)
    expect(alice.composer).to_have_value("")
    alice.composer.fill("For the second")
    alice.open_list(first)
    expect(alice.composer).to_have_value("For the first")


def test_escape_in_the_notes_keeps_the_text(team: Team, open_window: Open):
    """It leaves the field, which saves; the next one closes the panel."""
    task_list = team.new_list("Party", "Milk", members={})
    alice = open_window(ALICE, task_list=task_list)
    notes = alice.open_details("Milk").get_by_label("Notes")
    notes.press_sequentially("Long thoughts")
    notes.press("Escape")
    expect(notes).to_have_value("Long thoughts")
    wait_until(lambda: team.tasks(task_list)["Milk"]["notes"] == "Long thoughts", what="the notes")
    alice.page.keyboard.press("Escape")
    expect(alice.page.locator("#detail")).to_be_hidden()


def test_a_title_that_was_taken_back_can_be_had_again(team: Team, open_window: Open):
    task_list = team.new_list("Party", "Milk", members={})
    alice = open_window(ALICE, task_list=task_list)
    field = alice.edit("Milk")
    field.fill("Oat milk from the shop")
    field.press("Escape")
    expect(alice.row("Milk")).to_be_visible()
    alice.page.get_by_role("button", name="Edit again").click()
    expect(alice.editor).to_have_value("Oat milk from the shop")


@pytest.mark.parametrize("character", ["x", "🙂"])
def test_a_title_over_the_limit_stays_and_says_so(team: Team, open_window: Open, character: str):
    """Nothing is cut off, nothing is saved; within the limit it is."""
    task_list = team.new_list("Party", "Milk", members={})
    alice = open_window(ALICE, task_list=task_list)
    long = character * 700
    alice.composer.focus()
    alice.page.evaluate(PASTE, long)
    expect(alice.composer).to_have_value(long)
    expect(alice.page.locator("#composer-notice")).to_contain_text("200 more than the 500 characters that fit")
    alice.composer.press("Enter")
    expect(alice.composer).to_have_value(long)
    alice.composer.fill("")
    field = alice.edit("Milk")
    field.press("Control+a")
    alice.page.evaluate(PASTE, long)
    expect(field).to_have_value(long)
    expect(alice.page.locator(".task .notice")).to_contain_text("200 more than the 500 characters that fit")
    field.press("Enter")
    alice.composer.focus()
    expect(field).to_have_value(long)
    field.fill(character * 500)
    field.press("Enter")
    wait_until(lambda: list(team.tasks(task_list)) == [character * 500], what="the title")


def test_notes_over_the_limit_stay_and_say_so(team: Team, open_window: Open):
    task_list = team.new_list("Party", "Milk", members={})
    alice = open_window(ALICE, task_list=task_list)
    detail = alice.open_details("Milk")
    notes = detail.get_by_label("Notes")
    notes.focus()
    alice.page.evaluate(PASTE, "n" * 25_000)
    expect(notes).to_have_value("n" * 25_000)
    expect(detail.locator(".notice").nth(1)).to_contain_text("5000 more than the 20000 characters that fit")
    detail.get_by_label("Title").focus()
    expect(notes).to_have_value("n" * 25_000)
    assert team.tasks(task_list)["Milk"]["notes"] == ""


def test_the_name_of_a_list_over_the_limit_stays_and_says_so(open_window: Open):
    alice = open_window(ALICE)
    alice.page.get_by_role("button", name="New list").click()
    dialog = alice.page.get_by_role("dialog")
    dialog.get_by_label("Name").focus()
    alice.page.evaluate(PASTE, "l" * 250)
    expect(dialog.get_by_label("Name")).to_have_value("l" * 250)
    expect(dialog).to_contain_text("50 more than the 200 characters that fit")
    dialog.get_by_role("button", name="Make list").click()
    expect(dialog).to_be_visible()


def test_several_pasted_lines_are_several_tasks_if_that_is_meant(team: Team, open_window: Open):
    task_list = team.new_list("Party", members={})
    alice = open_window(ALICE, task_list=task_list)
    alice.composer.focus()
    alice.page.evaluate(PASTE, "Milk\r\n\r\n  Bread\nButter\n")
    alice.page.get_by_role("button", name="Add 3 tasks").click()
    wait_until(lambda: list(team.tasks(task_list)) == ["Milk", "Bread", "Butter"], what="the tasks")
    expect(alice.composer).to_be_focused()
    alice.page.evaluate(PASTE, "One\nline")
    alice.page.get_by_role("button", name="Paste as one line").click()
    expect(alice.composer).to_have_value("One line")
    alice.page.evaluate(PASTE, "A\nB")
    alice.page.keyboard.press("Escape")
    alice.page.get_by_role("button", name="Cancel").click()
    expect(alice.composer).to_have_value("One line")


def test_a_time_of_another_zone_keeps_it(team: Team, open_window: Open):
    """In Berlin 09:00 in Tokyo is 01:00, and said to be Tokyo's; a later time here is a later one there."""
    task_list = team.new_list("Party", members={})
    due = {"due_date": "2031-01-15", "due_time": "09:00:00", "due_zone": "Asia/Tokyo"}
    team.sessions["alice"].post("/api/tasks", json={"list": task_list, "title": "Call", **due}).raise_for_status()
    alice = open_window(ALICE, task_list=task_list, timezone_id="Europe/Berlin")
    expect(alice.row("Call").locator(".due")).to_contain_text("1:00")
    detail = alice.open_details("Call")
    expect(detail).to_contain_text("09:00 in Tokyo (Asia/Tokyo)")
    picker = alice.open_property("Due")
    expect(picker.get_by_label("Due time")).to_have_value("01:00")
    expect(picker).to_contain_text("09:00 in Tokyo (Asia/Tokyo)")
    picker.get_by_label("Due time").fill("01:30")
    wait_until(lambda: team.tasks(task_list)["Call"]["due_time"] == "09:30:00", what="the time")
    assert team.tasks(task_list)["Call"]["due_zone"] == "Asia/Tokyo"
    picker.get_by_label("Due date").fill("2031-01-14")
    wait_until(lambda: team.tasks(task_list)["Call"]["due_date"] == "2031-01-14", what="the date")
    task = team.tasks(task_list)["Call"]
    assert (task["due_time"], task["due_zone"]) == ("09:30:00", "Asia/Tokyo")


def test_texts_of_any_direction_stay_in_their_place(team: Team, open_window: Open):
    task_list = team.new_list("قائمة", "שלום עולם", members={})
    alice = open_window(ALICE, task_list=task_list)
    title = alice.page.locator(".task button.title")
    assert title.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert alice.page.locator("h1").evaluate("node => getComputedStyle(node).direction") == "rtl"
    entry = alice.entry(task_list).locator(".list-name")
    assert entry.evaluate("node => getComputedStyle(node).direction") == "rtl"
    alice.composer.fill("שלום")
    assert alice.composer.evaluate("node => getComputedStyle(node).direction") == "rtl"
    alice.composer.fill("")
    alice.row("שלום עולם").get_by_role("checkbox").click()
    expect(alice.page.locator(".toast")).to_contain_text("Completed")
    assert "\u2068" in alice.page.locator(".toast-text").inner_text()


def test_emoji_are_not_cut_in_half(team: Team, open_window: Open):
    family = "👨‍👩‍👧‍👦"
    task_list = team.new_list("Party", family * 40, members={})
    session = team.sessions["alice"]
    session.patch("/api/me", json={"name": f"{family} Meier"}).raise_for_status()
    try:
        alice = open_window(ALICE, task_list=task_list)
        expect(alice.page.locator("#avatar")).to_have_text(f"{family}M")
    finally:
        session.patch("/api/me", json={"name": ""}).raise_for_status()


def test_a_pasted_tab_becomes_a_space(team: Team, open_window: Open):
    """In a new task, one of several pasted ones, a title, and the name of a list."""
    task_list = team.new_list("Party", "Milk", members={})
    alice = open_window(ALICE, task_list=task_list)
    alice.composer.focus()
    alice.page.evaluate(PASTE, "Oat\tmilk")
    expect(alice.composer).to_have_value("Oat milk")
    alice.page.keyboard.type("!")
    expect(alice.composer).to_have_value("Oat milk!")
    alice.composer.fill("")
    alice.page.evaluate(PASTE, "One\t1\nTwo\t2")
    alice.page.get_by_role("button", name="Add 2 tasks").click()
    wait_until(lambda: {"One 1", "Two 2"} <= set(team.tasks(task_list)), what="the tasks")
    field = alice.edit("Milk")
    field.press("Control+a")
    alice.page.evaluate(PASTE, "Rice\tmilk")
    expect(field).to_have_value("Rice milk")
    field.press("Enter")
    wait_until(lambda: "Rice milk" in team.tasks(task_list), what="the title")
    alice.page.get_by_role("button", name="New list").click()
    alice.page.get_by_role("dialog").get_by_label("Name").focus()
    alice.page.evaluate(PASTE, "Summer\tparty")
    alice.page.get_by_role("button", name="Make list").click()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Summer party")
