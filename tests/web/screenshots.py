"""Takes the pictures of the page, first that of the README: two people, two windows, two servers, one list.

    make screenshots

It starts a PostgreSQL, a Redis and two servers of its own, lets Alice and Bob work in two windows of Chromium, and
writes docs/images/two-windows.webp. In docs/screenshots/ it writes how each state of the page looks, light and dark, on
a laptop and on a phone, to be looked at after a change. The letters are those of this machine.
"""

import base64
import io
import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, cast

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.cast import ALICE, BOB, CAROL, Person
from tests.clients import Session, ok
from tests.environment import SETTINGS
from tests.servers import ROOT, PostgresServer, RedisServer, Replica, manage
from tests.web.chromium import launch
from tests.web.states import PICTURES, leave

PICTURE = ROOT / "docs/images/two-windows.webp"
STATES_FOLDER = ROOT / "docs/screenshots"
WIDTH, HEIGHT, GAP = 860, 640, 24
SIZES: dict[str, dict[str, Any]] = {
    "laptop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}

FILL = """
from tests.cast import add_cast
from tasks.models import User
add_cast()
for username, name in [("alice", "Alice Meier"), ("bob", "Bob Okafor"), ("carol", "Carol Lindt")]:
    User.objects.filter(username=username).update(name=name)
"""


def day(offset: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()


SECTIONS = ["The evening", "Food and drink"]
TASKS: list[dict[str, Any]] = [
    {"title": "Book the garden for 60 people", "priority": "urgent", "due_date": day(0), "assignee": "alice"},
    {
        "title": "Write the invitations",
        "priority": "high",
        "due_date": day(1),
        "assignee": "bob",
        "labels": ["Paper"],
        "notes": "With a map on the back:\n\n- [x] Names of the guests\n- [ ] **Map** of the way from the station\n"
        "- [ ] Print them",
        "subtasks": ["Choose the paper", "Ask Carol for a drawing"],
    },
    {"title": "Water the lawn", "due_date": day(2), "due_time": "18:00", "recurrence": "FREQ=WEEKLY;INTERVAL=1"},
    {"title": "Ask the band whether they play until midnight", "due_date": day(4), "labels": ["Phone"], "section": 0},
    {"title": "Lanterns for the trees", "priority": "low", "labels": ["Shopping"], "section": 0},
    {"title": "Borrow the long tables from the school", "due_date": day(-2), "assignee": "bob", "section": 0},
    {
        "title": "Lemonade, and ice for it",
        "priority": "medium",
        "due_date": day(5),
        "labels": ["Shopping"],
        "section": 1,
    },
    {"title": "Bread from the mill", "labels": ["Shopping", "Phone"], "section": 1},
]
SHOWN = 10
"""The number of open tasks of the list, with subtasks."""
OTHERS = {
    "Garden": [{"title": "Prune the roses", "due_date": day(0)}, {"title": "Order seeds", "priority": "low"}],
    "Website": [
        {"title": "A page for the party", "due_date": day(1), "priority": "medium"},
        {"title": "Renew the certificate", "due_date": day(-1), "priority": "high"},
        {"title": "Answer the letters of readers", "due_date": day(3), "assignee": "alice"},
    ],
}
DONE = ["Choose the date", "Make a list of guests"]
LABELS = {"Paper": "#8455cf", "Phone": "#148f82", "Shopping": "#c27c0e"}
LISTS = {"Summer party": "#c2478f", "Garden": "#3d8b40", "Website": "#1f8ac0", "Reading": "#8455cf"}


def fill(session: Session) -> str:
    """The id of the list that is shown."""

    def post(path: str, **fields: Any) -> Any:
        return ok(session.post(path, json=fields))["id"]

    ids = {name: post("/api/lists", name=name, color=color) for name, color in LISTS.items()}
    party = ids["Summer party"]
    for person, role in ((BOB, "editor"), (CAROL, "viewer")):
        ok(session.post(f"/api/lists/{party}/members", json={"user": person.username, "role": role}))
    members = ok(session.get(f"/api/lists/{party}/members"))["results"]
    users = {each["user"]["username"]: each["user"]["id"] for each in members}
    labels = {name: post("/api/labels", list=party, name=name, color=color) for name, color in LABELS.items()}
    sections = [post("/api/sections", list=party, name=name) for name in SECTIONS]

    def add(where: str, task: dict[str, Any]) -> None:
        fields = {"list": where, **task}
        subtasks = fields.pop("subtasks", [])
        if "assignee" in fields:
            fields["assignee"] = users[fields["assignee"]]
        if "section" in fields:
            fields["section"] = sections[fields["section"]]
        fields["labels"] = [labels[name] for name in fields.get("labels", [])]
        made = post("/api/tasks", **fields)
        for title in subtasks:
            post("/api/tasks", list=where, parent=made, title=title)

    for task in TASKS:
        add(party, task)
    for name, tasks in OTHERS.items():
        for task in tasks:
            add(ids[name], task)
    for title in DONE:
        add(party, {"title": title, "completed": True})
    for title in ("Balloons", "A bouncy castle"):
        session.delete(f"/api/tasks/{post('/api/tasks', list=party, title=title)}").raise_for_status()
    return str(party)


def open_page(browser: Browser, url: str, person: Person, where: str, theme: str, **options: object) -> Page:
    page = browser.new_context(color_scheme=theme, reduced_motion="reduce", **options).new_page()  # type: ignore[arg-type]
    page.goto(url)
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#badge")).to_have_attribute("data-status", "live")
    page.goto(f"{url}/#/{where}")
    expect(page.locator("#open .task").nth(SHOWN - 1)).to_be_visible()
    return page


def two_windows(browser: Browser, alice: Page, bob: Page) -> None:
    """Bob writes; both see it; side by side."""
    bob.get_by_label("Add a task").fill("Chairs for the guests")
    bob.get_by_label("Add a task").press("Enter")
    expect(alice.locator(".task button.title", has_text="Chairs for the guests")).to_be_visible()
    bob.get_by_label("Add a task").blur()
    pictures = [base64.b64encode(page.screenshot()).decode() for page in (alice, bob)]
    frame = browser.new_page(viewport={"width": 2 * WIDTH + 3 * GAP, "height": HEIGHT + 2 * GAP})
    images = "".join(f'<img src="data:image/png;base64,{picture}">' for picture in pictures)
    style = (
        f"body{{margin:0;padding:{GAP}px;display:flex;gap:{GAP}px;background:#dfe3ea}}"
        "img{border-radius:12px;box-shadow:0 6px 24px #0004}"
    )
    frame.set_content(f"<style>{style}</style>{images}")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    save(frame.screenshot(), PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1024} KB")


def every_state(browser: Browser, url: str, where: str) -> None:
    """One picture for each state, theme and size."""
    shutil.rmtree(STATES_FOLDER, ignore_errors=True)
    STATES_FOLDER.mkdir(parents=True)
    session = open_page(browser, url, ALICE, where, "light").context.storage_state()
    for theme, (size, options) in product(("light", "dark"), SIZES.items()):
        look: dict[str, Any] = {"color_scheme": theme, "reduced_motion": "reduce", **options}
        shared = browser.new_context(storage_state=session, **look)
        for name, reach in {"sign-in": None, **PICTURES}.items():
            if (name, size) == ("navigation", "laptop"):
                continue  # it is part of each of the others there
            alone = name in ("sign-in", "conflict", "offline")  # without what others have left, and leaving nothing
            context = browser.new_context(storage_state=session if reach else None, **look) if alone else shared
            page = context.new_page()
            page.goto(f"{url}/#/{where}")
            if reach:
                expect(page.locator("#badge")).to_have_attribute("data-status", "live")
                expect(page.locator("#open .task").nth(SHOWN - 1)).to_be_visible()
                reach(page)
            page.wait_for_timeout(300)  # what fades in has done so
            save(page.screenshot(), STATES_FOLDER / f"{name}-{theme}-{size}.webp")
            leave(page)
            page.close()
            if alone:
                context.close()
        shared.close()


def save(png: bytes, path: Path) -> None:
    """Writes the picture with 256 of its colours, which takes a quarter of the bytes: the most frequent ones, and then
    those that are unlike all of them, such as a label's."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    found = sorted(image.getcolors(image.width * image.height) or [], reverse=True)
    colors = cast("list[tuple[int, int, int]]", [color for _, color in found])
    kept = colors[:160]
    for color in colors[160:4000]:
        if len(kept) < 256 and all(sum(abs(a - b) for a, b in zip(color, other, strict=True)) > 24 for other in kept):
            kept.append(color)
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for color in kept for channel in color])
    fewer = image.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")
    fewer.save(path, lossless=True, quality=100)


def main() -> None:
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as name, PostgresServer() as postgres, RedisServer(Path(name)) as redis:
        env = {"DATABASE_URL": postgres.url(postgres.create_database()), "REDIS_URL": redis.url}
        env["STATIC_ROOT"] = tempfile.mkdtemp(dir=name)
        manage("collectstatic", "--no-input", "--verbosity", "0", env=env)
        manage("migrate", "--verbosity", "0", env=env)
        manage("shell", "--verbosity", "0", "--command", FILL, env=env)
        with (
            Replica(Path(name), env=env) as first,
            Replica(Path(name), env=env) as second,
            Session(first.url, ALICE) as session,
            sync_playwright() as playwright,
        ):
            browser = launch(playwright)
            where = fill(session)
            size = {"width": WIDTH, "height": HEIGHT}
            alice = open_page(browser, first.url, ALICE, where, "light", viewport=size)
            bob = open_page(browser, second.url, BOB, where, "dark", viewport=size)
            two_windows(browser, alice, bob)
            every_state(browser, first.url, where)
            browser.close()


if __name__ == "__main__":
    main()
