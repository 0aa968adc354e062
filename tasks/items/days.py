"""On which day a task is due for a person: its own date, or, where it has a time, the date of that moment in their time
zone.

A query compares dates and times as they are stored. For each other zone in use it is told where the person's midnights
are on that zone's clocks; so both databases agree, and no row's zone has to be known to the database.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Case, DateField, ExpressionWrapper, F, Q, QuerySet, Value, When

from tasks.core.zones import names

FARTHEST = timedelta(days=2)
"""By how much the dates of one moment differ at most, from UTC-12 to UTC+14, rounded up."""

Midnights = tuple[datetime, ...]


class Window(NamedTuple):
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def widened(self) -> "Window":
        return Window(self.first - FARTHEST, self.last + FARTHEST)


def with_days(tasks: QuerySet[Any], window: Window, zone: str) -> QuerySet[Any]:
    """The tasks with `day`, when each is due for a person in `zone`: exact in the window, else before or after it.

    One query, for the zones of the tasks around the window.
    """
    wide = window.widened()
    timed = tasks.filter(due_time__isnull=False, due_date__range=wide).exclude(due_zone=zone)
    zones = timed.order_by().values_list("due_zone", flat=True).distinct()
    cases = list(_cases(zones, wide, zone))
    own: Any = ExpressionWrapper(F("due_date"), DateField(null=True))
    day = Case(*cases, default=own, output_field=DateField(null=True)) if cases else own
    found: QuerySet[Any] = tasks.annotate(day=day)
    return found


def _cases(zones: Iterable[str], window: Window, viewer: str) -> Iterable[When]:
    """For each kind of clock and each midnight, the latest first, the tasks that are due from then on."""
    count = (window.last - window.first).days + 2
    days = [window.first + timedelta(days=number) for number in range(count)]
    moments = [datetime.combine(day, time(), ZoneInfo(viewer)).astimezone(UTC) for day in days]
    own = _on_clocks_of(viewer, moments)
    alike: dict[Midnights, list[str]] = defaultdict(list)
    for zone in zones:
        if zone in names() and (midnights := _on_clocks_of(zone, moments)) != own:
            alike[midnights].append(zone)
    for midnights, same in alike.items():
        there = Q(due_zone__in=same, due_time__isnull=False)
        for day, at in reversed(list(zip(days, midnights, strict=True))):
            reached = Q(due_date__gt=at.date()) | Q(due_date=at.date(), due_time__gte=at.time())
            yield When(there & reached, then=Value(day))


def _on_clocks_of(zone: str, moments: Iterable[datetime]) -> Midnights:
    clock = ZoneInfo(zone)
    return tuple(moment.astimezone(clock).replace(tzinfo=None) for moment in moments)
