"""When a task is due: a day, or a time of a day in a zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

_TEXT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T([0-9:.]+))?(?:\[([\w+/-]+)\])?", re.ASCII)

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)

MORNING = time(9)
"""When a day without a time begins to matter."""


def zone_called(name: str | None) -> ZoneInfo | None:
    """The zone, or None for a name that is no zone's, as a row from elsewhere may hold it."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, LookupError, OSError):
        return None


class Due(NamedTuple):
    """`clock` is the time of day in `zone`; both are None for a whole day."""

    day: date
    clock: time | None = None
    zone: str | None = None

    def moment(self, *, zone: str = "UTC") -> datetime:
        """The same as a UTC time; of a whole day its MORNING in the zone that is given.

        A time that does not exist, since clocks are put forward over it, is as long after midnight as it would be if
        they were put forward later; of one that comes twice it is the first. (RFC 5545 says so, and PEP 495.)
        An unknown zone counts as `zone`, and times outside the calendar as its first and last one.
        """
        known = zone_called(zone if self.clock is None else self.zone) or zone_called(zone) or UTC
        local = datetime.combine(self.day, MORNING if self.clock is None else self.clock, tzinfo=known)
        try:
            return local.astimezone(UTC)
        except OverflowError:
            return EARLIEST if self.day.year == 1 else LATEST

    def on(self, day: date) -> Self:
        """The same time of another day."""
        return self._replace(day=day)

    def text(self) -> str:
        """As in `2026-12-24` or `2026-12-24T17:00:00[Europe/Berlin]` (RFC 9557)."""
        clock = "" if self.clock is None else f"T{self.clock.isoformat()}"
        return f"{self.day.isoformat()}{clock}{f'[{self.zone}]' if self.zone else ''}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Raises ValueError for what `text()` does not write."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no date like 2026-12-24, nor one with a time and a zone")
        clock = time.fromisoformat(found[2]) if found[2] else None
        return cls(date.fromisoformat(found[1]), clock, found[3])


def today_in(zone: str | None, now: datetime) -> date:
    """The date at `now`, an aware time, in a zone; in UTC where the zone is unknown."""
    try:
        return now.astimezone(zone_called(zone) or UTC).date()
    except OverflowError:
        return now.date()


def minutes_before(moment: datetime, minutes: int) -> datetime:
    """So many minutes earlier, but not before the calendar begins."""
    try:
        return moment - timedelta(minutes=minutes)
    except OverflowError:
        return EARLIEST
