"""Takes the picture of the README: two people, two windows, two servers, one list.

    .venv/bin/python -m tests.web.screenshots

It starts a PostgreSQL, a Redis and two servers of its own, lets Alice and Bob work in two windows of Chromium, and
writes docs/images/two-windows.png. With a folder as its argument it also writes there how each part of the page looks,
light and dark, wide and narrow, to be looked at after a change.
"""

import base64
import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.cast import ALICE, BOB, CAROL, Person
from tests.clients import Session
from tests.environment import SETTINGS
from tests.servers import ROOT, PostgresServer, RedisServer, Replica, manage, program
from tests.web.conftest import ARGUMENTS

PICTURE = ROOT / "docs/images/two-windows.png"
WIDTH, HEIGHT, GAP = 860, 640, 24

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
    row = alice.get_by_role("button", name="Edit Lanterns for the trees", exact=True)
    expect(row).to_be_visible()
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
    frame.screenshot(path=PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1024} KB")


def every_part(browser: Browser, url: str, where: str, folder: Path) -> None:
    for theme in ("light", "dark"):
        for width, height in ((1280, 800), (375, 720)):

            def shoot(page: Page, name: str, suffix: str = f"{theme}-{width}") -> None:
                page.screenshot(path=folder / f"{name}-{suffix}.png")

            size = {"width": width, "height": height}
            login = browser.new_context(color_scheme=theme, viewport=size).new_page()  # type: ignore[arg-type]
            login.goto(url)
            shoot(login, "login")
            page = open_page(browser, url, ALICE, where, theme, viewport=size)
            shoot(page, "list")
            page.locator("#done-toggle").click()
            page.locator(".task .more").nth(1).click()
            expect(page.locator("#detail")).to_be_visible()
            shoot(page, "detail")
            page.get_by_role("button", name="Close the details").click()
            page.locator(".people").click()
            shoot(page, "members")
            page.keyboard.press("Escape")
            page.get_by_role("button", name="Rename, recolour or delete").click()
            page.get_by_role("button", name="Delete list").click()
            shoot(page, "list-dialog")
            page.keyboard.press("Escape")
            page.locator(".people").focus()
            page.keyboard.press("?")
            shoot(page, "settings")
            page.keyboard.press("Escape")
            page.get_by_label("Add a task").fill("x" * 520)
            page.locator("#open .check").first.check()
            expect(page.locator(".toast")).to_be_visible()
            shoot(page, "too-long")
            page.get_by_role("button", name="Undo").click()
            page.get_by_label("Add a task").fill("")
            page.goto(f"{url}/#/00000000-0000-4000-8000-00000000dead")
            expect(page.locator(".toast").last).to_contain_text("does not exist")
            shoot(page, "unknown-list")
            page.goto(f"{url}/#/{where}")
            page.route("**/api/sync*", lambda route: route.fulfill(status=500, body="{}"))
            page.reload()
            expect(page.locator("#trouble")).to_be_visible()
            shoot(page, "trouble")
            page.unroute("**/api/sync*")
            page.get_by_role("button", name="Try again").click()
            expect(page.locator("#badge")).to_have_attribute("data-status", "live")
            page.context.set_offline(True)
            page.get_by_label("Add a task").fill("Written on the train")
            page.get_by_label("Add a task").press("Enter")
            expect(page.locator("#unsaved")).not_to_be_empty()
            shoot(page, "offline")
            page.context.close()


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
            if len(sys.argv) > 1:
                every_part(browser, first.url, where, Path(sys.argv[1]))
            browser.close()


if __name__ == "__main__":
    main()
