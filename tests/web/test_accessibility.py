"""What WCAG 2.2 AA asks of the page, in both themes, wide and narrow."""

import os
import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.cast import ALICE, BOB, CAROL
from tests.servers import ROOT, wait_until
from tests.web.conftest import Team, Window
from tests.web.states import STATES, leave

AXE = ROOT / "node_modules/axe-core/axe.min.js"
ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RUN = """async (runOnly) => {
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join("; ")}`);
}"""
PHONE = {"viewport": {"width": 390, "height": 844}}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}

pytestmark = pytest.mark.browser

Open = Callable[..., Window]


def with_axe(window: Window) -> None:
    """Each page of the window has axe from then on: by the debugger, so the page's own policy does not stop it."""
    if not AXE.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("axe-core is not installed: type npm ci")
    window.context.add_init_script(path=AXE)


def violations(page: Page, *, on_a_phone: Literal["light", "dark"]) -> list[str]:
    """By all rules on the laptop; then by those for colours in the dark theme, too; then by all on a phone."""
    found: list[str] = page.evaluate(RUN, ALL)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in page.evaluate(RUN, COLORS)]
    page.emulate_media(color_scheme=on_a_phone)
    resize(page, PHONE)
    found += [f"phone, {on_a_phone}: {each}" for each in page.evaluate(RUN, ALL)]
    resize(page, LAPTOP)
    page.emulate_media(color_scheme="light")
    return found


def resize(page: Page, size: dict[str, Any]) -> None:
    """Returns when the page is drawn in the new size."""
    page.set_viewport_size(size["viewport"])
    page.wait_for_function("width => innerWidth === width", arg=size["viewport"]["width"])
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def reach(window: Window, party: str, name: str) -> None:
    """The state, from a page that has just been loaded."""
    window.page.evaluate("place => history.replaceState(null, '', place)", f"/#/{party}")  # draws nothing
    window.reload()
    expect(window.page.locator("#open .task").nth(4)).to_be_visible()
    STATES[name](window.page)


@pytest.fixture
def party(team: Team) -> str:
    """A list with a task of each priority, dates, notes, completed tasks and three members; beside it an empty one."""
    alice = team.sessions["alice"]
    task_list = team.new_list("Party", members={BOB: "editor", CAROL: "viewer"})
    for n, priority in enumerate(("urgent", "high", "medium", "low", "none")):
        due = {"due_date": f"20{24 + 4 * n}-02-29"} if n < 4 else {}
        task = {
            "list": task_list,
            "title": f"Of priority {priority}",
            "priority": priority,
            "notes": "Some." * n,
            **due,
        }
        alice.post("/api/tasks", json=task).raise_for_status()
    alice.post("/api/tasks", json={"list": task_list, "title": "Done", "completed": True}).raise_for_status()
    if "Reading" not in team.names_of_lists():
        team.new_list("Reading", members={})
    return task_list


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("half", "on_a_phone"), [(0, "light"), (1, "dark")])
def test_axe_finds_nothing_in_any_state(
    team: Team, new_window: Open, party: str, half: int, on_a_phone: Literal["light", "dark"]
):
    """On a laptop in both themes. On a phone, which has the same colours, every other state in the dark one."""
    window = new_window(ALICE, color_scheme="light", reduced_motion="reduce", **LAPTOP)
    with_axe(window)
    window.page.goto(window.url)
    found = {"sign-in": violations(window.page, on_a_phone=on_a_phone)}
    window.sign_in()
    window.expect_status("live")
    for name in [*STATES][half::2]:
        reach(window, party, name)
        found[name] = violations(window.page, on_a_phone=on_a_phone)
        leave(window.page)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("name", ["account", "navigation"])
def test_axe_finds_nothing_in_the_navigation_of_a_phone(open_window: Open, party: str, name: str):
    """Which is there only once it was opened. All other states of a phone are a laptop's in its size."""
    window = open_window(ALICE, reduced_motion="reduce", **PHONE)
    with_axe(window)
    reach(window, party, name)
    assert window.page.evaluate(RUN, ALL) == []


COVERED = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const box = focused.getBoundingClientRect();
  const at = [Math.min(box.right - 3, innerWidth - 1), (box.top + box.bottom) / 2];
  const points = [at, [box.left + 3, at[1]], [(box.left + box.right) / 2, box.top + 3]];
  const mine = (x, y) => {
    const top = document.elementFromPoint(x, y);
    return !!top && (focused.contains(top) || top.contains(focused) || top.closest("label")?.contains(focused));
  };
  return points.some(([x, y]) => mine(x, y)) ? null : focused.outerHTML.slice(0, 120);
}"""


@pytest.mark.parametrize("with_panel", [False, True])
def test_what_has_the_focus_is_never_covered(team: Team, open_window: Open, with_panel: bool):
    """WCAG 2.4.11: not by the panel, the bar, the field for a new task, nor a message."""
    task_list = team.new_list("Party", *[f"Task {n}" for n in range(20)], members={})
    window = open_window(ALICE, task_list=task_list, reduced_motion="reduce")
    page = window.page
    for width, height in ((640, 400), (390, 600), (1024, 500)):  # 640: a laptop at 200 %
        page.set_viewport_size({"width": width, "height": height})
        page.locator("#open button.title").nth(18).click()
        expect(page.locator("#detail")).to_be_visible()
        if not with_panel:
            window.close_details()
        seen = set()
        for key in ["Tab"] * 20 + ["Shift+Tab"] * 20 + ["ArrowDown"] * 3 + ["ArrowUp"] * 15:
            page.keyboard.press(key)
            seen.add(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
            wait_until(lambda: page.evaluate(COVERED) is None, what=f"what has the focus to be seen at {width}")
        assert len(seen) > 5
        if with_panel:
            page.get_by_role("button", name="Close the details").click()
            expect(page).not_to_have_url(re.compile("/task/"))


def test_a_panel_over_the_list_leaves_nothing_else_to_reach(team: Team, open_window: Open):
    """The rest is inert under a veil; a click on the veil closes the panel, and the focus goes back to the row."""
    task_list = team.new_list("Party", "One", members={})
    window = open_window(ALICE, task_list=task_list)
    page = window.page
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 700})
        page.locator("#open button.title").click()
        expect(page.locator("#detail")).to_be_focused()
        page.wait_for_function("() => main.inert && sidebar.inert")
        expect(page.locator("#veil")).to_have_css("visibility", "visible")
        if width == 390:
            expect(page.locator("#detail")).to_have_js_property("offsetWidth", 390)
            page.keyboard.press("Escape")
        else:
            page.mouse.click(300, 600)
        expect(page.locator("#detail")).to_be_hidden()
        page.wait_for_function("() => !main.inert && !sidebar.inert")
        page.wait_for_function("() => document.activeElement.closest('.task') !== null")
        expect(page).not_to_have_url(re.compile("/task/"))


def test_a_selected_row_shows_in_forced_colours(team: Team, open_window: Open):
    task_list = team.new_list("Party", "One", "Two", members={})
    page = open_window(ALICE, task_list=task_list, forced_colors="active").page
    page.locator("#open button.title").first.click()
    expect(page.locator(".task.selected")).to_have_css("outline-style", "solid")
    expect(page.locator("#open .task").nth(1)).to_have_css("outline-style", "none")
    expect(page.locator("#lists [aria-current]")).to_have_css("outline-style", "solid")


def test_priorities_can_be_told_without_their_colour(open_window: Open, party: str):
    """By a sign of its own for each, and by the name of the check box."""
    page = open_window(ALICE, task_list=party).page
    expect(page.locator("#open .task")).to_have_count(5)
    drawn = "nodes => nodes.map(node => node.querySelector('path:not(.faint)').getAttribute('d'))"
    signs = page.locator("#open .priority").evaluate_all(drawn)
    assert len(set(signs)) == 4
    for priority in ("urgent", "high", "medium", "low"):
        name = re.compile(f"Complete Of priority {priority}, .*priority {priority}")
        expect(page.get_by_role("checkbox", name=name)).to_be_visible()


def test_the_badge_says_its_state_in_its_name(team: Team, open_window: Open):
    window = open_window(ALICE)
    expect(window.badge).to_have_accessible_name(re.compile("^Live"))
    window.context.set_offline(True)
    expect(window.badge).to_have_text("Offline", timeout=20_000)
    expect(window.badge).to_have_accessible_name(re.compile("^Offline"))


def test_the_default_size_of_text_counts(team: Team, open_window: Open):
    """Who has set 32 px in their browser reads letters of twice the size, in the frame for narrow pages."""
    task_list = team.new_list("Party", "One", members={})
    window = open_window(ALICE, task_list=task_list, **LAPTOP)
    expect(window.title("One")).to_have_css("font-size", "15px")
    debugger = window.context.new_cdp_session(window.page)
    debugger.send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    window.page.reload()
    expect(window.title("One")).to_have_css("font-size", "30px")
    expect(window.page.locator("#open-sidebar")).to_be_visible()
    assert not window.page.evaluate("document.querySelector('main').scrollWidth > innerWidth")
