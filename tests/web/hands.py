"""The same actions by mouse, by keyboard alone, and by finger: only what a person can do."""

import re
from functools import cached_property
from typing import Any

from playwright.sync_api import CDPSession, Locator, expect

from tests.web.conftest import Window


class Hands:
    """What the three have in common; each has the same actions."""

    options: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "timezone_id": "UTC"}

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page = window.page

    @property
    def bar(self) -> Locator:
        return self.page.get_by_role("group", name="Selected tasks")

    @property
    def palette(self) -> Locator:
        return self.page.get_by_role("dialog", name="Commands")

    @property
    def conflict(self) -> Locator:
        return self.page.get_by_role("dialog", name="Two changes at the same time")

    def title(self, title: str) -> Locator:
        found: Locator = self.window.row(title).locator("button.title")
        return found

    def head(self, section: str) -> Locator:
        return self.page.locator("#open .head-row").filter(has_text=section)

    def type(self, field: str, text: str) -> None:
        """Into the field of what has just been opened."""
        expect(self.page.get_by_role("combobox", name=field, exact=True)).to_be_focused()
        self.page.keyboard.type(text)

    def option(self, name: str) -> Locator:
        return self.page.get_by_role("option", name=name)


class Mouse(Hands):
    def add(self, text: str) -> None:
        self.window.composer.click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        expect(self.window.composer).to_have_value("")

    def lift(self, title: str) -> None:
        """To the first place."""
        first = self.page.locator("#open .task").first
        self.window.row(title).drag_to(first, target_position={"x": 200, "y": 4})

    def put(self, title: str, section: str) -> None:
        self.window.row(title).drag_to(self.head(section))

    def send(self, title: str, task_list: str) -> None:
        self.window.row(title).drag_to(self.window.entry(task_list))

    def complete(self, title: str) -> None:
        self.window.row(title).get_by_role("checkbox").click()
        self.page.get_by_role("heading", level=1).hover()  # a completed row stays while the pointer is on the list

    def prioritize(self, title: str, priority: str) -> None:
        self._more(title, "Priority")
        self.option(priority).click()

    def delete(self, title: str) -> None:
        self._more(title, "Delete")

    def _more(self, title: str, choice: str) -> None:
        self.window.row(title).hover()
        self.window.row(title).get_by_role("button", name="More for").click()
        self.option(choice).click()

    def select(self, first: str, second: str) -> None:
        self.title(first).click(modifiers=["ControlOrMeta"])
        self.title(second).click(modifiers=["ControlOrMeta"])

    def close(self) -> None:
        """The details."""
        self.page.get_by_role("button", name="Close the details").click()

    def undo(self) -> None:
        self.command("Undo")

    def plan(self, preset: str) -> None:
        self.bar.get_by_role("button", name="Due").click()
        self.page.get_by_role("dialog", name="Due").get_by_role("button", name=preset).click()

    def label(self, name: str) -> None:
        self.bar.get_by_role("button", name="Label").click()
        self.type("Search or make a label", name)
        self.option(f"Make “{name}”").click()
        self.page.keyboard.press("Escape")

    def finish(self) -> None:
        self.bar.get_by_role("button", name="Complete").click()

    def command(self, name: str) -> None:
        self.page.locator("#search").click()
        self.type("Commands", name)
        self.palette.get_by_role("option", name=name).first.click()

    def search(self, text: str, title: str) -> None:
        self.command("Search tasks")
        self.type("Search", text)
        self.option(title).click()

    def compare(self, choice: str) -> None:
        self.page.get_by_role("button", name="Compare").click()
        self.conflict.get_by_role("radio", name=choice).click()
        self.conflict.get_by_role("button", name="Save").click()


class Keyboard(Hands):
    """No pointer: not even the focus is set by anything but a key."""

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, title: str) -> None:
        """Goes to the row by the arrow keys."""
        titles = self.page.locator("#open .task .title-text").all_inner_texts()
        self.press("Escape", "j", "Home", *["ArrowDown"] * titles.index(title))
        expect(self.title(title)).to_be_focused()

    def add(self, text: str) -> None:
        self.press("n")
        expect(self.window.composer).to_be_focused()
        self.page.keyboard.type(text)
        self.press("Enter")
        expect(self.window.composer).to_have_value("")

    def lift(self, title: str) -> None:
        self.reach(title)
        self.press("Alt+ArrowUp")

    def put(self, title: str, section: str) -> None:
        """Down over the section's head, from the place right above it."""
        self.reach(title)
        self.press("Alt+ArrowDown")
        expect(self.head(section).locator("+ .task")).to_contain_text(title)

    def send(self, title: str, task_list: str) -> None:
        name = self.window.entry(task_list).locator(".list-name").inner_text()
        self.reach(title)
        self.press("m")
        self._choose("Move to a list", name)

    def _choose(self, field: str, name: str) -> None:
        self.type(field, name)
        expect(self.option(name)).to_have_count(1)
        self.press("Enter")

    def complete(self, title: str) -> None:
        self.reach(title)
        self.press("Control+Enter")

    def prioritize(self, title: str, priority: str) -> None:
        self.reach(title)
        self.press({"Urgent": "1", "High": "2", "Medium": "3", "Low": "4"}[priority])

    def delete(self, title: str) -> None:
        self.reach(title)
        self.press("Delete")

    def select(self, first: str, second: str) -> None:
        self.reach(first)
        self.press("x", "Shift+ArrowDown")
        expect(self.title(second)).to_be_focused()

    def close(self) -> None:
        self.press("Escape")

    def undo(self) -> None:
        self.press("Control+z")

    def plan(self, preset: str) -> None:
        self.press("d")
        expect(self.page.get_by_label("Due in words")).to_be_focused()
        self.page.keyboard.type(preset)
        self.press("Enter")
        expect(self.page.get_by_label("Due in words")).to_have_count(0)

    def label(self, name: str) -> None:
        self.press("l")
        self.type("Search or make a label", name)
        expect(self.option(f"Make “{name}”")).to_be_visible()
        self.press("Enter", "Escape")
        expect(self.page.locator(".popover.picker")).to_have_count(0)

    def finish(self) -> None:
        self.press("Control+Enter")

    def command(self, name: str) -> None:
        self.press("Control+k")
        self.type("Commands", name)
        expect(self.option(name).first).to_have_attribute("aria-selected", "true")
        self.press("Enter")

    def search(self, text: str, title: str) -> None:
        self.press("/")
        self.type("Search", text)
        expect(self.option(title)).to_have_attribute("aria-selected", "true")
        self.press("Enter")

    def compare(self, choice: str) -> None:
        self.tab_to(self.page.get_by_role("button", name="Compare"))
        self.press("Enter")
        expect(self.conflict.get_by_role("radio").first).to_be_focused()
        self.press("ArrowDown")
        expect(self.conflict.get_by_role("radio", name=choice)).to_be_checked()
        self.tab_to(self.conflict.get_by_role("button", name="Save"))
        self.press("Enter")

    def tab_to(self, target: Locator) -> None:
        expect(target).to_be_visible()
        for _ in range(60):
            self.press("Tab")
            if target.evaluate("(node) => node === document.activeElement"):
                return
        expect(target).to_be_focused()


class Touch(Hands):
    """A phone: taps, long presses and drags with one finger."""

    options = {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "timezone_id": "UTC",
    }

    @cached_property
    def screen(self) -> CDPSession:
        return self.window.context.new_cdp_session(self.page)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y} for x, y in points]
        self.screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    def press(self, title: str) -> tuple[float, float]:
        """A finger stays on the row until it is picked; returns where."""
        self.title(title).tap(trial=True)  # waits until it stands still and nothing lies above it
        box = self.title(title).bounding_box()
        assert box
        x, y = box["x"] + 24, box["y"] + box["height"] / 2
        self.touch("touchStart", (x, y))
        expect(self.window.row(title)).to_have_class(re.compile("picked"))
        return x, y

    def drag(self, title: str, target: Locator, *, at: float) -> None:
        x, y = self.press(title)
        box = target.bounding_box()
        assert box
        end = box["y"] + box["height"] * at
        for step in range(1, 6):
            self.touch("touchMove", (x, y + (end - y) * step / 5))
        expect(self.page.locator("#open ~ .drop-line")).to_be_visible()
        self.touch("touchEnd")

    def add(self, text: str) -> None:
        self.window.composer.tap()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        expect(self.window.composer).to_have_value("")

    def lift(self, title: str) -> None:
        self.drag(title, self.page.locator("#open .task").first, at=0.1)

    def put(self, title: str, section: str) -> None:
        self.drag(title, self.head(section), at=0.5)

    def property(self, title: str, name: str, option: str) -> None:
        """In the task's panel."""
        self.title(title).tap()
        self.window.property(name).tap()
        self.page.locator(".popover.picker").get_by_role("option", name=option).tap()
        self.page.get_by_role("button", name="Close the details").tap()
        expect(self.page.locator("#detail")).to_be_hidden()

    def send(self, title: str, task_list: str) -> None:
        name = self.window.entry(task_list).locator(".list-name").text_content() or ""
        self.select(title)
        self.bar.get_by_role("button", name="Move").tap()
        self.option(name).tap()

    def complete(self, title: str) -> None:
        self.window.row(title).get_by_role("checkbox").tap()

    def prioritize(self, title: str, priority: str) -> None:
        self.property(title, "Priority", priority)

    def delete(self, title: str) -> None:
        self.select(title)
        self.bar.get_by_role("button", name="Delete").tap()

    def select(self, *titles: str) -> None:
        self.press(titles[0])
        self.touch("touchEnd")
        for title in titles[1:]:
            self.title(title).tap()

    def close(self) -> None:
        self.page.get_by_role("button", name="Close the details").tap()

    def undo(self) -> None:
        self.command("Undo")

    def plan(self, preset: str) -> None:
        self.bar.get_by_role("button", name="Due").tap()
        self.page.get_by_role("dialog", name="Due").get_by_role("button", name=preset).tap()

    def label(self, name: str) -> None:
        self.bar.get_by_role("button", name="Label").tap()
        self.type("Search or make a label", name)
        self.option(f"Make “{name}”").tap()
        self.page.locator("header.bar").tap(position={"x": 4, "y": 4})  # beside it, where nothing is
        expect(self.page.locator(".popover.picker")).to_have_count(0)

    def finish(self) -> None:
        self.bar.get_by_role("button", name="Complete").tap()

    def command(self, name: str) -> None:
        self.page.locator("#open-sidebar").tap()
        self.page.locator("#search").tap()
        self.type("Commands", name)
        self.palette.get_by_role("option", name=name).first.tap()

    def search(self, text: str, title: str) -> None:
        self.command("Search tasks")
        self.type("Search", text)
        self.option(title).tap()

    def compare(self, choice: str) -> None:
        self.page.get_by_role("button", name="Compare").tap()
        self.conflict.get_by_role("radio", name=choice).tap()
        self.conflict.get_by_role("button", name="Save").tap()
