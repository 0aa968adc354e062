"""A write that is sent again under the same Idempotency-Key is answered as the first time, and done once."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory

from tasks.core.api import idempotency
from tasks.core.models import StoredAnswer
from tasks.models import Task, TaskList, User
from tests.tasks.answers import Api, People, error_fields, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def post(client: APIClient, path: str, body: Any = None, *, key: str = '"one"') -> Any:
    return client.post(f"/api/{path}", body, headers={"Idempotency-Key": key})


def test_the_first_answer_again(api: Api, people: People) -> None:
    """Status, body and ETag, also after the object was changed; with or without quotes it is the same key."""
    alice = api(people["alice"])
    first = post(alice, "tasks", {"title": "Milk"})
    alice.patch(f"/api/tasks/{first.json()['id']}", {"title": "Bread"})
    for key in ('"one"', "one"):
        again = post(alice, "tasks", {"title": "Milk"}, key=key)
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert Task.objects.count() == 1
    assert post(alice, "tasks", {"title": "Milk"}, key="two").json()["id"] != first.json()["id"]


def test_another_request_under_the_key(api: Api, people: People, shared: TaskList) -> None:
    """422, whether the body differs or the address; another person's keys are their own."""
    alice = api(people["alice"])
    post(alice, "tasks", {"title": "Milk"})
    problem(post(alice, "tasks", {"title": "Bread"}), 422)
    problem(post(alice, "lists", {"title": "Milk"}), 422)
    assert post(api(people["bob"]), "tasks", {"title": "Bread"}).status_code == 201


def test_a_refused_request_leaves_the_key_free(api: Api, people: People, shared: TaskList) -> None:
    alice = api(people["alice"])
    problem(post(alice, "tasks", {"title": ""}), 400)
    problem(post(api(people["carol"]), "tasks", {"title": "x", "list": str(shared.pk)}), 403)
    assert post(alice, "tasks", {"title": "Milk"}).status_code == 201


@pytest.mark.parametrize("path", ["members", "restore", "undo"])
def test_each_post(path: str, api: Api, people: People, shared: TaskList, milk: Task) -> None:
    alice = api(people["alice"])
    alice.delete(f"/api/tasks/{milk.pk}")
    address, body = {
        "members": (f"lists/{shared.pk}/members", {"user": "dora"}),
        "restore": (f"trash/{milk.pk}/restore", None),
        "undo": ("undo", None),
    }[path]
    first = post(alice, address, body)
    assert first.status_code < 300, first.content
    again = post(alice, address, body)
    assert (again.status_code, again.json()) == (first.status_code, first.json())


def test_a_patch_and_a_deletion(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """Done once, whatever others have done since: what they changed stays, and so does what they restored."""
    alice, bob, path = api(people["alice"]), api(people["bob"]), f"/api/tasks/{milk.pk}"

    def change() -> Any:
        return alice.patch(path, {"title": "Bread"}, headers={"Idempotency-Key": "change"})

    def delete() -> Any:
        return alice.delete(path, headers={"Idempotency-Key": "delete"})

    first = change()
    bob.patch(path, {"title": "Butter"})
    assert change().json() == first.json()
    assert Task.objects.get().title == "Butter"
    assert [delete().status_code, delete().status_code] == [204, 204]
    bob.post(f"/api/trash/{milk.pk}/restore")
    assert delete().headers["Idempotency-Replayed"] == "true"
    assert Task.objects.get().title == "Butter"
    problem(alice.patch(path, {"title": "Jam"}, headers={"Idempotency-Key": "change"}), 422)


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "with space", "ä"])
def test_what_is_no_key(key: str, api: Api, people: People) -> None:
    assert error_fields(post(api(people["alice"]), "tasks", {"title": "x"}, key=key)) == {"Idempotency-Key"}


def test_after_a_day(api: Api, people: People) -> None:
    """It is forgotten, and another request."""
    alice = api(people["alice"])
    post(alice, "tasks", {"title": "Milk"})
    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert post(alice, "tasks", {"title": "Bread"}).status_code == 201
    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert idempotency.forget_old() == 1


def asks(person: User, key: str) -> Request:
    request = Request(APIRequestFactory().post("/", headers={"Idempotency-Key": key}))
    request.user = person
    return request


def test_an_answer_that_is_too_large_is_not_kept(people: People) -> None:
    """But that the request was carried out is."""
    handler = mock.Mock(return_value=Response("x" * idempotency.LARGEST_BODY))
    idempotency.once(handler, asks(people["alice"], "large"))
    with pytest.raises(idempotency.TooLargeToRepeat, match="carried out") as refused:
        idempotency.once(handler, asks(people["alice"], "large"))
    assert refused.value.status_code == 409
    assert handler.call_count == 1


def test_a_persons_oldest_answers_go(people: People) -> None:
    """Beyond two thousand, after each hundredth that is kept. Another person's stay."""
    most, every = idempotency.MOST_OF_A_PERSON, idempotency.CLEAR_EVERY
    old = {"digest": "", "status": 201, "headers": {}, "body": "", "created_at": timezone.now() - timedelta(hours=1)}
    StoredAnswer.objects.bulk_create(
        StoredAnswer(pk=f"{name} {number}", user_id=people[name].pk, **old)
        for name, count in {"alice": most, "bob": 1}.items()
        for number in range(count)
    )
    for number in range(every):
        idempotency.once(lambda request: Response(), asks(people["alice"], f"new-{number}"))
    kept = StoredAnswer.objects.filter(user_id=people["alice"].pk)
    assert most <= kept.count() < most + every
    assert kept.exclude(pk__contains=" ").count() == every
    assert StoredAnswer.objects.filter(user_id=people["bob"].pk).exists()


def test_secrets_are_not_kept(api: Api, people: People, anybody: APIClient) -> None:
    password = {"username": "alice", "password": "alice's long password"}
    post(anybody, "token", password)
    post(api(people["alice"]), "me/password", {"current_password": "x", "new_password": "y"})
    assert not StoredAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment(api: Api, people: People) -> None:
    """One is carried out; the others are told to wait, or get its answer."""
    start, codes = threading.Barrier(6), []

    def create() -> None:
        alice: Any = api(people["alice"])
        start.wait()
        try:
            codes.append(post(alice, "tasks", {"title": "Milk"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Task.objects.count() == 1
    assert Counter(codes)[201] >= 1
    assert set(codes) <= {201, 409}


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_under_way(api: Api, people: People) -> None:
    """409, at once."""
    alice: Any = api(people["alice"])
    second: list[int] = []

    def between(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith("INSERT INTO") and not second:
            second.append(0)
            other = threading.Thread(target=repeat)
            other.start()
            other.join()
        return execute(sql, *args)

    def repeat() -> None:
        try:
            second[0] = post(api(people["alice"]), "tasks", {"title": "Milk"}).status_code
        finally:
            connection.close()

    with connection.execute_wrapper(between):
        assert post(alice, "tasks", {"title": "Milk"}).status_code == 201
    assert second == [409]
    assert Task.objects.count() == 1
