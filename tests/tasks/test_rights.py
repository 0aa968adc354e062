"""Who may do what: the owner, an editor, a viewer and somebody from outside, each with each request."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks.models import EVERYONE_ID, Membership, Task, TaskList
from tests.tasks.answers import Api, People, error_fields, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

# What alice (owner), bob (editor), carol (viewer) and dora (nobody) are answered.
MATRIX = {
    "read the list": ("get", "/api/lists/{list}", None, (200, 200, 200, 404)),
    "rename the list": ("patch", "/api/lists/{list}", {"name": "New"}, (200, 403, 403, 404)),
    "delete the list": ("delete", "/api/lists/{list}", None, (204, 403, 403, 404)),
    "read the members": ("get", "/api/lists/{list}/members", None, (200, 200, 200, 404)),
    "add a member": ("post", "/api/lists/{list}/members", {"user": "dora"}, (201, 403, 403, 404)),
    "change a role": ("patch", "/api/lists/{list}/members/{carol}", {"role": "editor"}, (200, 403, 403, 404)),
    "remove a member": ("delete", "/api/lists/{list}/members/{carol}", None, (204, 403, 204, 404)),
    "read a task": ("get", "/api/tasks/{task}", None, (200, 200, 200, 404)),
    "add a task": ("post", "/api/tasks", {"title": "x", "list": "{list}"}, (201, 201, 403, 400)),
    "change a task": ("patch", "/api/tasks/{task}", {"title": "x"}, (200, 200, 403, 404)),
    "complete a task": ("patch", "/api/tasks/{task}", {"completed": True}, (200, 200, 403, 404)),
    "delete a task": ("delete", "/api/tasks/{task}", None, (204, 204, 403, 404)),
    "follow the list": ("get", "/api/sync?stream=list.{list}", None, (200, 200, 200, 404)),
}


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "dora"])
@pytest.mark.parametrize("what", MATRIX)
def test_each_may_do_what_their_role_says(
    what: str, who: str, api: Api, people: People, shared: TaskList, milk: Task
) -> None:
    """The owner all, an editor the tasks, a viewer nothing but to look and leave; to others it is not there."""
    method, path, body, expected = MATRIX[what]
    names = {"list": shared.pk, "task": milk.pk, "carol": shared.memberships.get(user=people["carol"]).pk}
    filled = {key: value.format(**names) if isinstance(value, str) else value for key, value in (body or {}).items()}
    response = getattr(api(people[who]), method)(path.format(**names), filled or None)
    status = expected[list(people).index(who)]
    if status >= 400:
        problem(response, status)
    else:
        assert response.status_code == status, response.content


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/api/lists"), ("post", "/api/tasks"), ("get", "/api/sync"), ("get", "/api/me"), ("patch", "/api/me")],
)
def test_nobody_gets_in_without_signing_in(method: str, path: str, anybody: APIClient) -> None:
    """Without a token or a session: 401, and the header says how to sign in."""
    response = getattr(anybody, method)(path, {} if method != "get" else None)
    problem(response, 401)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_page_of_another_site_cannot_use_the_session(alice: Any) -> None:
    """A session alone writes nothing: the CSRF token has to come with it."""
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.get("/api/me").status_code == 200
    assert "CSRF" in problem(client.post("/api/tasks", {"title": "x"}, format="json"), 403)["detail"]


def test_an_invisible_list_looks_like_none_at_all(api: Api, people: People, shared: TaskList) -> None:
    """Naming a list that one may not see gives the same error as naming one that does not exist."""
    answers = [
        problem(api(people["dora"]).post("/api/tasks", {"title": "x", "list": pk}), 400)["errors"]["list"][0]
        for pk in (str(shared.pk), "11111111-1111-4111-8111-111111111111")
    ]
    assert answers[0].replace(str(shared.pk), "-") == answers[1].replace("11111111-1111-4111-8111-111111111111", "-")


def test_an_invisible_list_is_in_no_page(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """Pages, the snapshot and filters know nothing of a list that one is no member of."""
    dora = api(people["dora"])
    assert [row["id"] for row in dora.get("/api/lists").json()["results"]] == [str(EVERYONE_ID)]
    assert dora.get("/api/tasks").json()["results"] == []
    snapshot = dora.get("/api/sync").json()
    assert f"list.{shared.pk}" not in snapshot["positions"]
    assert (snapshot["tasks"], snapshot["members"]) == ([], [])
    assert error_fields(dora.get(f"/api/tasks?list={shared.pk}")) == {"list"}


def test_a_task_moves_only_between_lists_that_one_may_write(
    api: Api, people: People, shared: TaskList, milk: Task
) -> None:
    """Into a list that one may only read: 403. Into one that one may not see: 400. Both leave the task where it is."""
    bob = api(people["bob"])
    readable = TaskList.objects.create(name="Carol's", owner=people["carol"])
    Membership.objects.create(list=readable, user=people["bob"], role="viewer")
    hidden = TaskList.objects.create(name="Dora's", owner=people["dora"])
    problem(bob.patch(f"/api/tasks/{milk.pk}", {"list": str(readable.pk)}), 403)
    assert error_fields(bob.patch(f"/api/tasks/{milk.pk}", {"list": str(hidden.pk)})) == {"list"}
    milk.refresh_from_db()
    assert milk.list == shared


def test_everyone_reads_and_writes_the_list_everyone(api: Api, people: People) -> None:
    """Tasks of others there can be changed; the list itself belongs to nobody."""
    task = api(people["alice"]).post("/api/tasks", {"title": "x"}).json()
    assert task["list"] == str(EVERYONE_ID)
    assert api(people["dora"]).patch(f"/api/tasks/{task['id']}", {"title": "y"}).status_code == 200
    problem(api(people["alice"]).patch(f"/api/lists/{EVERYONE_ID}", {"name": "Mine"}), 403)
    problem(api(people["alice"]).delete(f"/api/lists/{EVERYONE_ID}"), 403)
    problem(api(people["alice"]).post(f"/api/lists/{EVERYONE_ID}/members", {"user": "bob"}), 403)
    assert api(people["alice"]).get(f"/api/lists/{EVERYONE_ID}/members").json()["results"] == []
