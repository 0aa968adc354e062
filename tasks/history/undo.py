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

from realtime.events.database import log_alias
from realtime.events.kinds import registered
from tasks.accounts.models import User
from tasks.core.api.problems import Conflict
from tasks.core.changes import Action, Change, Way, set_columns
from tasks.core.writing import write_rows
from tasks.history import trash
from tasks.history.access import gone_lists
from tasks.history.conflicts import InTheWay, block, collision, since
from tasks.history.models import Trashed
from tasks.history.obstacles import SOFT, obstacles, present
from tasks.history.places import OldPlaces
from tasks.history.recording import marked_as
from tasks.history.references import leave_out_gone
from tasks.history.units import Key, Net, Unit, last_unit
from tasks.items.models import Task
from tasks.items.next_ids import next_ids
from tasks.items.recurring import paused, taking_back
from tasks.lists.access import stream_of, writable_streams

LIST_GONE = "The list that this was in is gone. What the trash still shows of it can be restored from there."
"""An undo puts nothing where others than before may read it."""


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
        with marked_as(Way.REDO if redo else Way.UNDO), paused():
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
    if blocks := obstacles(unit, nets, rows, entries):
        raise InTheWay(blocks[0]["detail"], blocks)
    if entries:
        trash.restore([entry.pk for entry in entries.values()], person)
        rows |= _locked([net for net in nets if net.action == Action.DELETED])
    values = {net.key: _old_values(net, rows[net.key]) for net in nets if net.key in rows and net.key not in made}
    found = {key: copy(rows[key]) for key in values}
    wanted = {key: names for key, old in values.items() if (names := set_columns(rows[key], old))}
    _put_back([rows[key] for key, names in wanted.items() if "position" in names], unit, values)
    gone = leave_out_gone([(rows[key], names) for key, names in wanted.items() if key[0] == "task"])
    wanted = {key: changed for key, names in wanted.items() if (changed := _differing(rows[key], found[key], names))}
    if gone and not (wanted or entries or made):
        left = [block(*key, rows[key], since(gone[key[1]])) for key in values if key[1] in gone]
        raise InTheWay(left[0]["detail"], left)
    _write({key: (rows[key], names | _stamp(rows[key], person)) for key, names in wanted.items()})
    _take_back_next(nets)
    _delete([net for net in nets if net.key in made])


def _differing(row: Any, found: Any, names: Iterable[str]) -> set[str]:
    return {name for name in names if present(row, name) != present(found, name)}


def _write(wanted: Mapping[Key, tuple[Any, set[str]]]) -> None:
    """Raises InTheWay for what the models and the database refuse."""
    shown = {key: copy(row) for key, (row, _) in wanted.items()}
    try:
        with transaction.atomic():
            write_rows(wanted.values())
    except IntegrityError:
        found = [block(*key, row, what) for key, (row, _) in wanted.items() if (what := collision(row))]
        if not found:
            raise
        raise InTheWay(found[0]["detail"], found) from None
    except InvalidValue:
        # One by one, to find out which it is. A subtask that is moved before its task would become a task.
        for key, each in sorted(wanted.items(), key=lambda item: _is_subtask(item[1][0])):
            try:
                write_rows([each])
            except InvalidValue as error:
                refused = block(*key, shown[key], " ".join(error.messages))
                raise InTheWay(refused["detail"], [refused]) from None


def _put_back(rows: Iterable[Any], unit: Unit, values: Mapping[Key, Mapping[str, Any]]) -> None:
    """Gives tasks the places that they had, also where the others have got new positions since."""
    restored = {pk: old["position"] for (kind, pk), old in values.items() if kind == "task" and "position" in old}
    places = OldPlaces(since=unit.changes[0].pk, restored=restored)
    for row in rows:
        if isinstance(row, Task):
            row.position = places.position_back(row, row.position)


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
        if name not in SOFT or net.action == Action.DELETED or present(row, name) == new
    }


def _stamp(row: Any, person: User) -> set[str]:
    if not hasattr(row, "updated_by_id"):
        return set()
    row.updated_by = person
    return {"updated_by"}


def _take_back_next(nets: Iterable[Net]) -> None:
    """Deletes the tasks that completions made. They are not in the trash: nobody has deleted them."""
    made = {net.pk for net in nets if net.kind.name == "task" and net.action == Action.CREATED}
    completed = [net.pk for net in nets if made and "completed_at" in net.values]
    if found := made & {pk for key in completed for pk in next_ids(key)}:
        with taking_back():
            Task.objects.filter(pk__in=found).delete()


def _delete(nets: list[Net]) -> None:
    """Those that belong to others first, so that each is deleted by itself."""
    keys: dict[str, list[UUID]] = {}
    for net in nets:
        keys.setdefault(net.kind.name, []).append(net.pk)
    for name in reversed(registered):
        if name in keys:
            registered[name].model._default_manager.filter(pk__in=keys[name]).delete()


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
    existing = ((net, rows[net.key]) for net in others if net.key in rows)
    wanted |= {stream for net, row in existing if (stream := net.kind.stream_of(row, log_alias()))}
    come_back = {stream_of(net.pk) for net in lists if net.action == Action.DELETED}
    if forbidden := wanted - writable_streams(person) - come_back:
        restored = {net.changes[-1].stream for net in others if net.action == Action.DELETED}
        raise Conflict(LIST_GONE if gone_lists(forbidden) & restored else "You may not write in this list any more.")
