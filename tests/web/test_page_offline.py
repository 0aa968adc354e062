"""Without a server or a network, or with another person's session: nothing is lost, nothing is told that is not so."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE, BOB
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

STORED = """async (texts) => {
  const of = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const stored = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await of(indexedDB.open(name));
    stored.push(await of(database.transaction("tabs").objectStore("tabs").getAll()));
    database.close();
  }
  return texts.every((text) => JSON.stringify(stored).includes(text));
}"""


def test_what_was_done_offline_survives_a_closed_tab(team: Team, open_window: Open):
    """A change and two half-written texts are there in a new tab, and the change is sent."""
    task_list = team.new_list("Party", "Milk", members={})
    alice = open_window(ALICE, task_list=task_list)
    notes = alice.open_details("Milk").get_by_label("Notes")
    alice.context.set_offline(True)
    alice.add("Added on the train")
    expect(alice.row("Added on the train")).to_contain_text("Not saved yet")
    alice.composer.fill("Half a tho")
    notes.fill("Half a note")
    alice.page.wait_for_function(STORED, arg=["Added on the train", "Half a tho", "Half a note"])
    again = alice.new_tab()
    alice.page.close()
    alice.context.set_offline(False)
    again.page.goto(f"{again.url}/#/{task_list}")
    again.expect_status("live")
    wait_until(lambda: "Added on the train" in team.tasks(task_list), what="the change of the closed tab")
    expect(again.row("Added on the train")).to_have_count(1)
    expect(again.composer).to_have_value("Half a tho")
    again.page.goto(f"{again.url}/#/{task_list}/{team.tasks(task_list)['Milk']['id']}")
    expect(again.page.locator("#detail").get_by_label("Notes")).to_have_value("Half a note")


def test_a_tab_that_is_open_keeps_its_own_changes(team: Team, open_window: Open):
    """A second tab does not take over what the first one is still writing."""
    task_list = team.new_list("Party", members={})
    first = open_window(ALICE, task_list=task_list)
    first.composer.fill("Written in the first tab")
    first.page.evaluate("dispatchEvent(new Event('blur'))")
    second = first.new_tab()
    second.page.goto(f"{second.url}/#/{task_list}")
    second.expect_status("live")
    second.add("Written in the second")
    expect(first.row("Written in the second")).to_be_visible()
    expect(second.composer).to_have_value("")
    expect(first.composer).to_have_value("Written in the first tab")


def test_what_waits_is_its_persons_alone(team: Team, open_window: Open):
    """Alice's change waits while Bob signs in, in another tab of her browser: it is not sent in his name."""
    task_list = team.new_list("Party", "Milk")
    alice = open_window(ALICE, task_list=task_list)
    alice.page.route("**/api/tasks**", lambda route: route.abort())
    alice.add("Written by Alice")
    expect(alice.row("Written by Alice")).to_contain_text("Not saved yet")
    bob = alice.new_tab(BOB)
    alice.context.clear_cookies(name="sessionid")
    bob.sign_in()
    bob.expect_status("live")
    alice.page.unroute("**/api/tasks**")
    expect(alice.page.get_by_role("dialog")).to_contain_text("Somebody else has signed in", timeout=40_000)
    expect(alice.row("Written by Alice")).to_be_visible()
    assert "Written by Alice" not in team.tasks(task_list)
    expect(bob.row("Written by Alice")).to_have_count(0)
    alice.page.get_by_role("dialog").get_by_label("Password").fill(ALICE.password)
    alice.page.get_by_role("dialog").get_by_label("Password").press("Enter")
    wait_until(lambda: "Written by Alice" in team.tasks(task_list), what="Alice's change")
    me = team.sessions["alice"].get("/api/me").json()["id"]
    assert team.tasks(task_list)["Written by Alice"]["created_by"] == me


def test_a_page_shows_nothing_of_another_person(team: Team, open_window: Open):
    """The socket comes back with the other one's session: the page stops and says so."""
    alice = open_window(ALICE)
    bob = alice.new_tab(BOB)
    alice.context.clear_cookies(name="sessionid")
    bob.sign_in()
    bob.expect_status("live")
    team.replicas[0].restart()
    expect(alice.page.get_by_role("dialog")).to_contain_text("Somebody else has signed in", timeout=40_000)
    alice.expect_status("signed out")
    expect(alice.page.locator("#account-name")).to_have_text("alice")


def test_a_conflict_that_is_found_later_does_not_move_the_page(team: Team, open_window: Open):
    """Alice writes elsewhere while her notes of before meet Bob's: she is told, and goes on writing."""
    task_list = team.new_list("Party", "Milk", "Bread")
    task = team.tasks(task_list)["Milk"]
    alice = open_window(ALICE, task_list=task_list)
    held: list[Any] = []
    notes = alice.open_details("Milk").get_by_label("Notes")
    alice.page.route(f"**/api/tasks/{task['id']}", lambda route: held.append(route) if not held else route.continue_())
    notes.fill("Alice's notes")
    notes.press("Control+Enter")
    wait_until(lambda: alice.page.evaluate("1") and held, what="the request")
    alice.page.keyboard.press("Escape")
    expect(alice.page.locator("#detail")).to_be_hidden()
    team.sessions["bob"].patch(f"/api/tasks/{task['id']}", json={"notes": "Bob's notes"})
    field = alice.edit("Bread")
    field.press_sequentially(" and bu")
    held[0].continue_()
    expect(alice.problem()).to_contain_text("bob changed the notes of “Milk”, as you did.")
    expect(alice.editor).to_be_focused()
    field.press_sequentially("tter")
    expect(alice.editor).to_have_value("Bread and butter")
    expect(alice.page.locator("#detail")).to_be_hidden()
    alice.page.get_by_role("button", name="Show", exact=True).click()
    expect(alice.page.locator("#detail").get_by_label("Notes")).to_have_value("Alice's notes")
    expect(alice.page.locator("#detail").get_by_text("bob changed this to “Bob's notes”.")).to_be_visible()


@pytest.mark.parametrize("status", [503, 500])
def test_a_change_waits_while_the_database_is_away(team: Team, open_window: Open, status: int):
    """It is not rolled back, the badge is not green, and it is sent when the time has come."""
    task_list = team.new_list("Party", "Milk", members={})
    alice = open_window(ALICE, task_list=task_list)
    answers = [{"status": status, "headers": {"Retry-After": "1"}, "body": "{}"}] * 2
    held: list[Any] = []

    def answer(route: Any) -> None:
        if answers:
            route.fulfill(**answers.pop())
        else:
            held.append(route)

    alice.page.route("**/api/tasks/*", answer)
    field = alice.edit("Milk")
    field.fill("Oat milk")
    field.press("Enter")
    wait_until(lambda: alice.page.evaluate("1") and held, timeout=40, what="the third attempt")
    expect(alice.page.locator("#unsaved")).to_have_text("1 change not saved yet")
    alice.expect_status("saving")
    expect(alice.row("Oat milk")).to_contain_text("Not saved yet")
    held[0].continue_()
    alice.expect_status("live")
    expect(alice.page.locator("#unsaved")).to_have_text("")
    assert "Oat milk" in team.tasks(task_list)
    assert len(held) == 1


def test_a_server_that_stops_answering_is_not_called_live(team: Team, open_window: Open):
    """Stopped, not ended: the connection stays up, and yet the page finds out within seconds of the next change."""
    task_list = team.new_list("Party", members={})
    alice = open_window(ALICE, task_list=task_list)
    team.replicas[0].pause()
    try:
        alice.add("Into the void")
        expect(alice.badge).not_to_have_attribute("data-status", "live")
        alice.expect_status("offline", timeout=30_000)
        expect(alice.badge).to_have_attribute("data-tone", "waiting")
    finally:
        team.replicas[0].resume()
    alice.badge.click()
    alice.expect_status("live", timeout=30_000)
    wait_until(lambda: "Into the void" in team.tasks(task_list), what="the task")


def test_somebody_who_only_looks_learns_it_too(team: Team, open_window: Open):
    alice = open_window(ALICE)
    team.replicas[0].pause()
    try:

        def suspected() -> bool:
            alice.page.keyboard.press("Shift")  # a connection that was heard of just now is not suspected
            return bool(alice.badge.get_attribute("data-status") == "offline")

        wait_until(suspected, timeout=40, what="the page to notice")
    finally:
        team.replicas[0].resume()


def test_signing_out_without_a_server(team: Team, open_window: Open):
    """The page stays, and says that one is still signed in."""
    alice = open_window(ALICE)
    alice.context.set_offline(True)
    alice.account("Sign out")
    expect(alice.problem()).to_contain_text("You are still signed in. The server cannot be reached.")
    alice.context.set_offline(False)
    alice.account("Sign out")
    expect(alice.page.get_by_role("heading", name="Sign in to Todo")).to_be_visible()


def test_signing_out_asks_about_what_is_not_saved(team: Team, open_window: Open):
    task_list = team.new_list("Party", members={})
    alice = open_window(ALICE, task_list=task_list)
    alice.page.route("**/api/tasks**", lambda route: route.abort())
    alice.add("Not sent yet")
    expect(alice.page.locator("#unsaved")).to_have_text("1 change not saved yet")
    alice.account("Sign out")
    dialog = alice.page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 change of yours could not be saved yet and would be lost.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(alice.row("Not sent yet")).to_be_visible()


@pytest.mark.parametrize("late", [0, 500], ids=["", "before the next frame"])
def test_completed_is_not_told_beside_not_saved(team: Team, open_window: Open, late: int):
    task_list = team.new_list("Party", "Milk", members={})
    alice = open_window(ALICE, task_list=task_list)
    alice.page.evaluate(
        "ms => { const frame = requestAnimationFrame; requestAnimationFrame = call => setTimeout(frame, ms, call) }",
        late,
    )
    problem = {"status": 400, "title": "Bad Request", "errors": {"completed": ["Not today."]}}
    answer = {"status": 400, "content_type": "application/problem+json", "body": json.dumps(problem)}
    alice.page.route("**/api/tasks/*", lambda route: route.fulfill(**answer))
    alice.row("Milk").get_by_role("checkbox").click()
    expect(alice.problem()).to_contain_text("was not saved")
    expect(alice.page.locator(".toast", has_text=re.compile("^Completed"))).to_have_count(0)
    expect(alice.row("Milk").get_by_role("checkbox")).not_to_be_checked()
