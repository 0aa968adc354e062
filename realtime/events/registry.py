"""Kinds: for each live model the name of its rows on the wire, the stream that they are in, and how they are shown.

    live.register(TaskList, kind="list", fields=LIST_FIELDS, represent=list_json,
                  stream=lambda row: f"list.{row.pk}", rows=lambda streams: TaskList.objects.filter(...))
    live.register(Task, kind="task", parent="list", fields=TASK_FIELDS, represent=task_json)
    live.register(Comment, kind="comment", parent="task", fields=COMMENT_FIELDS, represent=comment_json)

From this follow the events `task.created`, `task.updated` and `task.deleted` for every way to write, the snapshot, the
ETags and the description that a page gets. A row whose stream changes is deleted in the old stream and created in the
new one, with a higher version, and everything that belongs to it moves along.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db import models

from realtime.events.kinds import Change, Kind, kinds, kinds_of, no_effects, registered
from realtime.events.live_model import LiveModel
from realtime.events.locks import moving_parents
from realtime.events.moves import Move, move
from realtime.events.signals import deleted, model_of, saved

CHUNK = 500
"""Rows that a snapshot reads at once."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def register(
    model: type[LiveModel],
    *,
    kind: str,
    fields: Sequence[str],
    represent: Callable[[Any], Mapping[str, Any]],
    parent: str | None = None,
    stream: Callable[[Any], str | None] | None = None,
    rows: Callable[[Collection[str]], models.QuerySet[Any]] | None = None,
    effects: Callable[[Change], Mapping[str, Any]] = no_effects,
) -> Kind:
    """Makes every write of `model` publish an event of `kind`. To be called from an `AppConfig.ready()`.

    `represent(row)` is the row as JSON data, with exactly the keys `fields`, among them `id` and `version`; it may
    depend on the row alone. `parent` is the foreign key to the live row that this one belongs to: it is in the parent's
    stream and moves with it, and clients forget it when they are told that the parent is deleted. `stream(row)` names
    the stream instead, or None for a row that nobody is told of; give it together with `parent` where the row itself
    says enough, since the parent then need not be read and locked. `rows(streams)` are the rows in these streams, for
    snapshots; with a `parent` they follow. `effects(change)` are arguments for `publish()`: leave, refresh, reconnect,
    revokes.

    A model may have several kinds. Raises ValueError or TypeError for what can't be used.
    """
    if not _NAME.fullmatch(kind) or kind in registered:
        raise ValueError(f"{kind!r} can't be the name of a kind: it is taken, or not of the form [a-z][a-z0-9_]*")
    if not issubclass(model, LiveModel) or model._meta.abstract or model._meta.proxy:
        raise TypeError(f"{model.__name__} can't be registered: it must be a LiveModel, neither abstract nor a proxy")
    if parent is None and (stream is None or rows is None):
        raise ValueError(f"{kind}: without a parent both stream and rows are needed")
    if not {"id", "version"} <= set(fields):
        raise ValueError(f"{kind}: its fields must include 'id' and 'version'")
    if parent is not None:
        _check_parent(model, parent)
        if stream is None:
            moving_parents[model] = parent
    registered[kind] = found = Kind(kind, model, tuple(fields), represent, parent, stream, rows, effects)
    saved.connect(_on_saved, sender=model, dispatch_uid="realtime.registry")
    deleted.connect(_on_deleted, sender=model, dispatch_uid="realtime.registry")
    return found


def unregister(kind: str) -> None:
    """Ends what `register()` began. For tests."""
    found = registered.pop(kind)
    if not kinds_of(found.model):
        moving_parents.pop(found.model, None)
        saved.disconnect(sender=found.model, dispatch_uid="realtime.registry")
        deleted.disconnect(sender=found.model, dispatch_uid="realtime.registry")


def snapshot(streams: Collection[str]) -> Iterator[tuple[Kind, Iterator[Mapping[str, Any]]]]:
    """For each kind its objects in `streams`, read from the database a few at a time.

    Read `events.positions(streams)` before, and give clients both: what is written in between, they are told twice.
    """
    for kind in kinds():
        rows = kind.rows_in(streams).iterator(chunk_size=CHUNK)
        yield kind, map(kind.represent, rows)


def describe() -> list[dict[str, Any]]:
    """The kinds as JSON data for a client: name, fields, and the field that names the parent."""
    return [
        {
            "kind": kind.name,
            "fields": list(kind.fields),
            "parent": kind.parent_kind and {"field": kind.parent, "kind": kind.parent_kind.name},
        }
        for kind in kinds()
    ]


def etag(row: LiveModel) -> str:
    """The entity tag of a row: its version."""
    return f'"{row.version}"'


def _check_parent(model: type[LiveModel], parent: str) -> None:
    field = model._meta.get_field(parent)
    related = field.related_model
    if not isinstance(field, models.ForeignKey) or not isinstance(related, type) or not issubclass(related, LiveModel):
        raise TypeError(f"{model.__name__}.{parent} can't be a parent: it must be a foreign key to a LiveModel")
    if not field.target_field.primary_key:
        raise TypeError(f"{model.__name__}.{parent} can't be a parent: it must refer to the primary key")
    if not kinds_of(related):
        raise ValueError(f"{related.__name__} has no kind yet: register the parent before the child")


def _on_saved(sender: type[LiveModel], instance: Any, previous: Any, using: str, **kwargs: Any) -> None:
    for kind in kinds_of(sender):
        after = kind.stream_of(instance, using)
        if previous is None:
            kind.publish(after, Change("created", instance))
            continue
        before = kind.stream_of(previous, using)
        if before == after:
            kind.publish(after, Change("updated", instance, previous))
        else:
            move(kind, Move(previous, instance, before, after), using)


def _on_deleted(sender: type[LiveModel], instance: Any, origin: Any, using: str, **kwargs: Any) -> None:
    root = model_of(origin)._meta.concrete_model
    for kind in kinds_of(sender):
        if not kind.is_implied_by(root):
            kind.publish(kind.stream_of(instance, using), Change("deleted", instance))
