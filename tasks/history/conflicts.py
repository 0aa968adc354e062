"""The answer to what can't be written again: for each object, in words for people, what stands in the way."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import UniqueConstraint

from tasks.core.api.problems import Conflict
from tasks.core.changes import Change
from tasks.core.representation import isoformat_utc
from tasks.history.sentences import quoted

SHOWN_BLOCKS = 50
"""Objects that the answer names, of those that stand in the way."""


class InTheWay(Conflict):
    """`conflicts` says for each object what stands in the way."""

    def __init__(self, sentence: str, blocks: Sequence[dict[str, Any]]) -> None:
        super().__init__(sentence)
        self.blocks = blocks
        self.extra = {"conflicts": list(blocks[:SHOWN_BLOCKS])}


def block(kind: str, pk: UUID, row: Any, what: str, *, newer: Change | None = None) -> dict[str, Any]:
    """One of the conflicts. `row`: None for one that is gone; `newer`: the change that stands in the way."""
    name = quoted(str(row)) if row is not None else f"a {kind}"
    return {
        "kind": kind,
        "id": str(pk),
        "detail": f"{name}: {what}",
        "by": None if newer is None else newer.actor_id,
        "at": None if newer is None else isoformat_utc(newer.at),
    }


def since(what: str, newer: Change | None = None) -> str:
    by = "" if newer is None or newer.actor is None else f" by {newer.actor}"
    return f"{what}{by} since."


def collision(row: Any) -> str | None:
    """Why the database refuses the row: what only one may have, another one has by now. Queries for each constraint."""
    others = type(row)._base_manager.exclude(pk=row.pk)
    for constraint in row._meta.constraints:
        if not isinstance(constraint, UniqueConstraint) or constraint.condition is not None:
            continue
        names = [row._meta.get_field(name).attname for name in constraint.fields]
        if others.filter(**{name: getattr(row, name) for name in names}).exists():
            return str(constraint.violation_error_message)
    return None
