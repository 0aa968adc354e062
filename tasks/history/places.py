"""Where a task stood, said by its neighbours: its number alone means nothing once others have been given new ones."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from tasks.core.changes import Change
from tasks.core.positions import between
from tasks.items.models import Task
from tasks.lists.access import stream_of
from tasks.lists.positioned import Place


class OldPlaces:
    """Where tasks stood before some change.

    `since`: the first change that is taken back. `restored`: the positions that are given back together.
    """

    def __init__(self, *, since: int, restored: Mapping[UUID, float]) -> None:
        self._since = since
        self._restored = restored
        self._positions_then = cache(self._read_positions)

    def position_back(self, row: Task, old: float) -> float:
        """The position that puts `row` back between the neighbours that it had at `old`."""
        then, restored = self._positions_then(row.list_id), self._restored
        if then.keys() <= restored.keys() | {row.pk}:
            return old
        then = {key: at for key, at in then.items() if key != row.pk}
        below, above = _neighbour(row, old, then, step=-1), _neighbour(row, old, then, step=1)
        low, high = (None if each is None else restored.get(each.pk, each.position) for each in (below, above))
        if (low is None or low < old) and (high is None or old < high):
            return old
        if low is not None and high is not None and low < high and (found := between(low, high)) is not None:
            return found
        beside = below or above
        if beside is None:
            return old
        return float(Task.objects.positions_at(row.list_id, Place(beside, behind=beside is below), moving=row)[0])

    def _read_positions(self, list_id: UUID) -> dict[UUID, float]:
        """Of the list's tasks that have got another position since, the one that they had."""
        moved = Change.objects.filter(
            pk__gte=self._since, kind="task", stream=stream_of(list_id), action="updated", values__has_key="position"
        )
        found: dict[UUID, float] = {}
        for key, values in moved.order_by("pk").values_list("object_id", "values"):
            found.setdefault(key, values["position"][0])
        return found


def _neighbour(row: Task, old: float, then: Mapping[UUID, float], *, step: int) -> Any:
    """The task that stood next before (-1) or behind (1) `old`, if it is still in the list."""
    others = Task.objects.filter(list=row.list_id).exclude(pk=row.pk)
    name, order = ("position__lt", "-position") if step < 0 else ("position__gt", "position")
    unmoved = others.exclude(pk__in=then).filter(**{name: old}).order_by(order).first()
    moved = {key: at for key, at in then.items() if (at - old) * step > 0}
    found = [(abs(moved[each.pk] - old), each) for each in others.filter(pk__in=moved)]
    if unmoved is not None:
        found.append((abs(unmoved.position - old), unmoved))
    return min(found, key=lambda each: each[0], default=(0, None))[1]
