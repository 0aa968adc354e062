"""The Django admin, each page opened and each form sent."""

import json
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from realtime.models import Event
from tasks.models import EVERYONE_ID, Membership, SignIn, Task, TaskList, User
from tests.clients.admin_site import FormReader
from tests.tasks.answers import People, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

MODELS = [User, TaskList, Membership, Task, SignIn]


def url(model: type, page: str, pk: Any = "") -> str:
    return "/".join(["/admin/tasks", model.__name__.lower(), str(pk), page]).replace("//", "/").rstrip("/") + "/"


def submit(browser: Client, path: str, **values: str | None) -> Any:
    """Fills in the page's form and sends it, as a browser would; None unticks a box."""
    form: dict[str, Any] = {**FormReader(browser.get(path).text).forms[-1], **values}
    return browser.post(path, {name: value for name, value in form.items() if value is not None})


def last(stream: str) -> Any:
    return json.loads(Event.objects.filter(stream=stream).latest("seq").text)


def row_of(model: type, people: People, milk: Task) -> Any:
    if model is SignIn:
        return SignIn.objects.create(user=people["alice"], expires_at=milk.created_at)
    rows: dict[type, Any] = {
        User: people["dora"],
        TaskList: milk.list,
        Membership: Membership.objects.get(user=people["bob"]),
    }
    return rows.get(model, milk)


@pytest.mark.parametrize("model", MODELS)
def test_each_page_opens(model: type, browser: Client, people: People, milk: Task) -> None:
    """The list, with a search and every filter; adding, changing, deleting and the history."""
    row = row_of(model, people, milk)
    listing = url(model, "")
    assert browser.get(listing).status_code == 200
    assert browser.get(listing + "?q=ali").status_code == 200
    for spec in admin.site.get_model_admin(model).list_filter:
        field = spec[0] if isinstance(spec, tuple) else spec
        assert browser.get(f"{listing}?{field}__isempty=1" if isinstance(spec, tuple) else listing).status_code == 200
    if model is not SignIn:
        assert browser.get(url(model, "add")).status_code == 200
    for page in ("change", "delete", "history"):
        assert browser.get(url(model, page, row.pk)).status_code == 200, page


def test_a_task_is_added(browser: Client, people: People, shared: TaskList) -> None:
    """At its list's end, by the person who is signed in; the event says that the admin did it."""
    answer = submit(browser, url(Task, "add"), list=str(shared.pk), title="Milk", completed="on")
    assert answer.status_code == 302
    task = Task.objects.get()
    root = User.objects.get(username="root")
    assert (task.title, task.position, task.created_by, task.updated_by) == ("Milk", 1024.0, root, root)
    assert (task.completed, task.completed_by) == (True, root)
    told = last(f"list.{shared.pk}")
    assert (told["type"], told["source"], told["actor"]["username"]) == ("task.created", "admin", "root")


def test_a_form_writes_what_was_changed_in_it(browser: Client, people: People, milk: Task) -> None:
    """What others wrote after the form was opened stays; sent unchanged, it makes no event."""
    path = url(Task, "change", milk.pk)
    form = FormReader(browser.get(path).text).forms[-1]
    task = Task.objects.get(pk=milk.pk)
    task.notes = "two litres"
    task.save(update_fields=["notes"])
    form["title"] = "Oat milk"
    assert form["notes"] == ""
    assert browser.post(path, form).status_code == 302
    task.refresh_from_db()
    assert (task.title, task.notes, task.updated_by) == ("Oat milk", "two litres", User.objects.get(username="root"))
    before = events_of(f"list.{milk.list_id}")
    assert submit(browser, path).status_code == 302
    assert events_of(f"list.{milk.list_id}") == before


def test_a_task_is_completed_moved_and_reopened(browser: Client, people: People, milk: Task) -> None:
    """The tick says when and by whom; another list takes it at its end."""
    path = url(Task, "change", milk.pk)
    other = TaskList.objects.create(name="Other", owner=people["alice"])
    Task.objects.create(list=other, title="Last", position=9000)
    submit(browser, path, completed="on", list=str(other.pk))
    milk.refresh_from_db()
    assert milk.completed
    assert (milk.list, milk.position) == (other, 9000 + 1024)
    submit(browser, path, completed=None)
    milk.refresh_from_db()
    assert (milk.completed, milk.completed_by) == (False, None)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title": ""}, "This field is required"),
        ({"title": "x" * 501}, "at most 500"),
        ({"due_time": "10:00"}, "A time needs a date"),
        ({"due_zone": "Mars/Olympus"}, "is no time zone"),
        ({"position": "nan"}, "Enter a number"),
    ],
)
def test_bad_values_are_shown_in_the_form(
    values: dict[str, str], message: str, browser: Client, people: People, milk: Task
) -> None:
    """Each with words beside it, and nothing is written."""
    answer = submit(browser, url(Task, "change", milk.pk), **values)
    assert answer.status_code == 200
    assert message in answer.text
    assert Task.objects.get(pk=milk.pk).version == milk.version


@pytest.mark.parametrize(("action", "done"), [("mark_done", True), ("mark_open", False)])
def test_many_tasks_at_once(action: str, done: bool, browser: Client, people: People, shared: TaskList) -> None:
    """The selected ones that are not so yet, each with its event."""
    first, second, third = (Task.objects.create(list=shared, title=title) for title in "abc")
    Task.objects.filter(pk=second.pk).mark(completed=True, by=None)
    before = len(events_of(f"list.{shared.pk}"))
    answer = browser.post(url(Task, ""), {"action": action, "_selected_action": [first.pk, second.pk]}, follow=True)
    assert f"1 marked as {'done' if done else 'open'}" in answer.text
    assert [Task.objects.get(pk=row.pk).completed for row in (first, second, third)] == [done, done, False]
    assert len(events_of(f"list.{shared.pk}")) == before + 1


@pytest.mark.parametrize("bulk", [False, True])
def test_tasks_are_deleted(bulk: bool, browser: Client, people: People, milk: Task) -> None:
    """One, or those that were selected."""
    if bulk:
        selected = {"action": "delete_selected", "_selected_action": [milk.pk], "post": "yes"}
        assert browser.post(url(Task, ""), selected).status_code == 302
    else:
        assert submit(browser, url(Task, "delete", milk.pk)).status_code == 302
    assert not Task.objects.exists()
    assert events_of(f"list.{milk.list_id}")[-1] == "task.deleted"


# Lists and members


def test_a_list_is_added_with_members(browser: Client, people: People) -> None:
    """The owner becomes a member by themself; the others by the rows below."""
    answer = submit(
        browser, url(TaskList, "add"), name="Work", owner=str(people["alice"].pk),
        **{"memberships-TOTAL_FORMS": "1", "memberships-0-user": str(people["bob"].pk), "memberships-0-role": "viewer"},
    )  # fmt: skip
    assert answer.status_code == 302
    made = TaskList.objects.get(name="Work")
    assert {row.user.username: row.role for row in made.memberships.all()} == {"alice": "owner", "bob": "viewer"}


def test_the_owner_is_not_added_twice(browser: Client, people: People) -> None:
    """Chosen as owner and again below: the form says so."""
    alice = str(people["alice"].pk)
    below = {"memberships-TOTAL_FORMS": "1", "memberships-0-user": alice, "memberships-0-role": "editor"}
    answer = submit(browser, url(TaskList, "add"), name="Work", owner=alice, **below)
    assert "The owner is a member already" in answer.text
    assert not TaskList.objects.filter(name="Work").exists()


def test_a_list_needs_an_owner(browser: Client, people: People, shared: TaskList) -> None:
    """An empty one is an error in the form."""
    assert "A list needs an owner" in submit(browser, url(TaskList, "change", shared.pk), owner="").text


def test_a_list_is_handed_over(browser: Client, people: People, shared: TaskList) -> None:
    """To a member, with the members shown below: roles change hands."""
    answer = submit(browser, url(TaskList, "change", shared.pk), owner=str(people["bob"].pk))
    assert answer.status_code == 302, answer.text
    assert {row.user.username: row.role for row in shared.memberships.all()} == {
        "alice": "editor",
        "bob": "owner",
        "carol": "viewer",
    }


@pytest.mark.parametrize("bulk", [False, True])
def test_a_list_is_deleted_with_its_members(bulk: bool, browser: Client, people: People, milk: Task) -> None:
    """The owner too, who could not be taken out of it; one event says it all."""
    shared = milk.list
    before = len(events_of(f"list.{shared.pk}"))
    if bulk:
        selected = {"action": "delete_selected", "_selected_action": [shared.pk], "post": "yes"}
        assert browser.post(url(TaskList, ""), selected).status_code == 302
    else:
        assert submit(browser, url(TaskList, "delete", shared.pk)).status_code == 302
    assert not TaskList.objects.filter(pk=shared.pk).exists()
    assert events_of(f"list.{shared.pk}")[before:] == ["list.deleted"]


@pytest.mark.parametrize("bulk", [False, True])
def test_everyone_cannot_be_deleted(bulk: bool, browser: Client, people: People, shared: TaskList) -> None:
    """Not by its page, and not among others."""
    if bulk:
        selected = {"action": "delete_selected", "_selected_action": [EVERYONE_ID, shared.pk], "post": "yes"}
        browser.post(url(TaskList, ""), selected)
    else:
        assert browser.post(url(TaskList, "delete", EVERYONE_ID), {"post": "yes"}).status_code == 403
    assert TaskList.objects.filter(pk=EVERYONE_ID).exists()


def test_everyone_can_be_renamed(browser: Client) -> None:
    """Its name is anybody's taste; an owner it never has."""
    assert submit(browser, url(TaskList, "change", EVERYONE_ID), name="Team").status_code == 302
    everyone = TaskList.objects.get(pk=EVERYONE_ID)
    assert (everyone.name, everyone.owner) == ("Team", None)
    assert last("all")["data"]["name"] == "Team"


def test_an_owners_membership_is_left_alone(browser: Client, people: People, shared: TaskList) -> None:
    """It can be looked at, not changed and not deleted, by its page or among others."""
    own = shared.memberships.get(role="owner")
    assert browser.get(url(Membership, "change", own.pk)).status_code == 200
    assert browser.post(url(Membership, "change", own.pk), {"role": "viewer"}).status_code == 403
    assert browser.post(url(Membership, "delete", own.pk), {"post": "yes"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": [own.pk], "post": "yes"}
    browser.post(url(Membership, ""), selected)
    assert shared.memberships.filter(pk=own.pk, role="owner").exists()


def test_a_membership_is_changed_and_removed(browser: Client, people: People, shared: TaskList) -> None:
    """The role, never to owner; removing it is an event in the list's stream."""
    member = shared.memberships.get(user=people["bob"])
    assert "Select a valid choice" in submit(browser, url(Membership, "change", member.pk), role="owner").text
    assert submit(browser, url(Membership, "change", member.pk), role="viewer").status_code == 302
    assert last(f"list.{shared.pk}")["data"]["role"] == "viewer"
    assert submit(browser, url(Membership, "delete", member.pk)).status_code == 302
    assert events_of(f"list.{shared.pk}")[-1] == "member.deleted"


# People


def test_a_person_is_added_changed_and_deactivated(browser: Client) -> None:
    """With the fields that this application has; each step is told to everybody."""
    password = "a password for Eve"
    form = {"username": "eve", "usable_password": "true", "password1": password, "password2": password}
    assert submit(browser, url(User, "add"), **form).status_code == 302
    eve = User.objects.get(username="eve")
    assert eve.check_password(password)
    path = url(User, "change", eve.pk)
    assert submit(browser, path, name="Eve Online", time_zone="Asia/Tokyo").status_code == 302
    assert last("all")["data"]["name"] == "Eve Online"
    assert submit(browser, path, is_active=None).status_code == 302
    assert last("all")["data"]["is_active"] is False


def test_a_password_is_changed(browser: Client, people: People) -> None:
    """By the form behind it."""
    path = f"/admin/tasks/user/{people['bob'].pk}/password/"
    new = "another password for Bob"
    assert submit(browser, path, usable_password="true", password1=new, password2=new).status_code == 302
    assert User.objects.get(username="bob").check_password(new)


def test_a_person_with_lists_is_not_deleted(browser: Client, people: People, shared: TaskList) -> None:
    """The page says what hangs on them; one without lists goes."""
    page = browser.get(url(User, "delete", people["alice"].pk)).text
    assert "Cannot delete" in page
    assert "permission" not in page
    assert ">Shared</a>: give it to another owner, or delete it, first" in page
    assert submit(browser, url(User, "delete", people["dora"].pk)).status_code == 302
    assert not User.objects.filter(username="dora").exists()


def test_somebody_is_signed_out(browser: Client, people: People, milk: Task) -> None:
    """The action ends the selected sign-ins."""
    row = row_of(SignIn, people, milk)
    browser.post(url(SignIn, ""), {"action": "sign_out", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.ended_at is not None


def test_the_door_is_closed_to_others(people: People, client: Client) -> None:
    """Somebody who is no staff sees the sign-in and nothing else."""
    client.force_login(people["alice"])
    assert client.get("/admin/tasks/task/").status_code == 302


# What others did meanwhile


def gone_before_save(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else deletes the row between the form's check and its writing."""
    save = model.save

    def save_too_late(self: Any, *args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(model, "save", save)
        type(self).objects.filter(pk=self.pk).delete()
        return save(self, *args, **kwargs)

    monkeypatch.setattr(model, "save", save_too_late)


@pytest.mark.parametrize("model", [Task, TaskList])
def test_a_row_that_is_deleted_at_that_moment(
    model: Any, browser: Client, people: People, milk: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says so, as it does for a row that is gone before."""
    row = row_of(model, people, milk)
    path = url(model, "change", row.pk)
    form = FormReader(browser.get(path).text).forms[-1]
    gone_before_save(model, monkeypatch)
    name = {"title": "Too late"} if model is Task else {"name": "Too late"}
    response = browser.post(path, {**form, **name}, follow=True)
    assert response.status_code == 200
    assert "Perhaps it was deleted" in response.text


def test_a_member_who_is_removed_while_the_form_is_open(browser: Client, people: People, shared: TaskList) -> None:
    """The form names what has changed and shows the members as they are now; sent again, it is saved."""
    path = url(TaskList, "change", shared.pk)
    form = FormReader(browser.get(path).text).forms[-1]
    assert form["memberships-TOTAL_FORMS"] == "2"
    Membership.objects.filter(list=shared, user=people["bob"]).delete()
    response = browser.post(path, {**form, "name": "Renamed"})
    assert response.status_code == 200
    assert "was removed" in response.text
    assert "bob" in response.text
    again = {**FormReader(response.text).forms[-1], "name": "Renamed"}
    assert again["memberships-TOTAL_FORMS"] == "1"
    assert browser.post(path, again).status_code == 302
    shared.refresh_from_db()
    assert shared.name == "Renamed"
    assert set(shared.memberships.values_list("user__username", flat=True)) == {"alice", "carol"}


def test_a_list_that_is_deleted_while_its_members_form_is_open(
    browser: Client, people: People, shared: TaskList
) -> None:
    """As for every row that is gone: back to the others, with a word."""
    path = url(TaskList, "change", shared.pk)
    form = FormReader(browser.get(path).text).forms[-1]
    shared.delete()
    assert "Perhaps it was deleted" in browser.post(path, form, follow=True).text
