"""What is deleted, by whichever way, is in the trash, and comes back under its own ids with higher versions."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tasks.history.models import Trashed
from tasks.models import Label, Membership, Reminder, Section, Task, TaskList, User
from tests.tasks.answers import Api, People, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


@pytest.fixture
def oats(milk: Task) -> Task:
    """A subtask of milk's."""
    task: Task = Task.objects.create(list=milk.list, parent=milk, title="Oats")
    return task


def trash(api: Api, person: User, **params: Any) -> list[dict[str, Any]]:
    response = api(person).get("/api/trash", params)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def by_the_api(api: Api, people: People, browser: Client, milk: Task) -> None:
    assert api(people["bob"]).delete(f"/api/tasks/{milk.pk}").status_code == 204


def by_the_admin(api: Api, people: People, browser: Client, milk: Task) -> None:
    browser.post(f"/admin/tasks/task/{milk.pk}/delete/", {"post": "yes"})


def by_an_action(api: Api, people: People, browser: Client, milk: Task) -> None:
    browser.post("/admin/tasks/task/", {"action": "delete_selected", "_selected_action": [str(milk.pk)], "post": "yes"})


def by_the_command(api: Api, people: People, browser: Client, milk: Task) -> None:
    call_command("task", "rm", str(milk.pk), stdout=StringIO())


def by_the_orm(api: Api, people: People, browser: Client, milk: Task) -> None:
    Task.objects.filter(title="Milk").delete()


WAYS = [by_the_api, by_the_admin, by_an_action, by_the_command, by_the_orm]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_delete(way: Any, api: Api, people: People, browser: Client, milk: Task, oats: Task) -> None:
    """The task is gone at once; its subtask goes and comes back with it."""
    before = {pk: api(people["bob"]).get(f"/api/tasks/{pk}").json() for pk in (milk.pk, oats.pk)}
    way(api, people, browser, milk)
    assert not Task.objects.exists()
    (entry,) = trash(api, people["carol"])
    assert (entry["id"], entry["title"], entry["tasks"]) == (str(milk.pk), "Milk", 1)
    assert entry["object"] == before[milk.pk]
    answer = api(people["bob"]).post(f"/api/trash/{milk.pk}/restore")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["restored"], answer.json()["moved"]) == (2, False)
    for pk, old in before.items():
        new = api(people["bob"]).get(f"/api/tasks/{pk}").json()
        assert new["version"] > old["version"]
        stamps = dict.fromkeys(("version", "updated_at", "updated_by"))
        assert new | stamps == old | stamps
    assert answer.json()["object"] == api(people["bob"]).get(f"/api/tasks/{milk.pk}").json()
    assert trash(api, people["carol"]) == []
    assert events_of(f"list.{milk.list_id}").count("task.created") == 4


def test_who_sees_and_restores(api: Api, people: People, milk: Task) -> None:
    Task.objects.all().delete()
    assert [len(trash(api, people[name])) for name in ("alice", "bob", "carol", "dora")] == [1, 1, 1, 0]
    url = f"/api/trash/{milk.pk}"
    for method, path, status in [("post", f"{url}/restore", 403), ("delete", url, 403), ("get", url, 200)]:
        assert getattr(api(people["carol"]), method)(path).status_code == status
        problem(getattr(api(people["dora"]), method)(path), 404)
    Membership.objects.filter(user=people["bob"]).delete()
    assert trash(api, people["bob"]) == []


def test_restored_twice(api: Api, people: People, milk: Task) -> None:
    Task.objects.all().delete()
    alice = api(people["alice"])
    assert alice.post(f"/api/trash/{milk.pk}/restore").status_code == 200
    problem(alice.post(f"/api/trash/{milk.pk}/restore"), 404)


def test_an_id_that_is_used_again(api: Api, people: People, milk: Task) -> None:
    """A conflict; nothing is overwritten, and the trash keeps it."""
    Task.objects.all().delete()
    Task.objects.create(pk=milk.pk, list=milk.list, title="Another")
    body = problem(api(people["alice"]).post(f"/api/trash/{milk.pk}/restore"), 409)
    assert "exists already" in body["detail"]
    assert Trashed.objects.filter(object_id=milk.pk).exists()
    Task.objects.all().delete()  # beside the older one
    assert [entry["title"] for entry in trash(api, people["alice"])] == ["Another", "Milk"]


def test_a_list_comes_back_whole(api: Api, people: People, shared: TaskList, milk: Task, oats: Task) -> None:
    """With its members, labels, sections and tasks; only its owner sees it in the trash."""
    label = Label.objects.create(list=shared, name="Blue")
    section = Section.objects.create(list=shared, name="Shop")
    Task.objects.filter(pk=milk.pk).update(label_ids=[str(label.pk)], section=section, assignee=people["bob"])
    alice = api(people["alice"])
    before = alice.get("/api/sync", {"stream": f"list.{shared.pk}"}).json()
    assert alice.delete(f"/api/lists/{shared.pk}").status_code == 204
    assert not Task.objects.exists()
    (entry,) = trash(api, people["alice"])
    assert (entry["kind"], entry["title"], entry["tasks"]) == ("list", "Shared", 1)
    assert trash(api, people["bob"]) == []
    problem(api(people["bob"]).post(f"/api/trash/{shared.pk}/restore"), 404)
    answer = alice.post(f"/api/trash/{shared.pk}/restore")
    assert answer.status_code == 200, answer.content
    after = alice.get("/api/sync", {"stream": f"list.{shared.pk}"}).json()
    for kind in ("lists", "members", "tasks", "labels", "sections"):
        if kind in before:
            assert stripped(after[kind]) == stripped(before[kind]), kind
    assert api(people["bob"]).get(f"/api/tasks/{milk.pk}").json()["labels"] == [str(label.pk)]
    assert not Trashed.objects.exists()


def stripped(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what is new; the owner's membership is made with the list."""
    changing = {"version", "updated_at", "updated_by"}
    rows = [{name: value for name, value in row.items() if name not in changing} for row in objects]
    rows = [{**row, "id": None} if row.get("role") == "owner" else row for row in rows]
    return sorted(rows, key=str)


def test_a_task_whose_list_is_gone(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """No undo publishes it. It goes to the Inbox of the person who restores it, who is told so."""
    bob, alice = api(people["bob"]), api(people["alice"])
    Reminder.objects.create(task=milk, user=people["alice"], at=timezone.now() + timedelta(days=1))
    bob.delete(f"/api/tasks/{milk.pk}")
    alice.delete(f"/api/lists/{shared.pk}")
    alice.delete(f"/api/trash/{shared.pk}")  # for good
    assert "The list that this was in is gone." in problem(bob.post("/api/undo"), 409)["detail"]
    assert not Task.objects.exists()
    assert trash(api, people["carol"]) == []
    answer = bob.post(f"/api/trash/{milk.pk}/restore").json()
    inbox = TaskList.objects.get(owner=people["bob"])
    assert (answer["moved"], answer["object"]["list"]) == (True, str(inbox.pk))
    assert "Inbox" in answer["detail"]
    assert not Reminder.objects.exists()  # of one who can't read it


@pytest.mark.parametrize("change", ["removed", "made a viewer"])
def test_who_could_not_write_at_the_end(change: str, api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """The list's deletion gives nobody what they deleted there back."""
    bob, alice = api(people["bob"]), api(people["alice"])
    bob.delete(f"/api/tasks/{milk.pk}")
    member = Membership.objects.get(list=shared, user=people["bob"])
    path = f"/api/lists/{shared.pk}/members/{member.pk}"
    answer = alice.delete(path) if change == "removed" else alice.patch(path, {"role": "viewer"})
    assert answer.status_code in (200, 204), answer.content
    assert alice.delete(f"/api/lists/{shared.pk}").status_code == 204
    assert trash(api, people["bob"]) == []
    for method, url in [("get", f"/api/trash/{milk.pk}"), ("post", f"/api/trash/{milk.pk}/restore")]:
        problem(getattr(bob, method)(url), 404)
    problem(bob.get(f"/api/tasks/{milk.pk}/history"), 404)
    problem(bob.post("/api/undo"), 409)


def test_what_it_refers_to_is_gone(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """Section, label, assignee and parent are left out; it comes back without them."""
    label, section = Label.objects.create(list=shared, name="Blue"), Section.objects.create(list=shared, name="Shop")
    Task.objects.filter(pk=milk.pk).update(label_ids=[str(label.pk)], section=section, assignee=people["bob"])
    Task.objects.get(pk=milk.pk).delete()
    label.delete()
    section.delete()
    Membership.objects.filter(user=people["bob"]).delete()
    task = api(people["alice"]).post(f"/api/trash/{milk.pk}/restore").json()["object"]
    assert (task["labels"], task["section"], task["assignee"]) == ([], None, None)


def test_a_subtask_alone(api: Api, people: People, milk: Task, oats: Task) -> None:
    """Goes back under its task, into the list where that is by now; as a task of its own where that is gone."""
    other = TaskList.objects.create(name="Other", owner=people["alice"])
    Task.objects.get(pk=oats.pk).delete()
    api(people["alice"]).patch(f"/api/tasks/{milk.pk}", {"list": str(other.pk)})
    task = api(people["alice"]).post(f"/api/trash/{oats.pk}/restore").json()["object"]
    assert (task["parent"], task["list"]) == (str(milk.pk), str(other.pk))
    Task.objects.get(pk=oats.pk).delete()
    Task.objects.get(pk=milk.pk).delete()
    task = api(people["alice"]).post(f"/api/trash/{oats.pk}/restore").json()["object"]
    assert task["parent"] is None


def test_purge_and_empty(api: Api, people: People, shared: TaskList, milk: Task, oats: Task) -> None:
    """One with what belongs to it; all that the person deleted, and nothing of others."""
    alice, bob = api(people["alice"]), api(people["bob"])
    other = Task.objects.create(list=shared, title="Bread")
    alice.delete(f"/api/tasks/{milk.pk}")
    bob.delete(f"/api/tasks/{other.pk}")
    assert bob.delete(f"/api/trash/{milk.pk}").status_code == 204
    assert set(Trashed.objects.values_list("object_id", flat=True)) == {other.pk}
    alice.delete("/api/trash")
    assert Trashed.objects.exists()
    bob.delete("/api/trash")
    assert not Trashed.objects.exists()


def test_what_belonged_to_a_deleted_person_is_not_kept(api: Api, people: People) -> None:
    people["dora"].delete()
    assert not Trashed.objects.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_queries(count: int, api: Api, people: People, shared: TaskList, django_assert_num_queries: Any) -> None:
    """The same number for many as for one."""
    alice = api(people["alice"])
    for number in range(count):
        task = Task.objects.create(list=shared, title=f"Task {number}")
        Task.objects.create(list=shared, title="Part", parent=task)
    Task.objects.filter(parent=None).delete()
    with django_assert_num_queries(10):
        alice.get("/api/trash")


def test_an_archived_list(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """Nothing comes back into it, and nothing is deleted for good: 409, and 403 to those who could not write anyway."""
    api(people["bob"]).delete(f"/api/tasks/{milk.pk}")
    api(people["alice"]).post(f"/api/lists/{shared.pk}/archive")
    for name, status in (("bob", 409), ("carol", 403)):
        problem(api(people[name]).post(f"/api/trash/{milk.pk}/restore"), status)
        problem(api(people[name]).delete(f"/api/trash/{milk.pk}"), status)
    assert api(people["bob"]).delete("/api/trash").status_code == 204
    assert Trashed.objects.filter(object_id=milk.pk).exists()


def test_a_subtask_whose_task_went_where_one_may_not_write(api: Api, people: People, milk: Task, oats: Task) -> None:
    """It comes back as a task of its own, in the list that it was in."""
    bob, alice = api(people["bob"]), api(people["alice"])
    bob.delete(f"/api/tasks/{oats.pk}")
    private = alice.post("/api/lists", {"name": "Private"}).json()["id"]
    alice.patch(f"/api/tasks/{milk.pk}", {"list": private})
    assert bob.post(f"/api/trash/{oats.pk}/restore").status_code == 200
    found = Task.objects.get(pk=oats.pk)
    assert (found.parent_id, found.list_id) == (None, oats.list_id)


def test_a_restore_takes_no_fields(api: Api, people: People, milk: Task) -> None:
    bob = api(people["bob"])
    bob.delete(f"/api/tasks/{milk.pk}")
    assert problem(bob.post(f"/api/trash/{milk.pk}/restore", {"list": "x"}), 400)["errors"]["list"]


def test_nobody_takes_anothers_place_in_the_trash(api: Api, people: People, milk: Task) -> None:
    """Objects of other kinds and people that got the id by a script go to the trash beside it, and come back alone."""
    alice, dora = api(people["alice"]), api(people["dora"])
    alice.delete(f"/api/tasks/{milk.pk}")
    own = TaskList.objects.create(name="Own", owner=people["dora"])
    Label.objects.create(pk=milk.pk, list=own, name="Blue")
    assert dora.delete(f"/api/labels/{milk.pk}").status_code == 204
    Task.objects.create(pk=milk.pk, list=own, title="Other")
    assert dora.delete(f"/api/tasks/{milk.pk}").status_code == 204
    assert alice.get(f"/api/trash/{milk.pk}").json()["title"] == "Milk"
    assert alice.post("/api/undo").status_code == 200
    assert (Task.objects.get().title, Label.objects.count()) == ("Milk", 0)
    assert [entry["title"] for entry in trash(api, people["dora"])] == ["Other"]


def test_what_has_these_letters(api: Api, people: People, shared: TaskList) -> None:
    """Of any script, in either case, from page to page."""
    for title in ("Über die Brücke", "über den Fluss", "Under the bridge"):
        Task.objects.create(list=shared, title=title).delete()
    assert {each["title"] for each in trash(api, people["bob"], search="ÜBER")} == {"Über die Brücke", "über den Fluss"}
    first = api(people["bob"]).get("/api/trash?search=über&limit=1").json()
    assert len(first["results"]) == 1
    second = trash(api, people["bob"], search="über", limit=1, cursor=first["next_cursor"])
    assert {first["results"][0]["title"], second[0]["title"]} == {"Über die Brücke", "über den Fluss"}
    assert trash(api, people["bob"], search="nothing") == []
    problem(api(people["bob"]).get("/api/trash", {"title": "über"}), 400)
