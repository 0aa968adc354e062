"""Several tasks at once: selected by mouse, keyboard and finger; changed together, and undone together."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

TITLES = ["One", "Two", "Three", "Four", "Five"]


def completed(team: Team, task_list: str) -> list[str]:
    return sorted(title for title, task in team.tasks(task_list).items() if task["completed"])


def test_tasks_are_selected_with_the_mouse_and_changed_together(team: Team, open_window: Open):
    task_list = team.new_list("Party", *TITLES, members={})
    alice = open_window(ALICE, task_list=task_list)
    page = alice.page
    bar = page.get_by_role("group", name="Selected tasks")
    alice.title("Two").click(modifiers=["ControlOrMeta"])
    alice.title("Four").click(modifiers=["ControlOrMeta"])
    expect(bar).to_contain_text("2 tasks selected")
    expect(page.locator("#detail")).to_be_hidden()
    expect(alice.composer).to_be_hidden()
    alice.title("Five").click(modifiers=["Shift"])
    expect(page.locator(".task.picked .title-text")).to_have_text(["Four", "Five"])
    bar.get_by_role("button", name="Complete").click()
    wait_until(lambda: completed(team, task_list) == ["Five", "Four"], what="both to be completed")
    expect(bar).to_be_hidden()  # what is not in sight is not selected
    page.keyboard.press("Control+z")
    wait_until(lambda: completed(team, task_list) == [], what="the undo of both")
    alice.row("Five").locator("button.title").click(modifiers=["ControlOrMeta"])
    bar.get_by_role("button", name="Clear the selection").click()
    expect(bar).to_be_hidden()
    expect(alice.composer).to_be_visible()


def test_tasks_are_selected_by_keyboard(team: Team, open_window: Open):
    """X, Shift with the arrows, Ctrl+A; Escape ends it. What is deleted together comes back together."""
    task_list = team.new_list("Party", *TITLES, members={})
    alice = open_window(ALICE, task_list=task_list)
    page = alice.page
    alice.title("One").focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.locator(".task.picked .title-text")).to_have_text(["One", "Three"])
    expect(alice.title("Three")).to_have_accessible_description("Selected")
    page.keyboard.press("Escape")
    expect(page.locator(".task.picked")).to_have_count(0)
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".task.picked .title-text")).to_have_text(["Three", "Four", "Five"])
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator(".task.picked .title-text")).to_have_text(["Three", "Four"])
    page.keyboard.press("Delete")
    expect(page.locator("#open .title-text")).to_have_text(["One", "Two", "Five"])
    expect(page.get_by_role("group", name="Selected tasks")).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.locator("#open .title-text")).to_have_text(TITLES)
    page.keyboard.press("Control+a")
    expect(page.locator(".task.picked")).to_have_count(5)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Commands")).to_contain_text("5 tasks")
    page.keyboard.press("Escape")
    wait_until(lambda: sorted(team.tasks(task_list)) == sorted(TITLES), what="all tasks")


def test_a_long_press_of_a_finger_selects(team: Team, open_window: Open):
    """From then on each tap does, until the selection is cleared."""
    task_list = team.new_list("Party", *TITLES, members={})
    alice = open_window(
        ALICE, task_list=task_list, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = alice.page
    box = alice.title("Two").bounding_box()
    assert box
    touch = alice.context.new_cdp_session(page)
    point = {"x": box["x"] + 10, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(page.locator(".task.picked .title-text")).to_have_text(["Two"])
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    alice.title("Three").tap()
    expect(page.locator(".task.picked .title-text")).to_have_text(["Two", "Three"])
    expect(page.locator("#detail")).to_be_hidden()
    bar = page.get_by_role("group", name="Selected tasks")
    expect(bar.get_by_role("button", name="Delete")).to_be_in_viewport(ratio=1)
    bar.get_by_role("button", name="Clear the selection").tap()
    alice.title("Three").tap()
    expect(page.locator("#detail")).to_be_visible()
