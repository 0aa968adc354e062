"""What one request changed: a unit, which is taken back as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from realtime.events.database import log_alias
from realtime.events.kinds import Kind, registered
from tasks.accounts.models import User
from tasks.core.changes import Action, Change, Way
from tasks.history.access import trash_visible_to
from tasks.history.models import Trashed
from tasks.lists.access import streams_of

WITHIN = timedelta(minutes=10)

TITLES = ("title", "name")

Key = tuple[str, UUID]
"""A kind and an id."""


@dataclass
class Net:
    """What a unit did to one object altogether; `changes` are its changes, oldest first."""

    kind: Kind
    changes: list[Change] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return self.kind.name, self.pk

    @property
    def pk(self) -> UUID:
        return self.changes[0].object_id

    @property
    def action(self) -> Action | None:
        """None where nothing is left of it: it was made and deleted at once."""
        made, gone = self.changes[0].action == Action.CREATED, self.changes[-1].action == Action.DELETED
        if made:
            return None if gone else Action.CREATED
        return Action.DELETED if gone else Action.UPDATED

    def title_for(self, person: User) -> str:
        """What the object is called, or was; empty if the person may not read it. Asks the database."""
        row = self.kind.model._base_manager.filter(pk=self.pk).first()
        if row is not None:
            return str(row) if self.kind.stream_of(row, log_alias()) in streams_of(person.pk) else ""
        entry = trash_visible_to(person).filter(object_id=self.pk, kind=self.kind.name).first()
        return str(entry) if entry is not None else self._title_given()

    def _title_given(self) -> str:
        """That of the changes, where the deletion is not written yet: the transaction does that at its end."""
        return next((str(c.values[n][1]) for c in reversed(self.changes) for n in TITLES if n in c.values), "")

    @property
    def values(self) -> dict[str, list[Any]]:
        """By column the value before the unit and after it."""
        found: dict[str, list[Any]] = {}
        for change in self.changes:
            if change.action == Action.UPDATED:
                for name, (old, new) in change.values.items():
                    found[name] = [found[name][0] if name in found else old, new]
        return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


@dataclass
class Unit:
    """The changes of one request that are to be reversed, and the way in which they were made."""

    changes: list[Change]

    @property
    def is_undo(self) -> bool:
        return self.changes[0].way == Way.UNDO

    @property
    def nets(self) -> list[Net]:
        found: dict[Key, Net] = {}
        for change in self.changes:
            if kind := registered.get(change.kind):
                found.setdefault((change.kind, change.object_id), Net(kind)).changes.append(change)
        return [net for net in found.values() if net.action is not None]

    def trashed(self, nets: Iterable[Net]) -> dict[Key, Trashed]:
        """What the unit put into the trash of these objects, and is still there: nothing that was deleted at another
        time, perhaps by others and from where the person may not write.
        """
        ids = [net.pk for net in nets if net.action == Action.DELETED]
        entries: QuerySet[Trashed] = Trashed.objects.filter(unit=self.changes[0].unit, object_id__in=ids)
        return {(entry.kind, entry.object_id): entry for entry in entries} if ids else {}


def last_unit(person: User, *, redo: bool = False, lock: bool = False) -> Unit | None:
    """What an undo would take back, or a redo would do again."""
    own = Change.objects.filter(actor=person, at__gte=timezone.now() - WITHIN, is_reversed=False)
    made = own.filter(way=Way.UNDO) if redo else own.exclude(way=Way.UNDO)
    last = made.order_by("is_put_off", "-id").first()
    if last is None or (redo and own.filter(way=Way.DO, pk__gt=last.pk).exists()):
        return None
    rows = made.filter(unit=last.unit).order_by("id")
    return Unit(list(rows.select_for_update(of=("self",), no_key=True) if lock else rows))
