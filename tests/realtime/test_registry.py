"""What follows from registering a kind: its events, its place in a snapshot, and that it moves with its parent."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import models, transaction

from realtime import events
from realtime.events import live
from tests.realtime.locks import meanwhile, needs_row_locks
from tests.realtime.notebook import notebook

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def book() -> Iterator[Any]:
    with notebook() as found:
        yield found


def told(stream: str, after: int = 0) -> list[tuple[str, Any]]:
    """Type and data of the events of a stream."""
    frames = [json.loads(event.text) for event in events.since(stream, after)]
    return [(frame["type"], frame["data"]) for frame in frames]


def types(stream: str, after: int = 0) -> list[str]:
    return [kind for kind, _ in told(stream, after)]


def shown(streams: list[str]) -> dict[str, list[Any]]:
    """What the snapshot of these streams has of the notebook's kinds."""
    found = {kind.name: [dict(each) for each in objects] for kind, objects in live.snapshot(streams)}
    return {name: found[name] for name in ("folder", "note", "comment", "pin")}


def test_a_kind_has_its_events(book: Any) -> None:
    """Created, updated and deleted, with what `represent` shows, in the stream that is named."""
    folder = book.Folder.objects.create(owner=1, name="a")
    first = folder.version
    folder.name = "b"
    folder.save()
    pk = folder.pk
    folder.delete()
    assert told("user.1") == [
        ("folder.created", {"id": pk, "version": first, "name": "a"}),
        ("folder.updated", {"id": pk, "version": first + 1, "name": "b"}),
        ("folder.deleted", {"id": pk, "version": first + 1}),
    ]
    assert [event.effect for event in events.since("user.1", 0)] == [{"refresh": ["1"]}, None, None]


def test_a_row_without_a_stream_is_told_to_nobody(book: Any) -> None:
    """Until it has one."""
    folder = book.Folder.objects.create(owner=0, name="secret")
    book.Folder.objects.update(name="still")
    assert not events.heads(["user.0"])["user.0"]
    folder.refresh_from_db()
    folder.owner = 1
    folder.save()
    assert types("user.1") == ["folder.created"]


def test_children_are_in_the_stream_of_their_parent(book: Any) -> None:
    """Of any depth."""
    folder = book.Folder.objects.create(owner=1, name="a")
    note = folder.notes.create(text="n")
    note.comments.create(text="c")
    assert types("user.1") == ["folder.created", "note.created", "comment.created"]


def test_a_deleted_parent_says_it_for_its_children(book: Any) -> None:
    """A child that is deleted by itself has its own event."""
    folder = book.Folder.objects.create(owner=1, name="a")
    note = folder.notes.create(text="n")
    for _ in range(2):
        note.comments.create(text="c")
    head = events.heads(["user.1"])["user.1"]
    note.comments.first().delete()
    assert types("user.1", head) == ["comment.deleted"]
    folder.delete()
    assert types("user.1", head) == ["comment.deleted", "folder.deleted"]


def move_by_save(book: Any, row: Any, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()


def move_by_update_fields(book: Any, row: Any, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))


def move_by_update(book: Any, row: Any, **changes: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(**changes)


def move_by_bulk_update(book: Any, row: Any, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    type(row).objects.bulk_update([row], list(changes))


def move_by_update_or_create(book: Any, row: Any, **changes: Any) -> None:
    type(row).objects.update_or_create(pk=row.pk, defaults=changes)


WAYS = [move_by_save, move_by_update_fields, move_by_update, move_by_bulk_update, move_by_update_or_create]


@pytest.mark.parametrize("way", WAYS)
def test_what_belongs_to_a_row_moves_with_it(book: Any, way: Callable[..., None]) -> None:
    """Deleted in the old stream with the version known there, created in the new one with a higher version."""
    here, there = (book.Folder.objects.create(owner=owner, name="f") for owner in (1, 2))
    note = here.notes.create(text="n")
    comments = [note.comments.create(text=text) for text in "cd"]
    heads = events.heads(["user.1", "user.2"])
    way(book, note, folder=there)
    assert told("user.1", heads["user.1"]) == [
        ("note.deleted", {"id": note.pk, "version": note_version(heads, "user.1", "note.created")}),
        *[("comment.deleted", {"id": each.pk, "version": each.version}) for each in comments],
    ]
    created = told("user.2", heads["user.2"])
    assert [kind for kind, _ in created] == ["note.created", "comment.created", "comment.created"]
    assert [data["version"] for _, data in created[1:]] == [each.version + 1 for each in comments]
    assert shown(["user.2"]) == {
        "folder": [dict(told("user.2")[0][1])],
        "note": [created[0][1]],
        "comment": [data for _, data in created[1:]],
        "pin": [],
    }
    assert shown(["user.1"])["note"] == shown(["user.1"])["comment"] == []


def note_version(heads: dict[str, int], stream: str, kind: str) -> int:
    return next(int(data["version"]) for name, data in told(stream) if name == kind)


@pytest.mark.parametrize("way", WAYS)
def test_a_root_that_moves_takes_all_along(book: Any, way: Callable[..., None]) -> None:
    """Children of children, too."""
    folder = book.Folder.objects.create(owner=1, name="f")
    folder.notes.create(text="n").comments.create(text="c")
    head = events.heads(["user.1"])["user.1"]
    way(book, folder, owner=2)
    assert types("user.1", head) == ["folder.deleted", "note.deleted", "comment.deleted"]
    assert types("user.2") == ["folder.created", "note.created", "comment.created"]
    assert shown(["user.2"])["comment"] == [told("user.2")[-1][1]]


def test_several_rows_that_move_at_once(book: Any) -> None:
    """Each takes its own along."""
    here, there = (book.Folder.objects.create(owner=owner, name="f") for owner in (1, 2))
    for text in "ab":
        here.notes.create(text=text).comments.create(text=text)
    head = events.heads(["user.2"])["user.2"]
    book.Note.objects.update(folder=there)
    assert sorted(data["text"] for _, data in told("user.2", head)) == ["a", "a", "b", "b"]


def test_a_child_may_change_its_parent(book: Any) -> None:
    """Within a stream that is an update, between streams a move."""
    here, there = (book.Folder.objects.create(owner=owner, name="f") for owner in (1, 2))
    first, second, foreign = here.notes.create(text="a"), here.notes.create(text="b"), there.notes.create(text="c")
    comment = first.comments.create(text="c")
    heads = events.heads(["user.1", "user.2"])
    second.comments.add(comment)
    assert types("user.1", heads["user.1"]) == ["comment.updated"]
    foreign.comments.set([comment])
    assert types("user.1", heads["user.1"]) == ["comment.updated", "comment.deleted"]
    assert types("user.2", heads["user.2"]) == ["comment.created"]


@needs_row_locks
def test_a_child_that_is_added_while_its_parent_moves_goes_to_the_new_stream(book: Any) -> None:
    """The parent's row is locked before its stream is read."""
    here, there = (book.Folder.objects.create(owner=owner, name="f") for owner in (1, 2))
    note = here.notes.create(text="n")
    with meanwhile(lambda: book.Note.objects.filter(pk=note.pk).update(folder=there)):
        note.comments.create(text="late")
    assert "comment.created" not in types("user.1")
    assert types("user.2")[-1] == "comment.created"


@needs_row_locks
def test_a_child_that_changes_while_its_parent_moves_waits_for_it(book: Any) -> None:
    """Both lock the parent first: no deadlock, and the event is of the new stream."""
    here, there = (book.Folder.objects.create(owner=owner, name="f") for owner in (1, 2))
    note = here.notes.create(text="n")
    comment = note.comments.create(text="c")
    with meanwhile(lambda: book.Note.objects.filter(pk=note.pk).update(folder=there)):
        comment.text = "late"
        comment.save()
    assert types("user.2")[-2:] == ["comment.created", "comment.updated"]
    assert told("user.2")[-1][1]["text"] == "late"


def test_a_rolled_back_move_leaves_nothing(book: Any) -> None:
    """Neither events nor versions."""
    here, there = (book.Folder.objects.create(owner=owner, name="f") for owner in (1, 2))
    comment = here.notes.create(text="n").comments.create(text="c")
    heads = events.heads(["user.1", "user.2"])
    with transaction.atomic():
        book.Note.objects.update(folder=there)
        transaction.set_rollback(True)
    assert events.heads(["user.1", "user.2"]) == heads
    assert book.Comment.objects.get().version == comment.version


def test_kinds_are_described(book: Any) -> None:
    """As JSON data for a page."""
    found = {each["kind"]: each for each in json.loads(json.dumps(live.describe()))}
    assert found["comment"] == {
        "kind": "comment",
        "fields": ["id", "version", "text"],
        "parent": {"field": "note", "kind": "note"},
    }
    assert found["folder"]["parent"] is None


def test_an_etag_is_the_version(book: Any) -> None:
    """As HTTP writes it."""
    folder = book.Folder.objects.create(owner=1, name="a")
    assert live.etag(folder) == f'"{folder.version}"'


@pytest.mark.parametrize(
    ("options", "error", "named"),
    [
        ({"kind": "folder"}, ValueError, "folder"),
        ({"kind": "Big"}, ValueError, "Big"),
        ({"stream": None, "parent": None}, ValueError, "stream and rows"),
        ({"rows": None}, ValueError, "stream and rows"),
        ({"fields": ["id"]}, ValueError, "version"),
        ({"parent": "text"}, TypeError, "foreign key"),
        ({"model": "ProxyNote"}, TypeError, "proxy"),
        ({"model": "plain"}, TypeError, "LiveModel"),
    ],
    ids=str,
)
def test_what_cannot_be_registered_is_refused(
    book: Any, options: dict[str, Any], error: type[Exception], named: str
) -> None:
    """Where it is registered, and by name."""
    given: dict[str, Any] = {
        "kind": "other",
        "fields": ["id", "version"],
        "represent": dict,
        "stream": lambda row: "s",
        "rows": lambda streams: book.Note.objects.none(),
        **options,
    }
    name = given.pop("model", "Note")
    model: Any = models.Model if name == "plain" else getattr(book, name)
    with pytest.raises(error, match=named):
        live.register(model, **given)
    assert "other" not in [kind.name for kind in live.kinds()]
