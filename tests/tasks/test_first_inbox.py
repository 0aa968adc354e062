"""The Inbox that a person has from their first page on, and what teaches in it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from realtime.models import Event
from tasks.lists.access import rights_in
from tasks.models import EVERYONE_ID, Task, TaskList, User
from tasks.web.first_inbox import SAMPLES, begin_inbox
from tests.tasks.answers import Api, People, events_of, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def inboxes(person: User) -> list[TaskList]:
    return list(TaskList.objects.filter(owner=person, kind="inbox"))


def titles(task_list: TaskList) -> list[str]:
    return list(Task.objects.filter(list=task_list).order_by("position").values_list("title", flat=True))


def at_once(call: Callable[[], Any], number: int = 8) -> None:
    start = threading.Barrier(number)

    def run() -> None:
        start.wait()
        try:
            call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_page_gives_its_person_an_inbox_with_samples(client: Client, api: Api, people: People) -> None:
    """It is private, and comes in one transaction with three tasks that teach; nobody else is told."""
    client.force_login(people["alice"])
    assert client.get("/").status_code == 200
    (inbox,) = inboxes(people["alice"])
    assert titles(inbox) == SAMPLES
    assert (inbox.name, rights_in(people["bob"], inbox).role) == ("Inbox", None)
    assert sorted(events_of(f"list.{inbox.pk}")) == sorted(["list.created", "member.created", *["task.created"] * 3])
    assert events_of("all").count("task.created") == 0
    problem(api(people["bob"]).get(f"/api/lists/{inbox.pk}"), 404)


def test_it_is_given_once(client: Client, people: People) -> None:
    """Samples that were deleted stay so, and an Inbox that a task has made before is left as it is."""
    client.force_login(people["alice"])
    client.get("/")
    Task.objects.all().delete()
    before = Event.objects.count()
    client.get("/")
    assert (Event.objects.count(), Task.objects.count()) == (before, 0)
    inbox = TaskList.objects.inbox_of(people["bob"])
    client.force_login(people["bob"])
    client.get("/")
    assert inboxes(people["bob"]) == [inbox]
    assert titles(inbox) == []


@pytest.mark.django_db(transaction=True)
def test_first_pages_at_the_same_moment_share_one_inbox(alice: User) -> None:
    """Eight at once, one Inbox, three samples."""
    at_once(lambda: begin_inbox(alice))
    (inbox,) = inboxes(alice)
    assert titles(inbox) == SAMPLES


def test_an_undo_does_not_take_the_samples(client: Client, api: Api, people: People) -> None:
    """They are nobody's change: the person's own last one is taken back, and then nothing is left."""
    client.force_login(people["alice"])
    client.get("/")
    alice = api(people["alice"])
    alice.post("/api/tasks", {"title": "Milk"})
    assert alice.post("/api/undo").status_code == 200
    problem(alice.post("/api/undo"), 409)
    assert Task.objects.count() == len(SAMPLES)


def test_what_programs_create_for_all_still_goes_to_all(client: Client, api: Api, people: People) -> None:
    """With an Inbox, too: a task without a list is one of Everyone's, alone or among many."""
    client.force_login(people["alice"])
    client.get("/")
    alice = api(people["alice"])
    assert alice.post("/api/tasks", {"title": "Milk"}).json()["list"] == str(EVERYONE_ID)
    assert alice.post("/api/tasks/bulk", {"operations": [{"op": "create", "title": "Eggs"}]}).status_code == 200
    assert titles(TaskList.objects.get(pk=EVERYONE_ID)) == ["Milk", "Eggs"]
    assert events_of("all").count("task.created") == 2
