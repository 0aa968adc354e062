"""By keyboard, for readers of every kind: WCAG 2.2 AA, and what can be undone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

EVERYONE = "00000000-0000-4000-8000-000000000001"


def test_an_arrow_key_on_the_list_moves_nothing(team: Team, open_window: Open):
    """Only Enter does; then it can be undone. Escape takes the choice back."""
    first, second = team.new_list("A first", "Milk", members={}), team.new_list("B second", members={})
    alice = open_window(ALICE, task_list=first)
    requests: list[str] = []
    alice.page.on("request", lambda request: requests.append(request.method) if request.method == "PATCH" else None)
    alice.open_details("Milk")
    search = alice.open_property("List").get_by_role("combobox")
    search.fill("second")
    expect(alice.page.get_by_role("option")).to_have_text(["B second"])
    search.press("Escape")
    expect(alice.property("List: A first")).to_be_focused()
    alice.open_property("List").get_by_role("combobox").press("ArrowDown")
    alice.page.keyboard.press("Escape")
    assert requests == []
    search = alice.open_property("List").get_by_role("combobox")
    search.fill("second")
    search.press("Enter")
    wait_until(lambda: "Milk" in team.tasks(second), what="the move")
    expect(alice.property("List: B second")).to_be_visible()
    alice.page.get_by_role("button", name="Undo").click()
    wait_until(lambda: "Milk" in team.tasks(first), what="the undo")
    assert len(requests) == 1


def test_a_task_is_not_shown_to_everyone_without_a_question(team: Team, open_window: Open):
    task_list = team.new_list("Party", "Secret present", members={})
    alice = open_window(ALICE, task_list=task_list)
    alice.open_details("Secret present")
    alice.choose("List", "Everyone")
    dialog = alice.page.get_by_role("dialog", name="Show this task")
    expect(dialog).to_contain_text("Show this task to everyone?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(alice.property("List: Party")).to_be_visible()
    assert "Secret present" in team.tasks(task_list)
    alice.choose("List", "Everyone")
    alice.page.get_by_role("button", name="Show to everyone").click()
    wait_until(lambda: "Secret present" in team.tasks(EVERYONE), what="the move")
    alice.page.get_by_role("button", name="Undo").click()
    wait_until(lambda: "Secret present" in team.tasks(task_list), what="the undo")


def test_an_arrow_key_on_a_priority_or_a_role_sends_nothing(team: Team, open_window: Open):
    task_list = team.new_list("Party", "Milk")
    alice = open_window(ALICE, task_list=task_list)
    requests: list[str] = []
    alice.page.on("request", lambda request: requests.append(request.method) if request.method == "PATCH" else None)
    alice.open_details("Milk")
    alice.open_property("Priority")
    options = alice.page.get_by_role("listbox", name="Priority")
    expect(options).to_be_focused()
    options.press("Home")
    options.press("ArrowDown")
    expect(alice.page.locator(".picker .active")).to_have_text("High")
    assert requests == []
    options.press("Enter")
    wait_until(lambda: team.tasks(task_list)["Milk"]["priority"] == "high", what="the priority")
    expect(alice.property("Priority: High")).to_be_focused()
    alice.page.locator(".people").click()
    role = alice.page.get_by_role("dialog").get_by_label("Role of bob")
    role.focus()
    role.press("ArrowDown")
    expect(role).to_have_value("viewer")
    assert len(requests) == 1
    role.press("Enter")
    expect(role).to_have_value("viewer")
    wait_until(lambda: alice.page.evaluate("1") and len(requests) == 2, what="the request")


def test_everything_can_be_undone_by_keyboard(team: Team, open_window: Open):
    """Ctrl+Z takes back the newest change of any kind, also with the focus in a field that nothing was typed into."""
    task_list = team.new_list("Party", "Milk", members={})
    alice = open_window(ALICE, task_list=task_list)
    alice.open_details("Milk")
    alice.choose("Priority", "High")
    expect(alice.row("Milk").locator(".check")).to_have_class("check high")
    alice.page.keyboard.press("Escape")
    alice.row("Milk").get_by_role("checkbox").click()
    expect(alice.page.get_by_role("button", name="Completed 1")).to_be_visible()
    alice.composer.focus()
    alice.page.keyboard.press("Control+z")
    expect(alice.row("Milk").get_by_role("checkbox")).not_to_be_checked()
    alice.page.keyboard.press("Control+z")
    expect(alice.row("Milk").locator(".check")).to_have_class("check none")
    alice.composer.press_sequentially("x")
    alice.page.keyboard.press("Control+z")
    expect(alice.composer).to_have_value("")
    wait_until(lambda: team.tasks(task_list)["Milk"]["priority"] == "none", what="the undo")


def test_the_focus_goes_on_to_the_next_row(team: Team, open_window: Open):
    """After deleting and after completing, not to nowhere."""
    task_list = team.new_list("Party", "One", "Two", "Three", members={})
    alice = open_window(ALICE, task_list=task_list)
    page = alice.page
    alice.title("One").focus()
    page.keyboard.press("Delete")
    expect(alice.title("Two")).to_be_focused()
    alice.row("Two").get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(alice.row("Three").get_by_role("checkbox")).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_keys_act_on_the_open_task_where_it_is_shown(team: Team, open_window: Open):
    """A choice opens at its field, the title is edited in the details; after a deletion no key is taken for text."""
    task_list = team.new_list("Party", "One", "Two", members={})
    alice = open_window(ALICE, task_list=task_list)
    page, detail = alice.page, alice.open_details("One")
    expect(detail).to_be_focused()
    for key, name in (("d", "Due"), ("p", "Priority"), ("a", "Assignee"), ("l", "Labels"), ("m", "List")):
        page.keyboard.press(key)
        expect(page.locator(".popover")).to_have_attribute("aria-label", name)
        expect(detail.locator("[aria-expanded=true]")).to_have_attribute("data-property", name.lower())
        page.keyboard.press("Escape")
        expect(page.locator(".popover")).to_have_count(0)
    for key in ("e", "F2"):
        page.keyboard.press(key)
        expect(detail.get_by_label("Title")).to_be_focused()
        detail.get_by_role("button", name="The next task").focus()
    page.keyboard.press("Delete")
    expect(alice.title("Two")).to_be_focused()
    alice.open_details("Two")
    expect(detail).to_be_focused()
    page.keyboard.press("Delete")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_focus_stays_in_the_dialog_when_a_member_is_removed(team: Team, open_window: Open):
    task_list = team.new_list("Party")
    alice = open_window(ALICE, task_list=task_list)
    alice.page.locator(".people").click()
    dialog = alice.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Remove bob").click()
    dialog.get_by_role("button", name="Yes, remove").press("Enter")
    expect(dialog.get_by_label("Role of bob")).to_have_count(0)
    expect(dialog.get_by_role("heading")).to_be_focused()
    alice.page.keyboard.press("Escape")
    alice.page.locator(".people").click()
    expect(dialog.get_by_label("Username")).to_be_focused()
    expect(dialog.get_by_label("Username")).to_have_attribute("placeholder", "Username")


def test_one_tab_stop_for_all_rows(team: Team, open_window: Open):
    task_list = team.new_list("Party", "One", "Two", "Three", members={})
    alice = open_window(ALICE, task_list=task_list)
    expect(alice.row("Three")).to_be_visible()
    stops = "[...document.querySelectorAll('#open .task')].filter(row => row.querySelector('[tabindex=\"0\"]')).length"
    alice.page.wait_for_function(f"{stops} === 1")
    alice.title("One").focus()
    alice.page.keyboard.press("End")
    expect(alice.title("Three")).to_be_focused()
    alice.page.wait_for_function(f"{stops} === 1")


def test_nothing_under_the_panel_can_have_the_focus(team: Team, open_window: Open):
    """Where the panel lies over the list, as on a phone or at 200 %."""
    task_list = team.new_list("Party", "One", "Two", members={})
    alice = open_window(ALICE, task_list=task_list, viewport={"width": 390, "height": 700})
    alice.title("One").click()
    expect(alice.page.locator("#detail")).to_be_visible()
    for width in (390, 640):
        alice.page.set_viewport_size({"width": width, "height": 700})
        for _ in range(25):
            alice.page.keyboard.press("Tab")
            assert alice.page.evaluate("!document.activeElement.closest('#main, #sidebar')")
    alice.page.get_by_role("button", name="Close the details").click()
    alice.composer.click()
    expect(alice.composer).to_be_focused()


def test_single_keys_can_be_switched_off(team: Team, open_window: Open):
    alice = open_window(ALICE, task_list=team.new_list("Party", "One", members={}))
    alice.page.locator("h1").focus()
    alice.page.keyboard.press("?")
    dialog = alice.page.get_by_role("dialog")
    dialog.get_by_label("Single-key shortcuts").uncheck()
    alice.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    alice.page.locator("h1").focus()
    alice.page.keyboard.press("n")
    alice.page.keyboard.press("?")
    expect(dialog).to_have_count(0)
    expect(alice.composer).not_to_be_focused()
    alice.reload()
    alice.page.keyboard.press("n")
    expect(alice.composer).not_to_be_focused()


def test_messages_stay_as_long_as_one_has_chosen(team: Team, open_window: Open):
    alice = open_window(ALICE, task_list=team.new_list("Party", "One", "Two", members={}))
    alice.account("Settings")
    alice.page.get_by_role("dialog").get_by_label("Messages with").select_option("Until I close it")
    alice.page.keyboard.press("Escape")
    alice.page.clock.install()
    alice.row("One").get_by_role("checkbox").click()
    expect(alice.page.locator(".toast")).to_be_visible()
    alice.page.clock.fast_forward("10:00")
    expect(alice.page.locator(".toast")).to_be_visible()


def test_by_keyboard_alone(team: Team, open_window: Open):
    """n for a new task, arrows from row to row, Enter to edit, Escape to leave, and the focus where one expects it."""
    task_list = team.new_list("Party", "One", "Two")
    window = open_window(ALICE, task_list=task_list)
    page = window.page
    page.keyboard.press("n")
    expect(window.composer).to_be_focused()
    page.keyboard.type("Three")
    page.keyboard.press("Enter")
    expect(window.row("Three")).to_be_visible()
    expect(page.get_by_label("Add a task")).to_be_focused()
    window.title("One").focus()
    page.keyboard.press("ArrowDown")
    expect(window.title("Two")).to_be_focused()
    page.keyboard.press("F2")
    expect(window.editor).to_be_focused()
    page.keyboard.type("!")
    page.keyboard.press("Escape")
    expect(window.title("Two")).to_be_focused()
    page.keyboard.press("e")
    expect(window.editor).to_be_focused()
    page.keyboard.type(" and more")
    page.keyboard.press("Enter")
    expect(window.title("Two and more")).to_be_focused()
    for name in ("Due date of", "Assign", "Move", "More for"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=f"{name} Two and more")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="More for One")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox", name="More")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More for One")).to_be_focused()
    window.title("One").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    expect(window.title("One")).to_be_focused()


def test_details_get_the_focus_whatever_is_drawn_meanwhile(team: Team, open_window: Open):
    """The page may be drawn between the change of the address and the browser's word of it."""
    window = open_window(ALICE, task_list=team.new_list("Party", "One"))
    page = window.page
    expect(window.row("One")).to_be_visible()
    page.evaluate(
        """() => {
          document.querySelector(".task button.title").click();
          document.getElementById("done-toggle").click();  // draws at once
        }"""
    )
    expect(page.locator("#detail")).to_be_focused()
