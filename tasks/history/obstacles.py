"""What stands in the way of an undo: what was changed, deleted or put into it since. A few queries for all objects."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from realtime.events.kinds import children_of, kinds_of, registered
from tasks.core.changes import Action, Change, Way, as_json
from tasks.history.conflicts import block, since
from tasks.history.models import Trashed
from tasks.history.units import Key, Net, Unit
from tasks.items.models import Task

SOFT = frozenset({"position"})
"""Columns that the server changes by itself: where one has changed, it stays."""


def obstacles(
    unit: Unit, nets: Sequence[Net], rows: Mapping[Key, Any], entries: Mapping[Key, Trashed]
) -> list[dict[str, Any]]:
    """In the order of `nets`. `rows`: the objects that exist; `entries`: those of the unit that are in the trash."""
    made = [net for net in nets if net.action == Action.CREATED and net.key in rows]
    newest, filled = _newest(made), _filled(unit, [rows[net.key] for net in made])
    found = []
    for net in nets:
        row = rows.get(net.key)
        if net.action == Action.DELETED:
            found += _of_deletion(net, row, entries)
        elif row is None:
            found.append(_block(net, None, "it was deleted", _newer(net).first()))
        elif net.action == Action.UPDATED:
            found += _of_update(net, row)
        elif net.key in newest:
            found.append(_block(net, row, "it was changed", newest[net.key]))
        elif net.key in filled:
            found.append(_block(net, row, "others have put something into it"))
    return found


def present(row: Any, name: str) -> Any:
    """The value of a column as JSON."""
    return as_json(getattr(row, row._meta.get_field(name).attname))


def _of_deletion(net: Net, row: Any, entries: Mapping[Key, Trashed]) -> list[dict[str, Any]]:
    if row is not None:
        return [_block(net, row, "it exists again")]
    if net.key not in entries:
        return [_block(net, None, "it is not in the trash any more")]
    return []


def _of_update(net: Net, row: Any) -> list[dict[str, Any]]:
    changed = {name: new for name, (_, new) in net.values.items() if name not in SOFT and present(row, name) != new}
    if not changed:
        return []
    newer = next((change for change in _newer(net) if not changed.keys().isdisjoint(change.values)), None)
    names = ", ".join(sorted(changed))
    return [_block(net, row, f"{names} was changed", newer) | {"fields": sorted(changed)}]


def _in_effect() -> QuerySet[Change]:
    """Changes that nobody took back, newest first."""
    return Change.objects.filter(is_reversed=False).exclude(way=Way.UNDO).select_related("actor").order_by("-id")


def _newer(net: Net) -> QuerySet[Change]:
    """Later changes of the object that are still in effect, newest first."""
    return _in_effect().filter(kind=net.kind.name, object_id=net.pk, pk__gt=net.changes[-1].pk)


def _newest(nets: Collection[Net]) -> dict[Key, Change]:
    """By object the newest of its later changes that are still in effect."""
    if not nets:
        return {}
    last = {net.key: net.changes[-1].pk for net in nets}
    later = _in_effect().filter(object_id__in=[net.pk for net in nets], pk__gt=min(last.values())).defer("values")
    found: dict[Key, Change] = {}
    for change in later:
        key = change.kind, change.object_id
        if key in last and change.pk > last[key]:
            found.setdefault(key, change)
    return found


def _filled(unit: Unit, rows: Iterable[Any]) -> set[Key]:
    """Those of the objects that hold something which the unit did not make."""
    by_model: dict[type[Any], list[Any]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row.pk)
    found: set[Key] = set()
    for model, keys in by_model.items():
        for kind, name in _parts_of(model):
            own = [change.object_id for change in unit.changes if change.kind == kind.name]
            others = kind.model._base_manager.filter(**{f"{name}__in": keys}).exclude(pk__in=own).order_by()
            above = others.values_list(f"{name}_id", flat=True).distinct()
            found |= {(of.name, pk) for of in kinds_of(model) for pk in above}
    return found


def _parts_of(model: type[Any]) -> list[tuple[Any, str]]:
    """The kinds whose rows belong to rows of the model, and the foreign keys by which they do."""
    parts = [(kind, kind.parent) for kinds in children_of(model).values() for kind in kinds if kind.parent]
    return [*parts, (registered["task"], "parent")] if model is Task else parts


def _block(net: Net, row: Any, what: str, newer: Change | None = None) -> dict[str, Any]:
    return block(net.kind.name, net.pk, row, since(what, newer), newer=newer)
