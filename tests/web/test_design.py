"""The page's measures and movements, as the design has them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from tests.cast import ALICE
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]


def box_of(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box
    return box


def new_task(team: Team, **fields: object) -> str:
    """The list of a new task Milk that is urgent and due."""
    task_list = team.new_list("Party")
    task = {"list": task_list, "title": "Milk", "priority": "urgent", "due_date": "2030-01-02", **fields}
    team.sessions["alice"].post("/api/tasks", json=task).raise_for_status()
    return task_list


def test_a_row_is_one_line_where_there_is_room(team: Team, open_window: Open):
    row = open_window(ALICE, task_list=new_task(team), viewport={"width": 1280, "height": 800}).row("Milk")
    meta, title = box_of(row.locator(".meta")), box_of(row.locator("button.title"))
    assert box_of(row)["height"] == 40
    assert abs(meta["y"] + meta["height"] / 2 - title["y"] - title["height"] / 2) < 2
    assert meta["x"] + meta["width"] > box_of(row)["x"] + box_of(row)["width"] - 16
    expect(row.locator("button.title")).to_have_css("line-height", "22px")


def test_a_row_has_a_second_line_on_a_phone(team: Team, open_window: Open):
    """And what can be hit to complete the task is 44 px at least in each direction."""
    task_list = new_task(team)
    team.sessions["alice"].post("/api/tasks", json={"list": task_list, "title": "Bread"}).raise_for_status()
    window = open_window(ALICE, task_list=task_list, viewport={"width": 390, "height": 800})
    row = window.row("Milk")
    assert box_of(row.locator(".meta"))["y"] > box_of(row.locator("button.title"))["y"] + 20
    assert box_of(window.row("Bread"))["height"] == 48
    check = box_of(window.row("Bread").locator(".check"))
    for x, y in ((-11, 0), (11, 0), (0, -11), (0, 11)):
        middle = [check["x"] + check["width"] / 2 + 2 * x, check["y"] + check["height"] / 2 + 2 * y]
        assert window.page.evaluate("([x, y]) => document.elementFromPoint(x, y).className", middle) == "check none"


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_what_others_change_fades_by_opacity_alone(team: Team, open_window: Open, motion: str):
    """A bar of 2 px and a wash, in an overlay that takes no clicks; nothing of it is laid out or painted again."""
    task_list = new_task(team)
    alice = open_window(ALICE, task_list=task_list, reduced_motion=motion)
    alice.page.evaluate(
        """() => {
          window.seen = [];
          addEventListener("animationstart", ({ animationName, pseudoElement, target }) => {
            if (animationName !== "changed") return;
            const [animation] = target.getAnimations({ subtree: true });
            const { duration } = animation.effect.getTiming();
            const other = ["offset", "easing", "composite", "computedOffset"];
            const keys = animation.effect.getKeyframes().flatMap(Object.keys);
            const names = keys.filter((name) => !other.includes(name));
            seen.push({ pseudoElement, duration, names: [...new Set(names)] });
          });
        }"""
    )
    task = team.tasks(task_list)["Milk"]
    team.sessions["bob"].patch(f"/api/tasks/{task['id']}", json={"title": "Oat milk"})
    expect(alice.row("Oat milk")).to_be_visible()
    wait_until(lambda: alice.page.evaluate("seen.length"), what="the flash")
    assert alice.page.evaluate("seen") == [{"pseudoElement": "::after", "duration": 900, "names": ["opacity"]}]


def test_long_notes_are_folded_until_all_of_them_are_asked_for(team: Team, open_window: Open):
    task_list = new_task(team, notes="A line of notes.\n" * 600)
    window = open_window(ALICE, task_list=task_list, viewport={"width": 1280, "height": 800})
    detail = window.open_details("Milk")
    notes = detail.get_by_label("Notes")
    expect(window.property("Priority")).to_be_in_viewport()
    expect(detail.get_by_role("button", name="Delete")).to_be_in_viewport()
    expect(detail.get_by_role("button", name="Show all")).to_be_in_viewport()
    assert box_of(notes)["height"] <= 320
    detail.get_by_role("button", name="Show all").click()
    wait_until(lambda: box_of(notes)["height"] > 5_000, what="all of the notes")
    detail.get_by_role("button", name="Show less").click()
    wait_until(lambda: box_of(notes)["height"] <= 320, what="the notes to be folded")
    notes.fill("Short.")
    expect(detail.get_by_role("button", name="Show all")).to_be_hidden()


def test_paper_is_white(team: Team, open_window: Open):
    """In both themes."""
    task_list = new_task(team)
    window = open_window(ALICE, task_list=task_list)
    window.page.emulate_media(media="print")
    for theme in ("light", "dark"):
        window.page.evaluate("theme => dispatchEvent(new CustomEvent('theme', { detail: theme }))", theme)
        expect(window.page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
        expect(window.title("Milk")).to_have_css("color", "rgb(0, 0, 0)")
    expect(window.page.get_by_role("heading", level=1)).to_be_visible()
    for part in (".badge", ".composer", ".sidebar", ".tools"):
        expect(window.page.locator(part).first).to_be_hidden()
