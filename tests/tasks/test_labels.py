"""Labels and sections of a list, and the person that a task is assigned to."""

import json
import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from realtime.models import Event
from tasks.items.limits import MAX_LABELS_OF_TASK
from tasks.labels.models import MAX_LABELS
from tasks.lists.part_serializer import ListPartSerializer
from tasks.models import EVERYONE_ID, Label, Membership, Section, Task, TaskList
from tasks.sections.models import MAX_SECTIONS
from tests.tasks.answers import Api, People, error_fields, events_of, problem
from tests.tasks.writes_in_admin import form_of

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


@pytest.fixture
def other(people: People) -> TaskList:
    """A list of alice's alone."""
    made: TaskList = TaskList.objects.create(name="Other", owner=people["alice"])
    return made


def last_event(stream: str) -> Any:
    return json.loads(Event.objects.filter(stream=stream).latest("seq").text)


@pytest.mark.parametrize("kind", ["label", "section"])
def test_each_is_made_read_changed_and_deleted(kind: str, api: Api, people: People, shared: TaskList) -> None:
    """By editors; those who only read see it. Each has its events."""
    bob, carol, dora = (api(people[name]) for name in ("bob", "carol", "dora"))
    made = bob.post(f"/api/{kind}s", {"list": str(shared.pk), "name": "Überfällig"})
    assert made.status_code == 201
    assert last_event(f"list.{shared.pk}") | {"data": None} == {**last_event(f"list.{shared.pk}"), "data": None}
    assert last_event(f"list.{shared.pk}")["data"] == made.json()
    address = f"/api/{kind}s/{made.json()['id']}"
    assert carol.get(address).json() == made.json()
    assert carol.get(f"/api/{kind}s?list={shared.pk}").json()["results"] == [made.json()]
    assert dora.get(f"/api/{kind}s").json()["results"] == []
    problem(dora.get(address), 404)
    problem(carol.patch(address, {"name": "x"}), 403)
    problem(carol.delete(address), 403)
    problem(carol.post(f"/api/{kind}s", {"list": str(shared.pk), "name": "x"}), 403)
    assert error_fields(dora.post(f"/api/{kind}s", {"list": str(shared.pk), "name": "x"})) == {"list"}
    changed = bob.patch(address, {"name": "Next"}).json()
    assert (changed["name"], changed["version"]) == ("Next", made.json()["version"] + 1)
    assert bob.delete(address).status_code == 204
    assert events_of(f"list.{shared.pk}")[-3:] == [f"{kind}.created", f"{kind}.updated", f"{kind}.deleted"]


@pytest.mark.parametrize("kind", ["label", "section"])
def test_a_list_that_is_deleted_meanwhile_is_a_conflict(
    kind: str, api: Api, people: People, other: TaskList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what was sent, and the writing."""

    def validate(serializer: Any, attributes: dict[str, Any]) -> dict[str, Any]:
        TaskList.objects.filter(pk=other.pk).delete()
        return attributes

    monkeypatch.setattr(ListPartSerializer, "validate", validate)
    problem(api(people["alice"]).post(f"/api/{kind}s", {"list": str(other.pk), "name": "x"}), 409)


@pytest.mark.parametrize("kind", ["label", "section"])
def test_each_stays_in_its_list(kind: str, api: Api, people: People, shared: TaskList, other: TaskList) -> None:
    alice = api(people["alice"])
    made = alice.post(f"/api/{kind}s", {"list": str(shared.pk), "name": "x"}).json()
    assert error_fields(alice.patch(f"/api/{kind}s/{made['id']}", {"list": str(other.pk)})) == {"list"}
    model: Any = {"label": Label, "section": Section}[kind]
    row = model.objects.get(pk=made["id"])
    row.list = other
    with pytest.raises(ValidationError):
        row.save()
    with pytest.raises(TypeError):
        model.objects.update(list=other)


@pytest.mark.parametrize("kind", ["label", "section"])
def test_a_list_has_a_bounded_number(kind: str, api: Api, people: People, shared: TaskList) -> None:
    model: Any = {"label": Label, "section": Section}[kind]
    most = {"label": MAX_LABELS, "section": MAX_SECTIONS}[kind]
    model.objects.bulk_create([model(list=shared, name=f"{kind} {number}") for number in range(most - 1)])
    bob = api(people["bob"])
    assert bob.post(f"/api/{kind}s", {"list": str(shared.pk), "name": "x"}).status_code == 201
    problem(bob.post(f"/api/{kind}s", {"list": str(shared.pk), "name": "y"}), 409)


@pytest.mark.parametrize("name", ["shop", "SHOP", " Shop "])
def test_a_label_has_its_name_alone(
    name: str, api: Api, people: People, shop: Label, other: TaskList, shared: TaskList
) -> None:
    """Whatever its case, in one list; it may be written again in another case."""
    alice = api(people["alice"])
    problem(alice.post("/api/labels", {"list": str(shared.pk), "name": name}), 409)
    assert alice.post("/api/labels", {"list": str(other.pk), "name": name}).status_code == 201
    second = alice.post("/api/labels", {"list": str(shared.pk), "name": "Second"}).json()
    problem(alice.patch(f"/api/labels/{second['id']}", {"name": name}), 409)
    assert alice.patch(f"/api/labels/{shop.pk}", {"name": name}).status_code == 200


def test_a_label_is_written_in_decomposed_letters(api: Api, people: People, shared: TaskList) -> None:
    alice = api(people["alice"])
    assert alice.post("/api/labels", {"list": str(shared.pk), "name": "Caf\u00e9"}).status_code == 201
    problem(alice.post("/api/labels", {"list": str(shared.pk), "name": "CAFE\u0301"}), 409)


def test_a_task_has_labels_of_its_list(api: Api, people: People, milk: Task, shop: Label, other: TaskList) -> None:
    """Sorted, each once; others are refused, and too many."""
    bob = api(people["bob"])
    ids = sorted([str(shop.pk), str(Label.objects.create(list=shop.list, name="b").pk)])
    found = bob.patch(f"/api/tasks/{milk.pk}", {"labels": [*ids[::-1], ids[0].upper()]}).json()
    assert found["labels"] == ids
    foreign = Label.objects.create(list=other, name="foreign")
    for wrong in (
        [str(foreign.pk)],
        [str(milk.pk)],
        ["x"],
        "x",
        None,
        [str(uuid.uuid4()) for _ in range(MAX_LABELS_OF_TASK + 1)],
    ):
        response = bob.patch(f"/api/tasks/{milk.pk}", {"labels": wrong})
        assert {name.partition(".")[0] for name in error_fields(response)} == {"labels"}


def test_a_deleted_label_is_taken_off_its_tasks(api: Api, people: People, furnished: Task, shop: Label) -> None:
    api(people["bob"]).delete(f"/api/labels/{shop.pk}")
    assert Task.objects.get(pk=furnished.pk).label_ids == []
    assert set(events_of(f"list.{furnished.list_id}")[-2:]) == {"label.deleted", "task.updated"}


def test_a_deleted_section_leaves_its_tasks(api: Api, people: People, furnished: Task, later: Section) -> None:
    api(people["bob"]).delete(f"/api/sections/{later.pk}")
    assert Task.objects.get(pk=furnished.pk).section is None
    assert set(events_of(f"list.{furnished.list_id}")[-2:]) == {"section.deleted", "task.updated"}


def test_a_deleted_list_says_it_once(furnished: Task) -> None:
    """Nobody is told how its tasks lose their sections, labels and people before."""
    furnished.list.delete()
    assert events_of(f"list.{furnished.list_id}")[-2:] == ["task.updated", "list.deleted"]


@pytest.mark.parametrize("way", ["patch", "move", "queryset", "save"])
def test_a_task_finds_its_labels_and_section_in_another_list(
    way: str, api: Api, people: People, furnished: Task, other: TaskList
) -> None:
    """By name; a missing label is made there. An assignee who can't read that list is left behind."""
    Label.objects.create(list=furnished.list, name="Home")
    there = Label.objects.create(list=other, name="SHOP")
    new = Label.objects.create(list=furnished.list, name="New", color="#abcdef")
    same = Section.objects.create(list=other, name="Later")
    furnished.label_ids = [*furnished.label_ids, str(new.pk)]
    furnished.save()
    match way:
        case "patch":
            api(people["alice"]).patch(f"/api/tasks/{furnished.pk}", {"list": str(other.pk)})
        case "move":
            api(people["alice"]).post(f"/api/tasks/{furnished.pk}/move", {"list": str(other.pk)})
        case "queryset":
            Task.objects.filter(pk=furnished.pk).update(list=other)
        case "save":
            furnished.list = other
            furnished.save(update_fields=["list"])
    furnished.refresh_from_db()
    made = Label.objects.get(list=other, name="New")
    assert furnished.label_ids == sorted([str(there.pk), str(made.pk)])
    assert (made.color, furnished.section, furnished.assignee) == ("#abcdef", same, None)
    assert Label.objects.filter(list=other).count() == 2


@pytest.mark.parametrize("wrong", ["label", "section", "parent", "unknown"])
def test_what_belongs_to_another_list_is_refused(
    wrong: str, api: Api, people: People, milk: Task, other: TaskList
) -> None:
    """With the words for what does not exist: nobody learns what there is elsewhere."""
    alice = api(people["alice"])
    pk = str({
        "label": Label.objects.create(list=other, name="x"),
        "section": Section.objects.create(list=other, name="x"),
        "parent": Task.objects.create(list=TaskList.objects.create(name="Dora's", owner=people["dora"]), title="x"),
        "unknown": other,
    }[wrong].pk)  # fmt: skip
    for body in ({"labels": [pk]}, {"section": pk}, {"parent": pk}):
        (field,) = body
        assert error_fields(alice.patch(f"/api/tasks/{milk.pk}", body)) == {field}
        list_id = str(milk.list_id)
        assert error_fields(alice.post("/api/tasks", {"title": "x", "list": list_id, **body})) == {field}


# Assignees


def test_a_task_is_assigned_to_those_who_can_read_it(api: Api, people: People, milk: Task) -> None:
    """Nobody else can be told from a number that nobody has."""
    alice = api(people["alice"])
    for name in ("alice", "bob", "carol"):
        found = alice.patch(f"/api/tasks/{milk.pk}", {"assignee": people[name].pk}).json()
        assert found["assignee"] == people[name].pk
    texts = set()
    for number in (people["dora"].pk, 10**6, 10**30, -1):
        response = alice.patch(f"/api/tasks/{milk.pk}", {"assignee": number})
        texts.add(json.dumps(problem(response, 400)["errors"]))
    assert len(texts) == 1
    values: list[Any] = ["alice", True, 1.5, [1], {}]
    for wrong in values:
        assert error_fields(alice.patch(f"/api/tasks/{milk.pk}", {"assignee": wrong})) == {"assignee"}
    assert alice.patch(f"/api/tasks/{milk.pk}", {"assignee": None}).json()["assignee"] is None


def test_filters_by_assignee(api: Api, people: People, furnished: Task, later: Section) -> None:
    part = Task.objects.create(list=furnished.list, parent=furnished, title="Part")
    bob = api(people["bob"])

    def found(query: str) -> list[str]:
        return [row["title"] for row in bob.get(f"/api/tasks?list={furnished.list_id}&{query}").json()["results"]]

    assert found("assignee=me") == found(f"assignee={people['bob'].pk}") == ["Milk"]
    assert found("assignee=none") == found(f"parent={furnished.pk}") == [part.title]
    assert found("parent=none") == found(f"section={later.pk}") == ["Milk"]
    assert found("section=none") == ["Part"]


@pytest.mark.parametrize("way", ["leave", "orm", "queryset", "inactive", "delete", "moved"])
def test_somebody_who_cannot_read_the_list_any_more_is_unassigned(
    way: str, api: Api, people: People, furnished: Task
) -> None:
    bob, stream = people["bob"], f"list.{furnished.list_id}"
    member = Membership.objects.get(list=furnished.list, user=bob)
    before = len(events_of(stream))
    match way:
        case "leave":
            api(bob).delete(f"/api/lists/{furnished.list_id}/members/{member.pk}")
        case "orm":
            member.delete()
        case "queryset":
            Membership.objects.filter(user=bob).delete()
        case "inactive":
            bob.is_active = False
            bob.save()
        case "delete":
            bob.delete()
        case "moved":
            member.user = people["dora"]
            member.save()
    assert Task.objects.get(pk=furnished.pk).assignee_id is None
    assert "task.updated" in events_of(stream)[before:]


def test_in_everyone_each_active_person_can_be_assigned(api: Api, people: People) -> None:
    alice = api(people["alice"])
    made = alice.post("/api/tasks", {"title": "x", "list": str(EVERYONE_ID), "assignee": people["dora"].pk})
    assert made.status_code == 201
    people["dora"].is_active = False
    people["dora"].save()
    assert alice.get(f"/api/tasks/{made.json()['id']}").json()["assignee"] is None
    again = alice.patch(f"/api/tasks/{made.json()['id']}", {"assignee": people["dora"].pk})
    assert error_fields(again) == {"assignee"}


# Costs


@pytest.mark.parametrize(
    ("method", "path", "body", "more"),
    [
        ("post", "tasks", {"title": "x", "list": "{list}"}, 0),
        ("patch", "tasks/{task}", {"labels": ["{label}"]}, 2),  # which are locked, and can be searched for
        ("post", "tasks/{task}/complete", {}, 1),  # its subtasks
        ("post", "tasks/{task}/move", {}, 2),  # seen, locked, the end
    ],
)
def test_what_a_write_costs(
    method: str, path: str, body: Any, more: int, api: Api, people: People, milk: Task, shop: Label
) -> None:
    """As many queries as the change of a title, and a fixed number more."""
    known = {"list": milk.list_id, "task": milk.pk, "label": shop.pk}
    Task.objects.create(list=milk.list, title="Last")
    text = json.dumps(body)
    for name, pk in known.items():
        text = text.replace("{" + name + "}", str(pk))
    bob = api(people["bob"])
    bob.patch(f"/api/tasks/{milk.pk}", {"title": "y"})  # what is read once
    with CaptureQueriesContext(connection) as usual:
        bob.patch(f"/api/tasks/{milk.pk}", {"title": "x"})
    with CaptureQueriesContext(connection) as queries:
        response = getattr(bob, method)(f"/api/{path.format(**known)}", json.loads(text))
    assert response.status_code in (200, 201), response.content
    assert len(queries) - len(usual) == more


# In the admin


def test_the_admin_says_what_does_not_fit(browser: Client, milk: Task, other: TaskList) -> None:
    """Instead of an error page."""
    section = Section.objects.create(list=other, name="x")
    page: Any = browser.get(f"/admin/tasks/task/{milk.pk}/change/")
    data = form_of(page.context_data) | {"section": str(section.pk)}
    answer = browser.post(f"/admin/tasks/task/{milk.pk}/change/", data, follow=True)
    assert "There is no such section in this list." in answer.content.decode()
    milk.refresh_from_db()
    assert milk.section is None


@pytest.fixture
def full(other: TaskList) -> TaskList:
    """A list that can have no label more."""
    Label.objects.bulk_create([Label(list=other, name=f"label {number}") for number in range(MAX_LABELS)])
    return other


@pytest.mark.parametrize("way", ["patch", "move", "bulk", "the admin", "the subtask of a task"])
def test_a_task_loses_no_label_where_a_list_is_full(
    way: str, api: Api, people: People, shared: TaskList, milk: Task, full: TaskList, browser: Client
) -> None:
    """It stays where it is, and the answer names the labels, the list and what to do."""
    alice = api(people["alice"])
    cold = str(Label.objects.create(list=shared, name="cold").pk)
    labelled = Task.objects.create(list=shared, parent=milk, title="Oats") if way.startswith("the subtask") else milk
    assert alice.patch(f"/api/tasks/{labelled.pk}", {"labels": [cold]}).status_code == 200
    target, versions = str(full.pk), dict(Task.objects.values_list("pk", "version"))
    if way == "the admin":
        milk.refresh_from_db()
        address = f"/admin/tasks/task/{milk.pk}/change/"
        sent = form_of(browser.get(address).context) | {"list": target}
        said = browser.post(address, sent, follow=True).content.decode()
    elif way == "bulk":
        operations = [{"op": "move", "id": str(milk.pk), "list": target}]
        said = problem(alice.post("/api/tasks/bulk", {"operations": operations}), 400)["detail"]
    elif way == "move":
        said = problem(alice.post(f"/api/tasks/{milk.pk}/move", {"list": target}), 400)["detail"]
    else:
        said = problem(alice.patch(f"/api/tasks/{milk.pk}", {"list": target}), 400)["detail"]
    for word in ("room for 0", "cold", "Delete labels there"):
        assert word in said
    assert dict(Task.objects.values_list("pk", "version")) == versions
