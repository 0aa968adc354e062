"""A list as a calendar: tasks on the days of a month, moved by mouse, keyboard and finger."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cast import ALICE, BOB
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]


def middle() -> date:
    """The 15th of this month: on the screen, whatever day it is, and so are those around it."""
    return datetime.now(UTC).date().replace(day=15)


def cell(page: Page, day: date) -> Locator:
    return page.locator(f".calendar-days .day[data-day='{day.isoformat()}']")


def add(team: Team, task_list: str, **fields: object) -> None:
    team.sessions["alice"].post("/api/tasks", json={"list": task_list, **fields}).raise_for_status()


def train(page: Page, day: date) -> Locator:
    return cell(page, day).locator("button.title", has_text="Train")


def test_tasks_are_moved_from_day_to_day(team: Team, open_window: Open):
    """A task keeps its time. Others see it; it can be undone, and the focus goes along, also into another month."""
    task_list, start, day = team.new_list("Trip", members={BOB: "editor"}), middle(), timedelta(days=1)
    add(team, task_list, title="Train", due_date=start.isoformat(), due_time="09:30", due_zone="UTC")
    add(team, task_list, title="Hotel")
    for n in range(6):
        add(team, task_list, title=f"Errand {n}", due_date=(start - 3 * day).isoformat())
    size = {"viewport": {"width": 1280, "height": 1100}, "timezone_id": "UTC"}  # so that nothing has to be scrolled
    alice = open_window(ALICE, task_list=task_list, **size)
    bob = open_window(BOB, replica=1, task_list=task_list, **size)
    for window in (alice, bob):
        window.page.get_by_role("button", name="Show as a calendar").click()
    page = alice.page

    expect(cell(page, start)).to_contain_text("9:30am Train")
    train(page, start).drag_to(cell(page, start + day))
    expect(train(bob.page, start + day)).to_be_visible()
    due = team.tasks(task_list)["Train"]
    assert (due["due_date"], due["due_time"]) == ((start + day).isoformat(), "09:30:00")
    expect(page.locator("#detail")).to_be_hidden()
    page.locator(".undated .card", has_text="Hotel").drag_to(cell(page, start))
    expect(cell(bob.page, start)).to_contain_text("Hotel")
    crowded = cell(page, start - 3 * day)
    expect(crowded.locator(".card")).to_have_count(3)
    crowded.get_by_role("button", name="+3 more").click()
    expect(crowded.locator(".card")).to_have_count(6)

    train(page, start + day).focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(train(page, start + 2 * day)).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(train(page, start - 5 * day)).to_be_focused()
    expect(page.locator("#announcer")).to_have_text(re.compile(f"^Train: .*{(start - 5 * day).day}$"))
    page.keyboard.press("ArrowRight")
    expect(crowded.locator("button.title", has_text="Errand 0")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(train(bob.page, start + 2 * day)).to_be_visible()
    train(page, start + 2 * day).focus()
    for days in (9, 16, 23):
        page.keyboard.press("Alt+ArrowDown")
        expect(train(page, start + days * day)).to_be_focused()
    later = start + 23 * day
    expect(page.locator(".calendar h2")).to_have_text(f"{later:%B %Y}")
    wait_until(lambda: team.tasks(task_list)["Train"]["due_date"] == later.isoformat(), what="the day")
    alice.reload()
    expect(page.locator(".calendar")).to_be_visible()
    page.get_by_role("button", name="Show as a list").click()
    expect(alice.row("Train")).to_be_visible()


def test_a_task_is_added_on_a_day(team: Team, open_window: Open):
    """Arrow keys go from day to day; on a day without tasks Enter asks for one. A click on the empty part does, too."""
    task_list, start = team.new_list("Trip", members={}), middle()
    alice = open_window(ALICE, task_list=task_list, timezone_id="UTC")
    page = alice.page
    page.keyboard.press("Shift+V")
    expect(page.locator(".calendar-note")).to_have_text("Nothing here yet. Choose a day to add a task on it.")
    for turn in ("The next month", "The month before", "Today"):
        page.locator(".calendar").get_by_role("button", name=turn).click()
    here = datetime.now(UTC).date()
    today = cell(page, here).locator(".day-number")
    expect(today).to_have_attribute("aria-current", "date")
    today.focus()
    for key, days in (("ArrowDown", 7), ("ArrowRight", 8), ("ArrowUp", 1), ("PageDown", None), ("PageUp", None)):
        page.keyboard.press(key)
        if days:
            expect(cell(page, here + timedelta(days=days)).locator(".day-number")).to_be_focused()
    page.locator(".calendar").get_by_role("button", name="Today").click()
    today.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="New task")).to_be_focused()
    page.keyboard.type("Pack")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(cell(page, here).locator("button.title")).to_have_text("Pack")
    other = start + timedelta(days=2 if here != start + timedelta(days=2) else 3)
    cell(page, other).click(position={"x": 30, "y": 60})
    expect(page.get_by_role("textbox", name="New task")).to_be_focused()
    page.keyboard.type("Water the plants")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(cell(page, other).locator("button.title")).to_have_text("Water the plants")
    due = {"Pack": here.isoformat(), "Water the plants": other.isoformat()}
    wait_until(lambda: {t: each["due_date"] for t, each in team.tasks(task_list).items()} == due, what="both tasks")


def test_a_phone_has_dots_and_the_tasks_of_the_chosen_day(team: Team, open_window: Open):
    """A tap on a day shows its tasks below; a finger drags one of them to another day."""
    task_list, start = team.new_list("Trip", members={}), middle()
    add(team, task_list, title="Train", due_date=start.isoformat())
    size = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    alice = open_window(ALICE, task_list=task_list, timezone_id="UTC", **size)
    page, target = alice.page, start + timedelta(days=1)
    page.get_by_role("button", name="Sort, group and filter").tap()
    page.get_by_label("Layout").select_option("Calendar")
    cell(page, start).get_by_role("button").tap()
    card = page.locator(".calendar-below .card", has_text="Train")
    expect(card).to_be_visible()
    from_box, to_box = card.bounding_box(), cell(page, target).bounding_box()
    assert from_box
    assert to_box
    touch = alice.context.new_cdp_session(page)
    x, y = from_box["x"] + 120, from_box["y"] + 24
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    expect(card).to_contain_class("picked")
    end = {"x": to_box["x"] + to_box["width"] / 2, "y": to_box["y"] + to_box["height"] / 2}
    for step in range(1, 6):
        point = {"x": x + (end["x"] - x) * step / 5, "y": y + (end["y"] - y) * step / 5}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    expect(cell(page, target).locator(".drop-line")).to_be_visible()
    expect(page.locator(".ghost")).to_have_css("position", "fixed")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_until(lambda: team.tasks(task_list)["Train"]["due_date"] == target.isoformat(), what="the drop")
    expect(cell(page, target).get_by_role("button", name=re.compile("1 task$"))).to_be_visible()
