"""The table of commands: the palette, the keys and the list of shortcuts are made of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cast import ALICE
from tests.servers import ROOT
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

RAN = """() => {
  window.ran = [];
  let count = 0;
  document.addEventListener("command", ({ detail }) => {
    ran.push(detail);
    if (!["palette", "close", "select.none"].includes(detail)) document.body.dataset.ran = String(count += 1);
  });
  Object.defineProperty(Notification, "permission", { value: "default" });
  Notification.requestPermission = async () => "denied";
}"""
# The rows of the table, `{ id: "task.open", …`, and of a shorter one in it, `["task.due", "Set the date", …`.
SOURCE = (ROOT / "tasks/static/tasks/app-commands.js").read_text()
LEVELS = {f"task.priority.{level}" for level in ("urgent", "high", "medium", "low")}
TABLE = LEVELS | set(re.findall(r'(?:\{ id: |^  \[)"([a-z.-]+)"', SOURCE, re.MULTILINE))


def open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Commands")).to_be_focused()


def names(page: Page) -> list[str]:
    return page.locator(".palette-name").all_inner_texts()


def press(page: Page, key: str, command: str) -> None:
    page.keyboard.press(key)
    page.wait_for_function("(id) => ran.includes(id)", arg=command)


def lane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True).locator(".title-text")


def choose(page: Page, name: str) -> None:
    """Runs a command of the palette, and closes what it has opened."""
    count = page.locator("body").get_attribute("data-ran") or "0"
    open_palette(page)
    page.get_by_role("combobox", name="Commands").fill(name)
    expect(page.get_by_role("option").first.locator(".palette-name")).to_have_text(name)
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_have_attribute("data-ran", str(int(count) + 1))
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def walk_board(page: Page) -> None:
    """The keys of a board, in a list of three priorities; then it is a calendar."""
    page.locator("h1").focus()
    press(page, "v", "layout")
    expect(lane(page, "High")).to_have_text(["One", "Two"])
    page.locator(".card button.title").first.focus()
    press(page, "ArrowRight", "board.right")
    press(page, "ArrowLeft", "board.left")
    press(page, "Alt+ArrowDown", "board.move.down")
    expect(lane(page, "High")).to_have_text(["Two", "One"])
    press(page, "Alt+ArrowUp", "board.move.up")
    expect(lane(page, "High")).to_have_text(["One", "Two"])
    press(page, "Alt+ArrowRight", "board.move.right")
    expect(lane(page, "Medium")).to_have_text(["One"])
    press(page, "Alt+ArrowLeft", "board.move.left")
    expect(lane(page, "High")).to_have_text(["One", "Two"])
    press(page, "Shift+M", "board.move")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator("h1").focus()
    press(page, "Shift+V", "layout.calendar")
    expect(page.locator(".calendar")).to_be_visible()


def test_each_command_of_the_table_can_be_run_by_keyboard(team: Team, open_window: Open):
    """In the palette each is found by its name, and is the first choice then; what it does not offer has keys."""
    task_list, priorities = team.new_list("Party", *[f"Task {n}" for n in range(4)]), team.new_list("Priorities")
    for title, priority in (("One", "high"), ("Two", "high"), ("Three", "low")):
        task = {"list": priorities, "title": title, "priority": priority}
        team.sessions["alice"].post("/api/tasks", json=task).raise_for_status()
    late = team.tasks(task_list)["Task 2"]["id"]
    team.sessions["alice"].patch(f"/api/tasks/{late}", json={"due_date": "2026-01-01"}).raise_for_status()
    alice = open_window(ALICE, task_list=task_list)
    page = alice.page
    page.evaluate(RAN)
    row = page.locator("#open button.title")
    row.nth(1).focus()
    open_palette(page)
    offered = names(page)
    places = ["Inbox", "Today", "Upcoming", "Assigned to me", "Trash", "Search page"]
    last = ["Complete", "Delete", *places]  # after them the rows are others
    assert {*last, "Add a task to this list", "New list", "Settings"} <= set(offered)
    others = ["Sign out", "Show as a board", "Show as a calendar", "Archive this list", *team.names_of_lists(), *last]
    page.keyboard.press("Escape")

    for name in [name for name in offered if name not in others] + ["Make it a task of its own", "Move the list up"]:
        row.nth(1).focus()
        choose(page, name)
    row.nth(1).focus()
    press(page, "o", "task.open")
    expect(page.locator("#detail")).to_be_focused()
    open_palette(page)
    page.get_by_role("combobox", name="Commands").fill("Close the details")
    press(page, "Enter", "close")
    row.nth(0).focus()
    for key, command in (("ArrowDown", "next"), ("ArrowUp", "previous"), ("End", "last"), ("Home", "first")):
        press(page, key, command)
    for key, command in (("Shift+ArrowDown", "select.down"), ("Shift+ArrowUp", "select.up"), ("Escape", "select.none")):
        press(page, key, command)
    for name, title in (("Complete", "Task 0"), ("Delete", "Task 3")):  # not of one row: a completed one leaves
        row.filter(has_text=title).first.focus()
        choose(page, name)
    for name in places:
        choose(page, name)

    page.goto(f"{alice.url}/#/list/{priorities}")
    expect(row).to_have_count(3)
    walk_board(page)
    assert TABLE - set(page.evaluate("ran")) == {"sign-out"}
    alice.expect_status("live")  # with changes that are not saved within three seconds, signing out is a question
    open_palette(page)
    page.get_by_role("combobox", name="Commands").fill("Sign out")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{alice.url}/login")


def test_the_palette_finds_actions_lists_and_tasks(team: Team, open_window: Open):
    """By parts of their names, without regard to case and accents; what was used last comes first. Labels and saved
    filters are places, and what the menus of a list and a view offer are actions.
    """
    other = team.new_list("Ökonomie", "Zürich über alles", members={})
    api = team.sessions["alice"]
    api.post("/api/labels", json={"list": other, "name": "money"}).raise_for_status()
    api.post("/api/filters", json={"name": "Money stuff", "query": {"due": "today"}}).raise_for_status()
    alice = open_window(ALICE, task_list=(alice_list := team.new_list("Party", "Milk", members={})))
    page = alice.page
    open_palette(page)
    for typed, found in (
        ("money", ["money", "Money stuff", "Search everything for “money”"]),
        ("sort by date", ["Sort by date", "Search everything for “sort by date”"]),
        ("group by l", ["Group by label", "Search everything for “group by l”"]),
    ):
        page.get_by_role("combobox", name="Commands").fill(typed)
        expect(page.locator(".palette-name")).to_have_text(found)
    page.get_by_role("combobox", name="Commands").fill("archive this")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Archived “Party”.")
    alice.title("Milk").click()
    expect(page.locator("#detail").get_by_label("Title")).to_be_disabled()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator("#detail").get_by_label("Title")).to_be_enabled()
    alice.close_details()
    alice.title("Milk").focus()
    open_palette(page)  # it is about that task, also when its row is gone meanwhile
    milk = team.tasks(alice_list)["Milk"]
    api.patch(f"/api/tasks/{milk['id']}", json={"completed": True}).raise_for_status()
    expect(page.locator("#open .task")).to_have_count(0)
    page.get_by_role("combobox", name="Commands").fill("delete")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Deleted “Milk”.")
    open_palette(page)
    page.keyboard.type("uber zur")
    expect(page.locator(".palette-name")).to_have_text(["Zürich über alles", "Search everything for “uber zur”"])
    page.get_by_role("combobox", name="Commands").fill("oko")
    expect(page.get_by_role("option").first).to_contain_text("Ökonomie")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{alice.url}/#/list/{other}")
    open_palette(page)
    page.keyboard.type("recent nothing like it")
    expect(page.get_by_text("No matches.")).to_be_visible()
    page.get_by_role("combobox", name="Commands").fill("shortcuts")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    open_palette(page)
    expect(page.locator(".palette-name").first).to_have_text("Show the keyboard shortcuts")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_palette_searches_five_thousand_tasks(team: Team, open_window: Open):
    """At once, and shows few of what it has found; what that takes is printed, usually less than 30 ms."""
    task_list = team.new_list("Party", members={})
    team.fill(task_list, [f"Task {n} of many" for n in range(5000)])
    page = open_window(ALICE, task_list=task_list).page
    open_palette(page)
    page.get_by_role("combobox", name="Commands").fill("task")
    expect(page.get_by_role("option").first).to_be_visible()
    assert page.get_by_role("option").count() < 100
    script = """() => {
      const input = document.querySelector(".palette input");
      const times = ["task 12", "task 4 ma", "set", "4999 ta"].map((text) => {
        input.value = text;
        const from = performance.now();
        input.dispatchEvent(new Event("input"));
        return performance.now() - from;
      });
      return times.sort((a, b) => a - b)[1];
    }"""
    took = min(page.evaluate(script) for _ in range(5))
    assert took < 5000
    print(f"palette over 5,000 tasks: {took:.1f} ms")


def test_the_shortcuts_list_what_the_keys_do(team: Team, open_window: Open):
    """Its close button stays in sight however far it is scrolled; letters can be switched off."""
    alice = open_window(
        ALICE, task_list=team.new_list("Party", "Milk", members={}), viewport={"width": 390, "height": 500}
    )
    page = alice.page
    page.locator("h1").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_text("Add a task to this list")).to_be_attached()
    expect(dialog.get_by_text("Inbox", exact=True)).to_be_attached()
    dialog.locator("dd").last.scroll_into_view_if_needed()
    expect(dialog.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator("#open button.title").focus()
    page.keyboard.press("e")
    expect(alice.editor).to_be_focused()
