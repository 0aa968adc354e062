"""A page of one person, and the servers that it is served by, as the browser tests see them."""

import re
from functools import cached_property
from typing import Any, NamedTuple

import psycopg
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.cast import ALICE, BOB, CAROL, Person
from tests.clients import Session, ok
from tests.servers import Replica, manage

# A browser reports each request that found no server; that the page must cope with.
NETWORK = re.compile(
    r"net::ERR_|Opener-Policy header has been ignored|WebSocket connection to|status of (40[01349]|412|50[03])"
)

expect.set_options(timeout=10_000)


class Team(NamedTuple):
    """The servers, and a session with the API for each person."""

    replicas: list[Replica]
    sessions: dict[str, Session]
    passes: dict[str, Any]  # each person's cookie of a session; the hash of a password costs much on purpose

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

    def database(self) -> psycopg.Connection[Any]:
        """For what has no place in the API, or takes too long there."""
        return psycopg.connect(self.replicas[0].env["DATABASE_URL"], autocommit=True)

    def fill(self, task_list: str, titles: list[str]) -> None:
        """Tasks with these titles, in this order: the first by the API, and copies of it, of which no event tells."""
        first = ok(self.sessions["alice"].post("/api/tasks", json={"list": task_list, "title": titles[0]}))["id"]
        with self.database() as database:
            columns = database.execute("SELECT * FROM tasks_task LIMIT 0").description or []
            others = ", ".join(each.name for each in columns if each.name not in {"id", "title", "position"})
            database.execute(
                f"INSERT INTO tasks_task (id, title, position, {others})"
                f" SELECT gen_random_uuid(), copy.title, tasks_task.position + copy.number, {others}"
                " FROM tasks_task, unnest(%s::text[]) WITH ORDINALITY AS copy (title, number) WHERE tasks_task.id = %s",
                [titles[1:], first],
            )

    def clear(self) -> None:
        """Removes all tasks, at once, Alice's lists and filters, and the time zones that windows have set."""
        with self.database() as database:
            database.execute("TRUNCATE tasks_task CASCADE")
        alice = self.sessions["alice"]
        for task_list in alice.get("/api/lists").json()["results"]:
            if task_list["kind"] == "list":
                alice.delete(f"/api/lists/{task_list['id']}").raise_for_status()
        for saved in alice.get("/api/filters").json()["results"]:
            alice.delete(f"/api/filters/{saved['id']}").raise_for_status()
        for person in (ALICE, BOB, CAROL):
            me = self.sessions[person.username].get("/api/me")
            if me.status_code == 401:  # signed out everywhere by the test
                self.passes.clear()
                self.sessions[person.username].close()
                self.sessions[person.username] = Session(self.replicas[1].url, person)
                me = self.sessions[person.username].get("/api/me")
            if ok(me)["time_zone"] != "UTC":
                self.sessions[person.username].patch("/api/me", json={"time_zone": "UTC"}).raise_for_status()

    def names_of_lists(self) -> list[str]:
        return [each["name"] for each in self.sessions["alice"].get("/api/lists").json()["results"]]

    def tasks(self, task_list: str) -> dict[str, dict[str, Any]]:
        """The list's tasks by title, as the API has them."""
        results = self.sessions["alice"].get("/api/tasks", params={"list": task_list}).json()["results"]
        return {task["title"]: task for task in results}


class Window:
    """A page of one person, and what it complained of."""

    def __init__(self, context: BrowserContext, url: str, person: Person, passes: dict[str, Any]) -> None:
        self.url = url
        self.passes = passes
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

    def enter(self, place: str = "", *, own_session: bool = False) -> None:
        """Opens the page, signed in: with the session of an earlier window, or as the form does, without drawing it."""
        url = self.url + place
        if not own_session and self.person.username in self.passes:
            self.context.add_cookies([self.passes[self.person.username]])
            self.page.goto(url)
            if "/login" not in self.page.url:
                return
        cookie = self._session()
        self.context.add_cookies([cookie])
        if not own_session:
            self.passes[self.person.username] = cookie
        self.page.goto(url)

    def _session(self) -> Any:
        """The cookie of a new session."""
        login, token = f"{self.url}/login", "t" * 32
        form: dict[str, str | float | bool] = {
            "username": self.person.username,
            "password": self.person.password,
            "csrfmiddlewaretoken": token,
        }
        headers = {"Referer": login, "Cookie": f"csrftoken={token}"}
        answer = self.context.request.post(login, form=form, headers=headers, max_redirects=0)
        assert answer.status == 302, f"{answer.status}: the form was shown again"
        value = next(cookie["value"] for cookie in self.context.cookies() if cookie["name"] == "sessionid")
        return {"name": "sessionid", "value": value, "url": self.url, "httpOnly": True, "sameSite": "Lax"}

    @cached_property
    def badge(self) -> Any:
        return self.page.locator("#badge")

    @cached_property
    def composer(self) -> Any:
        return self.page.get_by_label("Add a task")

    @property
    def editor(self) -> Any:
        return self.page.locator(".task textarea.title")

    def expect_status(self, status: str, timeout: float = 10_000) -> None:
        expect(self.badge).to_have_attribute("data-status", status, timeout=timeout)

    def expect_loaded(self) -> None:
        """Live, with all parts there that are loaded after the first rows."""
        self.expect_status("live")
        expect(self.page.locator("body[data-parts=loaded]")).to_be_attached()

    def expect_open(self, task_list: str) -> None:
        expect(self.entry(task_list)).to_have_attribute("aria-current", "page")

    def entry(self, task_list: str) -> Any:
        """The list's link in the sidebar."""
        return self.page.locator(f"#lists a[href='#/list/{task_list}']")

    def open_list(self, task_list: str) -> None:
        self.entry(task_list).click()
        self.expect_open(task_list)

    def account(self, name: str) -> None:
        """What the menu of the account has under this name."""
        self.page.locator("#account").click()
        self.page.locator("#account-menu").get_by_role("button", name=name).click()

    def list_menu(self, option: str) -> None:
        """What the menu of the open list has under this name."""
        self.page.get_by_role("button", name="More for this list").click()
        self.page.get_by_role("option", name=option).click()

    def row(self, title: str) -> Any:
        exact = re.compile(f"^{re.escape(title)}$")
        return self.page.locator(".task").filter(has=self.page.locator("button.title", has_text=exact))

    def title(self, title: str) -> Any:
        """The one button with the row's title; the field that is there while it is edited has the same class."""
        return self.row(title).locator("button.title")

    def new_tab(self, person: Person | None = None) -> "Window":
        """Another tab of the same browser, with the same cookies and storage, still empty."""
        tab = Window(self.context, self.url, person or self.person, self.passes)
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

    def close_details(self) -> None:
        """By Escape; returns when the address is the list's again, which is a step back in the history."""
        self.page.keyboard.press("Escape")
        expect(self.page.locator("#detail")).to_be_hidden()
        expect(self.page).not_to_have_url(re.compile("/task/"))

    def reload(self) -> None:
        self.page.reload()
        self.expect_loaded()

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
        return self.page.locator(".popover:popover-open")

    def choose(self, name: str, option: str) -> None:
        self.open_property(name).get_by_role("option", name=re.compile(f"^{option}")).click()
