"""The contract of live models: every write is noticed, with the whole row as it is after it."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import IntegrityError, NotSupportedError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from realtime.events.live import saved
from tasks.models import Task, TaskList, User
from tests.realtime.locks import meanwhile, needs_row_locks
from tests.realtime.notices import Notice, noticing

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


@pytest.fixture
def noticed() -> Iterator[list[Notice]]:
    with noticing() as seen:
        yield seen


@pytest.fixture
def shopping(alice: User) -> TaskList:
    made: TaskList = TaskList.objects.create(name="Shopping", owner=alice)
    return made


@pytest.fixture
def work(alice: User) -> TaskList:
    made: TaskList = TaskList.objects.create(name="Work", owner=alice)
    return made


@pytest.fixture
def milk(shopping: TaskList) -> Task:
    return Task.objects.create(list=shopping, title="Milk")


def row(task: Task) -> dict[str, Any]:
    """The task as the database has it."""
    return dict(Task.objects.values().get(pk=task.pk))


# Saving


def test_a_new_row_is_noticed(shopping: TaskList, noticed: list[Notice]) -> None:
    """With all that it has, and nothing before it."""
    task = Task.objects.create(list=shopping, title="Milk")
    assert noticed == [("saved", row(task), None)]


def test_a_saved_row_is_noticed_with_what_it_was(milk: Task, noticed: list[Notice]) -> None:
    """The version grows by one with each save, also where nothing else changed."""
    before = row(milk)
    milk.title = "Bread"
    milk.save()
    middle = row(milk)
    milk.save()
    assert noticed == [("saved", middle, before), ("saved", row(milk), middle)]
    assert [middle["version"], row(milk)["version"]] == [before["version"] + 1, before["version"] + 2]


def test_some_fields_are_saved_and_the_others_read(milk: Task, noticed: list[Notice]) -> None:
    """Of two instances of one row each writes its own fields, and shows what the other wrote."""
    other = Task.objects.get(pk=milk.pk)
    other.notes = "two litres"
    other.save(update_fields=["notes"])
    milk.title, milk.notes = "Oat milk", "never written"
    milk.save(update_fields=["title"])
    assert (milk.title, milk.notes) == ("Oat milk", "two litres")
    assert [row(milk)[name] for name in ("title", "notes", "version")] == ["Oat milk", "two litres", other.version + 1]
    assert noticed[-1][1] == row(milk)
    assert noticed[-1][2]["title"] == "Milk"


def test_a_stale_instance_saved_whole_is_newer_still(milk: Task) -> None:
    """The last writer wins, with a version above all before it."""
    stale = Task.objects.get(pk=milk.pk)
    for _ in range(3):
        milk.save()
    stale.title = "Bread"
    stale.save()
    assert (row(milk)["title"], row(milk)["version"]) == ("Bread", milk.version + 1)


def test_a_foreign_key_that_the_row_gives_back_is_followed_again(milk: Task, work: TaskList) -> None:
    """The related object that an instance remembers is not that of another list."""
    stale = Task.objects.select_related("list").get(pk=milk.pk)
    milk.list = work
    milk.save()
    stale.title = "Bread"
    stale.save(update_fields=["title"])
    assert stale.list == work


def test_an_expression_is_noticed_as_the_value_that_it_got(milk: Task, noticed: list[Notice]) -> None:
    """The instance has the value, too."""
    milk.position = F("position") + 0.5
    milk.title = Concat(F("title"), Value("!"))
    milk.save()
    assert (milk.title, milk.position) == ("Milk!", row(milk)["position"]) == ("Milk!", 1024.5)
    milk.position = F("position") * 2
    milk.save(update_fields=["position"])
    assert milk.position == 2049
    assert [noticed[0][1]["position"], noticed[1][1]["position"]] == [1024.5, 2049]


def test_a_value_is_noticed_as_it_is_read_back(milk: Task, noticed: list[Notice]) -> None:
    """A date given as text is a date."""
    milk.due_date = "2026-03-01"
    milk.save()
    assert noticed[-1][1] == row(milk)


def test_some_rows_fields_may_be_unread(milk: Task, noticed: list[Notice]) -> None:
    """An instance with deferred fields is noticed whole."""
    task = Task.objects.only("title").get(pk=milk.pk)
    task.title = "Bread"
    task.save()
    assert noticed == [("saved", row(milk), noticed[0][2])]
    assert row(milk)["version"] == milk.version + 1


def test_saving_no_field_is_no_write(milk: Task, noticed: list[Notice]) -> None:
    """As in Django."""
    before = row(milk)
    milk.save(update_fields=[])
    assert (row(milk), noticed) == (before, [])


def test_a_deleted_row_is_not_brought_back(milk: Task, noticed: list[Notice]) -> None:
    """An instance that is still held is told that its row is gone."""
    Task.objects.get(pk=milk.pk).delete()
    noticed.clear()
    for options in ({}, {"update_fields": ["title"]}):
        with pytest.raises(Task.DoesNotExist), transaction.atomic():
            milk.save(**options)
    assert not Task.objects.exists()
    assert noticed == []


def test_a_taken_key_is_refused(milk: Task, noticed: list[Notice]) -> None:
    """A new object does not write over a row."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Task(pk=milk.pk, list=milk.list, title="Bread").save()
    assert (row(milk)["title"], noticed) == ("Milk", [])


def test_a_row_made_again_is_newer_than_the_one_before(milk: Task) -> None:
    """Versions begin with the microseconds since 1970: no row is written faster, and JavaScript counts so far."""
    for make in (Task.objects.create, lambda **fields: Task.objects.bulk_create([Task(**fields)])[0]):
        begun = time.time_ns() // 1000
        task = make(list=milk.list, title="Milk")
        assert begun <= task.version <= time.time_ns() // 1000 < 2**53


def test_a_handler_that_fails_takes_the_write_back(milk: Task) -> None:
    """The signal is sent inside the transaction of the write."""

    def fail(**kwargs: Any) -> None:
        raise RuntimeError

    saved.connect(fail, sender=Task)
    milk.title = "Bread"
    try:
        with suppress(RuntimeError), transaction.atomic():
            milk.save()
    finally:
        saved.disconnect(fail, sender=Task)
    assert row(milk)["title"] == "Milk"


# Silent fields


def test_a_silent_field_is_no_news(alice: User, noticed: list[Notice]) -> None:
    """Its change alone sends nothing and leaves the version; with another field it is an ordinary write."""
    now = timezone.now()
    alice.last_login = now
    alice.save(update_fields=["last_login"])
    assert User.objects.get(pk=alice.pk).last_login == now
    User.objects.filter(pk=alice.pk).update(last_login=None)
    assert User.objects.get(pk=alice.pk).last_login is None
    assert noticed == []
    version = User.objects.get(pk=alice.pk).version
    assert version == alice.version
    alice.name = "Alice A."
    alice.save(update_fields=["last_login", "name"])
    assert [notice[1]["name"] for notice in noticed] == ["Alice A."]
    assert alice.version == version + 1


# Deleting


def test_a_deletion_is_noticed_with_the_row_as_it_was_at_last(
    milk: Task, work: TaskList, noticed: list[Notice]
) -> None:
    """Not as the instance remembers it: the stream of its last list has to hear of it."""
    stale = Task.objects.get(pk=milk.pk)
    milk.list = work
    milk.save()
    last = row(milk)
    noticed.clear()
    stale.delete()
    assert noticed == [("deleted", last, stale)]


@pytest.mark.django_db(transaction=True)
@needs_row_locks
@pytest.mark.parametrize("by", ["instance", "queryset"])
def test_what_moves_away_while_its_parent_is_deleted_stays(
    milk: Task, shopping: TaskList, work: TaskList, noticed: list[Notice], by: str
) -> None:
    """Django itself would delete it where it has gone to, and nobody there would hear of it."""
    with meanwhile(lambda: Task.objects.filter(pk=milk.pk).update(list=work)):
        shopping.delete() if by == "instance" else TaskList.objects.filter(pk=shopping.pk).delete()
    assert row(milk)["list_id"] == work.pk
    assert [kind for kind, *_ in noticed] == ["saved"]
    assert not TaskList.objects.filter(pk=shopping.pk).exists()


def test_a_row_is_deleted_once(milk: Task, noticed: list[Notice]) -> None:
    """The second time there is no event."""
    other = Task.objects.get(pk=milk.pk)
    assert milk.delete()[0] == 1
    assert other.delete() == (0, {})
    assert len(noticed) == 1


def test_an_unsaved_row_cannot_be_deleted(shopping: TaskList) -> None:
    """As in Django."""
    task = Task(list=shopping, title="Milk")
    task.pk = None
    with pytest.raises(ValueError, match="can't be deleted"):
        task.delete()


# The methods of the queryset


@pytest.fixture
def three(shopping: TaskList) -> list[Task]:
    return [Task.objects.create(list=shopping, title=title) for title in ("a", "b", "c")]


def test_update_is_noticed_for_each_row(three: list[Task], noticed: list[Notice]) -> None:
    """Those that it writes, each with its own before and after."""
    before = {task.pk: row(task) for task in three}
    assert Task.objects.exclude(title="b").update(priority=F("priority") + 2, notes="now") == 2
    assert {notice[1]["id"] for notice in noticed} == {three[0].pk, three[2].pk}
    for kind, now, previous in noticed:
        assert (kind, previous) == ("saved", before[now["id"]])
        assert now == Task.objects.values().get(pk=now["id"])
        assert (now["priority"], now["version"]) == (2, previous["version"] + 1)


def test_update_through_a_relation_is_noticed(three: list[Task], shopping: TaskList, noticed: list[Notice]) -> None:
    """A list's `tasks` are as live as the rest, and so is a queryset that joins, or is in an order."""
    shopping.tasks.order_by("-title").update(notes="1")
    Task.objects.filter(list__owner__username="alice").distinct().update(notes="2")
    assert [notice[1]["notes"] for notice in noticed] == ["1"] * 3 + ["2"] * 3


def test_update_of_nothing_is_no_news(milk: Task, noticed: list[Notice]) -> None:
    """It says that it wrote no row."""
    assert Task.objects.filter(title="Bread").update(notes="x") == 0
    assert Task.objects.none().update(notes="x") == 0
    assert noticed == []


@pytest.mark.django_db(transaction=True)
@needs_row_locks
@pytest.mark.parametrize("write", ["update", "delete"])
def test_a_row_that_no_longer_matches_is_left_alone(milk: Task, noticed: list[Notice], write: str) -> None:
    """Where another transaction changed it meanwhile, the condition is asked again when its lock is free."""
    with meanwhile(lambda: Task.objects.filter(pk=milk.pk).update(title="Bread")):
        rows = Task.objects.filter(title="Milk")
        assert (rows.update(notes="never") if write == "update" else rows.delete()[0]) == 0
    assert (row(milk)["title"], row(milk)["notes"]) == ("Bread", "")
    assert [notice[1]["title"] for notice in noticed] == ["Bread"]


def test_bulk_create_is_noticed_for_each_row(shopping: TaskList, noticed: list[Notice]) -> None:
    """Each shows what the database has, also where it was given as text."""
    tasks = Task.objects.bulk_create(
        [Task(list=shopping, title=f"{number}", due_date="2026-03-01") for number in range(5)], batch_size=2
    )
    assert noticed == [("saved", row(task), None) for task in tasks]


@pytest.mark.parametrize(
    "options", [{"ignore_conflicts": True}, {"update_conflicts": True, "update_fields": ["title"]}]
)
def test_bulk_create_refuses_what_it_cannot_notice(shopping: TaskList, options: dict[str, Any]) -> None:
    """Where the database alone knows what was written."""
    task = Task(list=shopping, title="Milk")
    with pytest.raises(NotSupportedError, match="is live"):
        Task.objects.bulk_create([task], **options)
    with pytest.raises(NotSupportedError, match="is live"):
        Task.objects.bulk_create([task], None, True)
    assert not Task.objects.exists()


def test_bulk_update_is_noticed_for_each_row(three: list[Task], noticed: list[Notice]) -> None:
    """In any number of batches."""
    for number, task in enumerate(three):
        task.notes = f"note {number}"
    assert Task.objects.bulk_update(three, ["notes"], batch_size=2) == 3
    assert {notice[1]["title"]: notice[1]["notes"] for notice in noticed} == {
        "a": "note 0",
        "b": "note 1",
        "c": "note 2",
    }
    assert all(now == Task.objects.values().get(pk=now["id"]) for _, now, _ in noticed)


def test_delete_is_noticed_for_each_row(three: list[Task], noticed: list[Notice]) -> None:
    """Those that matched, and no others."""
    before = {task.pk: row(task) for task in three}
    assert Task.objects.filter(title__in=["a", "c"]).order_by("title").delete()[0] == 2
    assert [(kind, now) for kind, now, _ in noticed] == [
        ("deleted", before[pk]) for pk in sorted((three[0].pk, three[2].pk), key=[n[1]["id"] for n in noticed].index)
    ]
    assert [task.title for task in Task.objects.all()] == ["b"]


def test_get_or_create_and_update_or_create_are_noticed(shopping: TaskList, noticed: list[Notice]) -> None:
    """They are made of the same writes."""
    Task.objects.get_or_create(title="Milk", defaults={"list": shopping})
    Task.objects.get_or_create(title="Milk", defaults={"list": shopping})
    Task.objects.update_or_create(title="Milk", defaults={"notes": "x"})
    assert [(now["notes"], previous and previous["notes"]) for _, now, previous in noticed] == [("", None), ("x", "")]
