"""What the page says of itself: how far it may be trusted, and what went wrong."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE, BOB
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

RECORD = """() => {
  window.seen = [];
  const look = () => {
    const badge = document.getElementById("badge");
    const now = badge && `${badge.dataset.status}/${badge.dataset.tone}`;
    if (now && now !== seen.at(-1)) seen.push(now);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
}"""


def test_a_load_begins_grey_and_is_never_red(open_window: Open):
    alice = open_window(ALICE)
    alice.page.add_init_script(f"({RECORD})()")
    alice.page.reload()
    alice.page.wait_for_function("() => seen.at(-1) === 'live/good'")
    seen = alice.page.evaluate("seen")
    assert seen[0] == "connecting/calm"
    assert all(each.endswith(("/calm", "/good")) for each in seen), seen


def test_a_load_that_takes_long_is_amber_and_one_that_lost_its_session_red(open_window: Open):
    alice = open_window(ALICE)
    alice.page.add_init_script(f"({RECORD})()")
    alice.page.route("**/api/sync*", lambda route: None)
    alice.page.reload(wait_until="commit")
    expect(alice.badge).to_have_attribute("data-tone", "waiting")
    assert [each.partition("/")[2] for each in alice.page.evaluate("seen")] == ["calm", "waiting"]
    expect(alice.composer).to_be_hidden()
    alice.page.unroute("**/api/sync*")
    alice.reload()
    alice.context.clear_cookies(name="sessionid")
    alice.page.route("**/", lambda route: route.fulfill(status=200, body="kept"))
    alice.add("x")
    alice.expect_status("signed out")
    expect(alice.badge).to_have_attribute("data-tone", "bad")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"status": 500, "body": "<h1>Server Error (500)</h1>"}, "The server had an error (500)."),
        ({"status": 503, "body": "{}"}, "The server is busy."),
        ({"status": 200, "body": '{"epoch": "e", "positions": {}}'}, "This page has a fault"),
        ({"status": 200, "body": "<h1>Welcome to our hotel</h1>"}, "had an error"),
        (None, "The server cannot be reached."),
    ],
)
def test_a_load_that_fails_says_why_for_as_long_as_it_does(new_window: Open, answer: Any, text: str):
    """Nothing can be typed meanwhile, for there is no list to type it in."""
    alice = new_window(ALICE)
    use = (lambda route: route.fulfill(**answer)) if answer else (lambda route: route.abort())
    alice.page.route("**/api/sync*", use)
    alice.enter()
    expect(alice.problem()).to_contain_text(text)
    expect(alice.composer).to_be_hidden()
    expect(alice.page.get_by_role("button", name="New list")).to_be_disabled()
    alice.page.unroute("**/api/sync*")
    alice.page.get_by_role("button", name="Try again").click()
    alice.expect_status("live")
    expect(alice.problem()).to_have_count(0)
    alice.complaints[:] = [each for each in alice.complaints if "by a fault of its own" not in each]


def test_a_refused_connection_is_not_told_as_the_end_of_a_session(new_window: Open):
    """4403: the server does not take this address for one of its own."""
    alice = new_window(ALICE)
    alice.page.route_web_socket("**/ws/tasks", lambda socket: socket.close(code=4403, reason="origin"))
    alice.enter()
    alice.expect_status("refused")
    expect(alice.page.get_by_role("dialog")).to_have_count(0)
    expect(alice.badge).to_have_attribute("aria-label", re.compile("refuses live updates"))
    expect(alice.composer).to_be_visible()


def test_a_session_that_ended_without_a_word_is_noticed_when_one_looks(team: Team, open_window: Open):
    alice = open_window(ALICE)
    alice.page.clock.install()
    alice.reload()
    alice.context.clear_cookies(name="sessionid")
    alice.page.clock.fast_forward("06:00")
    expect(alice.page.get_by_role("dialog")).to_contain_text("Please sign in again")


def test_removed_from_a_list_one_is_told_by_whom_or_at_least_that(team: Team, open_window: Open):
    task_list = team.new_list("Party", "Milk")
    bob = open_window(BOB, replica=1, task_list=task_list)
    members = team.sessions["alice"].get(f"/api/lists/{task_list}/members").json()["results"]
    member = next(each["id"] for each in members if each["user"]["username"] == "bob")
    team.sessions["alice"].delete(f"/api/lists/{task_list}/members/{member}")
    expect(bob.page.get_by_role("heading", level=1)).to_have_text("List not available")
    expect(bob.page.locator("#empty")).to_contain_text("“Party”: ")
    expect(bob.page.locator("#empty")).to_contain_text("removed you from it")
    expect(bob.composer).to_be_hidden()


def test_a_list_that_is_deleted_says_so(team: Team, open_window: Open):
    task_list = team.new_list("Party", "Milk")
    bob = open_window(BOB, replica=1, task_list=task_list)
    team.sessions["alice"].delete(f"/api/lists/{task_list}")
    expect(bob.page.get_by_role("heading", level=1)).to_have_text("List not available")
    expect(bob.page.locator("#empty")).to_contain_text("“Party”")


def test_links_that_lead_nowhere_say_so(team: Team, open_window: Open):
    """To a list that one may not see, and to a task that is gone."""
    private = team.new_list("Secret", "Plan", members={})
    shared = team.new_list("Party", "Milk")
    bob = open_window(BOB, task_list=shared)
    bob.page.goto(f"{bob.url}/#/{private}")
    expect(bob.page.get_by_text("This list does not exist, or you have no access to it.").first).to_be_visible()
    bob.page.goto(f"{bob.url}/#/{shared}/00000000-0000-4000-8000-00000000dead")
    expect(
        bob.page.get_by_text("This task does not exist any more, or you have no access to it.").first
    ).to_be_visible()
    expect(bob.page.locator("#detail")).to_be_hidden()
    expect(bob.row("Milk")).to_be_visible()


def test_open_details_follow_a_task_that_another_person_moves(team: Team, open_window: Open):
    """To a list that one can read. When it goes where one can't, the details close and say so."""
    first, second = team.new_list("Party", "Milk"), team.new_list("Garden")
    private = team.new_list("Secret", members={})
    bob = open_window(BOB, replica=1, task_list=first)
    detail = bob.open_details("Milk")
    expect(detail.locator(".detail-bar")).to_contain_text("Party")
    path = f"/api/tasks/{team.tasks(first)['Milk']['id']}"
    alice = team.sessions["alice"]
    alice.patch(path, json={"list": second}).raise_for_status()
    expect(detail.locator(".detail-bar")).to_contain_text("Garden")
    expect(detail.get_by_label("Title")).to_have_value("Milk")
    alice.patch(path, json={"list": private}).raise_for_status()
    expect(detail).to_be_hidden()
    expect(bob.page.get_by_text("“Milk” is gone").first).to_be_visible()


def test_an_invitation_names_the_list(team: Team, open_window: Open):
    bob = open_window(BOB, replica=1)
    team.new_list("Garden party")
    expect(bob.page.get_by_text("alice added you to the list “Garden party”.").first).to_be_visible()


def test_an_empty_list_says_who_sees_it(team: Team, open_window: Open):
    private = team.new_list("Mine", members={})
    shared = team.new_list("Ours")
    alice = open_window(ALICE, task_list=private)
    expect(alice.page.locator("#empty")).to_contain_text("Only you see this list.")
    alice.open_list(shared)
    expect(alice.page.locator("#empty")).to_contain_text("Others in this list see it at once.")


def test_dates_are_in_the_language_of_the_page(team: Team, open_window: Open):
    """A German browser shows the page in English, so its dates too."""
    task_list = team.new_list("Party", members={})
    task = {"list": task_list, "title": "Milk", "due_date": "2031-05-04"}
    team.sessions["alice"].post("/api/tasks", json=task).raise_for_status()
    alice = open_window(ALICE, task_list=task_list, locale="de-DE")
    expect(alice.row("Milk").locator(".due")).to_contain_text("Sun")
    expect(alice.row("Milk").locator(".due")).to_contain_text("May")


def test_one_bad_row_does_not_take_the_page_down(team: Team, open_window: Open):
    """A zone that this browser does not know, days that are none, things that are no text: the others stand."""
    task_list = team.new_list("Party", "Good", members={})
    alice = open_window(ALICE, task_list=task_list)
    good = team.tasks(task_list)["Good"]
    bad: list[dict[str, Any]] = [
        {"title": "Zone", "due_date": "2030-01-01", "due_time": "09:00:00", "due_zone": "localtime"},
        {"title": "Mars", "due_date": "2030-01-01", "due_time": "09:00:00", "due_zone": "Mars/Olympus"},
        {"title": "Day", "due_date": "2030-99-99"},
        {"title": "Ages", "created_at": "long ago", "updated_at": None},
        {"title": None, "notes": None, "priority": None},
        {"title": 7, "position": "x"},
    ]
    rows = [{**good, **each, "id": f"bad{at}", "position": at, "version": 1} for at, each in enumerate(bad)]

    def add(route: Any) -> None:
        answer = route.fetch()
        data = answer.json()
        data["tasks"] = [*rows, None, {}, *data["tasks"]]
        data["lists"] = [*data["lists"], {"id": "odd", "kind": "list", "version": 1}]
        route.fulfill(response=answer, body=json.dumps(data))

    alice.page.route("**/api/sync*", add)
    alice.reload()
    for title in ("Good", "Zone", "Mars", "Day", "Ages"):
        expect(alice.row(title)).to_be_visible()
    for title in ("Zone", "Day", "Ages"):
        detail = alice.open_details(title)
        expect(detail.get_by_label("Title")).to_have_value(title)
    alice.add("Goes on")
    expect(alice.row("Goes on")).to_be_visible()
    alice.complaints[:] = [each for each in alice.complaints if "could not be shown" not in each]
