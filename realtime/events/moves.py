"""A row goes to another stream, and everything that belongs to it goes along."""

from typing import Any, NamedTuple

from django.db import models

from realtime.events.kinds import Change, Kind, children_of, kinds_of


class Move(NamedTuple):
    """The row before and after, and the streams that it was in and is in."""

    previous: Any
    row: Any
    before: str | None
    after: str | None


def move(kind: Kind, moved: Move, alias: str) -> None:
    """Publishes that the row has left its old stream and is new in the other; likewise for what belongs to it.

    The row is locked, and with it the children: none is added or moved until the transaction ends.
    """
    _publish(kind, moved)
    if kind is not kinds_of(kind.model)[0]:
        return  # children are in the stream of the first kind
    for model, child_kinds in children_of(kind.model).items():
        _move_children(model, child_kinds, moved, alias)


def _publish(kind: Kind, moved: Move) -> None:
    kind.publish(moved.before, Change("deleted", moved.previous))
    kind.publish(moved.after, Change("created", moved.row))


def _move_children(model: type[Any], child_kinds: list[Kind], moved: Move, alias: str) -> None:
    """Gives the rows of one model that belong to `moved` a higher version, and moves them by all of their kinds."""
    for name in {kind.parent for kind in child_kinds if kind.parent is not None}:
        rows = model._base_manager.using(alias).select_for_update(no_key=True)
        children = list(rows.filter(**{name: moved.row.pk}).order_by("pk"))
        followed = [_followed(child, name, moved) for child in children]
        by_kind = [
            (kind, _move_of(kind, before, after, moved))
            for kind in child_kinds
            if kind.parent == name
            for before, after in followed
        ]
        movers = [(kind, each) for kind, each in by_kind if each.before != each.after]
        keys = {each.row.pk for _, each in movers}
        # A plain queryset: the events are published here.
        models.QuerySet(model, using=alias).filter(pk__in=keys).update(version=models.F("version") + 1)
        for kind, each in movers:
            move(kind, each, alias)


def _followed(child: Any, parent: str, moved: Move) -> tuple[Any, Any]:
    """The child under its parent as it was, and under its parent as it is, with a higher version."""
    names = [field.attname for field in child._meta.concrete_fields]
    before = type(child).from_db(child._state.db, names, [getattr(child, name) for name in names])
    after = child
    setattr(before, parent, moved.previous)
    setattr(after, parent, moved.row)
    after.version += 1
    return before, after


def _move_of(kind: Kind, before: Any, after: Any, moved: Move) -> Move:
    if kind.stream is None:
        return Move(before, after, moved.before, moved.after)
    return Move(before, after, kind.stream(before), kind.stream(after))
