"""Takes the pictures of the page, first that of the README: two people, two windows, two servers, one list.

    make screenshots

It starts a PostgreSQL, a Redis and two servers of its own, lets Alice and Bob work in two windows of Chromium, and
writes docs/images/two-windows.png. In docs/screenshots/ it writes how each state of the page looks, light and dark, on
a laptop and on a phone, to be looked at after a change. The letters are those of this machine.
"""

import base64
import io
import os
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, cast

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.cast import ALICE, BOB, CAROL, Person
from tests.clients import Session
from tests.environment import SETTINGS
from tests.servers import ROOT, PostgresServer, RedisServer, Replica, manage, program
from tests.web.conftest import ARGUMENTS
from tests.web.states import STATES, leave

PICTURE = ROOT / "docs/images/two-windows.png"
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


TASKS = [
    {"title": "Book the garden for 60 people", "priority": "urgent", "due_date": day(0)},
    {"title": "Write the invitations", "priority": "high", "due_date": day(1), "notes": "With a map on the back."},
    {"title": "Ask the band whether they play until midnight", "due_date": day(4)},
    {"title": "Borrow the long tables from the school", "priority": "low"},
    {"title": "Lemonade, and ice for it", "priority": "medium"},
]
DONE = ["Choose the date", "Make a list of guests"]


def fill(session: Session) -> str:
    """The id of the list that is shown."""
    lists = [("Summer party", "#c2478f"), ("Garden", "#3d8b40"), ("Website", "#1f8ac0"), ("Reading", "#8455cf")]
    ids = [session.post("/api/lists", json={"name": name, "color": color}).json()["id"] for name, color in lists]
    for person, role in ((BOB, "editor"), (CAROL, "viewer")):
        member = {"user": person.username, "role": role}
        session.post(f"/api/lists/{ids[0]}/members", json=member).raise_for_status()
    for task in TASKS:
        session.post("/api/tasks", json={"list": ids[0], **task}).raise_for_status()
    for title in DONE:
        session.post("/api/tasks", json={"list": ids[0], "title": title, "completed": True}).raise_for_status()
    for title, where in (("Prune the roses", ids[1]), ("A page for the party", ids[2])):
        session.post("/api/tasks", json={"list": where, "title": title}).raise_for_status()
    return str(ids[0])


def open_page(browser: Browser, url: str, person: Person, where: str, theme: str, **options: object) -> Page:
    page = browser.new_context(color_scheme=theme, reduced_motion="reduce", **options).new_page()  # type: ignore[arg-type]
    page.goto(url)
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#badge")).to_have_attribute("data-status", "live")
    page.goto(f"{url}/#/{where}")
    expect(page.locator("#open .task").nth(len(TASKS) - 1)).to_be_visible()
    return page


def two_windows(browser: Browser, alice: Page, bob: Page) -> None:
    """Bob writes; both see it; side by side."""
    bob.get_by_label("Add a task").fill("Lanterns for the trees")
    bob.get_by_label("Add a task").press("Enter")
    expect(alice.locator(".task button.title", has_text="Lanterns for the trees")).to_be_visible()
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
    STATES_FOLDER.mkdir(parents=True, exist_ok=True)
    session = open_page(browser, url, ALICE, where, "light").context.storage_state()
    for theme, (size, options) in product(("light", "dark"), SIZES.items()):
        for name, reach in {"sign-in": None, **STATES}.items():
            if (name, size) == ("navigation", "laptop"):
                continue  # it is part of each of the others there
            signed_in = session if reach else None
            context = browser.new_context(
                color_scheme=theme, reduced_motion="reduce", storage_state=signed_in, **options
            )
            page = context.new_page()
            page.goto(f"{url}/#/{where}")
            if reach:
                expect(page.locator("#badge")).to_have_attribute("data-status", "live")
                expect(page.locator("#open .task").nth(len(TASKS) - 1)).to_be_visible()
                reach(page)
            page.wait_for_timeout(300)  # what fades in has done so
            save(page.screenshot(), STATES_FOLDER / f"{name}-{theme}-{size}.png")
            leave(page)
            context.close()


def save(png: bytes, path: Path) -> None:
    """Writes the picture with its 256 most frequent colours, which takes a third of the bytes."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    colors = sorted(image.getcolors(image.width * image.height) or [], reverse=True)[:256]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for _, color in colors for channel in cast("tuple[int, int, int]", color)])
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as name, PostgresServer() as postgres, RedisServer(Path(name)) as redis:
        env = {"DATABASE_URL": postgres.url(postgres.create_database()), "REDIS_URL": redis.url}
        manage("migrate", "--verbosity", "0", env=env)
        manage("shell", "--verbosity", "0", "--command", FILL, env=env)
        with (
            Replica(Path(name), env=env) as first,
            Replica(Path(name), env=env) as second,
            Session(first.url, ALICE) as session,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
            where = fill(session)
            size = {"width": WIDTH, "height": HEIGHT}
            alice = open_page(browser, first.url, ALICE, where, "light", viewport=size)
            bob = open_page(browser, second.url, BOB, where, "dark", viewport=size)
            two_windows(browser, alice, bob)
            every_state(browser, first.url, where)
            browser.close()


if __name__ == "__main__":
    main()
