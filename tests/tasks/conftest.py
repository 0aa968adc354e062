"""The cast around one list: alice owns it, bob edits, carol views, and dora has nothing to do with it."""

from collections.abc import Iterator
from datetime import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from tasks.models import Label, Membership, Role, Section, Task, TaskList, User
from tests.tasks.answers import Api, People
from tests.tasks.reminding import DAY
from tests.tasks.rent import FRIDAY, FRIDAYS


@pytest.fixture(autouse=True)
def _no_failed_sign_ins() -> Iterator[None]:
    """Wrong passwords are counted in the cache, which outlives a test."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: Any) -> None:
    """Argon2 is slow on purpose: where it is not the subject, it only checks what is there."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture
def dora(db: None) -> User:
    person: User = User.objects.create(username="dora")
    return person


@pytest.fixture
def people(alice: User, bob: User, carol: User, dora: User) -> People:
    return {"alice": alice, "bob": bob, "carol": carol, "dora": dora}


@pytest.fixture
def shared(people: People) -> TaskList:
    shared: TaskList = TaskList.objects.create(name="Shared", owner=people["alice"])
    Membership.objects.create(list=shared, user=people["bob"], role=Role.EDITOR)
    Membership.objects.create(list=shared, user=people["carol"], role=Role.VIEWER)
    return shared


@pytest.fixture
def milk(shared: TaskList, people: People) -> Task:
    """A task of alice's in the shared list."""
    task: Task = Task.objects.create(list=shared, title="Milk", created_by=people["alice"])
    return task


@pytest.fixture
def api() -> Api:
    """api(alice): a client that is signed in, and speaks JSON."""

    def signed_in(person: User) -> APIClient:
        client = APIClient()
        client.default_format = "json"
        client.force_authenticate(person)
        return client

    return signed_in


@pytest.fixture
def anybody() -> APIClient:
    """A client that is not signed in. Errors of the server reach it as answers, as they reach people."""
    client = APIClient(raise_request_exception=False)
    client.default_format = "json"
    return client


@pytest.fixture
def browser(db: None) -> Client:
    """A superuser's browser, signed in to the admin."""
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.com", "root's long password"))
    return client


@pytest.fixture
def call(shared: TaskList, people: People) -> Task:
    """A task that is due at five o'clock in Berlin."""
    berlin = {"due_date": DAY, "due_time": time(17), "due_zone": "Europe/Berlin"}
    task: Task = Task.objects.create(list=shared, title="Call the landlord", created_by=people["alice"], **berlin)
    return task


@pytest.fixture
def rent(shared: TaskList, people: People) -> Task:
    """Alice's, every 2nd Friday at five o'clock in Berlin."""
    task: Task = Task.objects.create(
        list=shared,
        title="Rent",
        notes="By standing order",
        priority=3,
        assignee=people["bob"],
        due_date=FRIDAY,
        due_time=time(17),
        due_zone="Europe/Berlin",
        recurrence=FRIDAYS,
        created_by=people["alice"],
    )
    return task


@pytest.fixture
def shop(shared: TaskList) -> Label:
    made: Label = Label.objects.create(list=shared, name="Shop", color="#112233")
    return made


@pytest.fixture
def later(shared: TaskList) -> Section:
    made: Section = Section.objects.create(list=shared, name="Later")
    return made


@pytest.fixture
def furnished(milk: Task, shop: Label, later: Section, people: People) -> Task:
    milk.label_ids, milk.section, milk.assignee = [str(shop.pk)], later, people["bob"]
    milk.save()
    return milk
