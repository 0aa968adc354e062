"""Times of day as they are said: half past 3, quarter to four, halb acht, viertel nach 3, um acht."""

from typing import NamedTuple

from tasks.quick_add import tables
from tasks.quick_add.line import Line
from tasks.quick_add.numbers import number_at

MOST_MINUTES = 29
"""Before or past an hour: at ten past three."""

BEFORE_SPOKEN = frozenset({"at", "um", "gegen"})


class Spoken(NamedTuple):
    """Where the phrase stops, the hour and the minute. Hour 0 was said by the hour after it, as in halb eins."""

    stop: int
    hour: int
    minute: int


def read(line: Line, place: int, *, before: str) -> Spoken | None:
    """The time that begins at `place`; `before` is the preposition before it, or empty."""
    return _part_of_hour(line, place) or _minutes(line, place, before=before) or _whole(line, place, before=before)


def _part_of_hour(line: Line, place: int) -> Spoken | None:
    key = line.key(place)
    for table, minute in ((tables.HALF_TO, 30), (tables.QUARTERS_TO, 45)):
        if key in table and (hour := _hour(line, place + 1)):
            return Spoken(place + 2, hour - 1, minute)
    place = line.skip(place, ("a",))
    minutes = tables.QUARTERS.get(line.key(place))
    if minutes is None or (minutes == 30 and line.key(place + 1) not in tables.PAST):
        return None
    return _beside_hour(line, place + 1, minutes)


def _minutes(line: Line, place: int, *, before: str) -> Spoken | None:
    """at ten past three, um fünf vor acht. Without a preposition, or with digits around a `to`, it may be a span."""
    minutes = number_at(line, place)
    if before not in BEFORE_SPOKEN or not minutes or minutes > MOST_MINUTES or line.key(place) in tables.ONE_AS_ARTICLE:
        return None
    stop = place + 1 + (tables.UNITS.get(line.key(place + 1)) == "minute")
    if line.key(stop) == "to" and line.key(place).isdigit() and stop == place + 1:
        return None
    return _beside_hour(line, stop, minutes)


def _beside_hour(line: Line, place: int, minutes: int) -> Spoken | None:
    """past 3, vor acht, nach halb acht is not read."""
    key, hour = line.key(place), _hour(line, place + 1)
    if not hour or key not in tables.PAST | tables.AGO:
        return None
    return Spoken(place + 2, hour, minutes) if key in tables.PAST else Spoken(place + 2, hour - 1, 60 - minutes)


def _whole(line: Line, place: int, *, before: str) -> Spoken | None:
    """um acht, acht Uhr, eight o'clock."""
    hour = tables.NUMBERS.get(line.key(place))
    if not hour or line.key(place) in tables.ONE_AS_ARTICLE:
        return None
    if line.key(place + 1) in tables.OCLOCK:
        return Spoken(place + 2, hour, 0)
    return Spoken(place + 1, hour, 0) if before == "um" and line.is_last(place + 1) else None


def _hour(line: Line, place: int) -> int | None:
    hour = number_at(line, place)
    return hour if hour and hour <= 24 and line.key(place) not in tables.ONE_AS_ARTICLE else None
