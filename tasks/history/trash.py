"""Brings deleted rows back under their old ids, or deletes them for good. To be called in a transaction."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError as InvalidValue
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from realtime import events
from realtime.events import live
from realtime.events.kinds import registered
from tasks.accounts.models import User
from tasks.core.api.problems import Conflict
from tasks.core.changes import set_columns
from tasks.history.conflicts import InTheWay, block, collision
from tasks.history.models import Trashed
from tasks.history.recording import MEMBER
from tasks.history.references import References
from tasks.lists.models import Membership

CHUNK = 1_000
"""Keys in one statement."""

Key = TypeVar("Key", UUID, int)


class Restored(NamedTuple):
    """The rows that were created again. `moved`: their list was gone, so they are in the person's Inbox."""

    rows: list[Any]
    moved: bool

    def row(self, entry: Trashed) -> Any:
        """The row that was made of the entry; None if it could not be."""
        model = registered[entry.kind].model
        return next((row for row in self.rows if isinstance(row, model) and row.pk == entry.object_id), None)


def restore(keys: Collection[int], person: User) -> Restored:
    """Creates the rows of these entries again, with what was deleted along. Raises Conflict where that fails."""
    entries = with_parts(Trashed.objects.select_for_update().filter(pk__in=keys))
    if missing := set(keys) - {entry.pk for entry in entries}:
        raise Conflict(f"{len(missing)} of the objects are not in the trash any more.")
    references = References(entries, person)
    rows: list[Any] = []
    tried: list[Any] = []
    try:
        with transaction.atomic():
            for model, found in by_model(entries):
                tried = [row for row in found if references.fit(row)]
                rows += create(model, tried)
    except InvalidValue as error:
        raise _refusal(tried[0], " ".join(error.messages)) from None
    except IntegrityError as error:
        for row in tried:
            if what := collision(row):
                raise _refusal(row, what) from None
        raise Conflict("Something with the same id exists already, or changed at this moment.") from error
    Trashed.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    restored = Restored(rows, references.moved)
    if not any(restored.row(entry) for entry in entries if entry.pk in keys and entry.kind in registered):
        raise Conflict("What this belonged to is gone.")
    return restored


def _refusal(row: Any, what: str) -> InTheWay:
    kinds = [name for name, kind in registered.items() if isinstance(row, kind.model)]
    found = block(kinds[0] if kinds else MEMBER, row.pk, row, what)
    return InTheWay(found["detail"], [found])


def purge(entries: QuerySet[Trashed]) -> int:
    """Deletes entries for good, with what was deleted along; returns how many rows that were. To be called last: it
    has no event, so it compares the rights itself that were checked for it.
    """
    found = with_parts(entries)
    kept = members_needed(found)
    keys = [entry.pk for entry in found if entry.pk not in kept]
    deleted = sum(Trashed.objects.filter(pk__in=part).delete()[0] for part in chunks(keys))
    events.compare_rights({entry.stream for entry in found}, using=Trashed.objects.db)
    return deleted


def members_needed(entries: Collection[Trashed]) -> set[int]:
    """Those of the entries that are members of a list that is gone, and deleted something else there: by these entries
    it is known who still has a right to that.
    """
    members = {(entry.stream, entry.owner_id): entry.pk for entry in entries if entry.kind == MEMBER}
    if not members:
        return set()
    known = {entry.pk for entry in entries}
    others = Trashed.objects.filter(stream__in={stream for stream, _ in members}).exclude(kind__in=["list", MEMBER])
    found = others.order_by().values_list("pk", "stream", "deleted_by")
    wanted = {(stream, person) for pk, stream, person in found if pk not in known}
    return {pk for member, pk in members.items() if member in wanted}


def with_parts(entries: QuerySet[Trashed]) -> list[Trashed]:
    """The entries, and those that belonged to them and were deleted in the same request; parents come first."""
    found = list(entries)
    known = {entry.pk for entry in found}
    level: list[Trashed] = found
    while level:
        parents = {(entry.object_id, entry.unit) for entry in level}
        ids = {entry.object_id for entry in level}
        parts = [part for keys in chunks(ids) for part in Trashed.objects.filter(parent__in=keys)]
        level = [part for part in parts if part.pk not in known and (part.parent, part.unit) in parents]
        known |= {part.pk for part in level}
        found = found + level
    return found


def by_model(entries: Iterable[Trashed]) -> Iterator[tuple[type[Any], list[Any]]]:
    """Rows as they were, grouped so that no row comes before one that it belongs to."""
    models = {name: kind.model for name, kind in registered.items()}
    order = list(models)
    models[MEMBER] = Membership
    order.insert(1, MEMBER)  # right behind the lists
    found: dict[str, list[Any]] = {}
    for entry in entries:
        if entry.kind in models:
            row = models[entry.kind]()
            set_columns(row, entry.data)
            found.setdefault(entry.kind, []).append(row)
    for name in order:
        if name in found:
            yield models[name], found[name]


def create(model: type[Any], rows: list[Any]) -> list[Any]:
    """Creates rows with their events; parents of their own kind come first."""
    tops = [row for row in rows if getattr(row, "parent_id", None) is None]
    parts = [row for row in rows if getattr(row, "parent_id", None) is not None]
    made: list[live.LiveModel] = []
    for group in (tops, parts):
        if group:
            made += model.objects.bulk_create(group)
    return made


def chunks(keys: Iterable[Key]) -> Iterator[list[Key]]:
    waiting = iter(keys)
    while part := list(islice(waiting, CHUNK)):
        yield part
