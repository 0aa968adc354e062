"""Notes each write of a live row, in its transaction: what changed, and what was deleted.

What is noted is written in bulk once for the whole transaction, before the streams are locked for numbering.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db.models import Model, QuerySet
from django.utils import timezone

from realtime.attribution import Attribution, current_attribution
from realtime.events import before_numbering
from realtime.events.kinds import Kind, kinds_of
from realtime.events.live import model_of
from realtime.events.numbering import Statement
from tasks.accounts.models import User
from tasks.core.changes import Action, Change, Way, columns, difference
from tasks.core.writing import insertions
from tasks.history.models import Trashed
from tasks.items.limits import MAX_TITLE
from tasks.items.recurring import is_taking_back
from tasks.lists.access import stream_of
from tasks.lists.models import Membership, TaskList

MEMBER = "member"
"""Members have no kind of their own in the registry; they go to the trash with their list."""

PARTS = {"reminder": "task_id"}
"""Kinds that have no history of their own: they go to the trash with the row that they belong to."""

ROWS_AT_ONCE = 1_000

_way: ContextVar[Way] = ContextVar("tasks_history_way", default=Way.DO)


class Note(NamedTuple):
    """A change with the attribution that it was made under, and the deleted row's columns."""

    by: Attribution
    change: Change | None
    trashed: Trashed | None = None


@contextmanager
def marked_as(way: Way) -> Iterator[None]:
    """Changes made inside are those of an undo, or of a redo."""
    token = _way.set(way)
    try:
        yield
    finally:
        _way.reset(token)


def note_saved(sender: type[Model], instance: Any, previous: Any, using: str, **kwargs: Any) -> None:
    """Receives `live.saved`."""
    kind = recorded_kind(sender)
    if kind is None or kind.name in PARTS:
        return
    values = difference(previous, instance)
    if previous is not None and not values:
        return
    action = Action.CREATED if previous is None else Action.UPDATED
    _note(Note(current_attribution(), _change(kind, instance, action, values, using)), using)


def note_deleted(sender: type[Model], instance: Any, origin: Model | QuerySet[Any], using: str, **kwargs: Any) -> None:
    """Receives `live.deleted`. What belonged to a deleted person goes with them."""
    root = model_of(origin)
    if root is User:
        return
    by = current_attribution()
    if sender is Membership:
        if root is TaskList:
            parent = instance.list_id
            _note(Note(by, None, _trashed(MEMBER, stream_of(parent), instance, parent=parent)), using)
        return
    kind = recorded_kind(sender)
    if kind is None:
        return
    if kind.name in PARTS:
        if root is not sender:
            parent = getattr(instance, PARTS[kind.name])
            _note(Note(by, None, _trashed(kind.name, "", instance, parent=parent)), using)
        return
    change, stream = None, ""
    if not kind.is_implied_by(root):
        change = _change(kind, instance, Action.DELETED, {}, using)
        stream = change.stream
    kept_in = "" if is_taking_back.get() else stream  # without a stream an undo or a redo finds it, and nobody else
    _note(Note(by, change, _trashed(kind.name, kept_in, instance, parent=_parent_of(kind, instance))), using)


def recorded_kind(model: type[Model]) -> Kind | None:
    """The kind by which the rows of a model are noted; None for those that are not."""
    kinds = kinds_of(model) if model._meta.app_label == "tasks" else []
    return kinds[0] if kinds else None


def _parent_of(kind: Kind, row: Any) -> UUID | None:
    """The row of its own kind, or else of its parent's, that a row belongs to."""
    own: UUID | None = getattr(row, "parent_id", None)
    if own is not None or kind.parent is None:
        return own
    above: UUID = getattr(row, f"{kind.parent}_id")
    return above


def _change(kind: Kind, row: Any, action: Action, values: dict[str, list[Any]], using: str) -> Change:
    return Change(
        kind=kind.name,
        object_id=row.pk,
        version=row.version,
        stream=kind.stream_of(row, using) or "",
        action=action,
        values=values,
        way=_way.get(),
    )


def _trashed(kind: str, stream: str, row: Any, *, parent: UUID | None) -> Trashed:
    owner = getattr(row, "owner_id", None) or getattr(row, "user_id", None)
    return Trashed(
        object_id=row.pk,
        kind=kind,
        stream=stream,
        parent=parent,
        title=str(row)[:MAX_TITLE] if kind != MEMBER else "",
        version=row.version,
        data=columns(row),
        owner_id=owner,
    )


def _note(note: Note, using: str) -> None:
    before_numbering(write, note, using=using)


def write(notes: list[Note], using: str) -> Iterator[Statement]:
    """The statements that write the notes of one transaction."""
    now, unit = timezone.now(), uuid4()
    changes, deleted = [], {}
    for by, change, trashed in notes:
        user = by.user
        actor = None if user is None else user.pk
        if change is not None:
            change.at, change.unit, change.actor_id = now, by.unit or unit, actor
            change.source, change.request_id = by.source, by.request_id
            changes.append(change)
        if trashed is not None:
            trashed.deleted_at, trashed.unit, trashed.deleted_by_id = now, by.unit or unit, actor
            deleted[trashed.kind, trashed.object_id, trashed.unit] = trashed
    if deleted:
        key = ["object_id", "kind", "unit"]
        names = [field.name for field in Trashed._meta.concrete_fields if not field.primary_key]
        Trashed.objects.using(using).bulk_create(
            deleted.values(),
            batch_size=ROWS_AT_ONCE,
            update_conflicts=True,
            unique_fields=key,
            update_fields=[name for name in names if name not in key],
        )
    yield from insertions(Change, changes, using)
