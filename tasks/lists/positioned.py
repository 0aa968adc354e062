"""Rows in an order that the people of their list choose. All rows of a list stand in one line, whatever groups them: a
row behind another one is behind it in each part of the list that shows both.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, models
from django.db.models import Q

from tasks.core.models import StampedModel, StampedQuerySet
from tasks.core.positions import GAP, MAX_POSITION, between, spread, validate_position
from tasks.core.writing import write_rows

LAST = "SELECT max(position) FROM {table} WHERE list_id = %s"

MOST_MOVED = 512
"""Rows that are moved to make room, at most. It takes fewer unless a client has put hundreds at one position itself."""


class Place(NamedTuple):
    """Directly behind `row`, or before it."""

    row: Any
    behind: bool


class PositionedQuerySet(StampedQuerySet):
    def write(self, rows: Iterable[tuple[Any, Collection[str]]]) -> None:
        wanted = list(rows)
        self._place_at_end([row for row, _ in wanted])
        super().write(wanted)

    write.alters_data = True  # type: ignore[attr-defined]

    def before_bulk_create(self, rows: list[Any]) -> None:
        super().before_bulk_create(rows)
        self._place_at_end(rows)

    def _place_at_end(self, rows: Iterable[Any]) -> None:
        """Those that have no position, in this order behind what is in their lists."""
        counts = Counter(row.list_id for row in rows if row.position is None)
        ends = {list_id: iter(self.positions_at(list_id, count=count)) for list_id, count in counts.items()}
        for row in rows:
            if row.position is None:
                row.position = next(ends[row.list_id])

    def next_position(self, list_id: UUID) -> float:
        """The position behind the list's last row. Asked with every creation; the ORM takes five times as long to make
        the statement as to have it answered.
        """
        connection = connections[self.db]
        key = self.model._meta.get_field("list").get_db_prep_value(list_id, connection)
        with connection.cursor() as cursor:
            cursor.execute(LAST.format(table=self.model._meta.db_table), [key])
            end = (cursor.fetchone()[0] or 0.0) + GAP
        return end if end <= MAX_POSITION else self.positions_at(list_id)[0]

    def positions_at(
        self, list_id: UUID, place: Place | None = None, *, count: int = 1, moving: Any = None
    ) -> list[float]:
        """Positions for `count` rows at a place of the list; None: its end. `moving` is the row that goes there: it
        keeps its position if it is there already.

        Where there is no room, a few other rows are moved and written. Call it with the list's row locked, unless no
        order would be lost: two who go to one place at once then stand at the same position, ordered by their ids.
        """
        rows = self.model._default_manager.using(self.db).filter(list=list_id)
        if moving is not None:
            rows = rows.exclude(pk=moving.pk)
        below, above = _parts(rows, place)
        low, high = below.values_list("position", flat=True).first(), above.values_list("position", flat=True).first()
        if moving is not None and moving.list_id == list_id and _is_between(low, moving.position, high):
            return [moving.position]
        end = low or 0.0
        if high is None and end + GAP * count <= MAX_POSITION:
            return [end + GAP * number for number in range(1, count + 1)]
        if count == 1 and (found := between(low, high)) is not None:
            return [found]
        return _spread_out(below, above, count)


def _is_between(low: float | None, position: float, high: float | None) -> bool:
    return (low is None or low < position) and (high is None or position < high) and abs(position) <= MAX_POSITION


def _parts(rows: Any, place: Place | None) -> tuple[Any, Any]:
    """The rows below the place, from there down, and those above it, from there up."""
    down, up = rows.order_by("-position", "-pk"), rows.order_by("position", "pk")
    if place is None:
        return down, up.none()
    at, pk = place.row.position, place.row.pk
    # The first condition follows from the others; it is what an index can begin with.
    lower = Q(position__lte=at) & (Q(position__lt=at) | Q(**{"pk__lte" if place.behind else "pk__lt": pk}))
    upper = Q(position__gte=at) & (Q(position__gt=at) | Q(**{"pk__gt" if place.behind else "pk__gte": pk}))
    return down.filter(lower), up.filter(upper)


def _spread_out(below: Any, above: Any, count: int) -> list[float]:
    """Moves as few rows as it takes; returns the free positions between them. If more than MOST_MOVED would have to be
    moved, none is: the new rows stand at the position of their neighbour.
    """
    lower, upper = list(below[: MOST_MOVED // 2 + 1]), list(above[: MOST_MOVED // 2 + 1])
    reach = 2
    while reach <= MOST_MOVED // 2:
        low = lower[reach].position if len(lower) > reach else None
        high = upper[reach].position if len(upper) > reach else None
        before, behind = lower[:reach][::-1], upper[:reach]
        found = spread(low, high, len(before) + count + len(behind))
        if found is not None:
            return _moved(before, behind, found)
        reach *= 2
    beside = (lower or upper)[0].position
    return [max(-MAX_POSITION, min(beside, MAX_POSITION))] * count


def _moved(before: list[Any], behind: list[Any], positions: Sequence[float]) -> list[float]:
    """Writes the outer positions to these rows, and returns those between them."""
    start, end = len(before), len(positions) - len(behind)
    rows = [*before, *behind]
    for row, position in zip(rows, [*positions[:start], *positions[end:]], strict=True):
        row.position = position
    write_rows((row, {"position"}) for row in rows)
    return list(positions[start:end])


class PositionedModel(StampedModel):
    position = models.FloatField(blank=True, validators=[validate_position], help_text="Empty: at the list's end.")

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    def save(self, **kwargs: Any) -> None:
        """As any live row; one without a position goes to the end of its list."""
        if self.position is None:
            manager: Any = type(self)._default_manager
            self.position = manager.next_position(self.list_id)
        super().save(**kwargs)
