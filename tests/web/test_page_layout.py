"""Where things are, and how much of a long list is in the document."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from tests.cast import ALICE, BOB
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]


def fill(team: Team, task_list: str, count: int) -> None:
    """`count` open tasks, Task 0 to Task n, every seventh with a title of several lines."""
    team.fill(task_list, [f"Task {n}" + (" and more words" * 30 if n % 7 == 3 else "") for n in range(count)])


def test_of_ten_thousand_tasks_few_are_in_the_document(team: Team, open_window: Open):
    """All can be reached: by scrolling, by End and Home; a screen reader is told how many there are."""
    task_list = team.new_list("Everything", members={})
    fill(team, task_list, 10_000)
    alice = open_window(ALICE)
    alice.open_list(task_list)
    rows = alice.page.locator("#open .task")
    expect(rows.first).to_have_attribute("aria-setsize", "10000", timeout=30_000)
    assert rows.count() < 150
    assert alice.page.evaluate("document.querySelectorAll('*').length") < 3_000
    alice.title("Task 0").focus()
    alice.page.keyboard.press("End")
    alice.page.keyboard.press("ArrowUp")
    expect(alice.title("Task 9998")).to_be_focused()
    expect(alice.row("Task 9998")).to_have_attribute("aria-posinset", "9999")
    expect(alice.row("Task 9998")).to_be_in_viewport()
    assert rows.count() < 150
    alice.page.keyboard.press("Home")
    expect(alice.title("Task 0")).to_be_focused()
    expect(alice.row("Task 0")).to_be_in_viewport()
    for _ in range(40):
        alice.page.keyboard.press("ArrowDown")
    expect(alice.title("Task 40")).to_be_focused()
    alice.page.locator("#main").evaluate("main => main.scrollTo(0, main.scrollHeight / 2)")
    expect(rows.filter(has_text=re.compile(r"^Task [45]\d\d\d")).first).to_be_visible()
    expect(alice.row("Task 40")).to_have_count(1)  # it has the focus
    assert rows.count() < 150


def test_a_row_that_is_edited_out_of_sight_keeps_its_text(team: Team, open_window: Open):
    task_list = team.new_list("Everything", members={})
    fill(team, task_list, 500)
    alice = open_window(ALICE, task_list=task_list)
    field = alice.edit("Task 1")
    field.press_sequentially(" edited")
    alice.page.locator("#main").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    expect(alice.row("Task 499")).to_be_in_viewport()
    expect(alice.editor).to_be_focused()
    alice.page.keyboard.type(" on")
    expect(alice.editor).to_have_value("Task 1 edited on")
    alice.page.keyboard.press("Enter")
    wait_until(lambda: "Task 1 edited on" in team.tasks(task_list), what="the title")


def test_what_is_out_of_sight_costs_no_flash(team: Team, open_window: Open):
    task_list = team.new_list("Everything")
    fill(team, task_list, 300)
    alice = open_window(ALICE, task_list=task_list)
    tasks = team.tasks(task_list)
    alice.page.evaluate(
        "() => { window.flashed = []; "
        "document.addEventListener('animationstart', ({ target }) => flashed.push(target.dataset.id)) }"
    )
    for title in ("Task 299", "Task 40", "Task 2"):
        if title in tasks:
            team.sessions["bob"].patch(f"/api/tasks/{tasks[title]['id']}", json={"priority": "high"})
    expect(alice.row("Task 2").locator(".check")).to_have_class("check high")
    wait_until(lambda: alice.page.evaluate("flashed.length > 0"), what="the flash")
    assert alice.page.evaluate("flashed") == [tasks["Task 2"]["id"]]


def test_messages_lie_on_no_field_and_a_list_can_be_scrolled_clear_of_them(team: Team, open_window: Open):
    """Neither on the field for a new task nor on a title that is edited where the message was."""
    for size in ({"width": 1280, "height": 720}, {"width": 390, "height": 600}):
        task_list = team.new_list("Party", *[f"Task {n}" for n in range(20)], members={})
        alice = open_window(ALICE, task_list=task_list, viewport=size)
        alice.page.evaluate("localStorage.setItem('message-seconds', '0')")
        for n in range(3):
            alice.row(f"Task {n}").get_by_role("checkbox").click()
        expect(alice.page.locator(".toast")).to_have_text(re.compile("Completed “Task 2”"))
        alice.page.wait_for_function(CLEAR, arg=".composer-line")
        alice.composer.click()
        expect(alice.composer).to_be_focused()
        expect(alice.page.locator("#open .task")).to_have_count(17)
        expect(alice.page.locator("#toasts")).not_to_have_class(re.compile("above"))
        alice.page.locator("#main").evaluate("main => main.scrollTo(0, 0)")
        under = alice.page.evaluate(UNDER)
        alice.title(under).evaluate("title => title.focus({ preventScroll: true })")
        alice.page.keyboard.press("F2")
        expect(alice.editor).to_be_focused()
        alice.page.wait_for_function(CLEAR, arg=":focus")
        alice.page.keyboard.press("Escape")
        expect(alice.title(under)).to_be_focused()
        alice.page.locator("#main").evaluate("main => main.scrollTo(0, main.scrollHeight)")
        alice.page.wait_for_function(CLEAR, arg="#done-toggle")


CLEAR = """found => {
  const [node, toast] = [found, ".toast"].map((each) => document.querySelector(each).getBoundingClientRect());
  return node.bottom <= toast.top || node.top >= toast.bottom;
}"""
"""Whether the message covers nothing of what the selector finds."""

UNDER = """() => {
  const { x, y, height } = document.querySelector(".toast").getBoundingClientRect();
  const found = document.elementsFromPoint(x + 120, y + height / 2).find((each) => each.matches("#open .task"));
  return found.querySelector(".title-text").textContent;
}"""
"""The title of the row under the message."""


def test_opening_and_closing_a_task_is_one_step_back(team: Team, open_window: Open):
    """Through several tasks, too; closing goes back, so that nothing is left to go through."""
    first, second = team.new_list("First", "One", "Two", members={}), team.new_list("Second", members={})
    alice = open_window(ALICE, task_list=second)
    alice.open_list(first)
    detail = alice.page.locator("#detail")
    length = alice.page.evaluate("history.length")
    alice.title("One").click()
    expect(detail.get_by_label("Title")).to_have_value("One")
    expect(alice.editor).to_have_count(0)
    alice.title("Two").click()
    expect(detail.get_by_label("Title")).to_have_value("Two")
    alice.page.get_by_role("button", name="Close the details").click()
    expect(detail).to_be_hidden()
    expect(alice.page).not_to_have_url(re.compile("/task/"))  # the step back is made
    assert alice.page.evaluate("history.length") == length + 1
    alice.page.go_back()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Second")


def test_the_list_stays_where_it_is_when_a_task_is_opened(team: Team, open_window: Open):
    alice = open_window(ALICE, task_list=team.new_list("Party", "One", members={}))
    for width in (1280, 1440, 1920):
        alice.page.set_viewport_size({"width": width, "height": 800})
        alice.page.wait_for_function(f"innerWidth === {width}")
        before = box_of(alice.row("One"))
        alice.title("One").click()
        expect(alice.page.locator("#detail")).to_be_visible()
        after = box_of(alice.row("One"))
        assert (after["x"], after["y"]) == (before["x"], before["y"])
        assert after["width"] >= 430
        alice.close_details()


def test_rows_do_not_jump_under_the_pointer(team: Team, open_window: Open):
    """While the pointer is in the list, what others complete stays for a while."""
    task_list = team.new_list("Party", "One", "Two", "Three")
    alice = open_window(ALICE, task_list=task_list)
    clock, check = alice.page.clock, alice.row("One").get_by_role("checkbox")
    clock.install()
    clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    alice.row("Three").hover()
    before = box_of(alice.row("Three"))
    team.sessions["bob"].patch(f"/api/tasks/{team.tasks(task_list)['One']['id']}", json={"completed": True})

    def arrived() -> bool:
        clock.run_for(20)
        return bool(check.is_checked())

    wait_until(arrived, what="the change")
    clock.run_for(1_800)
    assert box_of(alice.row("Three")) == before
    alice.composer.hover()
    clock.run_for(3_000)
    expect(alice.page.get_by_role("button", name="Completed 1")).to_be_visible()
    expect(alice.row("One")).to_have_count(0)


def test_a_word_is_not_broken_at_320_pixels(team: Team, open_window: Open):
    task_list = team.new_list("Household")
    alice = open_window(ALICE, task_list=task_list, viewport={"width": 320, "height": 640})
    heading = alice.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Household")
    assert (
        heading.evaluate("node => node.getBoundingClientRect().height / parseFloat(getComputedStyle(node).lineHeight)")
        < 1.5
    )


def test_on_paper_there_is_the_whole_list_and_nothing_to_click(team: Team, open_window: Open):
    task_list = team.new_list("Everything", members={})
    fill(team, task_list, 120)
    alice = open_window(ALICE, task_list=task_list)
    alice.page.emulate_media(media="print")
    alice.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(alice.page.locator("#open .task")).to_have_count(120)
    for part in ("#sidebar", "#composer", ".badge", ".task .tools"):
        expect(alice.page.locator(part).first).to_be_hidden()
    assert alice.page.evaluate("getComputedStyle(document.getElementById('main')).overflowY") == "visible"


def test_the_page_works_over_plain_http_under_a_name(team: Team, new_window: Open):
    """As in a home network: no secure context, so none of the browser's functions that need one."""
    alice = new_window(ALICE)
    alice.url = alice.url.replace("127.0.0.1", "todo.lan")
    alice.sign_in()
    alice.expect_status("live")
    assert alice.page.evaluate("[isSecureContext, typeof crypto.randomUUID]") == [False, "undefined"]
    task_list = team.new_list("Party", "Milk", members={})
    alice.open_list(task_list)
    alice.add("Bread")
    wait_until(lambda: "Bread" in team.tasks(task_list), what="the task")
    field = alice.edit("Milk")
    field.fill("Oat milk")
    field.press("Enter")
    wait_until(lambda: "Oat milk" in team.tasks(task_list), what="the title")
    alice.composer.fill("kept")
    alice.page.reload()
    alice.expect_status("live")
    expect(alice.composer).to_have_value("kept")


ON_ONE_LINE = """nodes => {
  const middles = nodes.map(node => node.getBoundingClientRect()).map(({ top, height }) => top + height / 2);
  return Math.max(...middles) - Math.min(...middles) < 4;
}"""


def box_of(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box
    return box


def test_a_short_message_has_one_line(team: Team, open_window: Open):
    titles = ["Milk", "Tea", "Book the garden"]
    alice = open_window(ALICE, task_list=team.new_list("Party", *titles, members={}))
    for title in titles:
        alice.row(title).get_by_role("checkbox").click()
        expect(alice.page.locator(".toast")).to_contain_text(title)
        assert alice.page.locator(".toast > *").evaluate_all(ON_ONE_LINE)
        alice.page.get_by_role("button", name="Close this message").click()


def test_a_long_message_stays_within_its_box(team: Team, open_window: Open):
    title = "Ask the band whether they play until midnight, and what they eat and drink, and where they sleep"
    task_list = team.new_list("Party", title, members={})
    for width in (1280, 320):
        alice = open_window(ALICE, task_list=task_list, viewport={"width": width, "height": 700})
        alice.row(title).get_by_role("checkbox").click()
        close = alice.page.get_by_role("button", name="Close this message")
        expect(close).to_be_visible()
        box, toast = box_of(close), box_of(alice.page.locator(".toast"))
        assert box["x"] + box["width"] <= toast["x"] + toast["width"] <= width
        alice.page.get_by_role("button", name="Undo", exact=True).click()


def test_what_a_date_is_chosen_with_stays_within_the_window(team: Team, open_window: Open):
    task_list = team.new_list("Party", members={})
    due = {"due_date": "2031-12-25", "due_time": "22:30:00", "due_zone": "Europe/Berlin"}
    team.sessions["alice"].post("/api/tasks", json={"list": task_list, "title": "Call", **due}).raise_for_status()
    alice = open_window(ALICE, task_list=task_list, timezone_id="Europe/Berlin")
    alice.open_details("Call")
    for width in (1280, 390):
        alice.page.set_viewport_size({"width": width, "height": 800})
        alice.page.wait_for_function(f"innerWidth === {width}")
        picker = alice.open_property("Due")
        expect(picker.get_by_role("button", name="Remove the date")).to_be_visible()
        alice.page.wait_for_function(
            """() => {
              const open = document.querySelector(".popover:popover-open");
              const { left, top, right, bottom } = open.getBoundingClientRect();
              return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
            }"""
        )
        alice.page.keyboard.press("Escape")
        expect(alice.page.locator(".popover")).to_have_count(0)


def test_the_buttons_of_a_row_cover_no_date(team: Team, open_window: Open):
    task_list = team.new_list("Party", members={})
    long = "Ask the band whether they play until midnight or go home"
    for title in ("Milk", long):
        task = {"list": task_list, "title": title, "due_date": "2031-12-25", "priority": "high"}
        team.sessions["alice"].post("/api/tasks", json=task).raise_for_status()
    alice = open_window(ALICE, task_list=task_list)
    for width, title in product((1280, 900, 390), ("Milk", long)):
        alice.page.set_viewport_size({"width": width, "height": 800})
        alice.page.wait_for_function(f"innerWidth === {width}")
        alice.row(title).hover()
        expect(alice.row(title).get_by_role("button", name="More for")).to_be_visible()
        tools = box_of(alice.row(title).locator(".tools"))
        for chip in alice.row(title).locator(".meta > *").all():
            box = box_of(chip)
            beside = box["x"] >= tools["x"] + tools["width"] or box["x"] + box["width"] <= tools["x"]
            assert beside or box["y"] >= tools["y"] + tools["height"]


def test_a_member_has_a_name_and_a_username_and_no_third_line(team: Team, open_window: Open):
    """The username is told only beside a name that differs from it."""
    task_list = team.new_list("Party", members={BOB: "editor"})
    bob = team.sessions["bob"]
    bob.patch("/api/me", json={"name": "Bob Okafor"}).raise_for_status()
    try:
        for width in (1280, 320):
            alice = open_window(ALICE, task_list=task_list, viewport={"width": width, "height": 700})
            alice.page.locator(".people").click()
            names = alice.page.locator(".member-name")
            expect(names).to_have_text(["alice (you)", "Bob Okafor@bob"])
            heights = "nodes => nodes.map(node => node.offsetHeight / parseFloat(getComputedStyle(node).lineHeight))"
            lines = [round(height) for height in names.evaluate_all(heights)]
            assert lines == [1, 2]
    finally:
        bob.patch("/api/me", json={"name": ""}).raise_for_status()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_new_list_waits_for_its_first_task(open_window: Open, width: int):
    alice = open_window(ALICE, viewport={"width": width, "height": 800})
    if width < 760:
        alice.page.locator("#open-sidebar").click()
    alice.page.get_by_role("button", name="New list").click()
    alice.page.get_by_role("dialog").get_by_label("Name").fill("Fresh")
    alice.page.get_by_role("dialog").get_by_label("Name").press("Enter")
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Fresh")
    expect(alice.composer).to_be_focused()
