"""Times of day: 5pm, 17:00, 17 Uhr, at noon, abends. The 24-hour clock holds where nothing else is said."""

import re
from datetime import time

from tasks.quick_add import spoken, tables
from tasks.quick_add.days import match_date
from tasks.quick_add.line import Line

CLOCK = re.compile(r"([0-9]{1,2})(?:([:.])([0-9]{2}))?(am|pm|a\.m|p\.m|uhr|h)?")
SMALL_HOURS = 6
"""Before these hours the night is the morning's."""

HALVES = {"am": 0, "a.m": 0, "pm": 12, "p.m": 12}

Match = tuple[int, time] | None


def match_time(line: Line, place: int) -> Match:
    """A time with its preposition."""
    has_preposition = line.key(place) in tables.BEFORE_TIMES
    before = line.key(place) if has_preposition else ""
    bare = _clock(line, place + has_preposition, before=before)
    return (
        bare
        or _spoken(line, place + has_preposition, before=before)
        or line.phrase(place, tables.DAYPART_PHRASES)
        or _adverb(line, place + has_preposition)
    )


def _adverb(line: Line, place: int) -> Match:
    at = tables.DAYPART_ADVERBS.get(line.key(place))
    return None if at is None else (place + 1, at)


def _clock(line: Line, place: int, *, before: str) -> Match:
    found = CLOCK.fullmatch(line.key(place))
    if found is None:
        return None
    hour, separator, minute, glued = found.groups()
    stop, half = place + 1, glued
    if glued is None:
        stop, half = _after_number(line, stop, has_minutes=minute is not None)
    if half == "h" and not before:
        return None
    if half is None and separator != ":" and not _is_bare_hour(line, place, stop, before=before, minute=minute):
        return None
    if half == "uhr" and minute is None and _is_minute(line, stop):
        minute, stop = line.key(stop), stop + 1
    at = _time(int(hour), int(minute or 0), half)
    if at is None or half in HALVES:
        return None if at is None else _with_daypart(line, stop, at, is_twelve_hours=True)
    return _in_said_part(line, place - bool(before), stop, at)


def _is_bare_hour(line: Line, place: int, stop: int, *, before: str, minute: str | None) -> bool:
    """Whether a number is a time of day without anything that says so behind it: at 5, um 17.30."""
    if before not in tables.BEFORE_HOURS or (minute is not None and before != "um"):
        return False
    return line.is_last(stop) or (before == "um" and _part_before(line, place - 1) is not None)


def _spoken(line: Line, place: int, *, before: str) -> Match:
    said = spoken.read(line, place, before=before)
    if said is None:
        return None
    stop, half = _after_number(line, said.stop, has_minutes=True)
    is_night = (_part_before(line, place - bool(before)) or _daypart(line, stop)) == tables.NIGHT
    hour = 12 if said.hour == 0 and not is_night else said.hour
    at = _time(hour, said.minute, half if half in HALVES else None)
    if at is None or half in HALVES:
        return None if at is None else _with_daypart(line, stop, at, is_twelve_hours=True)
    return _in_said_part(line, place - bool(before), stop, at)


def _in_said_part(line: Line, start: int, stop: int, at: time) -> Match:
    """In the part of the day that is said before or behind."""
    said = _part_before(line, start) or _part_behind(line, stop)
    return _with_daypart(line, stop, at if said is None else _in_part(at, said), is_twelve_hours=False)


def _after_number(line: Line, place: int, *, has_minutes: bool) -> tuple[int, str | None]:
    """The word that makes the number a time: pm, Uhr, o'clock. In `5 am Montag` it is the German preposition."""
    key = line.key(place)
    if key in tables.OCLOCK:
        return place + 1, "uhr"
    if key in HALVES and not (key == "am" and _is_german(line, place)):
        return place + 1, key
    return place, None


def _is_german(line: Line, place: int) -> bool:
    following = line.key(place + 1)
    is_a_day = following in tables.WEEKDAYS or following in tables.DAYS_WITH_PARTS or following[:1].isdigit()
    return is_a_day and match_date(line, place) is not None


def _is_minute(line: Line, place: int) -> bool:
    key = line.key(place)
    return len(key) == 2 and key.isascii() and key.isdigit() and int(key) < 60 and line.is_last(place + 1)


def _with_daypart(line: Line, stop: int, at: time, *, is_twelve_hours: bool) -> Match:
    """9 Uhr abends, 5 o'clock in the afternoon."""
    part = line.phrase(stop, tables.DAYPART_PHRASES) or _adverb(line, stop)
    if part is None or is_twelve_hours or part[1] == at:
        return stop, at
    return part[0], _in_part(at, part[1])


def _daypart(line: Line, place: int) -> time | None:
    found = line.phrase(place, tables.DAYPART_PHRASES) or _adverb(line, place)
    return found and found[1]


def _part_before(line: Line, place: int) -> time | None:
    """That of the word before `place`: tonight at 8, morgen Abend um 8."""
    key = line.key(place - 1)
    if key in tables.TONIGHT:
        return tables.EVENING
    return tables.DAYS_WITH_PARTS[key][1] if key in tables.DAYS_WITH_PARTS else tables.DAYPARTS.get(key)


def _part_behind(line: Line, place: int) -> time | None:
    """That of the day behind: 8 Uhr heute Abend."""
    found = line.found.get(place)
    return found.value.at if found and found.kind == "date" else None


def _in_part(at: time, part: time) -> time:
    """8 in the evening is 20:00, but 2 at night stays."""
    is_later = part > tables.NOON and at.hour < 12 and not (part == tables.NIGHT and at.hour < SMALL_HOURS)
    return at.replace(hour=at.hour + 12) if is_later else at


def _time(hour: int, minute: int, half: str | None) -> time | None:
    """None for a time that no clock shows: 25:00, 13pm, 0am."""
    if half in HALVES:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + HALVES[half]
    return time(hour, minute) if hour < 24 and minute < 60 else None
