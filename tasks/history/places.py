"""Where a task stood, said by its neighbours: its number alone means nothing once others have been given new ones."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tasks.core.changes import Change
from tasks.core.positions import between
from tasks.items.models import Task
from tasks.lists.access import stream_of
from tasks.lists.positioned import Place


def position_back(row: Task, old: float, *, since: int, restored: Mapping[UUID, float]) -> float:
    """The position that puts `row` back between the neighbours that it had at `old`.

    `since`: the first change that is taken back. `restored`: the positions that are given back together with it.
    """
    then = _positions_then(row, since)
    if then.keys() <= restored.keys():
        return old
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


def _positions_then(row: Task, since: int) -> dict[UUID, float]:
    """Of the list's other tasks that have got another position since, the one that they had."""
    moved = Change.objects.filter(
        pk__gte=since, kind="task", stream=stream_of(row.list_id), action="updated", values__has_key="position"
    )
    found: dict[UUID, float] = {}
    for key, values in moved.exclude(object_id=row.pk).order_by("pk").values_list("object_id", "values"):
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
