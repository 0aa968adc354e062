"""Two people, each in a window of their own on a replica of their own, and the database: whether all three agree.

A list is told in lines: `Milk !high *dairy @`, for a task with a priority, labels and a date (`@`, with `~` where it is
repeated), `# Drinks` for a section, `+2` for two completed tasks.
"""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import WebSocket

from tests.clients import Session, ok
from tests.servers import wait_until
from tests.web.conftest import Window

SHOWN = """() => {
  const line = (row) => {
    const priority = row.querySelector(".check").className.split(" ")[1];
    const due = row.querySelector(".meta .due use")?.getAttribute("href");
    const labels = [...row.querySelectorAll(".meta .label")].map((label) => ` *${label.textContent}`).join("");
    const text = row.querySelector(".title-text").textContent;
    const when = due ? (due.endsWith("repeat") ? " @~" : " @") : "";
    return text + (priority === "none" ? "" : ` !${priority}`) + labels + when;
  };
  const rows = [...document.querySelectorAll("#open > li.task, #open > li.head-row")];
  const head = (row) => `# ${row.querySelector(".head-text").textContent}`;
  const lines = rows.map((row) => (row.matches(".task") ? line(row) : head(row)));
  const text = (id) => document.getElementById(id).textContent;
  const done = document.getElementById("done-section").hidden ? [] : [`+${text("done-count")}`];
  return [...lines, ...done];
}"""


class Seat:
    """A person's window, and the replica that it is connected to."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page = window.page
        self.instances: list[str] = []
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        def keep(payload: str | bytes) -> None:
            frame = json.loads(payload)
            if frame["type"] == "ready":
                self.instances.append(frame["instance"])

        socket.on("framereceived", keep)

    @property
    def lines(self) -> list[str]:
        found: list[str] = self.page.evaluate(SHOWN)
        return found

    def open(self, task_list: str) -> None:
        self.page.goto(f"{self.window.url}/#/list/{task_list}")
        self.live()
        self.window.expect_open(task_list)

    def live(self) -> None:
        self.window.expect_loaded()


class Desk:
    def __init__(self, session: Session, task_list: str, alice: Seat, bob: Seat) -> None:
        self.session = session
        self.task_list = task_list
        self.alice = alice
        self.bob = bob

    def check_replicas(self) -> None:
        """Each window is connected to another replica."""
        assert self.alice.instances[-1] != self.bob.instances[-1]

    def agree(self, *lines: str) -> None:
        """Waits until both windows show these lines, and the database has them."""
        wanted = list(lines)
        sources: dict[str, Callable[[], list[str]]] = {
            "alice": lambda: self.alice.lines,
            "bob": lambda: self.bob.lines,
            "database": self.stored,
        }
        try:
            wait_until(lambda: all(source() == wanted for source in sources.values()))
        except AssertionError:
            found = {name: source() for name, source in sources.items()}
            assert found == dict.fromkeys(sources, wanted), f"wanted {wanted}, found {found}"

    def stored(self, task_list: str = "") -> list[str]:
        """The list's lines, as the API has them."""
        where = {"list": task_list or self.task_list, "limit": 200}
        sections = {each["id"]: each for each in self._results("/api/sections", where)}
        labels = {each["id"]: each["name"] for each in self._results("/api/labels", where)}
        tasks = self._results("/api/tasks", where)
        open_ones = [task for task in tasks if not task["completed"]]

        def in_section(section: str | None) -> list[str]:
            inside = sorted(
                (each for each in open_ones if each["section"] == section), key=lambda each: each["position"]
            )
            return [_line(task, labels) for task in inside]

        lines = in_section(None)
        for section in sorted(sections.values(), key=lambda each: each["position"]):
            lines += [f"# {section['name']}", *in_section(section["id"])]
        done = len(tasks) - len(open_ones)
        return [*lines, *([f"+{done}"] if done else [])]

    def _results(self, path: str, where: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ok(self.session.get(path, params=where))["results"]
        return found


def _line(task: dict[str, Any], labels: dict[str, str]) -> str:
    priority = "" if task["priority"] == "none" else f" !{task['priority']}"
    names = "".join(f" *{name}" for name in sorted(labels[each] for each in task["labels"]))
    due = (" @~" if task["recurrence"] else " @") if task["due_date"] else ""
    return f"{task['title']}{priority}{names}{due}"
