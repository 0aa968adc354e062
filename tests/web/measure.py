"""Measures the page in Chromium with long lists.

    .venv/bin/python -m tests.web.measure [tasks ...]

Starts a PostgreSQL, a Redis and a server of its own. For each number of tasks in one list it prints the time from
navigation until the first rows are shown and until the page is live, the nodes in the document, the heap in MB, and
what the main thread takes for one event by somebody else, for a burst of 500 events in one transaction, for adding a
task, typing a title of 20 letters, opening a task, and switching to another list and back. Times in ms, of one run.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from tests.cast import ALICE
from tests.clients import Session
from tests.environment import SETTINGS
from tests.servers import PostgresServer, RedisServer, Replica, manage, wait_until
from tests.web.chromium import launch

FIRST_ROWS = """() => {
  window.marks = {};
  const look = () => {
    if (!marks.rows && document.querySelector("#open .task")) marks.rows = performance.now();
    if (document.getElementById("badge")?.dataset.status === "live") marks.live = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}"""


def busy(cdp: CDPSession) -> float:
    """The main thread's time at work so far, in ms."""
    metrics = {each["name"]: each["value"] for each in cdp.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"]) * 1000


def cost(page: Page, cdp: CDPSession, act: Callable[[], Any], settled: Callable[[], Any]) -> float:
    """The main thread's time from `act` until `settled` has returned and a second has passed."""
    before = busy(cdp)
    act()
    settled()
    page.wait_for_timeout(1000)
    return busy(cdp) - before


def fill(env: dict[str, str], task_list: str, count: int) -> None:
    rows = f"[Task(list_id='{task_list}', title=f'Task {{n}}', position=n) for n in range({count})]"
    script = f"from tasks.models import Task; Task.objects.bulk_create({rows})"
    manage("shell", "--verbosity", "0", "--command", script, env=env)


def measure(page: Page, replica: Replica, session: Session, env: dict[str, str], count: int) -> dict[str, float]:
    task_list = session.post("/api/lists", json={"name": f"{count} tasks"}).json()["id"]
    other = session.post("/api/lists", json={"name": f"Beside {count}"}).json()["id"]
    fill(env, task_list, count)
    page.goto(f"{replica.url}/#/{task_list}")
    page.reload()
    expect(page.locator("#badge")).to_have_attribute("data-status", "live", timeout=60_000)
    expect(page.locator("#open .task").first).to_have_attribute("aria-setsize", str(count))
    marks = page.evaluate("marks")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    first = session.get("/api/tasks", params={"list": task_list}).json()["results"][0]
    title = page.locator(f"[data-id='{first['id']}'] button.title")
    burst = (
        "from django.db import transaction; from tasks.models import Task\n"
        "with transaction.atomic():\n"
        f"  [task.save() for task in Task.objects.filter(list_id='{task_list}')[:500]]"
    )
    composer = page.locator("#new-task")

    def add() -> None:
        composer.fill("Added")
        composer.press("Enter")

    def last_is(text: str) -> bool:
        results = page.evaluate("[...document.querySelectorAll('#open .task button.title')].at(-1).textContent")
        return bool(results == text)

    figures = {
        "first rows": marks["rows"],
        "live": marks["live"],
        "nodes": page.evaluate("document.querySelectorAll('*').length"),
        "heap MB": page.evaluate("performance.memory.usedJSHeapSize / 1e6"),
        "event": cost(
            page,
            cdp,
            lambda: session.patch(f"/api/tasks/{first['id']}", json={"title": "Changed"}),
            lambda: expect(title).to_have_text("Changed"),
        ),
        "500 events": cost(page, cdp, lambda: manage("shell", "--command", burst, env=env), lambda: None),
        "add": cost(
            page,
            cdp,
            add,
            lambda: wait_until(lambda: last_is("Added"), what="the task"),
        ),
    }
    page.locator("#main").evaluate("main => main.scrollTo(0, 0)")
    title.focus()
    page.keyboard.press("F2")
    figures["type 20"] = cost(page, cdp, lambda: page.keyboard.type("x" * 20), lambda: None)
    page.keyboard.press("Escape")
    figures["open task"] = cost(page, cdp, title.click, lambda: expect(page.locator("#detail")).to_be_visible())
    page.keyboard.press("Escape")
    go = "list => void (location.hash = `#/${list}`)"
    figures["switch away"] = cost(page, cdp, lambda: page.evaluate(go, other), lambda: None)
    figures["and back"] = cost(page, cdp, lambda: page.evaluate(go, task_list), lambda: None)
    return figures


def main(counts: list[int]) -> None:
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as name, PostgresServer() as postgres, RedisServer(Path(name)) as redis:
        env = {"DATABASE_URL": postgres.url(postgres.create_database()), "REDIS_URL": redis.url}
        manage("migrate", "--verbosity", "0", env=env)
        manage("shell", "--verbosity", "0", "--command", "from tests.cast import add_cast; add_cast()", env=env)
        with (
            Replica(Path(name), env=env) as replica,
            Session(replica.url, ALICE) as session,
            sync_playwright() as playwright,
        ):
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(replica.url)
            page.get_by_label("Username").fill(ALICE.username)
            page.get_by_label("Password").fill(ALICE.password)
            page.get_by_role("button", name="Sign in").click()
            expect(page.locator("#badge")).to_have_attribute("data-status", "live")
            page.add_init_script(f"({FIRST_ROWS})()")
            for count in counts:
                figures = measure(page, replica, session, env, count)
                print(f"{count:>6} tasks: " + ", ".join(f"{key} {value:.0f}" for key, value in figures.items()))
            browser.close()


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [50, 1_000, 10_000])
