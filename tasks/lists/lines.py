"""Rows of lists in their order, in memory: for many that are given places one after the other."""

from bisect import bisect_left, insort
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tasks.core.positions import between


class Line:
    """The rows of one list, as pairs of position and key."""

    def __init__(self, rows: Any) -> None:
        found = rows.order_by().values_list("position", "pk")
        self._order: list[tuple[float, UUID]] = sorted(found)
        self._positions = {pk: position for position, pk in self._order}

    def place(self, moving: UUID, wanted: Mapping[str, UUID | None]) -> float | None:
        """Puts the row `moving` before or behind another one, or at the end, and returns its new position. None, and
        nothing is changed, where that takes more than to read: no row is there, or no room.
        """
        present = self._positions.get(moving)
        if present is None:
            return None
        self._order.remove((present, moving))
        del self._positions[moving]
        found = self._between(present, wanted)
        self._positions[moving] = present if found is None else found
        insort(self._order, (self._positions[moving], moving))
        return found

    def _between(self, present: float, wanted: Mapping[str, UUID | None]) -> float | None:
        order, index = self._order, len(self._order)
        if named := [name for name in ("after", "before") if wanted.get(name) is not None]:
            key: Any = wanted[named[0]]
            if key not in self._positions:
                return None
            index = bisect_left(order, (self._positions[key], key)) + (named[0] == "after")
        low = order[index - 1][0] if index > 0 else None
        high = order[index][0] if index < len(order) else None
        if (low is None or low < present) and (high is None or present < high):
            return present
        return between(low, high)
