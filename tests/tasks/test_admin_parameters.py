"""Parameters and form values of the admin that can't be read: 400 or the form again, never an error of the server."""

import logging

import pytest
from django.contrib.admin import site
from django.test import Client

from tasks.models import Membership, SignIn, Task, TaskList, User
from tasks.saved_filters.models import SavedFilter
from tests.tasks.answers import People

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases]

NINES = "9" * 23
GET = [
    "task/?due_date__year=0",
    "task/?due_date__year=99999",
    "task/?created_at__year=0",
    "task/?created_at__year=99999999999999999999",
    "task/?created_at__month=13&created_at__year=10000",
    "user/?date_joined__gte=%00",
    f"user/?id={NINES}",
    "task/add/?list=%00",
    "task/add/?list=x",
    "tasklist/add/?owner=x",
    f"tasklist/add/?owner={NINES}",
    "membership/add/?list=%00",
    "user/?q=" + "a%20" * 1_100,
    "task/?q=" + "a%20" * 1_100,
    "signin/?q=" + "a%20" * 1_100,
    "task/?q=%00",
    "task/?title__regex=[]",
    "task/?title__regex=[",
    "task/?label_ids__contains=x",
    "task/?label_ids__has_keys=x",
    "savedfilter/?query__contains=x",
    "task/?title__range=x",
    "label/?created_at__contained_by=x",
    "user/?groups__contained_by=x",
    "%00/",
    f"user/{NINES}/change/",
    "task/x/change/",
]


def code(client: Client, path: str) -> int:
    client.raise_request_exception = False
    found: int = client.get(path).status_code
    return found


@pytest.mark.parametrize("path", GET, ids=lambda path: path[:40])
def test_parameters_of_pages(path: str, browser: Client, people: People, milk: Task) -> None:
    assert code(browser, f"/admin/tasks/{path}") in (200, 302, 400, 404)
    assert code(browser, "/admin/tasks/task/") == 200


def test_a_search_with_very_many_words_for_suggestions(browser: Client, people: People) -> None:
    """The fields that suggest rows search, too."""
    query = "app_label=tasks&model_name=task&field_name=list&term=" + "a%20" * 1_100
    assert code(browser, f"/admin/autocomplete/?{query}") == 400


@pytest.mark.parametrize("model", [User, TaskList, Membership, Task, SignIn])
@pytest.mark.parametrize("selected", ["x", "\0", NINES, "9" * 50])
def test_rows_to_delete(model: type, selected: str, browser: Client, people: People, milk: Task) -> None:
    browser.raise_request_exception = False
    data = {"action": "delete_selected", "_selected_action": selected, "post": "yes"}
    assert browser.post(f"/admin/tasks/{model.__name__.lower()}/", data).status_code in (200, 302, 400)
    assert Task.objects.count() == 1


@pytest.mark.parametrize("value", ["x", "\0", NINES, "9" * 50, "\uff19" * 30])
@pytest.mark.parametrize(("page", "field"), [("tasklist", "owner"), ("membership", "user"), ("task", "list")])
def test_rows_that_a_form_refers_to(page: str, field: str, value: str, browser: Client, people: People) -> None:
    browser.raise_request_exception = False
    data = {field: value, "name": "x", "title": "x", "role": "viewer", "priority": "0", "color": "#000000"}
    data |= {f"memberships-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    response = browser.post(f"/admin/tasks/{page}/add/", data)
    assert response.status_code in (200, 302, 400)
    assert not Task.objects.exists()


@pytest.mark.parametrize("key", ["x", NINES, "9" * 50])
def test_members_of_a_list(key: str, browser: Client, people: People, shared: TaskList) -> None:
    """A row of the form that is gone, with a person who can't be."""
    browser.raise_request_exception = False
    data = {"name": "x", "owner": str(shared.owner_id), "color": "#000000"}
    data |= {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1"}
    data |= {"memberships-0-id": key, "memberships-0-user": key, "memberships-0-role": "viewer"}
    assert browser.post(f"/admin/tasks/tasklist/{shared.pk}/change/", data).status_code in (200, 302, 400)


def test_the_cause_is_in_the_log(browser: Client, caplog: pytest.LogCaptureFixture) -> None:
    """An error of the program's own, if it is one after all, can be found."""
    with caplog.at_level(logging.WARNING):
        assert code(browser, "/admin/tasks/tasklist/add/?owner=x") == 400
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("query", ["?p=0", "?completed_at__isnull=1"])
def test_an_error_of_the_programs_own_is_none_of_the_clients(
    query: str, browser: Client, people: People, milk: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the address has."""

    def show(task: Task) -> int:
        return len(None)  # type: ignore[arg-type]

    monkeypatch.setattr(Task, "__str__", show)
    monkeypatch.setattr(site._registry[Task], "list_display", ["__str__"])
    assert code(browser, f"/admin/tasks/task/{query}") == 500


QUERIES = [
    r'{"search": "\u0000"}',
    r'{"\u0000": 1}',
    r'{"\ud800": 1}',
    r'{"search": "\ud800"}',
    '{"x": 1, "due": "soon"}',
    '{"due": ["soon", []]}',
    '{"due_before": "10/25/2026", "priority": {"a": 1}}',
    '{"list": [["x"]]}',
    '{"label": NaN}',
    "[]",
    '"due=today"',
    "5",
    "{",
    "[" * 100_000,
    "9" * 5_000,
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:30])
def test_queries_of_a_saved_filter(query: str, browser: Client, people: People) -> None:
    """The form comes back and says what is wrong with it."""
    browser.raise_request_exception = False
    data = {"user": str(people["alice"].pk), "name": "x", "position": "1", "query": query}
    response = browser.post("/admin/tasks/savedfilter/add/", data)
    assert response.status_code in (200, 400)
    assert response.status_code == 400 or 'class="errorlist' in response.content.decode()
    assert not SavedFilter.objects.exists()
    shown = {r'{"search": "\u0000"}': "search: This is not valid text.", '{"x": 1}': "x: There is no such parameter."}
    if query in shown:
        assert shown[query] in response.content.decode()
