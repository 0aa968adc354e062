"""Real windows on real servers: two replicas on one PostgreSQL and one Redis, and Chromium in front of them.

    def test_it(team, open_window):
        alice = open_window(ALICE)            # signed in, on the first replica, and live
        bob = open_window(BOB, replica=1)

Each window fails its test if the page wrote an error to the console, which is where broken rules of the content
security policy end up too.
"""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.cast import ALICE, BOB, CAROL, Person
from tests.clients import Session
from tests.servers import PostgresServer, RedisServer, Replica, manage, program

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.lan 127.0.0.1",
)
HOSTS = "localhost,127.0.0.1,[::1],todo.lan"

# A browser reports each request that found no server; that the page must cope with.
NETWORK = re.compile(
    r"net::ERR_|Opener-Policy header has been ignored|WebSocket connection to|status of (40[01349]|412|50[03])"
)

LOADED = "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/tasks/later.'))"
"""Whether the page has loaded what it can begin without."""

expect.set_options(timeout=10_000)


class Team(NamedTuple):
    """The servers, and a session with the API for each person."""

    replicas: list[Replica]
    sessions: dict[str, Session]

    def manage(self, *arguments: str) -> str:
        return manage(*arguments, env=self.replicas[0].env)

    def new_list(self, name: str = "Party", *titles: str, members: dict[Person, str] | None = None) -> str:
        """The id of a new list of Alice's with these tasks; Bob may edit it, if nothing else is said."""
        alice = self.sessions["alice"]
        task_list: str = alice.post("/api/lists", json={"name": name}).json()["id"]
        for person, role in ({BOB: "editor"} if members is None else members).items():
            member = {"user": person.username, "role": role}
            alice.post(f"/api/lists/{task_list}/members", json=member).raise_for_status()
        for title in titles:
            alice.post("/api/tasks", json={"list": task_list, "title": title}).raise_for_status()
        return task_list

    def names_of_lists(self) -> list[str]:
        return [each["name"] for each in self.sessions["alice"].get("/api/lists").json()["results"]]

    def tasks(self, task_list: str) -> dict[str, dict[str, Any]]:
        """The list's tasks by title, as the API has them."""
        results = self.sessions["alice"].get("/api/tasks", params={"list": task_list}).json()["results"]
        return {task["title"]: task for task in results}


class Window:
    """A page of one person, and what it complained of."""

    def __init__(self, context: BrowserContext, url: str, person: Person) -> None:
        self.url = url
        self.person = person
        self.context = context
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not NETWORK.search(message.text):
            self.complaints.append(message.text)

    def sign_in(self, password: str | None = None) -> None:
        self.page.goto(self.url)
        self.page.get_by_label("Username").fill(self.person.username)
        self.page.get_by_label("Password").fill(self.person.password if password is None else password)
        self.page.get_by_role("button", name="Sign in").click()

    def enter(self) -> None:
        """Signs in as the form does, without drawing it, and opens the page."""
        login = f"{self.url}/login"
        self.context.request.get(login)
        token = next(cookie["value"] for cookie in self.context.cookies() if cookie["name"] == "csrftoken")
        form: dict[str, str | float | bool] = {
            "username": self.person.username,
            "password": self.person.password,
            "csrfmiddlewaretoken": token,
        }
        answer = self.context.request.post(login, form=form, headers={"Referer": login})
        assert answer.url != login, "the form was shown again"
        self.page.goto(self.url)

    @cached_property
    def badge(self) -> Any:
        return self.page.locator("#badge")

    @cached_property
    def composer(self) -> Any:
        return self.page.get_by_label("Add a task")

    @property
    def editor(self) -> Any:
        return self.page.locator(".task textarea")

    def expect_status(self, status: str, timeout: float = 10_000) -> None:
        expect(self.badge).to_have_attribute("data-status", status, timeout=timeout)

    def entry(self, task_list: str) -> Any:
        """The list's link in the sidebar."""
        return self.page.locator(f"#lists a[href='#/list/{task_list}']")

    def open_list(self, task_list: str) -> None:
        self.entry(task_list).click()
        expect(self.entry(task_list)).to_have_attribute("aria-current", "page")

    def row(self, title: str) -> Any:
        exact = re.compile(f"^{re.escape(title)}$")
        return self.page.locator(".task").filter(has=self.page.locator("button.title", has_text=exact))

    def title(self, title: str) -> Any:
        """The one button with the row's title; the field that is there while it is edited has the same class."""
        return self.row(title).locator("button.title")

    def new_tab(self, person: Person | None = None) -> "Window":
        """Another tab of the same browser, with the same cookies and storage, still empty."""
        tab = Window(self.context, self.url, person or self.person)
        tab.complaints = self.complaints
        return tab

    def problem(self) -> Any:
        return self.page.get_by_role("alert")

    def add(self, title: str) -> None:
        self.composer.fill(title)
        self.composer.press("Enter")

    def edit(self, title: str) -> Any:
        """Opens the title in place; returns the field."""
        self.title(title).focus()
        self.page.keyboard.press("F2")
        return self.editor

    def open_details(self, title: str) -> Any:
        self.title(title).click()
        return self.page.locator("#detail")

    def delete(self, title: str) -> None:
        """By the menu of its row."""
        self.row(title).hover()
        self.row(title).get_by_role("button", name="More for").click()
        self.page.get_by_role("option", name="Delete").click()

    def property(self, name: str) -> Any:
        """The button of a property in the details."""
        return self.page.locator("#detail .properties").get_by_role("button", name=re.compile(f"^{name}"))

    def open_property(self, name: str) -> Any:
        """What the property is chosen with."""
        self.property(name).click()
        return self.page.locator(".popover")

    def choose(self, name: str, option: str) -> None:
        self.open_property(name).get_by_role("option", name=re.compile(f"^{option}")).click()


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's files as a production server has them, bundled; nobody looks at the admin's here."""
    folder = tmp_path_factory.mktemp("static")
    without = ("--ignore=admin", "--ignore=rest_framework")
    manage("collectstatic", "--no-input", "--verbosity=0", *without, env={"STATIC_ROOT": str(folder)})
    return folder


@pytest.fixture(scope="module")
def team(
    postgres: PostgresServer, postgres_template: str, static_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("web")
    database = postgres.url(postgres.create_database(template=postgres_template))
    with RedisServer(folder) as redis:
        env = {"DATABASE_URL": database, "REDIS_URL": redis.url, "ALLOWED_HOSTS": HOSTS}
        env["STATIC_ROOT"] = str(static_root)
        with Replica(folder, env=env, name="first") as first, Replica(folder, env=env, name="second") as second:
            sessions = {person.username: Session(second.url, person) for person in (ALICE, BOB, CAROL)}
            yield Team([first, second], sessions)
            for session in sessions.values():
                session.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the whole run: while it is there, this thread counts as one with a running event loop.
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def new_window(team: Team, browser: Browser) -> Iterator[Callable[..., Window]]:
    """new_window(BOB, replica=1, viewport=..., color_scheme=...): a window with a profile of its own, still empty."""
    windows: list[Window] = []

    def open_window(person: Person = ALICE, *, replica: int = 0, **options: Any) -> Window:
        windows.append(Window(browser.new_context(**options), team.replicas[replica].url, person))
        return windows[-1]

    yield open_window
    complaints = {window.person.username: window.complaints for window in windows if window.complaints}
    for window in windows:
        window.context.close()
    assert not complaints


@pytest.fixture
def open_window(new_window: Callable[..., Window]) -> Callable[..., Window]:
    """As new_window, signed in and live; with task_list=..., that list is open."""

    def signed_in(person: Person = ALICE, *, task_list: str = "", **options: Any) -> Window:
        window = new_window(person, **options)
        window.enter()
        window.expect_status("live")
        if task_list:
            window.page.goto(f"{window.url}/#/{task_list}")
            expect(window.page.locator("#open .skeleton")).to_have_count(0)
        return window

    return signed_in
