"""A list as a board: the same tasks in columns, moved by mouse, finger and keyboard."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cast import ALICE, BOB
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]


def board_of(team: Team, open_window: Open, task_list: str, **options: object) -> Window:
    alice = open_window(ALICE, task_list=task_list, **options)
    if options.get("is_mobile"):  # where the bar has no room for it
        alice.page.get_by_role("button", name="Sort, group and filter").tap()
        alice.page.get_by_label("Layout").select_option("Board")
    else:
        alice.page.get_by_role("button", name="Show as a board").click()
    alice.page.get_by_label("Columns", exact=True).select_option("Priority")
    return alice


def lane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True).locator(".card .title-text")


def new_board(team: Team) -> str:
    task_list = team.new_list("Party")
    for title, priority in (("One", "high"), ("Two", "high"), ("Three", "low"), ("Four", "none")):
        task = {"list": task_list, "title": title, "priority": priority}
        team.sessions["alice"].post("/api/tasks", json=task).raise_for_status()
    return task_list


def test_cards_are_dragged_between_and_within_columns(team: Team, open_window: Open):
    """Others see it; it can be undone; and the list keeps its look after a reload."""
    task_list = new_board(team)
    alice = board_of(team, open_window, task_list)
    page = alice.page
    expect(lane(page, "High")).to_have_text(["One", "Two"])
    page.locator(".card", has_text="Three").drag_to(
        page.locator(".card", has_text="Two"), target_position={"x": 40, "y": 4}
    )
    expect(lane(page, "High")).to_have_text(["One", "Three", "Two"])
    expect(lane(page, "Low")).to_have_count(0)
    wait_until(lambda: team.tasks(task_list)["Three"]["priority"] == "high", what="the priority")
    page.locator(".card", has_text="Two").drag_to(
        page.locator(".card", has_text="One"), target_position={"x": 40, "y": 4}
    )
    expect(lane(page, "High")).to_have_text(["Two", "One", "Three"])
    expect(page.locator("#detail")).to_be_hidden()
    bob = board_of(team, lambda _person, **options: open_window(BOB, replica=1, **options), task_list)
    expect(lane(bob.page, "High")).to_have_text(["Two", "One", "Three"])
    page.keyboard.press("Control+z")
    expect(lane(bob.page, "High")).to_have_text(["One", "Three", "Two"])
    page.reload()
    expect(lane(page, "High")).to_have_text(["One", "Three", "Two"])
    page.get_by_role("button", name="Show as a list").click()
    expect(page.locator("#open .title-text")).to_have_count(4)


def test_cards_are_moved_by_keyboard(team: Team, open_window: Open):
    task_list = new_board(team)
    page = board_of(team, open_window, task_list).page
    page.locator(".card", has_text="One").locator("button.title").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card", has_text="Two").locator("button.title")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(lane(page, "High")).to_have_text(["Two", "One"])
    page.keyboard.press("Alt+ArrowRight")
    expect(lane(page, "Medium")).to_have_text(["Two"])
    expect(page.locator(".card", has_text="Two").locator("button.title")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("Two: Medium, place 1")
    page.keyboard.press("Shift+M")
    page.get_by_role("combobox", name="Move to a column").fill("urg")
    expect(page.locator(".palette-name")).to_have_text(["Urgent"])
    page.keyboard.press("Enter")
    expect(lane(page, "Urgent")).to_have_text(["Two"])
    wait_until(lambda: team.tasks(task_list)["Two"]["priority"] == "urgent", what="the priority")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card", has_text="One").locator("button.title")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_visible()


def test_there_is_always_room_between_two_tasks(team: Team, open_window: Open):
    """On the board and in the list, also where no number is left between their positions: the server makes room."""
    task_list = new_board(team)
    tight = {"One": 1.0, "Two": math.nextafter(1.0, 2.0), "Three": 5000.0, "Four": 6000.0}
    for title, position in tight.items():
        task = team.tasks(task_list)[title]
        team.sessions["alice"].patch(f"/api/tasks/{task['id']}", json={"position": position}).raise_for_status()
    in_order = lambda: sorted(team.tasks(task_list), key=lambda title: team.tasks(task_list)[title]["position"])  # noqa: E731
    alice = board_of(team, open_window, task_list)
    page = alice.page
    two = page.locator(".card", has_text="Two")
    page.locator(".card", has_text="Three").drag_to(two, target_position={"x": 40, "y": 4})
    wait_until(lambda: in_order() == ["One", "Three", "Two", "Four"], what="the place")
    assert team.tasks(task_list)["Three"]["priority"] == "high"
    expect(lane(page, "High")).to_have_text(["One", "Three", "Two"])
    page.keyboard.press("Control+z")  # the priority and the place, as one
    expect(lane(page, "High")).to_have_text(["One", "Two"])
    expect(lane(page, "Low")).to_have_text(["Three"])
    wait_until(lambda: team.tasks(task_list)["Three"]["priority"] == "low", what="the undo")
    first, second, third, last = in_order()
    page.get_by_role("button", name="Show as a list").click()
    alice.title(last).focus()
    for order in ([first, second, last, third], [first, last, second, third]):
        page.keyboard.press("Alt+ArrowUp")
        expect(page.locator("#open .title-text")).to_have_text(order)
    wait_until(lambda: in_order() == order, what="the place")
    expect(page.locator("#open .title-text")).to_have_text(order)


def test_cards_are_dragged_with_a_finger(team: Team, open_window: Open):
    """After it has stayed for a moment: before that it scrolls. The board scrolls at its edge."""
    task_list = new_board(team)
    size = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    alice = board_of(team, open_window, task_list, **size)
    page = alice.page
    card = page.locator(".card", has_text="Two")
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    assert box
    touch = alice.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + 12
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    expect(card).to_have_class("card picked")
    for step in range(1, 8):
        point = {"x": min(386, x + step * 40), "y": y + 4}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    expect(page.get_by_role("region", name="Medium", exact=True).locator(".drop-line")).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_until(lambda: team.tasks(task_list)["Two"]["priority"] != "high", what="the drop")


def expect_task(team: Team, task_list: str, title: str, **fields: object) -> None:
    wait_until(lambda: title in team.tasks(task_list), what="the task")
    assert fields.items() <= team.tasks(task_list)[title].items()


def test_a_column_takes_a_new_task_and_a_card_shows_its_subtasks(team: Team, open_window: Open):
    """The task gets what the column stands for. A card says how many subtasks are done and that one is reminded, and
    unfolds the subtasks: they are completed there, and keys are about the one with the focus.
    """
    task_list, api = team.new_list("Party"), team.sessions["alice"]
    label = api.post("/api/labels", json={"list": task_list, "name": "Shop"}).json()["id"]
    section = api.post("/api/sections", json={"list": task_list, "name": "Food"}).json()["id"]
    cake = {"list": task_list, "title": "Cake", "priority": "high", "due_date": "2100-01-01"}
    cake_id = api.post("/api/tasks", json=cake).json()["id"]
    api.post("/api/reminders", json={"task": cake_id, "at": "2099-12-31T12:00:00Z"}).raise_for_status()
    for title in ("Flour", "Eggs", "Oven"):
        subtask = {"list": task_list, "parent": cake_id, "title": title, "completed": title == "Oven"}
        api.post("/api/tasks", json=subtask).raise_for_status()
    alice = open_window(ALICE, task_list=task_list)
    page = alice.page
    expect(alice.row("Cake").locator(".bell")).to_have_attribute("title", re.compile("^Reminder: .*2099"))
    expect(alice.row("Flour").locator(".bell")).to_have_count(0)
    page.get_by_role("button", name="Show as a board").click()
    me = api.get("/api/me").json()["id"]
    tomorrow = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    for by, column, field, value in (
        ("Label", "Shop", "labels", [label]),
        ("Section", "Food", "section", section),
        ("Person", "alice", "assignee", me),
        ("Date", "Tomorrow", "due_date", tomorrow),
        ("Priority", "Low", "priority", "low"),
    ):
        page.get_by_label("Columns", exact=True).select_option(by)
        page.get_by_role("button", name=f"Add task to {column}").click()
        page.get_by_label("New task").fill(f"By {by}")
        page.get_by_label("New task").press("Enter")
        page.get_by_role("dialog", name="Add a task").get_by_role("button", name="Close").click()
        expect(lane(page, column)).to_have_text([f"By {by}"])
        expect_task(team, task_list, f"By {by}", **{field: value})

    card = page.locator(".card", has_text="Cake")
    expect(card.locator(".bell")).to_have_count(1)
    card.get_by_role("button", name="1/3, 1 of 3 subtasks completed").click()
    expect(card.locator(".subtask button.title")).to_have_text(["Flour", "Eggs", "Oven"])
    card.get_by_role("checkbox", name="Complete Flour").click()
    expect(card.locator(".card-toggle")).to_have_text("2/3")
    card.locator(".subtask button.title", has_text="Eggs").focus()
    page.keyboard.press("1")
    wait_until(lambda: team.tasks(task_list)["Eggs"]["priority"] == "urgent", what="the priority")
    assert (team.tasks(task_list)["Cake"]["priority"], team.tasks(task_list)["Flour"]["completed"]) == ("high", True)
    card.locator(".card-toggle").click()
    expect(card.locator(".subtask")).to_have_count(0)
