"""The settings dialog: messages, the person's own password, the keys."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cast import CAROL
from tests.clients import Session
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]

NEW_PASSWORD = "a longer secret than before"


@pytest.fixture
def old_password(team: Team) -> Iterator[None]:
    """Carol has her usual password again afterwards."""
    with team.database() as database:
        usual = database.execute("SELECT password FROM tasks_user WHERE username = 'carol'").fetchone()
        yield
        database.execute("UPDATE tasks_user SET password = %s WHERE username = 'carol'", usual)


def open_settings(window: Window) -> Any:
    window.account("Settings")
    dialog = window.page.get_by_role("dialog", name="Settings")
    expect(dialog).to_be_visible()
    return dialog


def test_the_settings_have_messages_first_and_the_keys_last(open_window: Open):
    for viewport in ({"width": 1280, "height": 800}, {"width": 390, "height": 844}):
        carol = open_window(CAROL, viewport=viewport)
        if viewport["width"] < 760:
            carol.page.locator("#open-sidebar").click()
        dialog = open_settings(carol)
        expect(dialog.get_by_role("heading", level=3)).to_have_text(
            ["Messages", "Account", "Reminders", "Password", "Keyboard"]
        )


def test_a_person_chooses_their_time_zone_and_address(team: Team, open_window: Open):
    """A new account gets the browser's zone, once; UTC that was chosen stays, in each browser."""
    session = team.sessions["carol"]
    has = lambda **wanted: wanted.items() <= session.get("/api/me").json().items()  # noqa: E731
    before = session.get("/api/me").json()["email"]
    try:
        carol = open_window(CAROL, timezone_id="Europe/Berlin")
        dialog = open_settings(carol)  # which shows it also where it is set after that
        wait_until(lambda: has(time_zone="Europe/Berlin"), what="the zone of the device")
        zone, email = dialog.get_by_label("Time zone"), dialog.get_by_label("Email")
        expect(zone).to_have_value("Europe/Berlin")
        zone.select_option("UTC")
        wait_until(lambda: has(time_zone="Etc/UTC"), what="the zone that was chosen")
        expect(dialog.get_by_text("Saved.", exact=True)).to_be_visible()
        email.fill("no address")
        email.press("Enter")
        expect(dialog.get_by_role("alert").first).to_contain_text("email")
        email.fill("carol@example.com")
        email.press("Enter")
        wait_until(lambda: has(email="carol@example.com"), what="the address")
        other = open_window(CAROL, timezone_id="Europe/Berlin")
        dialog = open_settings(other)
        expect(dialog.get_by_label("Time zone")).to_have_value("Etc/UTC")
        expect(dialog.get_by_label("Email")).to_have_value("carol@example.com")
        assert has(time_zone="Etc/UTC")
    finally:
        session.patch("/api/me", json={"time_zone": "UTC", "email": before}).raise_for_status()


def test_a_person_chooses_the_name_that_others_see(team: Team, open_window: Open):
    """It is in every window at once; an empty one leaves the username."""
    session = team.sessions["carol"]
    before = session.get("/api/me").json()["name"]
    name_is = lambda name: session.get("/api/me").json()["name"] == name  # noqa: E731
    try:
        carol, other = open_window(CAROL), open_window(CAROL, replica=1)
        dialog, elsewhere = open_settings(carol), open_settings(other)
        dialog.get_by_label("Your name").fill("  Carol Lindt ")
        dialog.get_by_label("Your name").press("Enter")
        wait_until(lambda: name_is("Carol Lindt"), what="the name")
        expect(dialog.get_by_text("Saved.", exact=True)).to_be_visible()
        expect(elsewhere.get_by_label("Your name")).to_have_value("Carol Lindt")
        expect(other.page.locator("#account")).to_contain_text("Carol Lindt")
        dialog.get_by_label("Your name").fill("")
        dialog.get_by_label("Your name").press("Enter")
        wait_until(lambda: name_is("carol"), what="the username")
        expect(dialog.get_by_label("Your name")).to_have_attribute("placeholder", "carol")
    finally:
        session.patch("/api/me", json={"name": before}).raise_for_status()


@pytest.mark.parametrize(
    ("permission", "said"),
    [
        ("denied", "Blocked by your browser."),
        ("granted", "On: your system shows"),
        ("default", "Off: reminders are shown"),
    ],
)
def test_the_settings_say_whether_the_system_shows_reminders(new_window: Open, permission: str, said: str):
    """And how to let it. A browser without a window of its own refuses, so it is told what it has."""
    carol = new_window(CAROL)
    carol.page.add_init_script(f"Object.defineProperty(Notification, 'permission', {{ get: () => '{permission}' }})")
    carol.enter()
    carol.expect_loaded()
    expect(open_settings(carol).locator(".notification-state")).to_contain_text(said)
    turn_on = carol.page.get_by_role("button", name="Turn on notifications")
    expect(turn_on).to_have_count(1 if permission == "default" else 0)


def test_the_question_mark_shows_the_keys(open_window: Open):
    carol = open_window(CAROL, viewport={"width": 1280, "height": 500})
    carol.page.keyboard.press("?")
    expect(carol.page.get_by_role("dialog").get_by_role("heading", name="Keyboard")).to_be_in_viewport()


def test_a_person_changes_their_password(team: Team, open_window: Open, old_password: None):
    """This page stays signed in and live; other sign-ins end; the next sign-in takes the new password."""
    carol, other = open_window(CAROL, own_session=True), open_window(CAROL, own_session=True, replica=1)
    dialog = open_settings(carol)
    expect(dialog).to_contain_text("signs you out everywhere else")
    dialog.get_by_label("Current password").fill(CAROL.password)
    dialog.get_by_label("New password").fill(NEW_PASSWORD)
    dialog.get_by_role("button", name="Change password").click()
    expect(dialog.get_by_role("status")).to_contain_text("Your password is changed")
    expect(dialog.get_by_label("Current password")).to_have_value("")
    expect(dialog.get_by_label("New password")).to_have_value("")
    dialog.get_by_role("button", name="Close").click()
    other.expect_status("signed out")
    carol.reload()
    carol.add("Written after the change")
    expect(carol.page.locator("#unsaved")).to_be_empty()
    with Session(team.replicas[0].url, CAROL._replace(password=NEW_PASSWORD)) as session:
        tasks = lambda: session.get("/api/search", params={"q": "Written after"}).json()["results"]  # noqa: E731
        wait_until(lambda: "Written after the change" in [each["title"] for each in tasks()], what="the task")


def test_the_page_stays_live_after_a_change_of_the_password(open_window: Open, old_password: None):
    carol = open_window(CAROL)
    dialog = open_settings(carol)
    dialog.get_by_label("Current password").fill(CAROL.password)
    dialog.get_by_label("New password").fill(NEW_PASSWORD)
    dialog.get_by_label("New password").press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("Your password is changed")
    dialog.get_by_role("button", name="Close").click()
    carol.add("Without a reload")
    expect(carol.page.locator("#unsaved")).to_be_empty()
    carol.expect_status("live")
    expect(carol.page.get_by_role("dialog")).to_have_count(0)


def test_errors_of_a_password_are_told_at_its_field(open_window: Open):
    carol = open_window(CAROL)
    dialog = open_settings(carol)
    current, new = dialog.get_by_label("Current password"), dialog.get_by_label("New password")
    current.fill("not it")
    new.fill(NEW_PASSWORD)
    new.press("Enter")
    expect(current).to_have_accessible_description("This is not your current password.")
    expect(current).to_have_attribute("aria-invalid", "true")
    expect(current).to_be_focused()
    current.fill(CAROL.password)
    new.fill("short")
    new.press("Enter")
    expect(new).to_have_attribute("aria-invalid", "true")
    expect(new).to_be_focused()
    expect(current).to_have_accessible_description("")
    expect(dialog.get_by_text("too short")).to_be_visible()
