"""An id names one object for ever: nobody gets an old object's history, stream or place in the trash with it."""

import uuid
from typing import Any

import pytest

from tasks.models import Change, Label, Task, TaskList
from tests.tasks.answers import Api, People, problem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]

KINDS = ["tasks", "tasks/quick-add", "tasks/bulk", "lists", "labels", "sections", "filters", "places", "reminders"]
KEPT = ["alive", "in the trash", "in the history", "purged", "in a stream"]


def bodies(own: str, task: str) -> dict[str, dict[str, Any]]:
    """A creation of each kind, without its id."""
    return {
        "tasks": {"list": own, "title": "Taken"},
        "tasks/quick-add": {"list": own, "text": "Taken"},
        "tasks/bulk": {"op": "create", "list": own, "title": "Taken"},
        "lists": {"name": "Taken"},
        "labels": {"list": own, "name": "Taken"},
        "sections": {"list": own, "name": "Taken"},
        "filters": {"name": "Taken"},
        "places": {"list": own},
        "reminders": {"task": task, "minutes_before": 5},
    }


def refusal(client: Any, kind: str, body: dict[str, Any], pk: str) -> str:
    """What is said to a creation under the id."""
    if kind != "tasks/bulk":
        detail: str = problem(client.post(f"/api/{kind}", {**body, "id": pk}), 422)["detail"]
        return detail
    answer = client.post("/api/tasks/bulk", {"operations": [{**body, "id": pk}], "atomic": False})
    (result,) = answer.json()["results"]
    assert result["status"] == 422, result
    found: str = result["error"]["detail"]
    return found


@pytest.mark.parametrize("kept", KEPT)
def test_an_id_is_never_free_again(kept: str, api: Api, people: People, milk: Task) -> None:
    """For no kind and nobody, not for those who could read it either; and the answer tells which case it is to none."""
    alice, dora = api(people["alice"]), api(people["dora"])
    listed = alice.post("/api/lists", {"name": "Gone"}).json()["id"]
    if kept != "alive":
        assert alice.delete(f"/api/tasks/{milk.pk}").status_code == 204
        assert alice.delete(f"/api/lists/{listed}").status_code == 204
    if kept in ("in the history", "in a stream", "purged"):
        alice.delete("/api/trash")
    if kept == "in a stream":
        Change.objects.all().delete()
    if kept == "in the trash":
        Change.objects.all().delete()
    used = [listed] if kept == "in a stream" else [str(milk.pk), listed]
    own = dora.post("/api/lists", {"name": "Own"}).json()["id"]
    task = dora.post("/api/tasks", {"list": own, "title": "Own"}).json()["id"]
    said = {refusal(dora, kind, body, pk) for kind, body in bodies(own, task).items() for pk in used}
    own = alice.post("/api/lists", {"name": "Own"}).json()["id"]
    task = alice.post("/api/tasks", {"list": own, "title": "Own"}).json()["id"]
    said |= {refusal(alice, kind, body, pk) for kind, body in bodies(own, task).items() for pk in used}
    assert said == {"This id is taken; choose another one."}
    for kind, body in bodies(own, task).items():
        if kind != "tasks/bulk":
            assert alice.post(f"/api/{kind}", {**body, "id": str(uuid.uuid4())}).status_code == 201, kind
        if kind == "labels":
            Label.objects.all().delete()


def test_a_creation_asks_once(api: Api, people: People, django_assert_max_num_queries: Any, shared: TaskList) -> None:
    """Whether its id is free; without an id nothing is asked."""
    alice, body = api(people["alice"]), {"list": str(shared.pk), "title": "Bread"}
    alice.post("/api/tasks", body)

    def statements(sent: dict[str, Any]) -> list[str]:
        with django_assert_max_num_queries(100) as captured:
            assert alice.post("/api/tasks", sent).status_code == 201
        return [each["sql"] for each in captured.captured_queries]

    without, given = statements(body), statements({**body, "id": str(uuid.uuid4())})
    assert not any(" UNION " in sql for sql in without)
    assert len(given) == len(without) + 2, "the question and the note"
