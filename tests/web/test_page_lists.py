"""Lists and their members."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.cast import ALICE, BOB, CAROL
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

# The state of the connection stands beside the list's name, also where there is a second line.
ALIGNED = """() => {
  const [head, badge] = [".head-line", "#badge"].map((each) => document.querySelector(each).getBoundingClientRect());
  return Math.abs(head.top + head.height / 2 - badge.top - badge.height / 2) < 2;
}"""


def hold(page: Page, url: str) -> list[Route]:
    """The next request to the URL, once it is there; it waits until the test continues it."""
    held: list[Route] = []
    page.route(url, lambda route: held.append(route), times=1)  # noqa: PLW0108  Playwright takes no built-in function
    return held


def expect_refusals(window: Window, title: str, why: str) -> None:
    """Who tries to change the task is told why it cannot be, once; the palette does not offer it."""
    page, told = window.page, window.page.locator(".toast")

    def drag() -> None:
        window.row(title).hover()
        page.mouse.down()
        page.get_by_role("heading", level=1).hover()
        page.mouse.up()

    expect(window.row(title).get_by_role("checkbox")).to_be_disabled()
    for attempt in (
        drag,
        lambda: window.row(title).get_by_role("checkbox").click(force=True),
        lambda: window.title(title).press("1"),
    ):
        attempt()
        expect(told).to_contain_text(why)
        window.title(title).press("Delete")
        expect(told).to_have_count(1)
        told.get_by_role("button", name="Close").click()
        expect(told).to_have_count(0)
    window.row(title).hover()
    window.row(title).get_by_role("button", name="More for").click()
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text([re.compile("^Open the details")])
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    window.title(title).press("Control+k")
    expect(page.get_by_role("option", name="Open the details")).to_be_visible()
    for command in ("Complete", "Set the date", "Delete", "Add a task to this list"):
        expect(page.get_by_role("option", name=command, exact=True)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_list_is_made_shared_restricted_and_deleted(team: Team, open_window: Open):
    """Bob sees the list come, may edit it, then only read it, and sees it go; so does Alice delete it."""
    alice = open_window(ALICE)
    bob = open_window(BOB, replica=1)
    creations = hold(alice.page, "**/api/lists")
    alice.page.get_by_role("button", name="New list").click()
    dialog = alice.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Secret plans")
    dialog.get_by_label("Teal").check()
    dialog.get_by_role("button", name="Make list").click()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Secret plans")
    alice.add("First")
    expect(alice.row("First")).to_be_visible()
    alice.page.locator(".people").click()
    dialog.get_by_label("Username").fill("nobody-of-this-name")
    dialog.get_by_role("button", name="Add").click()
    creations[0].continue_()
    expect(dialog.get_by_role("alert")).to_have_text(
        "There is nobody called nobody-of-this-name. Administrators add people in the admin."
    )
    expect(dialog.get_by_role("link", name="admin")).to_have_count(0)
    dialog.get_by_label("Username").fill("bob")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_label("Role of bob")).to_have_value("editor")

    entry = bob.page.get_by_role("link", name=re.compile("Secret plans"))
    entry.click()
    expect(bob.row("First")).to_be_visible()
    bob.open_details("First")
    bob.choose("Assignee", "bob")
    bob.close_details()
    expect(bob.composer).to_be_visible()
    dialog.get_by_label("Role of bob").select_option("viewer")
    expect(bob.composer).to_be_hidden()
    expect(bob.page.get_by_text("You may read this list, not change it.")).to_be_visible()
    bob.page.wait_for_function(ALIGNED)
    expect_refusals(bob, "First", "You may read the list “Secret plans”, not change it. Ask its owner.")
    dialog.get_by_role("button", name="Remove bob").click()
    expect(dialog).to_contain_text("Remove “bob” from this list? 1 task of it assigned to them will be")
    expect(entry).to_be_visible()
    dialog.get_by_role("button", name="Yes, remove").click()
    expect(entry).to_have_count(0)
    expect(bob.row("First")).to_have_count(0)
    expect(bob.page.get_by_role("heading", level=1)).not_to_have_text("Secret plans")
    dialog.get_by_role("button", name="Close").click()

    alice.list_menu("Rename, recolour or delete")
    dialog.get_by_label("Name").fill("Open plans")
    dialog.get_by_role("button", name="Save").click()
    expect(alice.page.get_by_role("link", name=re.compile("Open plans"))).to_be_visible()
    alice.list_menu("Rename, recolour or delete")
    dialog.get_by_role("button", name="Delete list").click()
    dialog.get_by_role("button", name="Yes, delete it").click()
    expect(alice.page.get_by_role("link", name=re.compile("Open plans"))).to_have_count(0)
    wait_until(lambda: "Open plans" not in team.names_of_lists(), what="the deletion of the list")


def test_the_deletion_of_a_list_is_taken_back(team: Team, open_window: Open):
    alice = open_window(ALICE, task_list=team.new_list("Plans", "First"))
    dialog, entry = alice.page.get_by_role("dialog"), alice.page.get_by_role("link", name=re.compile("^Plans"))
    alice.list_menu("Rename, recolour or delete")
    dialog.get_by_role("button", name="Delete list").click()
    expect(dialog.get_by_role("alert")).to_have_text(
        "Delete “Plans” with its 1 open task and all completed ones? 1 other member will not see it any more. "
        "You can restore it from the trash."
    )
    dialog.get_by_role("button", name="Yes, delete it").click()
    expect(entry).to_have_count(0)
    alice.page.get_by_role("button", name="Undo", exact=True).click()
    expect(entry).to_be_visible()
    alice.page.get_by_role("button", name="Open", exact=True).click()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Plans")
    expect(alice.row("First")).to_be_visible()


def test_an_administrator_is_shown_where_people_are_added(team: Team, open_window: Open):
    alice_is_staff = "UPDATE tasks_user SET is_staff = %s WHERE username = 'alice'"
    with team.database() as database:
        database.execute(alice_is_staff, [True])
    try:
        alice = open_window(ALICE, task_list=team.new_list("Party", members={}))
        alice.page.locator(".people").click()
        dialog = alice.page.get_by_role("dialog")
        dialog.get_by_label("Username").fill("zoe")
        dialog.get_by_label("Username").press("Enter")
        expect(dialog.get_by_role("alert")).to_contain_text("There is nobody called zoe.")
        expect(dialog.get_by_role("link", name="admin")).to_have_attribute("href", "/admin/")
    finally:
        with team.database() as database:
            database.execute(alice_is_staff, [False])


def test_a_member_leaves(team: Team, open_window: Open):
    task_list = team.new_list("Party", members={CAROL: "viewer"})
    carol = open_window(CAROL, task_list=task_list)
    carol.page.locator(".people").click()
    carol.page.get_by_role("button", name="Leave this list").click()
    expect(carol.entry(task_list)).to_have_count(0)
