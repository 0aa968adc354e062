"""Searching tasks: one table of cases for SQLite and PostgreSQL; the index follows every way to write."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone

from tasks.models import EVERYONE_ID, Label, Task, TaskList
from tasks.search.index import entry_values, write_entries
from tasks.search.models import SearchEntry
from tasks.search.terms import query_terms
from tests.tasks.answers import Api, People, error_fields

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

CASES: dict[str, Any] = json.loads(Path(__file__).parent.with_name("search_cases.json").read_text("utf-8"))
FOUND: list[list[str]] = [case for cases in CASES["found"].values() for case in cases]


def test_the_same_on_both_databases(api: Api, people: People, shared: TaskList) -> None:
    """In titles and notes, by the search and by the filter of tasks."""
    alice = api(people["alice"])
    wrong = []
    for text, wanted, found in [*((*case, True) for case in FOUND), *((*case, False) for case in CASES["not found"])]:
        Task.objects.filter(list=shared).delete()
        Task.objects.create(list=shared, title="In the notes", notes=text)
        Task.objects.create(list=shared, title=text.replace("\n", " "))
        for path, name in (("/api/search", "q"), ("/api/tasks", "search")):
            answer = alice.get(path, {name: wanted})
            assert answer.status_code == 200, answer.content
            if len(answer.json()["results"]) != 2 * found:
                wrong.append((text, wanted, found, path))
    assert not wrong


HOSTILE = [
    '"', "'", "*", ":", "\\", "-", "(", ")", "^", "{", "title : x", "NEAR(a b, 2)", "a AND", "NOT", '"a', "a'b",
    "a\\'b", "a''b", "a\\", "<->", "a:*", "!a", "%", "_", "\ufffe", "\U000e0001", "\U0010ffff", "a" * 500, "東" * 500,
    "👍" * 500, "a " * 250, "ab 東京 👍 " * 50, "\u0301" * 500, "\u0e31", "'':*",
    "".join(map(chr, range(0x4e00, 0x4e00 + 500))),
    " ".join(map(str, range(120))),
]  # fmt: skip


def test_no_text_is_an_error_of_the_server(api: Api, people: People, milk: Task) -> None:
    """What means something to a database's own language of searching is text here, in tasks as well as in queries."""
    alice = api(people["alice"])
    for wanted in HOSTILE:
        Task.objects.filter(pk=milk.pk).update(title="x", notes=wanted)
        for path, name in (("/api/search", "q"), ("/api/tasks", "search")):
            answer = alice.get(path, {name: wanted})
            assert answer.status_code == 200, (wanted, answer.content)
            assert len(answer.json()["results"]) == bool(query_terms(wanted)), (wanted, path)


REFUSED = ["", "q=", "q=%20", "q=%E2%80%A8", "q=a&q=b", "q=%00", f"q={'a' * 10_000}", "q=a&x=1", "q=a&cursor=x"]


def test_what_is_refused(api: Api, people: People) -> None:
    """400 that names the parameter."""
    alice = api(people["alice"])
    for query in REFUSED:
        assert error_fields(alice.get(f"/api/search?{query}")) <= {"q", "x", "cursor"}
    for text in ("%00", "a" * 10_000):
        assert error_fields(alice.get(f"/api/tasks?search={text}")) == {"search"}


def titles(answer: Any) -> list[str]:
    return [row["title"] for row in answer.json()["results"]]


def test_the_best_first(api: Api, people: People, shared: TaskList) -> None:
    """Open tasks, then those with the word in the title, then those with words that begin so, then the newest."""
    texts = [("Plan, old", ""), ("Other", "a plan"), ("Planet", ""), ("plan the trip", ""), ("No", "")]
    for title, notes in texts:
        Task.objects.create(list=shared, title=title, notes=notes)
    Task.objects.create(list=shared, title="Plan, done", completed_at=timezone.now())
    alice = api(people["alice"])
    order = ["plan the trip", "Plan, old", "Planet", "Other", "Plan, done"]
    assert titles(alice.get("/api/search?q=plan")) == order
    assert titles(alice.get("/api/search?q=plan&completed=false")) == order[:-1]
    pages, cursor = [], ""
    while cursor is not None:
        answer = alice.get(f"/api/search?q=plan&limit=2{cursor and '&cursor=' + cursor}")
        pages.append(titles(answer))
        cursor = answer.json()["next_cursor"]
    assert pages == [order[:2], order[2:4], order[4:]]


def test_only_in_what_one_may_read(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """Members find it, others do not; filters restrict it to a list."""
    other = Task.objects.create(list_id=EVERYONE_ID, title="Milk for everyone")
    assert len(titles(api(people["carol"]).get("/api/search?q=milk"))) == 2
    assert titles(api(people["dora"]).get("/api/search?q=milk")) == [other.title]
    assert titles(api(people["alice"]).get(f"/api/search?q=milk&list={shared.pk}")) == ["Milk"]
    assert titles(api(people["alice"]).get("/api/search?q=milk&priority=high")) == []


def test_the_number_of_queries_is_fixed(
    api: Api, people: People, shared: TaskList, django_assert_num_queries: Any
) -> None:
    """Lists, epoch and heads, the ranks, and the page."""
    alice = api(people["alice"])
    alice.get("/api/sync")
    for count in (1, 30):
        Task.objects.bulk_create(Task(list=shared, title=f"Milk {n}") for n in range(count))
        with django_assert_num_queries(4):
            alice.get("/api/search?q=milk")
        with django_assert_num_queries(4):
            alice.get("/api/search?q=milk&completed=false")


# The index


def check_index() -> None:
    """Each task has the entry that it would get now, and the database's own index is intact."""
    names = {str(pk): name for pk, name in Label.objects.values_list("pk", "name")}
    expected = {}
    for task in Task.objects.all():
        *facts, title, words, _ = entry_values(task, names)
        expected[task.pk] = (facts, set(title.split()), set(words.split()))
    found = {
        entry.task_id: (
            [entry.task_id, entry.list_id, entry.is_open],
            set(entry.title.split()),
            set(entry.words.split()),
        )
        for entry in SearchEntry.objects.all()
    }
    assert found == expected
    check_database_index()


def check_database_index() -> None:
    connection = transaction.get_connection()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO tasks_search (tasks_search, rank) VALUES ('integrity-check', 1)")


def save(**fields: Any) -> None:
    task = Task.objects.get()
    for name, value in fields.items():
        setattr(task, name, value)
    task.save(update_fields=list(fields))


WRITES: dict[str, Callable[[], Any]] = {
    "title": lambda: save(title="after"),
    "notes": lambda: save(title="x", notes="after"),
    "update_or_create": lambda: Task.objects.update_or_create(title="before", defaults={"title": "after"}),
    "update": lambda: Task.objects.update(title="after"),
    "expression": lambda: Task.objects.update(title=Concat(Value("after "), "title")),
    "bulk_update": lambda: Task.objects.bulk_update([Task(pk=Task.objects.get().pk, title="after")], ["title"]),
    "move": lambda: Task.objects.update(list=EVERYONE_ID, title="after"),
    "bulk_create": lambda: Task.objects.bulk_create(Task(list_id=EVERYONE_ID, title="after") for _ in range(3)),
    "again": lambda: (Task.objects.all().delete(), Task.objects.create(list_id=EVERYONE_ID, title="after")),
    "complete": lambda: Task.objects.all().mark(completed=True, by=None),
    "delete": lambda: Task.objects.all().delete(),
    "delete one": lambda: Task.objects.get().delete(),
    "delete its list": lambda: TaskList.objects.exclude(pk=EVERYONE_ID).delete(),
}


def test_the_index_follows(api: Api, people: People, shared: TaskList) -> None:
    """Whichever way a task is written. What is rolled back is not there."""
    alice = api(people["alice"])
    for name, write in WRITES.items():
        with suppress(ArithmeticError), transaction.atomic():
            before = TaskList.objects.create(name="Before", owner=people["alice"])
            Task.objects.all().delete()
            Task.objects.create(list=before, title="before")
            with suppress(LookupError), transaction.atomic():
                write()
                raise LookupError
            check_index()
            assert titles(alice.get("/api/search?q=before")) == ["before"], name
            write()
            check_index()
            found = titles(alice.get("/api/search?q=after"))
            assert bool(found) == (name not in {"complete", "delete", "delete one", "delete its list"}), name
            raise ArithmeticError


def test_labels(api: Api, people: People, shared: TaskList, milk: Task) -> None:
    """Tasks are found by the names of their labels, old and new; the filter takes ids and names."""
    alice = api(people["alice"])
    label = Label.objects.create(list=shared, name="Größe XL")
    other = Label.objects.create(list_id=EVERYONE_ID, name="GRÖSSE xl")
    task = Task.objects.create(list_id=EVERYONE_ID, title="Shirt", label_ids=[str(other.pk)])
    milk.label_ids = [str(label.pk)]
    milk.save(update_fields=["label_ids"])
    check_index()
    assert titles(alice.get("/api/search?q=grosse")) == ["Shirt", "Milk"]
    expected = {str(label.pk): ["Milk"], str(label.pk).upper(): ["Milk"], "größe xl": ["Shirt", "Milk"], "xl": []}
    for value, found in {**expected, f"{label.pk},{other.pk}": ["Shirt", "Milk"]}.items():
        assert set(titles(alice.get("/api/tasks", {"label": value}))) == set(found), value
        assert titles(alice.get("/api/search", {"q": "grosse", "label": value})) == found, value
    label.name = "Petite"
    label.save()
    Label.objects.filter(pk=other.pk).update(name="Kleine")
    check_index()
    assert titles(alice.get("/api/search?q=gr")) == []
    assert titles(alice.get("/api/search?q=petite")) == ["Milk"]
    assert titles(alice.get("/api/search?q=shirt kleine")) == ["Shirt"]
    task.label_ids = []
    task.save()
    check_index()


def test_an_older_state_does_not_replace_a_newer_one(shared: TaskList, milk: Task) -> None:
    """As where a signal handler writes the task once more."""
    old = Task.objects.get(pk=milk.pk)
    milk.title = "Oat milk"
    milk.save()
    write_entries([old], using="default")
    check_index()


def test_an_index_that_was_lost_is_made_again(api: Api, people: People, milk: Task) -> None:
    """By a command."""
    QuerySet(SearchEntry).delete()
    assert titles(api(people["alice"]).get("/api/search?q=milk")) == []
    call_command("reindex_search", verbosity=0)
    assert titles(api(people["alice"]).get("/api/search?q=milk")) == ["Milk"]
    check_index()


def test_one_of_many_long_notes_is_found(api: Api, people: People, shared: TaskList) -> None:
    Task.objects.bulk_create([Task(list=shared, title=f"Täsk {n}", notes="ä few wörds " * 20) for n in range(2_000)])
    found: Any = api(people["alice"]).get("/api/tasks", {"search": "TÄSK 1999"}).json()["results"]
    assert [row["title"] for row in found] == ["Täsk 1999"]
