"""Takes back a person's own last change, and brings back what they took back. To be called in a transaction.

What one request changed is one unit: it is taken back as a whole, or not at all where
something newer stands in its way.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as InvalidValue
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from realtime.events.database import log_alias
from realtime.events.kinds import children_of, registered
from tasks.accounts.models import User
from tasks.core.api.problems import Conflict
from tasks.core.changes import Action, Change, Way, as_json, set_columns
from tasks.core.writing import needs_save, write_rows
from tasks.history import trash
from tasks.history.access import gone_lists, writable_streams
from tasks.history.in_the_way import InTheWay, block, collision, since
from tasks.history.models import Trashed
from tasks.history.places import position_back
from tasks.history.recording import marked_as
from tasks.history.references import leave_out_gone
from tasks.history.units import Key, Net, Unit, last_unit
from tasks.items.models import Task
from tasks.lists.access import stream_of

SOFT = frozenset({"position"})
"""Columns that the server changes by itself: where one has changed, it stays."""


class CantReverse(Conflict):
    """With `conflicts` where these are known."""

    def __init__(self, reason: Conflict, unit: Unit) -> None:
        is_named = isinstance(reason, InTheWay)
        super().__init__(f"This can't be taken back any more: {reason.detail}" if is_named else reason.detail)
        self.extra = getattr(reason, "extra", {})
        self.unit = unit


class NothingToUndo(Conflict):
    default_detail = "There is nothing of yours from the last ten minutes that could be taken back."


class NothingToRedo(Conflict):
    default_detail = "There is nothing that could be done again: nothing was undone, or you changed something since."


def reverse(person: User, *, redo: bool = False) -> Unit:
    """Takes back the person's last unit, or with `redo` the last undo. Raises Conflict where that can't be done: then
    `put_off()` it, outside of the transaction.
    """
    unit = last_unit(person, redo=redo, lock=True)
    while unit is not None and not unit.changes:  # another request has reversed it meanwhile
        unit = last_unit(person, redo=redo, lock=True)
    if unit is None:
        raise NothingToRedo if redo else NothingToUndo
    try:
        with marked_as(Way.REDO if redo else Way.UNDO):
            _reverse(unit, person)
    except Conflict as error:
        raise CantReverse(error, unit) from error
    Change.objects.filter(pk__in=[change.pk for change in unit.changes]).update(is_reversed=True, is_put_off=False)
    return unit


def put_off(unit: Unit) -> None:
    """The next undo tries what came before it, so that one that can't be taken back does not bar the older ones. It is
    tried again when nothing else is left.
    """
    Change.objects.filter(pk__in=[change.pk for change in unit.changes]).update(is_put_off=True)


def _reverse(unit: Unit, person: User) -> None:
    nets = unit.nets
    made = {net.key for net in nets if net.action == Action.CREATED}
    rows = _locked(nets)
    entries = unit.trashed(nets)
    _check_rights(nets, rows, entries, person)  # first: what stands in the way has names
    if blocks := [block for net in nets for block in _blocks(net, rows.get(net.key), entries, unit)]:
        raise InTheWay(blocks[0]["detail"], blocks)
    if entries:
        trash.restore([entry.pk for entry in entries.values()], person)
        rows |= _locked([net for net in nets if net.action == Action.DELETED])
    values = {net.key: _old_values(net, rows[net.key]) for net in nets if net.key in rows and net.key not in made}
    present = {key: copy(rows[key]) for key in values}
    wanted = {key: names for key, old in values.items() if (names := set_columns(rows[key], old))}
    _put_back([rows[key] for key, names in wanted.items() if "position" in names], unit, values)
    gone = leave_out_gone([(rows[key], names) for key, names in wanted.items() if key[0] == "task"])
    wanted = {key: found for key, names in wanted.items() if (found := _differing(rows[key], present[key], names))}
    if gone and not (wanted or entries or made):
        left = [block(*key, rows[key], since(gone[key[1]])) for key in values if key[1] in gone]
        raise InTheWay(left[0]["detail"], left)
    _write({key: (rows[key], names | _stamp(rows[key], person)) for key, names in wanted.items()})
    _delete([net for net in nets if net.key in made])


def _differing(row: Any, present: Any, names: Iterable[str]) -> set[str]:
    return {name for name in names if _present(row, name) != _present(present, name)}


def _write(wanted: Mapping[Key, tuple[Any, set[str]]]) -> None:
    """Raises InTheWay for what the models and the database refuse."""
    try:
        with transaction.atomic():
            # A subtask that is moved before its task would become a task.
            for key, (row, names) in sorted(wanted.items(), key=lambda each: _is_subtask(each[1][0])):
                if needs_save(row, names):
                    _save(key, row, names)
            write_rows(each for each in wanted.values() if not needs_save(*each))
    except IntegrityError:
        found = [block(*key, row, what) for key, (row, _) in wanted.items() if (what := collision(row))]
        if not found:
            raise
        raise InTheWay(found[0]["detail"], found) from None


def _save(key: Key, row: Any, names: set[str]) -> None:
    title = copy(row)
    try:
        row.save(update_fields=names)
    except InvalidValue as error:
        found = block(*key, title, " ".join(error.messages))
        raise InTheWay(found["detail"], [found]) from None


def _put_back(rows: Iterable[Any], unit: Unit, values: Mapping[Key, Mapping[str, Any]]) -> None:
    """Gives tasks the places that they had, also where the others have got new positions since."""
    restored = {pk: old["position"] for (kind, pk), old in values.items() if kind == "task" and "position" in old}
    for row in rows:
        if isinstance(row, Task):
            row.position = position_back(row, row.position, since=unit.changes[0].pk, restored=restored)


def _locked(nets: Iterable[Net]) -> dict[Key, Any]:
    """The objects that exist."""
    keys: dict[str, list[UUID]] = {}
    for net in nets:
        keys.setdefault(net.kind.name, []).append(net.pk)
    return {
        (name, row.pk): row
        for name, found in keys.items()
        for row in registered[name]
        .model._base_manager.select_for_update(no_key=True)
        .filter(pk__in=found)
        .order_by("pk")
    }


def _is_subtask(row: Any) -> bool:
    return getattr(row, "parent_id", None) is not None


def _old_values(net: Net, row: Any) -> dict[str, Any]:
    """The values to write again; of soft columns only those that nobody else has changed."""
    return {
        name: old
        for name, (old, new) in net.values.items()
        if name not in SOFT or net.action == Action.DELETED or _present(row, name) == new
    }


def _present(row: Any, name: str) -> Any:
    return as_json(getattr(row, row._meta.get_field(name).attname))


def _stamp(row: Any, person: User) -> set[str]:
    if not hasattr(row, "updated_by_id"):
        return set()
    row.updated_by = person
    return {"updated_by"}


def _delete(nets: list[Net]) -> None:
    """Those that belong to others first, so that each is deleted by itself."""
    keys: dict[str, list[UUID]] = {}
    for net in nets:
        keys.setdefault(net.kind.name, []).append(net.pk)
    for name in reversed(registered):
        if name in keys:
            registered[name].model._default_manager.filter(pk__in=keys[name]).delete()


def _blocks(net: Net, row: Any, entries: Mapping[Key, Trashed], unit: Unit) -> list[dict[str, Any]]:
    """What stands in the way of reversing what was done to one object."""
    if net.action == Action.DELETED:
        return _blocks_of_deletion(net, row, entries)
    if row is None:
        return [_block(net, None, "it was deleted", _newer(net).first())]
    if net.action == Action.CREATED:
        return _blocks_of_creation(net, row, unit)
    changed = {name: new for name, (_, new) in net.values.items() if name not in SOFT and _present(row, name) != new}
    if not changed:
        return []
    newer = next((change for change in _newer(net) if not changed.keys().isdisjoint(change.values)), None)
    names = ", ".join(sorted(changed))
    return [_block(net, row, f"{names} was changed", newer) | {"fields": sorted(changed)}]


def _blocks_of_deletion(net: Net, row: Any, entries: Mapping[Key, Trashed]) -> list[dict[str, Any]]:
    if row is not None:
        return [_block(net, row, "it exists again")]
    if net.key not in entries:
        return [_block(net, None, "it is not in the trash any more")]
    return []


def _blocks_of_creation(net: Net, row: Any, unit: Unit) -> list[dict[str, Any]]:
    newer = _newer(net).first()
    if newer is not None:
        return [_block(net, row, "it was changed", newer)]
    keys = {(change.kind, change.object_id) for change in unit.changes}
    return [_block(net, row, "others have put something into it")] if _has_other_parts(row, keys) else []


def _newer(net: Net) -> QuerySet[Change]:
    """Later changes of the object that are still in effect, newest first."""
    later = Change.objects.filter(kind=net.kind.name, object_id=net.pk, pk__gt=net.changes[-1].pk, is_reversed=False)
    return later.exclude(way=Way.UNDO).select_related("actor").order_by("-id")


def _has_other_parts(row: Any, keys: set[Key]) -> bool:
    parts = [(kind, kind.parent) for kinds in children_of(type(row)).values() for kind in kinds if kind.parent]
    if isinstance(row, Task):
        parts.append((registered["task"], "parent"))
    return any(
        kind.model._base_manager.filter(**{name: row.pk})
        .exclude(pk__in=[pk for of, pk in keys if of == kind.name])
        .exists()
        for kind, name in parts
    )


def _block(net: Net, row: Any, what: str, newer: Change | None = None) -> dict[str, Any]:
    return block(net.kind.name, net.pk, row, since(what, newer), newer=newer)


def _check_rights(nets: Iterable[Net], rows: Mapping[Key, Any], entries: Mapping[Key, Trashed], person: User) -> None:
    """Raises Conflict where the person may not write (any more) what they would write."""
    lists = [net for net in nets if net.kind.name == "list"]
    owners = {row.owner_id for net in lists if (row := rows.get(net.key))}
    owners |= {entry.owner_id for net in lists if (entry := entries.get(net.key))}
    if owners - {person.pk}:
        raise Conflict("Only the owner may change this list.")
    others = [net for net in nets if net.kind.name != "list"]
    wanted = {change.stream for net in others for change in net.changes}
    wanted |= {stream_of(UUID(pair[0])) for net in others if (pair := net.values.get("list"))}
    present = ((net, rows[net.key]) for net in others if net.key in rows)
    wanted |= {stream for net, row in present if (stream := net.kind.stream_of(row, log_alias()))}
    if forbidden := wanted - writable_streams(person):
        restored = {net.changes[-1].stream for net in others if net.action == Action.DELETED}
        if forbidden - (gone_lists(forbidden) & restored):  # what was in a list that is gone goes to the default list
            raise Conflict("You may not write in this list any more.")
