"""Changes and deleted objects as the API shows them."""

from collections.abc import Collection
from functools import partial
from typing import Any

from realtime.events.database import log_alias
from realtime.events.kinds import registered
from realtime.events.live import Kind
from tasks.accounts.models import User
from tasks.core.changes import STAMPS, Action, Change, set_columns
from tasks.core.representation import isoformat_utc
from tasks.history import sentences
from tasks.history.models import Trashed
from tasks.history.sentences import Done
from tasks.history.trash import Restored
from tasks.history.units import Unit

SHOWN_OBJECTS = 50


def person_json(person: User | None) -> dict[str, Any] | None:
    if person is None:
        return None
    return {"id": person.pk, "username": person.username, "name": person.get_full_name()}


def change_json(change: Change, kind: Kind, *, readable: Collection[str]) -> dict[str, Any]:
    """One entry of an object's history. Of a list that the person may not read no values are shown."""
    return {
        "id": change.pk,
        "version": change.version,
        "action": change.action,
        "way": change.way or None,
        "at": isoformat_utc(change.at),
        "actor": person_json(change.actor),
        "source": change.source,
        "request_id": change.request_id,
        "changes": shown_values(change, kind, readable=readable),
    }


def shown_values(change: Change, kind: Kind, *, readable: Collection[str]) -> dict[str, Any]:
    """`{field: {"from", "to"}}`, named and written as the object itself is shown."""
    old, new = kind.model(), kind.model()
    for field in kind.model._meta.concrete_fields:  # what the model fills in by itself would differ
        setattr(new, field.attname, getattr(old, field.attname))
    if change.action == Action.UPDATED:
        set_columns(old, {name: pair[0] for name, pair in change.values.items()})
    set_columns(new, {name: pair[1] for name, pair in change.values.items()})
    was, is_now = kind.represent(old), kind.represent(new)
    hides = change.action == Action.CREATED or (
        "list" in change.values and kind.stream_of(old, log_alias()) not in {*readable, None}
    )
    return {
        name: {"from": None if hides else was[name], "to": is_now[name]}
        for name in is_now
        if name not in STAMPS and was[name] != is_now[name]
    }


def trashed_json(entry: Trashed, *, tasks: int) -> dict[str, Any]:
    """`object` is the object as it was, `tasks` the number of tasks that were deleted with it."""
    kind = registered[entry.kind]
    row = kind.model()
    set_columns(row, entry.data)
    return {
        "id": str(entry.object_id),
        "kind": entry.kind,
        "title": entry.title,
        "tasks": tasks,
        "deleted_at": isoformat_utc(entry.deleted_at),
        "deleted_by": entry.deleted_by_id,
        "object": kind.represent(row),
    }


def restored_json(entry: Trashed, restored: Restored) -> dict[str, Any]:
    """`detail` says in words where the object is, if that is another place."""
    row = restored.row(entry)
    return {
        "id": str(entry.object_id),
        "kind": entry.kind,
        "object": registered[entry.kind].represent(row),
        "restored": len(restored.rows),
        "moved": restored.moved,
        "detail": "Its list is gone, so it is in your Inbox now." if restored.moved else "Restored.",
    }


def unit_json(unit: Unit, person: User, *, done: str = "") -> dict[str, Any]:
    """What a unit did, in words too, with names that the person may read; `objects` are the first of them, `count` says
    how many there are.
    """
    nets = unit.nets
    parts = [Done(net.kind.name, net.action, net.values, partial(net.title_for, person)) for net in nets]
    what = sentences.describe([sentences.opposite(each) for each in parts] if unit.is_undo else parts)
    return {
        "detail": f"{done}: {what}." if done else f"{what[:1].upper()}{what[1:]}.",
        "what": what,
        "at": isoformat_utc(unit.changes[-1].at),
        "count": len(nets),
        "objects": [{"kind": net.kind.name, "id": str(net.pk)} for net in nets[:SHOWN_OBJECTS]],
    }
