"""What somebody is writing, while others change the same task, or the server refuses it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cast import ALICE
from tests.servers import wait_until
from tests.web.conftest import Team, Window

pytestmark = pytest.mark.browser

Open = Callable[..., Window]


def caret(window: Window) -> Any:
    return window.page.evaluate(
        "() => { const it = document.activeElement; return [it.value, it.selectionStart, it.selectionEnd]; }"
    )


def test_text_caret_and_focus_stay_while_others_change_things(team: Team, open_window: Open):
    """Others add, edit, complete, delete and reorder around a title that is being edited."""
    task_list = team.new_list("Party", "One", "Two", "Three")
    alice = open_window(ALICE, task_list=task_list)
    bob = team.sessions["bob"]
    tasks = team.tasks(task_list)
    field = alice.edit("Two")
    field.press_sequentially(" and a half")
    field.press("Home")
    field.press("ArrowRight")
    bob.patch(f"/api/tasks/{tasks['One']['id']}", json={"title": "Uno", "position": 9_000_000})
    bob.patch(f"/api/tasks/{tasks['Two']['id']}", json={"priority": "high", "position": 1, "notes": "psst"})
    bob.delete(f"/api/tasks/{tasks['Three']['id']}")
    bob.post("/api/tasks", json={"list": task_list, "title": "Four"})
    expect(alice.row("Four")).to_be_visible()
    expect(alice.row("Uno")).to_be_visible()
    expect(alice.row("Three")).to_have_count(0)
    expect(alice.page.locator(".task").first.locator(".check")).to_have_class(re.compile("high"))
    assert caret(alice) == ["Two and a half", 1, 1]
    # Completed by another, the row stays under the hands that edit it.
    bob.patch(f"/api/tasks/{tasks['Two']['id']}", json={"completed": True})
    expect(alice.page.locator(".task").first.get_by_role("checkbox")).to_be_checked()
    assert caret(alice) == ["Two and a half", 1, 1]
    field.press("Enter")
    wait_until(lambda: "Two and a half" in team.tasks(task_list), what="the title")
    assert team.tasks(task_list)["Two and a half"]["notes"] == "psst"
    expect(alice.page.get_by_role("button", name="Completed 1")).to_be_visible()


@pytest.mark.parametrize(("choice", "kept"), [("Keep mine", "Milk and bread"), ("Use theirs", "Butter")])
def test_two_people_edit_the_same_title(team: Team, open_window: Open, choice: str, kept: str):
    """The second is told what the first wrote, keeps what they typed, and chooses."""
    task_list = team.new_list("Party", "Milk")
    alice = open_window(ALICE, task_list=task_list)
    field = alice.edit("Milk")
    field.press_sequentially(" and bread")
    task = team.tasks(task_list)["Milk"]
    team.sessions["bob"].patch(f"/api/tasks/{task['id']}", json={"title": "Butter"})
    expect(alice.page.get_by_text("bob changed this to “Butter”.")).to_be_visible()
    assert caret(alice) == ["Milk and bread", 14, 14]
    field.press("Enter")
    expect(alice.page.get_by_role("button", name="Keep mine")).to_be_focused()
    assert list(team.tasks(task_list)) == ["Butter"]
    alice.page.get_by_role("button", name=choice).click()
    expect(alice.row(kept)).to_be_visible()
    wait_until(lambda: list(team.tasks(task_list)) == [kept], what=kept)


def test_a_task_is_deleted_while_it_is_edited(team: Team, open_window: Open):
    """The text stays, says who deleted the task, and can become a new one."""
    task_list = team.new_list("Party", "Milk")
    alice = open_window(ALICE, task_list=task_list)
    field = alice.edit("Milk")
    field.press_sequentially(" and bread")
    team.sessions["bob"].delete(f"/api/tasks/{team.tasks(task_list)['Milk']['id']}")
    expect(alice.page.get_by_text("bob deleted this task. Your text is still here.")).to_be_visible()
    assert caret(alice)[0] == "Milk and bread"
    alice.page.get_by_role("button", name="Keep as a new task").click()
    expect(alice.row("Milk and bread")).to_be_visible()
    wait_until(lambda: list(team.tasks(task_list)) == ["Milk and bread"], what="the new task")


def test_notes_being_written_survive_the_deletion_of_the_task(team: Team, open_window: Open):
    task_list = team.new_list("Party", "Milk")
    alice = open_window(ALICE, task_list=task_list)
    notes = alice.open_details("Milk").get_by_label("Notes")
    notes.press_sequentially("A long story")
    team.sessions["bob"].delete(f"/api/tasks/{team.tasks(task_list)['Milk']['id']}")
    expect(alice.page.get_by_text("bob deleted this task. Your text is still here.")).to_be_visible()
    expect(notes).to_have_value("A long story")
    expect(notes).to_be_focused()
    alice.page.get_by_role("button", name="Keep as a new task").click()
    wait_until(lambda: team.tasks(task_list).get("Milk", {}).get("notes") == "A long story", what="the new task")


def test_two_fields_changed_at_once_both_stand(team: Team, open_window: Open):
    """A title that Alice sends over a version that Bob has just replaced does not undo what he did."""
    task_list = team.new_list("Party", "Milk")
    alice = open_window(ALICE, task_list=task_list)
    task = team.tasks(task_list)["Milk"]
    held: list[Any] = []
    alice.page.route(f"**/api/tasks/{task['id']}", lambda route: held.append(route) if not held else route.continue_())
    field = alice.edit("Milk")
    field.fill("Oat milk")
    field.press("Enter")
    wait_until(lambda: alice.page.evaluate("1") and held, what="the request")
    team.sessions["bob"].patch(f"/api/tasks/{task['id']}", json={"priority": "high"})
    with alice.page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        held[0].continue_()
    expect(alice.row("Oat milk").locator(".check")).to_have_class(re.compile("high"))
    wait_until(lambda: "Oat milk" in team.tasks(task_list), what="the title")
    assert team.tasks(task_list)["Oat milk"]["priority"] == "high"


def test_a_change_that_is_refused_is_rolled_back_and_told(team: Team, open_window: Open):
    """The text that was not taken is offered again."""
    task_list = team.new_list("Party", "Milk")
    alice = open_window(ALICE, task_list=task_list)
    problem = {"status": 400, "title": "Bad Request", "errors": {"title": ["No milk today."]}}
    answer = {"status": 400, "content_type": "application/problem+json", "body": json.dumps(problem)}
    alice.page.route("**/api/tasks/*", lambda route: route.fulfill(**answer))
    field = alice.edit("Milk")
    field.fill("Oat milk")
    field.press("Enter")
    expect(alice.page.get_by_role("alert")).to_contain_text("title: No milk today.")
    expect(alice.row("Milk")).to_be_visible()
    alice.page.unroute("**/api/tasks/*")
    alice.page.get_by_role("button", name="Edit again").click()
    expect(alice.editor).to_have_value("Oat milk")
    alice.editor.press("Enter")
    wait_until(lambda: "Oat milk" in team.tasks(task_list), what="the title")
