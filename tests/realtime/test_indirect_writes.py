"""Writes that Django makes by itself, and those of proxies: each is an event like any other."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest

from realtime import events
from tests.realtime.notebook import notebook

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def book() -> Iterator[Any]:
    with notebook() as found:
        yield found


@pytest.fixture
def note(book: Any) -> Any:
    return book.Folder.objects.create(owner=1, name="a").notes.create(text="n")


def told_by(write: Callable[[], Any], *streams: str) -> list[tuple[str, Any]]:
    """Type and data of the events of a write."""
    heads = events.heads(streams)
    write()
    frames = [json.loads(event.text) for stream in streams for event in events.since(stream, heads[stream])]
    return [(frame["type"], frame["data"]) for frame in frames]


def types_by(write: Callable[[], Any], *streams: str) -> list[str]:
    return [kind for kind, _ in told_by(write, *streams)]


# The other side of a foreign key


def test_rows_that_are_added_to_a_related_set(book: Any, note: Any) -> None:
    """`add()` updates by the base manager, in bulk and without."""
    pins = [book.Pin.objects.create() for _ in range(3)]
    assert types_by(lambda: note.pins.add(*pins[:2]), "pins") == ["pin.updated"] * 2
    assert types_by(lambda: note.pins.add(pins[2], bulk=False), "pins") == ["pin.updated"]
    assert {pin.note_id for pin in book.Pin.objects.all()} == {note.pk}


def test_a_related_set_that_is_replaced(book: Any, note: Any) -> None:
    """Those that leave and those that come."""
    old, new = book.Pin.objects.create(note=note), book.Pin.objects.create()
    found = told_by(lambda: note.pins.set([new]), "pins")
    assert sorted((data["id"], data["note"]) for _, data in found) == [(old.pk, None), (new.pk, note.pk)]


def test_rows_that_are_taken_from_a_related_set(book: Any, note: Any) -> None:
    """One of them, or all."""
    pins = [book.Pin.objects.create(note=note) for _ in range(3)]
    assert types_by(lambda: note.pins.remove(pins[0]), "pins") == ["pin.updated"]
    assert types_by(note.pins.clear, "pins") == ["pin.updated"] * 2


# on_delete


@pytest.mark.parametrize("way", ["instance", "queryset"])
@pytest.mark.parametrize("name", ["note", "author"], ids=["SET_NULL", "SET"])
def test_rows_that_lose_what_they_refer_to(book: Any, note: Any, name: str, way: str) -> None:
    """They are changed, and their versions grow."""
    target = {"note": note, "author": note.comments.create(text="c")}[name]
    pins = [book.Pin.objects.create(**{name: target}) for _ in range(2)]
    delete = target.delete if way == "instance" else type(target).objects.filter(pk=target.pk).delete
    found = told_by(delete, "pins")
    assert [(kind, data["id"], data["version"]) for kind, data in found] == [
        ("pin.updated", pin.pk, pin.version + 1) for pin in pins
    ]


def test_rows_that_lose_what_goes_along_with_something_else(book: Any, note: Any) -> None:
    """The deletion of a folder cascades to its notes, to which pins refer."""
    book.Pin.objects.create(note=note)
    assert types_by(note.folder.delete, "pins", "user.1") == ["pin.updated", "folder.deleted"]


# Proxies


def test_a_proxy_is_the_model_that_it_stands_for(book: Any, note: Any) -> None:
    """For each way to write."""
    proxies = book.ProxyNote.objects
    assert types_by(lambda: proxies.create(folder=note.folder, text="p"), "user.1") == ["note.created"]
    assert types_by(lambda: proxies.bulk_create([book.ProxyNote(folder=note.folder, text="p")]), "user.1") == [
        "note.created"
    ]
    assert types_by(lambda: proxies.get(pk=note.pk).save(), "user.1") == ["note.updated"]
    assert types_by(lambda: proxies.filter(pk=note.pk).update(text="u"), "user.1") == ["note.updated"]
    assert types_by(lambda: proxies.get(pk=note.pk).delete(), "user.1") == ["note.deleted"]
    assert types_by(lambda: proxies.all().delete(), "user.1") == ["note.deleted"] * 2


def test_a_proxy_takes_along_what_belongs_to_it(book: Any, note: Any) -> None:
    """As the model does."""
    note.comments.create(text="c")
    there = book.Folder.objects.create(owner=2, name="b")
    write = book.ProxyNote.objects.filter(pk=note.pk).update
    assert types_by(lambda: write(folder=there), "user.1", "user.2") == [
        "note.deleted",
        "comment.deleted",
        "note.created",
        "comment.created",
    ]


def test_the_admin_of_a_proxy_writes_events(book: Any, note: Any) -> None:
    """Its form, its delete button and its action."""
    admin, request = ModelAdmin(book.ProxyNote, AdminSite()), HttpRequest()
    proxy = book.ProxyNote.objects.get(pk=note.pk)
    assert types_by(lambda: admin.save_model(request, proxy, None, True), "user.1") == ["note.updated"]
    assert types_by(lambda: admin.delete_model(request, proxy), "user.1") == ["note.deleted"]
    note.folder.notes.create(text="n")
    assert types_by(lambda: admin.delete_queryset(request, book.ProxyNote.objects.all()), "user.1") == ["note.deleted"]
