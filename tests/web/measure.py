"""Measures the page in Chromium, as a production server has it.

    .venv/bin/python -m tests.web.measure [--throttle 4] [--slow-4g] [--pixel] [tasks ...]

Starts a PostgreSQL, a Redis and two servers of its own, with collected static files. For each number of tasks in one
list (50, 1,000 and 10,000 if none is named) it prints, with the CPU slowed by --throttle:

- bytes over the wire and answers of a first visit, heads included, until the page is live, and what it loads after that
- the time from the data's arrival until the first rows are drawn, the nodes in the document, the heap in MB
- the duration of the worst interaction as the Event Timing API has it, for typing 20 letters in the composer, a title
  and notes, for completing a task, and opening and closing the details; and for dragging one, which it leaves out, from
  each event until the frame after it was drawn
- the main thread's CPU time for one event by somebody else, drawing and the highlight included, and the part of it that
  is script, which applies the event; and the CPU time for 500 events in one transaction
- the frames while scrolling for three seconds: median and 95th percentile

--slow-4g adds the time from navigation until the first rows are drawn with 1.6 Mbit/s, a latency of 150 ms and an empty
cache. --pixel measures something else: how long a new task takes from the POST on one server until another server's
client has drawn it, median of 60, with the time at each station. All times are in milliseconds.

Other work on the machine makes all of it slower, but for the CPU times; the load is printed beside the figures. Each
step is named on standard error when it begins, and ends the program with its name if it takes more than two minutes.
"""

import argparse
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect, sync_playwright

from tests.cast import ALICE
from tests.clients import Session
from tests.environment import SETTINGS
from tests.servers import PostgresServer, RedisServer, Replica, manage, prepare
from tests.web.chromium import launch

SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
MOST = 120  # seconds for a step
Figures = dict[str, float]

READINGS = Path(__file__).with_suffix(".js").read_text()


def begin(step: str) -> None:
    """Names a step, which ends the one before it; TimeoutError if it takes too long."""

    def late(*_: object) -> None:
        signal.alarm(30)  # for the end of the servers and the browser
        raise TimeoutError(f"{step}: not done in {MOST} seconds")

    print(f"{time.strftime('%H:%M:%S')} {step}", file=sys.stderr, flush=True)
    signal.signal(signal.SIGALRM, late)
    signal.alarm(MOST)


class Bench:
    """The servers, a session, and a browser in which Alice is signed in."""

    def __init__(self, replicas: list[Replica], session: Session, browser: Browser, throttle: float) -> None:
        self.replicas = replicas
        self.session = session
        self.browser = browser
        self.throttle = throttle
        context = browser.new_context()
        page = context.new_page()
        page.goto(replicas[0].url)
        page.get_by_label("Username").fill(ALICE.username)
        page.get_by_label("Password").fill(ALICE.password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#badge")).to_have_attribute("data-status", "live")
        self.state = context.storage_state()
        context.close()

    @contextmanager
    def window(self, *, network: dict[str, Any] | None = None) -> Iterator[tuple[Page, CDPSession]]:
        """An empty page with an empty cache, the CPU slowed."""
        context: BrowserContext = self.browser.new_context(
            storage_state=self.state, viewport={"width": 1280, "height": 800}
        )
        page = context.new_page()
        page.set_default_timeout(MOST * 1000)
        page.add_init_script(READINGS)
        cdp = context.new_cdp_session(page)
        cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        cdp.send("Network.enable")
        if network:
            cdp.send("Network.emulateNetworkConditions", network)
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": self.throttle})
        yield page, cdp
        context.close()

    def open(self, page: Page, task_list: str, *, replica: int = 0) -> None:
        page.goto(f"{self.replicas[replica].url}/#/list/{task_list}")
        expect(page.locator("#badge")).to_have_attribute("data-status", "live", timeout=MOST * 1000)
        expect(page.locator("#open .task").first).to_be_visible()


def fill(env: Any, task_list: str, count: int) -> None:
    notes = "Some words that say a little more. " * 2
    rows = (
        f"[Task(list_id='{task_list}', title=f'Task {{n}} of the plan', notes='{notes}' * (n % 4 == 0), position=n)"
        f" for n in range({count})]"
    )
    script = f"from tasks.models import Task; Task.objects.bulk_create({rows})"
    manage("shell", "--verbosity", "0", "--command", script, env=env)


def busy(cdp: CDPSession) -> tuple[float, float]:
    """The CPU time that the main thread has taken so far, and of it that of scripts."""
    metrics = {each["name"]: each["value"] for each in cdp.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"]) * 1000, float(metrics["ScriptDuration"]) * 1000


def work(cdp: CDPSession, act: Callable[[], Any], seconds: float) -> tuple[float, float]:
    """The main thread's CPU time for `act` and so many seconds after it, less what it takes when nothing is done; and
    that of scripts alone.
    """
    started = time.monotonic()
    before = busy(cdp)
    act()
    time.sleep(seconds)
    after = busy(cdp)
    time.sleep(time.monotonic() - started)
    idle = busy(cdp)
    whole, script = (2 * now - then - later for now, then, later in zip(after, before, idle, strict=True))
    return whole, script


def worst(page: Page, act: Callable[[], Any]) -> float:
    """The duration of the worst interaction; one under 16 ms counts as 16."""
    page.wait_for_timeout(600)
    page.evaluate("void (interactions.length = 0)")
    act()
    page.wait_for_timeout(1_200)
    return float(page.evaluate("Math.max(16, ...interactions.map(({ duration }) => duration))"))


def first_visit(bench: Bench, task_list: str) -> Figures:
    with bench.window() as (page, cdp):
        urls: dict[str, str] = {}
        sizes: list[tuple[str, float]] = []
        cdp.on("Network.requestWillBeSent", lambda event: urls.update({event["requestId"]: event["request"]["url"]}))
        finished = "Network.loadingFinished"
        cdp.on(finished, lambda event: sizes.append((urls.get(event["requestId"], ""), event["encodedDataLength"])))
        bench.open(page, task_list)
        page.wait_for_timeout(5_000)
        data = sum(size for url, size in sizes if "/api/sync" in url)
        later = sum(size for url, size in sizes if "/later." in url)
        first = [size for url, size in sizes if "/later." not in url and "/api/sync" not in url]
        figures = {"first visit KB": sum(first) / 1000, "answers": float(len(first) + 1)}
        return {**figures, "data KB": data / 1000, "later KB": later / 1000}


def interactions(bench: Bench, page: Page) -> Figures:
    begin("typing in the composer and a title")
    composer = page.locator("#new-task")
    composer.focus()
    figures = {"INP composer": worst(page, lambda: page.keyboard.type("x" * 20, delay=30))}
    composer.fill("")
    page.locator("#main").evaluate("main => main.scrollTo(0, 0)")
    rows = page.locator("#open .task")
    rows.nth(3).locator("button.title").focus()
    page.keyboard.press("F2")
    figures["INP title"] = worst(page, lambda: page.keyboard.type("x" * 20, delay=30))
    page.keyboard.press("Escape")
    begin("a task is completed")
    figures["INP complete"] = worst(page, rows.nth(5).locator(".check").click)
    page.wait_for_timeout(3_500)
    begin("the details are opened, notes typed, and the details closed")
    title = rows.nth(2).locator("button.title")
    figures["INP open details"] = worst(page, title.click)
    page.locator("#detail textarea.notes").focus()
    figures["INP notes"] = worst(page, lambda: page.keyboard.type("x" * 20, delay=30))
    figures["INP close details"] = worst(page, page.get_by_role("button", name="Close the details").click)
    begin("a task is dragged")
    figures["INP drag"] = worst(page, lambda: drag(page))
    return figures


def drag(page: Page) -> None:
    """The second row to below the sixth."""
    rows = page.locator("#open .task")
    start, end = rows.nth(1).bounding_box(), rows.nth(6).bounding_box()
    moved = rows.nth(1).get_attribute("data-id") or ""
    assert start
    assert end
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(x, y + (end["y"] - start["y"]) * step / 10)
    page.mouse.up()
    expect(rows.nth(1)).not_to_have_attribute("data-id", moved)


def events(bench: Bench, cdp: CDPSession, task_list: str) -> Figures:
    tasks = bench.session.get("/api/tasks", params={"list": task_list}).json()["results"][:10]
    number = 20

    def change() -> None:
        for at in range(number):
            title = f"Changed {at} at {time.time():.0f}"
            bench.session.patch(f"/api/tasks/{tasks[at % len(tasks)]['id']}", json={"title": title}).raise_for_status()
            time.sleep(0.25)

    burst = (
        "from django.db import transaction; from tasks.models import Task\n"
        "with transaction.atomic():\n"
        f"  [task.save() for task in Task.objects.filter(list_id='{task_list}')[:500]]"
    )
    env = bench.replicas[0].env
    begin("twenty events, one at a time")
    whole, script = work(cdp, change, 1.5)
    begin("500 events in one transaction")
    together, _ = work(cdp, lambda: manage("shell", "--command", burst, env=env), 2)
    return {"event": whole / number, "event script": script / number, "500 events": together}


def scrolling(page: Page) -> Figures:
    page.locator("#main").evaluate("main => main.scrollTo(0, 0)")
    page.mouse.move(600, 400)
    page.evaluate("void (window.frames_ = framesOf(3000))")
    for _ in range(60):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(40)
    frames = sorted(page.evaluate("frames_"))
    return {"frame p50": statistics.median(frames), "frame p95": frames[int(len(frames) * 0.95)]}


def measure(bench: Bench, count: int, *, slow: bool) -> Figures:
    begin(f"{count:,} tasks are made")
    task_list = bench.session.post("/api/lists", json={"name": f"{count} tasks"}).json()["id"]
    fill(bench.replicas[0].env, task_list, count)
    begin("a first visit is counted")
    figures = first_visit(bench, task_list)
    if slow:
        begin("a first visit with a slow network")
        with bench.window(network=SLOW_4G) as (page, _):
            bench.open(page, task_list)
            figures["slow 4G rows"] = page.evaluate("marks.rows")
    begin("the first rows are drawn")
    with bench.window() as (page, cdp):
        bench.open(page, task_list)
        arrived = "performance.getEntriesByType('resource').find(({ name }) => name.includes('/api/sync')).responseEnd"
        figures["data to rows"] = page.evaluate(f"marks.rows - {arrived}")
        figures["nodes"] = page.evaluate("document.querySelectorAll('*').length")
        figures["heap MB"] = page.evaluate("performance.memory.usedJSHeapSize / 1e6")
        page.wait_for_timeout(3_000)
        figures |= events(bench, cdp, task_list)
        begin("the list is scrolled")
        figures |= scrolling(page)
        figures |= interactions(bench, page)
    bench.session.delete(f"/api/lists/{task_list}").raise_for_status()
    return figures


def pixel(bench: Bench, number: int = 60) -> Figures:
    """From the POST on the first server to a drawn row of the second server's client."""
    begin(f"{number} tasks go to the pixel")
    task_list = bench.session.post("/api/lists", json={"name": "To the pixel"}).json()["id"]
    bench.session.post("/api/tasks", json={"list": task_list, "title": "First"}).raise_for_status()
    stations: list[tuple[float, ...]] = []
    with bench.window() as (page, _):
        bench.open(page, task_list, replica=1)
        page.wait_for_timeout(2_000)
        for at in range(number + 10):
            task = f"00000000-0000-4000-8000-{time.time_ns() % 10**12:012d}"
            page.evaluate("id => void (window.drawn = drawnOf(id))", task)
            sent = time.time() * 1000
            bench.session.post(
                "/api/tasks", json={"id": task, "list": task_list, "title": f"Task {at}"}
            ).raise_for_status()
            answered = time.time() * 1000
            heard, there, drawn = page.evaluate("drawn")
            if at >= 10:
                stations.append((answered - sent, heard - sent, there - heard, drawn - there, drawn - sent))
            bench.session.delete(f"/api/tasks/{task}").raise_for_status()  # the next one is on the screen, too
            time.sleep(0.1)
    names = ("answered", "to the socket", "to the document", "to the pixel", "in all")
    medians = {name: statistics.median(each) for name, each in zip(names, zip(*stations, strict=True), strict=True)}
    return {**medians, "in all p95": sorted(each[-1] for each in stations)[int(number * 0.95)]}


@contextmanager
def started(throttle: float) -> Iterator[Bench]:
    os.environ.update(SETTINGS)
    begin("the servers start")
    with tempfile.TemporaryDirectory() as name, PostgresServer() as postgres, RedisServer(Path(name)) as redis:
        static = Path(name) / "static"
        static.mkdir()
        database = postgres.url(postgres.create_database())
        env = {"DATABASE_URL": database, "REDIS_URL": redis.url, "STATIC_ROOT": str(static)}
        manage("collectstatic", "--no-input", "--verbosity=0", "--ignore=admin", "--ignore=rest_framework", env=env)
        prepare(env)
        with (
            Replica(Path(name), env=env, name="first") as first,
            Replica(Path(name), env=env, name="second") as second,
            Session(first.url, ALICE) as session,
            sync_playwright() as playwright,
        ):
            browser = launch(playwright)
            yield Bench([first, second], session, browser, throttle)
            begin("the browser and the servers end")
            browser.close()
    signal.alarm(0)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the page in Chromium.")
    parser.add_argument("tasks", type=int, nargs="*", default=[50, 1_000, 10_000])
    parser.add_argument("--throttle", type=float, default=1.0, help="by how much the CPU is slowed")
    parser.add_argument("--slow-4g", action="store_true")
    parser.add_argument("--pixel", action="store_true")
    options = parser.parse_args()
    with started(options.throttle) as bench:
        if options.pixel:
            return show("POST to pixel", pixel(bench))
        for count in options.tasks:
            show(f"{count:,} tasks", measure(bench, count, slow=options.slow_4g))
    return None


def show(title: str, figures: Figures) -> None:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{title} (load {load}):\n  " + ", ".join(f"{key} {value:.1f}" for key, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
