"""Sections of a list: made, renamed, moved and deleted beside their names, in the list and on the board."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.cast import ALICE, BOB
from tests.clients import ok
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def sections(team: Team, task_list: str) -> list[str]:
    """Their names, in their order."""
    found = ok(team.sessions["alice"].get("/api/sections", params={"list": task_list}))["results"]
    return [each["name"] for each in sorted(found, key=lambda each: each["position"])]


def new_list(team: Team, *names: str) -> tuple[str, list[str]]:
    """A list with these sections, and their ids. The first one has two tasks."""
    task_list, alice = team.new_list("Party", members={}), team.sessions["alice"]
    ids = [ok(alice.post("/api/sections", json={"list": task_list, "name": name}))["id"] for name in names]
    for title in ("Bread", "Lemonade"):
        ok(alice.post("/api/tasks", json={"list": task_list, "title": title, "section": ids[0]}))
    return task_list, ids


def show_board(page: Page) -> None:
    """By the menu, which is there on a phone too."""
    page.get_by_role("button", name="Sort, group and filter").click()
    page.get_by_label("Layout").select_option("Board")
    expect(page.get_by_role("region", name="Board")).to_be_visible()


def columns(page: Page) -> Any:
    return page.locator(".lane h2")


def change(page: Page, section: str, option: str) -> None:
    page.get_by_role("button", name=f"Change the section {section}").click()
    page.get_by_role("option", name=option).click()


@pytest.mark.parametrize("options", [{}, PHONE], ids=["laptop", "phone"])
def test_sections_are_made_and_changed_on_the_board(team: Team, open_window: Open, options: dict[str, Any]):
    """Behind the columns there is a field for the next one, which stays for one more; each column has a menu."""
    task_list, _ = new_list(team, "Food", "Music")
    page = open_window(ALICE, task_list=task_list, **options).page
    show_board(page)
    page.get_by_role("button", name="Add section").click()
    field = page.get_by_label("Name of the section")
    expect(field).to_be_focused()
    for name in ("Guests", "Afterwards"):
        field.fill(name)
        field.press("Enter")
        expect(field).to_have_value("")
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(page.get_by_role("button", name="Add section")).to_be_focused()
    expect(columns(page)).to_have_text(["No section", "Food", "Music", "Guests", "Afterwards"])
    expect(page.get_by_role("button", name="Add section")).to_be_in_viewport()
    change(page, "Guests", "Move left")
    expect(columns(page)).to_have_text(["No section", "Food", "Guests", "Music", "Afterwards"])
    change(page, "Food", "Move right")
    expect(columns(page)).to_have_text(["No section", "Guests", "Food", "Music", "Afterwards"])
    change(page, "Afterwards", "Rename")
    page.get_by_role("dialog", name="Rename the section").get_by_label("Name").fill("Clean up")
    page.keyboard.press("Enter")
    expect(columns(page).last).to_have_text("Clean up")
    wait_until(lambda: sections(team, task_list) == ["Guests", "Food", "Music", "Clean up"], what="the sections")


def test_a_section_that_is_deleted_leaves_its_tasks_and_comes_back(team: Team, open_window: Open):
    """It is said what became of them; they are in it again after the undo."""
    task_list, ids = new_list(team, "Food", "Music")
    page = open_window(ALICE, task_list=task_list).page
    show_board(page)
    change(page, "Food", "Delete, keep its tasks")
    expect(page.locator(".toast")).to_contain_text(
        "Deleted the section “Food”. Its 2 tasks are in the list without a section."
    )
    expect(columns(page)).to_have_text(["No section", "Music"])
    expect(page.get_by_role("region", name="No section").locator(".card")).to_have_count(2)
    wait_until(lambda: sections(team, task_list) == ["Music"], what="the deletion")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(columns(page)).to_have_text(["No section", "Food", "Music"])
    expect(page.get_by_role("region", name="Food").locator(".card")).to_have_count(2)
    wait_until(lambda: team.tasks(task_list)["Bread"]["section"] == ids[0], what="the undo")


def test_who_may_only_read_makes_no_section(team: Team, open_window: Open):
    task_list = team.new_list("Party", members={BOB: "viewer"})
    ok(team.sessions["alice"].post("/api/sections", json={"list": task_list, "name": "Food"}))
    page = open_window(BOB, task_list=task_list).page
    show_board(page)
    expect(columns(page)).to_have_text(["No section", "Food"])
    for name in ("Add section", "Change the section Food"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_other_columns_than_sections_have_no_menu(team: Team, open_window: Open):
    task_list, _ = new_list(team, "Food")
    page = open_window(ALICE, task_list=task_list).page
    show_board(page)
    expect(page.get_by_role("button", name="Change the section")).to_have_count(1)
    page.get_by_label("Columns", exact=True).select_option("Priority")
    expect(columns(page).first).to_have_text("Urgent")
    expect(page.get_by_role("button", name="Change the section")).to_have_count(0)
    expect(page.get_by_role("button", name="Add section")).to_have_count(0)


def select(window: Window, *titles: str) -> None:
    """By clicks with Ctrl."""
    for title in titles:
        window.title(title).click(modifiers=["ControlOrMeta"])
    expect(window.page.get_by_role("group", name="Selected tasks")).to_contain_text(f"{len(titles)} tasks selected")


def test_selected_tasks_are_moved_to_a_section(team: Team, open_window: Open):
    """Of any list, by mouse and keyboard; one undo takes it back; a list alone is none of its sections."""
    task_list, (food, music) = new_list(team, "Food", "Music")
    other = team.new_list("Garden", "Roses", members={})
    beds = ok(team.sessions["alice"].post("/api/sections", json={"list": other, "name": "Beds"}))["id"]
    alice = open_window(ALICE, task_list=task_list)
    page, bar = alice.page, alice.page.get_by_role("group", name="Selected tasks")
    of = lambda title, where=task_list: team.tasks(where)[title]["section"]  # noqa: E731
    select(alice, "Bread", "Lemonade")
    bar.get_by_role("button", name="Move").click()
    page.get_by_role("listbox").get_by_role("option", name="Music").click()
    expect(page.locator(".toast")).to_contain_text("Moved 2 tasks to “Music”.")
    wait_until(lambda: (of("Bread"), of("Lemonade")) == (music, music), what="the section of both")
    page.get_by_role("button", name="Undo", exact=True).click()
    wait_until(lambda: (of("Bread"), of("Lemonade")) == (food, food), what="the undo of both")
    expect(page.locator("#open .head-row", has_text="Food").locator(".count")).to_have_text("2")
    page.keyboard.press("Escape")

    select(alice, "Bread", "Lemonade")
    page.keyboard.press("m")
    page.keyboard.type("garden bed")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["BedsGarden"])
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Moved 2 tasks to “Beds”.")
    wait_until(lambda: {"Bread", "Lemonade"} <= set(team.tasks(other)), what="the other list")
    assert (of("Bread", other), of("Lemonade", other)) == (beds, beds)
    alice.open_list(other)
    select(alice, "Bread", "Lemonade")
    page.keyboard.press("m")
    page.keyboard.type("garden")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["Garden"])
    page.keyboard.press("Enter")
    wait_until(lambda: (of("Bread", other), of("Lemonade", other)) == (None, None), what="the list without a section")


def test_a_subtask_that_goes_to_a_section_is_a_task_of_its_own(team: Team, open_window: Open):
    """One whose task goes along stays with it."""
    task_list, (_, music) = new_list(team, "Food", "Music")
    for parent, title in (("Bread", "Flour"), ("Lemonade", "Ice")):
        fields = {"list": task_list, "parent": team.tasks(task_list)[parent]["id"], "title": title}
        ok(team.sessions["alice"].post("/api/tasks", json=fields))
    alice = open_window(ALICE, task_list=task_list)
    select(alice, "Bread", "Flour", "Ice")
    alice.page.keyboard.press("m")
    alice.page.get_by_role("listbox").get_by_role("option", name="Music").click()
    wait_until(lambda: team.tasks(task_list)["Ice"]["section"] == music, what="the section")
    tasks = team.tasks(task_list)
    assert (tasks["Ice"]["parent"], tasks["Flour"]["parent"]) == (None, tasks["Bread"]["id"])
    assert tasks["Bread"]["section"] == music


@pytest.mark.parametrize("options", [{}, PHONE], ids=["laptop", "phone"])
def test_a_task_is_added_to_a_section_of_the_list(team: Team, open_window: Open, options: dict[str, Any]):
    """By the button at its head; to any other group of the list, too."""
    task_list, (_, music) = new_list(team, "Food", "Music")
    page = open_window(ALICE, task_list=task_list, **options).page

    def add(group: str, title: str) -> None:
        page.locator("#open .head-row", has_text=group).hover()
        page.get_by_role("button", name=f"Add task to {group}").click()
        page.get_by_label("New task").fill(title)
        page.get_by_label("New task").press("Enter")
        page.get_by_role("dialog", name="Add a task").get_by_role("button", name="Close").click()
        wait_until(lambda: title in team.tasks(task_list), what="the task")

    add("Music", "Ask the band")
    assert team.tasks(task_list)["Ask the band"]["section"] == music
    bread = team.tasks(task_list)["Bread"]["id"]
    ok(team.sessions["alice"].patch(f"/api/tasks/{bread}", json={"priority": "high"}))
    page.get_by_role("button", name="Sort, group and filter").click()
    page.get_by_label("Group by").select_option("Priority")
    page.keyboard.press("Escape")
    add("High", "Butter")
    assert team.tasks(task_list)["Butter"]["priority"] == "high"
