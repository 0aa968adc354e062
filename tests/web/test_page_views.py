"""Views that span lists, and what a task's panel offers: one flow through each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE, BOB, CAROL
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]


def day(offset: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=offset)).isoformat()


def due(team: Team, task_list: str, title: str) -> tuple[str, str | None]:
    task = team.tasks(task_list)[title]
    return task["due_date"], task["due_time"]


def reschedule(window: Window, late: Callable[[], list[tuple[str, str | None]]]) -> None:
    """Both late tasks, the second of which has a time; and takes that back."""
    page = window.page
    page.get_by_role("button", name="Reschedule", exact=True).click()
    page.get_by_role("dialog", name="Reschedule").get_by_role("button", name="Tomorrow").click()
    expect(page.locator(".toast")).to_contain_text("Moved 2 tasks to tomorrow.")
    expect(page.locator(".head-row.late")).to_have_count(0)
    wait_until(lambda: late() == [(day(1), None), (day(1), "09:30:00")], what="the day of both")
    page.get_by_role("button", name="Undo", exact=True).click()
    wait_until(lambda: late() == [(day(-2), None), (day(-4), "09:30:00")], what="the undo")
    expect(window.row("Late two")).to_be_visible()


def test_views_show_tasks_of_all_lists_under_their_days(team: Team, open_window: Open):
    """Today with a field and what is late, which gets another day at once; Upcoming with its days and with further ones
    at its end, Assigned; a task dropped on a day is due then.
    """
    alice_session = team.sessions["alice"]
    first, second = team.new_list("First"), team.new_list("Second")
    me = alice_session.get("/api/me").json()["id"]
    for task in (
        {"list": first, "title": "Late one", "due_date": day(-2)},
        {"list": second, "title": "Late two", "due_date": day(-4), "due_time": "09:30", "due_zone": "UTC"},
        {"list": second, "title": "Today one", "due_date": day(0), "assignee": me},
        {"list": first, "title": "Later one", "due_date": day(3)},
        {"list": first, "title": "Without a day"},
    ):
        alice_session.post("/api/tasks", json=task).raise_for_status()
    further = [{"title": f"Day {n}", "due_date": day(20)} for n in range(30)] + [{"title": "Far", "due_date": day(100)}]
    operations = [{"op": "create", "list": first, **task} for task in further]
    alice_session.post("/api/tasks/bulk", json={"operations": operations}).raise_for_status()
    alice = open_window(ALICE, timezone_id="UTC")
    page = alice.page
    page.get_by_role("link", name="Today").click()
    expect(alice.row("Late one")).to_contain_text("First")
    expect(alice.row("Today one")).to_contain_text("Second")
    expect(alice.row("Later one")).to_have_count(0)
    expect(page.locator(".head-row").first).to_contain_text("Late")
    reschedule(alice, lambda: [due(team, first, "Late one"), due(team, second, "Late two")])
    alice.title("Late one").click()
    expect(page.locator("#detail").get_by_label("Title")).to_have_value("Late one")
    assert page.url.split("#")[1].startswith("/today/task/")
    alice.close_details()
    page.keyboard.press("n")
    expect(alice.composer).to_be_focused()
    alice.add("Buy stamps")
    expect(alice.row("Buy stamps")).to_be_visible()
    found = "/api/tasks?due=today&search=stamps"
    wait_until(lambda: len(alice_session.get(found).json()["results"]) == 1, what="the task for today")
    alice.add("Write letter tomorrow")
    expect(page.locator(".toast")).to_contain_text("Added “Write letter” to Upcoming, tomorrow.")
    expect(alice.row("Write letter")).to_have_count(0)
    alice.composer.fill("Call Bob tomorrow")
    expect(page.locator("#composer .quick-chip, #composer [data-property=due]")).to_have_text(["Due", "Tomorrow"])
    page.get_by_role("link", name="Assigned to me").click()
    expect(alice.row("Today one")).to_be_visible()
    expect(alice.row("Late one")).to_have_count(0)
    page.get_by_role("link", name="Upcoming").click()
    expect(alice.row("Later one")).to_be_visible()
    alice.row("Later one").drag_to(page.locator("#week button").nth(1))
    wait_until(lambda: team.tasks(first)["Later one"]["due_date"] == day(1), what="the day")
    expect(alice.row("Day 0")).to_be_visible()
    alice.title("Later one").focus()
    page.keyboard.press("End")
    expect(alice.title("Day 29")).to_be_focused()
    expect(alice.row("Far")).to_be_visible()
    page.keyboard.press("Home")
    alice.row("Today one").get_by_role("checkbox").click()
    wait_until(lambda: team.tasks(second)["Today one"]["completed"], what="the completion")
    page.locator("#add").hover()
    expect(alice.row("Today one")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Assigned to me")


def test_the_panel_plans_a_task(team: Team, open_window: Open):
    """Assignee, subtasks and a check box in the notes; the other person sees each of them."""
    task_list = team.new_list("Party", "Cake", members={BOB: "editor"})
    alice = open_window(ALICE, task_list=task_list)
    bob = open_window(BOB, replica=1, task_list=task_list)
    detail = alice.open_details("Cake")
    alice.choose("Assignee", "bob")
    expect(bob.row("Cake").locator(".avatar")).to_have_attribute("title", "bob")
    detail.get_by_label("Notes").fill("Buy:\n\n- [ ] flour\n- [x] eggs\n\n<b>no markup</b> https://example.org")
    detail.get_by_label("Notes").press("Control+Enter")
    detail.get_by_label("Add a subtask").fill("Bake it tomorrow")
    expect(detail.locator(".quick-chip")).to_have_text(["Tomorrow"])
    detail.get_by_label("Add a subtask").press("Enter")
    expect(detail.locator(".notes-text")).to_contain_text("<b>no markup</b>")
    expect(detail.get_by_role("link", name="https://example.org")).to_have_attribute("rel", "noopener noreferrer")
    detail.get_by_role("checkbox", name="flour").check()
    wait_until(lambda: "- [x] flour\n- [x] eggs" in team.tasks(task_list)["Cake"]["notes"], what="the check box")
    expect(bob.row("Bake it")).to_be_visible()
    bob.row("Bake it").get_by_role("checkbox").click()
    expect(detail.locator(".panel-part .count").first).to_have_text("1/1")
    expect(alice.row("Cake")).to_contain_text("1/1")
    detail.get_by_role("button", name="Make Bake it a task of its own").click()
    expect(detail.get_by_role("button", name="Bake it", exact=True)).to_have_count(0)
    wait_until(lambda: team.tasks(task_list)["Bake it"]["parent"] is None, what="the task of its own")
    assert team.tasks(task_list)["Bake it"]["due_date"], "words of a subtask are understood"


def test_days_are_those_of_the_persons_time_zone(team: Team, open_window: Open):
    """As in the API. An account without one gets that of the device, once."""
    session = team.sessions["carol"]
    zone = lambda: session.get("/api/me").json()["time_zone"]  # noqa: E731
    assert zone() == "UTC"
    carol = open_window(CAROL, timezone_id="Pacific/Pago_Pago")
    try:
        wait_until(lambda: zone() == "Pacific/Pago_Pago", what="the zone of the device")
        session.patch("/api/me", json={"time_zone": "Pacific/Kiritimati"}).raise_for_status()  # always a day ahead
        today = session.get("/api/today").json()["today"]
        task = {"title": "Ahead", "due_date": today, "assignee": session.get("/api/me").json()["id"]}
        session.post("/api/tasks", json=task).raise_for_status()
        carol.reload()
        carol.page.get_by_role("link", name="Today").click()
        expect(carol.row("Ahead")).to_contain_text("Today")
        session.patch("/api/me", json={"time_zone": "UTC"}).raise_for_status()
        carol.reload()
        assert zone() == "UTC"
    finally:
        session.patch("/api/me", json={"time_zone": "UTC"}).raise_for_status()


def test_a_view_is_filtered_and_kept_as_a_filter(team: Team, open_window: Open):
    """By keyboard alone: the chips say what is in force, and what is saved has a name, an order and an undo. It says
    when the list that it asks for is gone.
    """
    task_list, alice = team.new_list("Party", members={}), team.sessions["alice"]
    for title, priority in (("Rent", "urgent"), ("Cake", "high"), ("Music", "none")):
        task = {"list": task_list, "title": title, "priority": priority}
        alice.post("/api/tasks", json=task).raise_for_status()
    page = open_window(ALICE, task_list=task_list).page
    rows, chips, head = page.locator("#open .task"), page.locator("#filters .quick-chip"), page.locator("h1")
    saved = page.locator("#labels a")
    expect(rows).to_have_count(3)
    page.keyboard.press("f")
    for words in ("urgent", "priority high"):
        page.get_by_role("combobox", name="Filter by").fill(words)
        expect(page.get_by_role("option")).to_have_count(1)
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(chips).to_have_text(["Urgent", "High"])
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Save as filter").press("Enter")
    page.get_by_role("textbox", name="Name").fill("Important")
    page.keyboard.press("Enter")
    expect(head).to_have_text("Important")
    expect(chips).to_have_text(["Party", "Urgent", "High"])
    expect(saved).to_have_text(["Important"])
    page.get_by_role("button", name="Remove the filter Priority: High").press("Enter")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Save changes").press("Enter")
    page.get_by_role("button", name="Sort, group and filter").press("Enter")
    page.get_by_label("Sort by").select_option("Title")
    page.keyboard.press("Escape")
    wanted = {"completed": False, "list": task_list, "priority": "urgent"}

    def is_kept() -> bool:
        found = alice.get("/api/filters").json()["results"]
        return [(each["query"], each["sort"]) for each in found] == [(wanted, "title")]

    wait_until(is_kept, what="the saved changes")
    page.get_by_role("button", name="More for this filter").press("Enter")
    page.get_by_role("option", name="Delete the filter").click()
    expect(head).to_have_text("Today")
    expect(saved).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).press("Enter")
    expect(saved).to_have_text(["Important"])
    page.get_by_role("link", name="Party").first.click()
    expect(rows).to_have_count(3)

    alice.delete(f"/api/lists/{task_list}").raise_for_status()
    saved.click()
    note = page.locator(".filter-note")
    expect(note).to_contain_text("This filter asks for a list, which is not here any more.")
    note.get_by_role("button", name="Change the filter").press("Enter")
    expect(page.get_by_role("combobox", name="Filter by")).to_be_focused()
    page.keyboard.press("Escape")
    expect(chips).to_have_text(["Urgent"])
    expect(note).to_have_count(0)


def test_a_label_is_renamed_recoloured_and_deleted(team: Team, open_window: Open):
    """In its view, for the lists in which one may write; its tasks are kept, and the deletion is taken back."""
    task_list, alice = team.new_list("Garden", members={}), team.sessions["alice"]
    label = alice.post("/api/labels", json={"list": task_list, "name": "weeds", "color": "#148f82"}).json()["id"]
    task = {"list": task_list, "title": "Pull them", "labels": [label]}
    alice.post("/api/tasks", json=task).raise_for_status()
    page = open_window(ALICE, task_list=task_list).page
    rows, head, more = (
        page.locator("#open .task"),
        page.locator("h1"),
        page.get_by_role("button", name="More for this label"),
    )
    expect(rows).to_have_count(1)
    page.evaluate("location.hash = '#/label/weeds'")
    expect(head).to_have_text("weeds")
    more.press("Enter")
    page.get_by_role("option", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("Dandelions")
    page.keyboard.press("Enter")
    expect(head).to_have_text("Dandelions")
    expect(rows).to_have_count(1)
    more.press("Enter")
    page.get_by_role("option", name="Change the colour").click()
    page.get_by_role("option", name="Red").click()

    def kept() -> list[tuple[str, str]]:
        found = alice.get("/api/labels", params={"list": task_list}).json()["results"]
        return [(each["name"], each["color"]) for each in found]

    wait_until(lambda: kept() == [("Dandelions", "#cf3f4f")], what="the new name and colour")
    more.press("Enter")
    page.get_by_role("option", name="Delete the label").click()
    expect(head).to_have_text("Today")
    wait_until(lambda: not kept(), what="the deletion")
    assert list(team.tasks(task_list)) == ["Pull them"]
    page.get_by_role("button", name="Undo", exact=True).press("Enter")
    wait_until(lambda: kept() == [("Dandelions", "#cf3f4f")], what="the undo")
    assert team.tasks(task_list)["Pull them"]["labels"] == [label]
