"""The navigation: one's own order of lists and favourites, and what a phone has instead of it."""

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
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def order(window: Window) -> Locator:
    """The names of this module's lists, as they stand in the navigation."""
    return window.page.locator("#lists a[data-place]").filter(has_text=re.compile("^Nav ")).locator(".list-name")


def test_each_person_has_their_own_order_and_favourites(team: Team, open_window: Open):
    """By menu, by keyboard and by mouse. Another window of the person follows; other people have other orders. What is
    folded, or unfolded, is so after a reload.
    """
    first, second, third = (team.new_list(f"Nav {name}") for name in ("one", "two", "three"))
    label = {"list": first, "name": "weeds"}
    team.sessions["alice"].post("/api/labels", json=label).raise_for_status()
    alice, other, bob = open_window(ALICE), open_window(ALICE, replica=1), open_window(BOB, replica=1)
    page = alice.page
    page.get_by_text("Labels and filters").click()
    expect(page.locator("#labels a")).to_be_visible()
    alice.entry(second).hover()
    page.get_by_role("button", name="Options of Nav two").click()
    page.get_by_role("option", name="Add to favourites").click()
    for window in (alice, other):
        expect(window.page.locator("#favorites .list-name")).to_have_text(["Nav two"])
    page.locator("#favorites a").click()
    expect(page.locator("#sidebar [aria-current='page']")).to_have_attribute("title", "Nav two")  # marked once
    alice.entry(third).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(order(alice)).to_have_text(["Nav one", "Nav three", "Nav two"])
    expect(alice.entry(third)).to_be_focused()
    expect(order(other)).to_have_text(["Nav one", "Nav three", "Nav two"])
    alice.entry(second).drag_to(alice.entry(first), target_position={"x": 40, "y": 3})
    for window in (alice, other):
        expect(order(window)).to_have_text(["Nav two", "Nav one", "Nav three"])
    expect(order(bob)).to_have_text(["Nav one", "Nav two", "Nav three"])
    expect(bob.page.locator("#favorites")).to_be_hidden()
    page.keyboard.press("Control+Backslash")
    page.reload()
    alice.expect_status("live")
    expect(page.locator("body")).to_have_class(re.compile("folded"))
    expect(page.locator("details[open] #labels")).to_have_count(1)
    expect(page.locator("#favorites a")).to_have_attribute("title", "Nav two")


def touch(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """A finger goes from here, by so much. The browser makes all its events, so that none comes late."""
    where = {"x": start[0], "y": start[1], "xDistance": by[0], "yDistance": by[1]}
    session = page.context.new_cdp_session(page)
    session.send("Input.synthesizeScrollGesture", {**where, "gestureSourceType": "touch", "preventFling": True})
    session.detach()


def swipe(window: Window, title: str, by: float) -> None:
    window.title(title).tap(trial=True)  # waits until it stands still and nothing lies above it
    box = window.row(title).bounding_box()
    assert box
    touch(window.page, (box["x"] + 180, box["y"] + 20), (by, 2))


def test_a_phone_has_tabs_sheets_and_swipes(team: Team, open_window: Open):
    """A short swipe does nothing. Back closes what dragging down closes."""
    task_list = team.new_list("Phone", "One", "Two", members={})
    alice = open_window(ALICE, task_list=task_list, **PHONE)
    page, tabs = alice.page, alice.page.get_by_role("navigation", name="Views")
    page.get_by_role("button", name="More for this list").tap()
    expect(page.get_by_role("listbox")).to_be_visible()
    tabs.get_by_role("link", name="Upcoming").tap()  # the menu leaves the tabs free
    expect(page.get_by_role("heading", level=1)).to_have_text("Upcoming")
    expect(tabs.get_by_role("link", name="Upcoming")).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phone")
    tabs.get_by_role("button", name="Quick add").tap()
    page.get_by_label("New task").press_sequentially("Three")
    page.get_by_label("New task").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Close").tap()
    wait_until(lambda: "Three" in team.tasks(task_list), what="the task")

    swipe(alice, "One", 30)  # too short
    expect(alice.row("One")).not_to_have_class(re.compile("swiped"))
    swipe(alice, "Two", -130)
    page.get_by_role("dialog", name="Due").get_by_role("button", name="Tomorrow").click()
    tomorrow = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    wait_until(lambda: team.tasks(task_list)["Two"]["due_date"] == tomorrow, what="the date")
    swipe(alice, "One", 130)
    wait_until(lambda: team.tasks(task_list)["One"]["completed"], what="the completion")
    assert [team.tasks(task_list)[title]["completed"] for title in ("Two", "Three")] == [False, False]

    detail = page.locator("#detail")

    def drag_down() -> None:
        page.locator(".detail-list").tap(trial=True)  # as above
        touch(page, (150, 24), (0, 260))

    for close in (drag_down, page.go_back):
        alice.title("Three").click()
        expect(detail.get_by_label("Title")).to_have_value("Three")
        expect(page).to_have_url(re.compile("/task/"))
        close()
        expect(detail).to_be_hidden()
        expect(page).not_to_have_url(re.compile("/task/"))  # a step back is made a moment later
    expect(page.get_by_role("heading", level=1)).to_have_text("Phone")
