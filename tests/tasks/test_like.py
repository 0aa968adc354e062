"""Names of lists, and what the admin searches, are compared by the same table on SQLite and PostgreSQL."""

import pytest
from django.test import Client

from tasks.models import Task, TaskList, User
from tests.tasks.answers import Api, People

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

CASES = [
    ("Über", "über", True),
    ("über", "ÜBER", True),
    ("Тест", "тест", True),
    ("ΟΔΟΣ", "οδος", True),
    ("οδός", "ΟΔΌΣ", True),
    ("ՀԱՅ", "հայ", True),
    ("𐐀", "𐐨", True),
    ("ﬁne", "ﬁNE", True),
    ("Straße", "STRAßE", True),
    ("Straße", "strasse", False),
    ("Über", "uber", False),
    ("ĳs", "ĲS", True),
    ("日本", "日本", True),
    ("Milk", "mILK", True),
    ("100 %", "0 %", True),
    ("100 x", "0 %", False),
    ("a_b", "A_B", True),
    ("axb", "a_b", False),
    ("a\\b", "A\\B", True),
    ("Zeile eins\nZeile ZWEI", "zwei", True),
    ("(.*)", "(.*)", True),
    ("abc", "(.*)", False),
]


@pytest.mark.parametrize(("text", "wanted", "found"), CASES)
def test_name_of_a_list(text: str, wanted: str, found: bool, api: Api, people: People, shared: TaskList) -> None:
    """Letters of every script in either case; wildcards are ordinary characters."""
    TaskList.objects.filter(pk=shared.pk).update(name=text.replace("\n", " "))
    alice = api(people["alice"])
    assert len(alice.get("/api/lists", {"search": wanted}).json()["results"]) == found


def test_the_admin_and_the_commands_find_them_too(browser: Client, people: People, shared: TaskList) -> None:
    """The same comparison, wherever case does not count."""
    Task.objects.create(list=shared, title="Übung")
    assert "1 task" in browser.get("/admin/tasks/task/", {"q": "übung"}).content.decode()
    TaskList.objects.filter(pk=shared.pk).update(name="Тест")
    assert TaskList.objects.get(name__iexact="тЕСТ").pk == shared.pk
    assert not User.objects.filter(name__icontains="x", username=None)
