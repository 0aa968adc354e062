"""The log of events: which database it is in, and what is read of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from realtime import events
from realtime.events import live
from realtime.models import Event, Follower, FollowerPosition, Instance, Log, Stream, Ticket
from tests.realtime.event_log import log
from tests.realtime.notebook import notebook

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


class ReplicaRouter:
    """Reads go to a replica, as many projects have it. There is none here, so each read of it is an error."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "replica"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"


def test_the_log_is_read_where_it_is_written(settings: Any) -> None:
    """A replica lags behind; what it says would be taken for another log."""
    settings.DATABASE_ROUTERS = [ReplicaRouter()]
    events.publish("s", "thing", 1)
    assert log() == [(1, 1)]
    assert events.positions(["s"])["positions"] == {"s": 1}
    for model in (Log, Stream, Event, Instance, Ticket, Follower, FollowerPosition):
        assert isinstance(model.objects.count(), int)


def test_live_rows_are_read_where_they_are_written(settings: Any) -> None:
    """Before a write, and for a snapshot."""
    settings.DATABASE_ROUTERS = [ReplicaRouter()]
    with notebook() as book:
        folder = book.Folder.objects.create(owner=1, name="a")
        folder.name = "b"
        folder.save()
        book.Folder.objects.using("default").update(name="c")
        assert [list(objects) for kind, objects in live.snapshot(["user.1"]) if kind.name == "folder"] == [
            [{"id": folder.pk, "version": folder.version + 1, "name": "c"}]
        ]
        folder.delete()
    assert [event.seq for event in events.since("user.1", 0)] == [1, 2, 3, 4]


class ElsewhereRouter:
    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "elsewhere" if model.__name__ == "Folder" else None


@pytest.mark.parametrize("way", ["create", "save", "update", "bulk_create", "delete", "queryset delete", "using"])
def test_a_live_model_on_another_database_is_refused(settings: Any, way: str) -> None:
    """Its change could be rolled back without its event. Nothing is written, and the message names both."""
    with notebook() as book:
        row = book.Folder.objects.create(owner=1, name="a")
        if way != "using":
            settings.DATABASE_ROUTERS = [ElsewhereRouter()]
        rows = book.Folder.objects
        writes: dict[str, Callable[[], Any]] = {
            "create": lambda: rows.create(owner=1, name="b"),
            "save": row.save,
            "update": lambda: rows.update(name="b"),
            "bulk_create": lambda: rows.bulk_create([book.Folder(owner=1, name="b")]),
            "delete": row.delete,
            "queryset delete": lambda: rows.all().delete(),
            "using": lambda: row.save(using="elsewhere"),
        }
        with pytest.raises(ImproperlyConfigured, match=r"'elsewhere'.*'default'"):
            writes[way]()
        settings.DATABASE_ROUTERS = []
        assert book.Folder.objects.get().name == "a"


def test_an_event_for_another_database_is_refused() -> None:
    """By name; the log's own may be named."""
    events.publish("s", "thing", 1, using="default")
    with pytest.raises(ImproperlyConfigured, match="'elsewhere'"):
        events.publish("s", "thing", 2, using="elsewhere")
    assert log() == [(1, 1)]


def test_since_reads_in_order_a_page_at_a_time() -> None:
    """After a number, up to a limit."""
    with transaction.atomic():
        for number in range(1, 8):
            events.publish("s", "thing", number)
            events.publish("other", "thing", -number)
    assert [event.seq for event in events.since("s", 2, limit=3)] == [3, 4, 5]
    assert [event.seq for event in events.since("s", 5)] == [6, 7]
    assert events.since("s", 7) == []


def test_a_page_ends_where_it_is_large_enough() -> None:
    """With the event that makes it so, which may be larger than all of the page."""
    with transaction.atomic():
        for size in (10, 2000, 10, 1000, 1000, 5000, 10):
            events.publish("s", "thing", "x" * size)

    def page(after: int, **limits: int) -> list[int]:
        return [event.seq for event in events.since("s", after, **limits)]

    assert page(0, size=1) == [1]
    assert page(0, size=1500) == [1, 2]
    assert page(2, size=2200) == [3, 4, 5]
    assert page(2, size=2200, limit=2) == [3, 4]
    assert page(5, size=100) == [6]
    assert page(5, size=100_000) == [6, 7]
    assert page(7, size=1) == []


def test_positions_name_the_log_and_the_heads() -> None:
    """A stream without events stands at 0; the epoch stays."""
    events.publish("s", "thing", 1)
    found = events.positions(["s", "never"])
    assert found == {"epoch": events.epoch(), "positions": {"s": 1, "never": 0}}
    assert found["epoch"] == events.epoch() != ""
