"""The order of a view: what is unusual in it is said above the tasks, and why a task stays in its place."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.cast import ALICE
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def arrange(page: Page, what: str, choice: str) -> None:
    page.get_by_role("button", name="Sort, group and filter").click()
    page.get_by_label(what).select_option(choice)
    page.keyboard.press("Escape")
    expect(page.locator(".view-menu")).to_have_count(0)


def titles(page: Page) -> Any:
    return page.locator("#open .title-text")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["laptop", "phone"])
def test_an_unusual_order_is_said_above_the_tasks(team: Team, open_window: Open, options: dict[str, Any]):
    """Also after a reload. A press on what is said brings back the usual one."""
    alice = open_window(ALICE, task_list=team.new_list("Party", "Bread", "Apples", members={}), **options)
    page, marks = alice.page, alice.page.locator("#filters .quick-chip")
    expect(marks).to_have_count(0)
    arrange(page, "Sort by", "Title")
    arrange(page, "Group by", "Priority")
    expect(marks).to_have_text(["Sorted by title", "Grouped by priority"])
    expect(titles(page)).to_have_text(["Apples", "Bread"])
    alice.reload()
    expect(marks).to_have_text(["Sorted by title", "Grouped by priority"])
    page.get_by_role("button", name="Grouped by priority: back to the usual order").click()
    expect(marks).to_have_text(["Sorted by title"])
    page.get_by_role("button", name="Sorted by title: back to the usual order").click()
    expect(page.locator("#filters")).to_be_hidden()
    expect(titles(page)).to_have_text(["Bread", "Apples"])


def test_what_a_board_does_not_follow_is_not_said_of_it(team: Team, open_window: Open):
    page = open_window(ALICE, task_list=team.new_list("Party", "Bread", members={})).page
    arrange(page, "Sort by", "Date")
    expect(page.locator("#filters .quick-chip")).to_have_text(["Sorted by date"])
    page.get_by_role("button", name="Show as a board").click()
    expect(page.locator("#filters")).to_be_hidden()


def test_a_sorted_view_says_why_a_task_stays_where_it_is(team: Team, open_window: Open):
    """One's own order is one press away from there. What is dropped in another group goes there."""
    task_list = team.new_list("Party", "Apples", "Bread", members={})
    alice = open_window(ALICE, task_list=task_list)
    page, told = alice.page, alice.page.locator(".toast")
    arrange(page, "Sort by", "Title")
    expect(titles(page)).to_have_text(["Apples", "Bread"])
    alice.row("Bread").drag_to(alice.row("Apples"), target_position={"x": 60, "y": 4})
    expect(told).to_contain_text(re.compile("an order of your own here: this view is sorted by title."))
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)
    alice.title("Bread").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(told).to_contain_text("sorted by title")
    told.get_by_role("button", name="Use my own order").click()
    expect(page.locator("#filters")).to_be_hidden()
    alice.title("Bread").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(titles(page)).to_have_text(["Bread", "Apples"])

    team.sessions["alice"].patch(
        f"/api/tasks/{team.tasks(task_list)['Apples']['id']}", json={"priority": "high"}
    ).raise_for_status()
    arrange(page, "Sort by", "Title")
    arrange(page, "Group by", "Priority")
    expect(page.locator("#open .head-text")).to_have_text(["High", "No priority"])
    alice.row("Bread").drag_to(alice.row("Apples"), target_position={"x": 60, "y": 4})
    wait_until(lambda: team.tasks(task_list)["Bread"]["priority"] == "high", what="the priority")
