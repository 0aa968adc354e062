"""What an undo, a redo or a restore can't write again is left out or refused with words, and bars nothing older."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks.items.limits import MAX_SUBTASKS
from tasks.models import Label, Membership, Section, Task, TaskList, User
from tasks.saved_filters.models import SavedFilter
from tests.tasks.answers import Api, People, problem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]


class Case:
    """Bob's client and alice's, and a task with all that it can refer to."""

    def __init__(self, api: Api, people: People, milk: Task) -> None:
        self.bob, self.alice, self.milk = api(people["bob"]), api(people["alice"]), milk
        self.url = f"/api/tasks/{milk.pk}"
        self.label = Label.objects.create(list=milk.list, name="Blue")
        self.section = Section.objects.create(list=milk.list, name="Shop")

    def give(self, **fields: Any) -> None:
        milk = Task.objects.get(pk=self.milk.pk)
        milk.assign(fields)
        milk.save(update_fields=set(fields))

    def taken(self, path: str, **fields: Any) -> Any:
        answer = self.bob.patch(path, fields)
        assert answer.status_code == 200, answer.content
        return answer.json()


def label_gone(case: Case) -> str:
    case.give(label_ids=[str(case.label.pk)])
    case.taken(case.url, labels=[])
    case.alice.delete(f"/api/labels/{case.label.pk}")
    return "undo"


def label_gone_before_redo(case: Case) -> str:
    case.taken(case.url, labels=[str(case.label.pk)])
    assert case.bob.post("/api/undo").status_code == 200
    case.alice.delete(f"/api/labels/{case.label.pk}")
    return "redo"


def section_gone(case: Case) -> str:
    case.give(section=case.section)
    case.taken(case.url, section=None)
    case.alice.delete(f"/api/sections/{case.section.pk}")
    return "undo"


def person_gone(case: Case) -> str:
    dora = User.objects.get(username="dora")
    member = Membership.objects.create(list=case.milk.list, user=dora)
    case.give(assignee=dora)
    case.taken(case.url, assignee=None)
    member.delete()
    return "undo"


def parent_is_a_subtask(case: Case) -> str:
    former = Task.objects.create(list=case.milk.list, title="Breakfast")
    case.give(parent=former)
    case.taken(case.url, parent=None)
    above = Task.objects.create(list=case.milk.list, title="Day")
    case.alice.patch(f"/api/tasks/{former.pk}", {"parent": str(above.pk)})
    return "undo"


def parent_gone(case: Case) -> str:
    former = Task.objects.create(list=case.milk.list, title="Breakfast")
    case.give(parent=former)
    case.taken(case.url, parent=None)
    case.alice.delete(f"/api/tasks/{former.pk}")
    return "undo"


def name_taken(case: Case) -> str:
    case.taken(f"/api/labels/{case.label.pk}", name="Red")
    case.alice.post("/api/labels", {"list": str(case.milk.list_id), "name": "blue"})
    return "undo"


def name_of_deleted_taken(case: Case) -> str:
    assert case.bob.delete(f"/api/labels/{case.label.pk}").status_code == 204
    case.alice.post("/api/labels", {"list": str(case.milk.list_id), "name": "blue"})
    refused = problem(case.bob.post(f"/api/trash/{case.label.pk}/restore"), 409)
    assert "another label of this name" in refused["detail"]
    assert refused["conflicts"]
    return "undo"


CASES: list[tuple[Callable[[Case], str], str]] = [
    (label_gone, "“Milk”: a label that it had was deleted since."),
    (label_gone_before_redo, "“Milk”: a label that it had was deleted since."),
    (section_gone, "“Milk”: the section that it was in was deleted since."),
    (person_gone, "“Milk”: the person that it was assigned to has left the list since."),
    (parent_is_a_subtask, "“Milk”: A subtask can't have subtasks."),
    (parent_gone, "“Milk”: There is no such task."),
    (name_taken, "“Blue”: The list has another label of this name by now."),
    (name_of_deleted_taken, "“Blue”: The list has another label of this name by now."),
]


@pytest.mark.parametrize(("prepare", "sentence"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_what_it_needs_is_gone(
    prepare: Callable[[Case], str], sentence: str, api: Api, people: People, milk: Task
) -> None:
    """409 with the conflicts, as often as one asks; what was done before it can still be taken back."""
    case = Case(api, people, milk)
    older = Task.objects.create(list=milk.list, title="Bread")
    case.taken(f"/api/tasks/{older.pk}", title="Rye")
    way = prepare(case)
    body = problem(case.bob.post(f"/api/{way}", headers={"Idempotency-Key": "key"}), 409)
    assert body["detail"] == f"This can't be taken back any more: {sentence}"
    assert [each["detail"] for each in body["conflicts"]] == [sentence]
    if way == "undo":
        assert case.bob.get("/api/undo").json()["next"]["what"].startswith("renamed")
        assert case.bob.post("/api/undo").status_code == 200
        assert Task.objects.get(pk=older.pk).title == "Bread"
    assert problem(case.bob.post(f"/api/{way}"), 409)["conflicts"] == body["conflicts"]


def test_the_rest_is_taken_back(api: Api, people: People, milk: Task) -> None:
    """Without the label and the section that are gone."""
    case = Case(api, people, milk)
    kept = Label.objects.create(list=milk.list, name="Red")
    case.give(label_ids=[str(case.label.pk), str(kept.pk)], section=case.section)
    case.taken(case.url, labels=[], section=None, title="Oat milk")
    case.alice.delete(f"/api/labels/{case.label.pk}")
    case.alice.delete(f"/api/sections/{case.section.pk}")
    assert case.bob.post("/api/undo").status_code == 200
    found = case.bob.get(case.url).json()
    assert (found["title"], found["labels"], found["section"]) == ("Milk", [str(kept.pk)], None)


LIMITED: list[tuple[str, type[Any]]] = [("labels", Label), ("sections", Section), ("filters", SavedFilter)]


@pytest.mark.parametrize(("path", "model"), LIMITED)
@pytest.mark.parametrize("way", ["undo", "restore"])
def test_limits(way: str, path: str, model: type[Any], api: Api, people: People, shared: TaskList) -> None:
    """Nothing that comes back makes more than there may be, and no other door does."""
    bob = api(people["bob"])
    where = {} if path == "filters" else {"list": str(shared.pk)}
    made = [bob.post(f"/api/{path}", {**where, "name": name}).json()["id"] for name in "AB"]
    bob.delete(f"/api/{path}/{made[0]}")
    other = people["bob"] if path == "filters" else shared
    model.objects.bulk_create([model(**{model.of: other}, name=f"C{number}") for number in range(model.most - 1)])
    body = problem(bob.post("/api/undo" if way == "undo" else f"/api/trash/{made[0]}/restore"), 409)
    assert "“A”: A" in body["detail"]
    assert f" has at most {model.most} " in body["detail"]
    assert model.objects.filter(**{model.of: other}).count() == model.most
    if path == "labels":
        body = problem(bob.post("/api/tasks/quick-add", {"text": "Milk *new", "list": str(shared.pk)}), 400)
        assert f"A list has at most {model.most} labels." in body["detail"]


def subtasks(parent: Task, number: int) -> None:
    """So many more."""
    Task.objects.bulk_create([Task(list=parent.list, parent=parent, title=f"C{at}") for at in range(number)])


def test_limit_of_subtasks(api: Api, people: People, milk: Task) -> None:
    """By undo, restore, duplicate and bulk alike."""
    bob = api(people["bob"])
    subtasks(milk, MAX_SUBTASKS - 2)
    first, second = (Task.objects.create(list=milk.list, parent=milk, title=title) for title in ("Oats", "Rye"))
    sentence = f"A task has at most {MAX_SUBTASKS} subtasks."
    assert sentence in problem(bob.post(f"/api/tasks/{second.pk}/duplicate"), 400)["detail"]
    bob.delete(f"/api/tasks/{first.pk}")
    Task.objects.create(list=milk.list, parent=milk, title="Barley")
    for path in ("/api/undo", f"/api/trash/{first.pk}/restore"):
        body = problem(bob.post(path), 409)
        assert f"“Oats”: {sentence}" in body["detail"]
    operations = [{"op": "create", "title": title, "parent": str(second.pk)} for title in "ABC"]
    Task.objects.filter(pk=second.pk).update(parent=None)
    subtasks(second, MAX_SUBTASKS - 2)
    answer = bob.post("/api/tasks/bulk", {"operations": operations, "atomic": False}).json()
    assert (answer["succeeded"], answer["failed"]) == (2, 1)
    assert Task.objects.filter(parent=second).count() == MAX_SUBTASKS


def test_a_subtask_whose_task_is_a_subtask_now(api: Api, people: People, milk: Task) -> None:
    """Comes back as a task of its own."""
    bob: APIClient = api(people["bob"])
    oats = Task.objects.create(list=milk.list, parent=milk, title="Oats")
    bob.delete(f"/api/tasks/{oats.pk}")
    above = Task.objects.create(list=milk.list, title="Day")
    Task.objects.filter(pk=milk.pk).update(parent=above)
    assert bob.post(f"/api/trash/{oats.pk}/restore").json()["object"]["parent"] is None
