"""The page in a real browser: two windows, two replicas."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE, BOB
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]


def test_each_change_in_one_window_appears_in_the_other(team: Team, open_window: Open):
    """Alice on one replica, Bob on the other: adding, completing, editing, planning and deleting."""
    task_list = team.new_list("Party")
    alice = open_window(ALICE, task_list=task_list)
    bob = open_window(BOB, replica=1, task_list=task_list)

    alice.add("Buy lemonade")
    expect(bob.row("Buy lemonade")).to_be_visible()
    expect(bob.entry(task_list).locator(".count")).to_have_text("1")

    field = bob.edit("Buy lemonade")
    field.fill("Buy lemonade and ice")
    field.press("Enter")
    expect(alice.row("Buy lemonade and ice")).to_be_visible()

    detail = alice.open_details("Buy lemonade and ice")
    detail.get_by_label("Notes").fill("Two crates.\nAnd a bag.")
    alice.open_property("Due").get_by_label("Due date").fill("2030-05-04")
    alice.page.keyboard.press("Escape")
    alice.choose("Priority", "Urgent")
    there = bob.open_details("Buy lemonade and ice")
    expect(there.get_by_label("Notes")).to_have_value("Two crates.\nAnd a bag.")
    expect(bob.property("Due: .*2030")).to_be_visible()
    expect(bob.property("Priority: Urgent")).to_be_visible()
    expect(bob.row("Buy lemonade and ice").locator(".due")).to_contain_text("2030")

    bob.row("Buy lemonade and ice").get_by_role("checkbox").check()
    expect(alice.page.get_by_role("button", name="Completed 1")).to_be_visible()
    expect(alice.page.locator("#empty")).to_contain_text("All done")
    alice.page.get_by_role("button", name="Completed 1").click()
    expect(alice.page.locator("#done .task")).to_contain_text("Buy lemonade and ice")

    alice.page.locator("#done").get_by_role("checkbox").click()
    expect(bob.page.locator("#open .task")).to_contain_text("Buy lemonade and ice")


def test_a_deletion_is_seen_at_once_and_can_be_undone(team: Team, open_window: Open):
    """It goes to the trash on the server; the undo brings the task back for all, as it was."""
    task_list = team.new_list("Party", "One", "Two")
    alice = open_window(ALICE, task_list=task_list)
    bob = open_window(BOB, replica=1, task_list=task_list)
    alice.delete("One")
    expect(bob.row("One")).to_have_count(0)
    alice.page.get_by_role("button", name="Undo").click()
    expect(bob.row("One")).to_be_visible()
    assert list(team.tasks(task_list)) == ["One", "Two"]


def test_a_deletion_is_sent_when_the_page_is_left(team: Team, open_window: Open):
    task_list = team.new_list("Party", "One", "Two")
    alice = open_window(ALICE, task_list=task_list)
    alice.delete("One")
    expect(alice.row("One")).to_have_count(0)
    alice.page.goto("about:blank")
    wait_until(lambda: list(team.tasks(task_list)) == ["Two"], what="the deletion")


def test_nothing_is_missed_while_a_replica_is_dead(team: Team, open_window: Open):
    """The badge says so, typed text stays, what is added meanwhile is sent once, and what others did arrives."""
    task_list = team.new_list("Party", "Old", "Doomed")
    alice = open_window(ALICE, task_list=task_list)
    bob = open_window(BOB, replica=1, task_list=task_list)
    team.replicas[0].kill()
    try:
        alice.expect_status("offline")
        alice.add("Added without a server")
        expect(alice.row("Added without a server")).to_contain_text("Not saved yet")
        expect(alice.page.locator("#unsaved")).to_have_text("1 change not saved yet")
        alice.composer.fill("Half a tho")
        bob.add("Added by Bob")
        bob.row("Old").get_by_role("checkbox").check()
        field = bob.edit("Doomed")
        field.fill("Saved")
        field.press("Enter")
        wait_until(lambda: {"Added by Bob", "Saved"} <= set(team.tasks(task_list)), what="Bob's changes")
        expect(alice.row("Added by Bob")).to_have_count(0)
    finally:
        team.replicas[0].start()
    alice.badge.click()
    alice.expect_status("live", timeout=40_000)
    expect(alice.row("Added by Bob")).to_be_visible()
    expect(alice.row("Saved")).to_be_visible()
    expect(alice.page.get_by_role("button", name="Completed 1")).to_be_visible()
    expect(alice.composer).to_have_value("Half a tho")
    expect(alice.page.locator("#unsaved")).to_have_text("", timeout=40_000)
    expect(bob.row("Added without a server")).to_have_count(1)
    expect(alice.row("Added without a server").locator(".unsaved")).to_have_count(0)
    assert sorted(team.tasks(task_list)) == ["Added by Bob", "Added without a server", "Old", "Saved"]


MARKUP = """<img src=x onerror="window.hit=1"><script>window.hit=1</script>&amp;{{ 7*7 }}'"><b>bold</b>"""


def test_markup_is_shown_as_text(team: Team, open_window: Open):
    """In titles, notes, names of lists, and what is said about them."""
    task_list = team.new_list(MARKUP, MARKUP)
    alice = open_window(ALICE, task_list=task_list)
    expect(alice.page.locator(".task button.title")).to_have_text(MARKUP)
    expect(alice.page.get_by_role("heading", level=1)).to_have_text(MARKUP)
    expect(alice.entry(task_list).locator(".list-name")).to_have_text(MARKUP)
    alice.add(MARKUP + " again")
    expect(alice.row(MARKUP + " again")).to_be_visible()
    alice.page.locator(".task button.title").first.click()
    expect(alice.page.locator("#detail").get_by_label("Title")).to_have_value(MARKUP)
    alice.page.locator("#open .check").first.check()
    expect(alice.page.locator(".toast")).to_contain_text("Completed “<img src=x")
    alice.page.locator(".people").click()
    expect(alice.page.get_by_role("dialog")).to_contain_text(MARKUP)
    assert alice.page.evaluate("[typeof window.hit, document.querySelectorAll('main b, main img').length]") == [
        "undefined",
        0,
    ]


def test_signing_in_and_out(new_window: Open):
    """A wrong password is told, the right one leads to the page, and signing out ends it."""
    window = new_window(ALICE)
    window.sign_in(password="wrong")
    expect(window.page.get_by_role("alert")).to_contain_text("correct username and password")
    expect(window.page.get_by_label("Username")).to_have_value("alice")
    window.page.get_by_label("Password").fill(ALICE.password)
    window.page.get_by_label("Password").press("Enter")
    window.expect_status("live")
    window.account("Sign out")
    expect(window.page.get_by_role("heading", name="Sign in to Todo")).to_be_visible()
    window.page.goto(window.url)
    expect(window.page.get_by_role("heading", name="Sign in to Todo")).to_be_visible()


def test_a_session_that_ends_loses_no_text(team: Team, open_window: Open):
    """The page asks for the password over what is there, and then sends what was waiting."""
    task_list = team.new_list("Party", "Milk")
    alice = open_window(ALICE, task_list=task_list)
    detail = alice.open_details("Milk")
    detail.get_by_label("Notes").fill("Not to be lost")
    alice.context.clear_cookies(name="sessionid")
    detail.get_by_label("Notes").press("Control+Enter")
    dialog = alice.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Please sign in again")
    alice.expect_status("signed out")
    expect(dialog.get_by_label("Username")).to_have_value("alice")
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_label("Password").press("Enter")
    expect(dialog).to_contain_text("do not go together")
    dialog.get_by_label("Password").fill(ALICE.password)
    dialog.get_by_label("Password").press("Enter")
    expect(dialog).to_have_count(0)
    alice.expect_status("live")
    expect(detail.get_by_label("Notes")).to_have_value("Not to be lost")
    wait_until(lambda: team.tasks(task_list)["Milk"]["notes"] == "Not to be lost", what="the notes")


def test_narrow_and_dark(team: Team, open_window: Open):
    """320 pixels are enough for everything, and the chosen colours stay."""
    task_list = team.new_list("A list with a rather long name for a telephone", "W" * 300, "Short")
    window = open_window(ALICE, task_list=task_list, viewport={"width": 320, "height": 640}, color_scheme="dark")
    page = window.page
    too_wide = "document.documentElement.scrollWidth > 320 || document.querySelector('main').scrollWidth > 320"

    def brightness() -> int:
        channels = re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))
        return sum(map(int, channels[:3]))

    assert brightness() < 150
    page.wait_for_function(f"!({too_wide})")
    expect(page.locator("#sidebar")).not_to_be_visible()
    page.get_by_role("button", name="Show the lists").click()
    expect(page.locator("#sidebar")).to_be_visible()
    window.account("Colours: as the system")
    expect(page.get_by_role("button", name="Colours: light")).to_be_visible()
    wait_until(lambda: brightness() > 600, what="the light colours")
    page.keyboard.press("Escape")
    expect(page.locator("#account-menu")).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Everyone")).click()
    expect(page.locator("#sidebar")).not_to_be_visible()
    page.goto(f"{window.url}/#/{task_list}")
    window.reload()
    wait_until(lambda: brightness() > 600, what="the light colours, kept over a reload")
    window.title("Short").click()
    expect(page.locator("#detail").get_by_label("Title")).to_have_value("Short")
    page.wait_for_function(f"!({too_wide})")


def test_five_thousand_tasks(team: Team, open_window: Open):
    """An event is on the screen of a full list; what the page takes for it is printed."""
    task_list = team.new_list("Everything", members={})
    team.fill(task_list, [f"Task {n}" for n in range(5000)])
    alice = open_window(ALICE)
    alice.open_list(task_list)
    first = alice.page.locator("#open .task").first
    expect(first).to_have_attribute("aria-setsize", "5000", timeout=20_000)
    alice.page.evaluate(
        """() => {
            window.longest = 0;
            const observe = (list) => list.getEntries().forEach((each) => (longest = Math.max(longest, each.duration)));
            new PerformanceObserver(observe).observe({ type: "longtask" });
        }"""
    )
    task = team.sessions["alice"].get("/api/tasks", params={"list": task_list}).json()["results"][0]
    team.sessions["alice"].patch(f"/api/tasks/{task['id']}", json={"title": "Moved", "position": 5.5})
    expect(alice.page.locator(f"#open [data-id='{task['id']}'] button.title")).to_have_text("Moved")
    longest = alice.page.evaluate("longest")
    print(f"The longest task of the page while one of 5,000 rows changed and moved: {longest:.0f} ms")
    assert longest < 5000
