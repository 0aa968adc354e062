"""An id names one object for ever: nobody gets an old object's history, stream or place in the trash with it."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tasks.models import Change, Label, Task, TaskList
from tests.realtime.locks import meanwhile, needs_row_locks
from tests.tasks.answers import Api, People, problem

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]

KINDS = ["tasks", "tasks/quick-add", "tasks/bulk", "lists", "labels", "sections", "filters", "places", "reminders"]
FIRST = ["lists", "tasks", "tasks/bulk"]
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


@pytest.fixture
def pair(api: Api, people: People) -> Callable[[str, str], tuple[str, Callable[[], Any], Callable[[], str]]]:
    """pair(kind, other): an id; alice's creation under it; and dora's under the same id, which is refused. Neither sees
    what the other one has, and each writes in a list of their own.
    """

    def made(kind: str, other: str) -> tuple[str, Callable[[], Any], Callable[[], str]]:
        pk, ready = str(uuid.uuid4()), []
        for name, each in (("alice", kind), ("dora", other)):
            client = api(people[name])
            own = client.post("/api/lists", {"name": "Own"}).json()["id"]
            task = client.post("/api/tasks", {"list": own, "title": "Own"}).json()["id"]
            ready.append((client, each, bodies(own, task)[each]))
        return pk, lambda: creation(*ready[0], pk), lambda: refusal(*ready[1], pk)

    return made


def creation(client: Any, kind: str, body: dict[str, Any], pk: str) -> None:
    """Succeeds."""
    if kind == "tasks/bulk":
        (result,) = client.post("/api/tasks/bulk", {"operations": [{**body, "id": pk}]}).json()["results"]
        assert result["status"] == 201, result
    else:
        assert client.post(f"/api/{kind}", {**body, "id": pk}).status_code == 201


@needs_row_locks
@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("second", KINDS)
def test_an_id_that_two_use_at_once(first: str, second: str, pair: Any) -> None:
    """The second waits for the first, and is refused in the same words as later, of whichever kind they are."""
    pk, create, refused = pair(first, second)
    with meanwhile(create):
        assert refused() == "This id is taken; choose another one."
    assert Change.objects.filter(object_id=pk).count() == 1


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("second", [kind for kind in KINDS if kind != "tasks/bulk"])
def test_an_id_that_is_used_right_after_the_question(first: str, second: str, pair: Any) -> None:
    """The first is committed when the second has asked whether the id is free, and has written nothing."""
    pk, create, refused = pair(first, second)
    threads: list[threading.Thread] = []

    def run() -> None:
        try:
            create()
        finally:
            connection.close()

    def ask(execute: Any, sql: str, *args: Any) -> Any:
        result = execute(sql, *args)
        if " UNION " in sql and not threads:
            threads.append(threading.Thread(target=run))
            threads[0].start()
            threads[0].join()
        return result

    with connection.execute_wrapper(ask):
        assert refused() == "This id is taken; choose another one."
    assert Change.objects.filter(object_id=pk).count() == 1


@needs_row_locks
@pytest.mark.parametrize("first", FIRST)
def test_one_of_many_ids_is_used_at_once(first: str, api: Api, people: People, pair: Any) -> None:
    """Of a bulk request that need not succeed as a whole only that creation is refused; the others are made."""
    pk, create, _ = pair(first, "tasks")
    sent = [{"op": "create", "id": key, "title": "Own"} for key in (str(uuid.uuid4()), pk, str(uuid.uuid4()))]
    with meanwhile(create):
        answer = api(people["dora"]).post("/api/tasks/bulk", {"operations": sent, "atomic": False}).json()
    assert [each["status"] for each in answer["results"]] == [201, 422, 201]
    assert Change.objects.filter(object_id=pk).count() == 1
