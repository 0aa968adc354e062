"""Dates in words and digits. Each function returns where the phrase stops and the date, or None."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count

from tasks.quick_add import tables
from tasks.quick_add.line import Due, Line
from tasks.quick_add.named_weeks import day_in_month, day_of_week, weekday_of_week
from tasks.quick_add.numbers import DAY_NUMBER, ordinal_at
from tasks.quick_add.sigils import match_reminder
from tasks.quick_add.units import Match, add_months, amount_from_now, coming, coming_unit, end_of_unit, week_ahead

ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
ISO_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}t[0-9]{2}:[0-9]{2}(:[0-9]{2})?(z|[+-][0-9]{2}:?[0-9]{2})?")
DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}|[0-9]{2})?")
SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?:/([0-9]{4}|[0-9]{2}))?")
YEAR = re.compile(r"2[0-9]{3}")
LIKE_A_YEAR = re.compile(r"[0-9]{4,}")
ALL_THE_TIME = "24/7"


def match_date(line: Line, place: int) -> Match:
    """A date with its preposition and the part of the day: `by Friday`, `morgen früh`."""
    before = line.phrase(place, tables.BEFORE_DATES)
    after, role = before or (place, "due")
    best = _of_day(line, _with_part(line, _bare(line, after, has_preposition=before is not None)))
    if before is None and _is_reference(line, place):
        return None
    return best and (best[0], best[1]._replace(role=role))


def _is_reference(line: Line, place: int) -> bool:
    """Whether the word before says that the date is what the task is about. Not the one of `*30m before`."""
    if line.loose or line.key(place - 1) not in tables.REFERENCES:
        return False
    signs = [start for start in range(max(0, place - 3), place) if line.words[start].sigil == "*"]
    reminders = [found for start in signs if (found := match_reminder(line, start))]
    return all(found.stop != place for found in reminders)


def _bare(line: Line, place: int, *, has_preposition: bool) -> Match:
    matches = [recognize(line, place) for recognize in RECOGNIZERS]
    matches.append(_weekday(line, place, is_sure=has_preposition or line.loose))
    if has_preposition:
        matches.append(_day_of_month(line, place))
    found = [match for match in matches if match]
    return max(found, key=lambda match: match[0], default=None)


def _with_part(line: Line, match: Match) -> Match:
    """tomorrow morning, Freitag Abend, heute Mittag."""
    if match is None or match[1].at is not None or line.key(match[0]) not in tables.DAYPARTS:
        return match
    return match[0] + 1, match[1]._replace(at=tables.DAYPARTS[line.key(match[0])])


def _of_day(line: Line, match: Match) -> Match:
    """tomorrow eod, Friday end of day: the day says it all."""
    if match is None or (end := _day_end(line, match[0])) is None:
        return match
    return end, match[1]


def _day_end(line: Line, place: int) -> int | None:
    """Where `eod` or `by end of day` stops that begins here."""
    place = line.skip(place, ("by", "bis"))
    if tables.END_WORDS.get(line.key(place)) == "day":
        return place + 1
    phrase = line.phrase(place, dict.fromkeys(tables.END_OF, True))
    return phrase[0] + 1 if phrase and tables.UNITS.get(line.key(phrase[0])) == "day" else None


def _near(line: Line, place: int) -> Match:
    key, today = line.key(place), line.today
    if phrase := line.phrase(place, dict.fromkeys(tables.AFTER_TOMORROW_PHRASES, 2)):
        return phrase[0], Due(today + timedelta(days=2))
    if key in tables.TONIGHT:
        return place + 1, Due(today, tables.EVENING)
    if key == "this" and line.key(place + 1) in tables.DAYPARTS:
        return place + 2, Due(today, tables.DAYPARTS[line.key(place + 1)])
    for number, words in enumerate((tables.TODAY, tables.TOMORROW, tables.AFTER_TOMORROW)):
        if key in words:
            return place + 1, Due(today + timedelta(days=number))
    return None


def _iso(line: Line, place: int) -> Match:
    key = line.key(place)
    if found := ISO.fullmatch(key):
        return _at(place + 1, _date(*map(int, found.groups())))
    if ISO_MOMENT.fullmatch(key):
        return _moment(line, place, key.upper())
    return None


def _moment(line: Line, place: int, text: str) -> Match:
    """2026-12-24T18:00, and with an offset the same moment in the person's time zone."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = moment.astimezone(line.now.tzinfo)
    except (ValueError, OverflowError):
        return None
    return place + 1, Due(moment.date(), moment.time())


def _dotted(line: Line, place: int) -> Match:
    """24.12. and 24.12.2026; without the second dot it is another number, 3.5."""
    found = DOTTED.fullmatch(line.raw(place)) or DOTTED.fullmatch(line.key(place))
    return found and _at(place + 1, _in_year(line, int(found[1]), int(found[2]), found[3]))


def _slashed(line: Line, place: int) -> Match:
    """Month first, unless only the other order is a date. Without a year one of them must be above 12, or a preposition
    must precede: 1/2 is a half.
    """
    found = SLASHED.fullmatch(line.key(place))
    if found is None or line.key(place) == ALL_THE_TIME:
        return None
    first, second = int(found[1]), int(found[2])
    has_preposition = any(line.key(place - 1) == phrase[-1] for phrase in tables.BEFORE_DATES)
    if not found[3] and max(first, second) <= 12 and not (has_preposition or line.loose):
        return None
    month, day = (second, first) if first > 12 else (first, second)
    return _at(place + 1, _in_year(line, day, month, found[3]))


def _with_month(line: Line, place: int) -> Match:
    """24 Dec, 5th of May, 5. Mai 2027, May 5, December 24th 2026."""
    if line.key(place) in tables.MONTHS:
        number, month, stop = line.key(place + 1), tables.MONTHS[line.key(place)], place + 2
    else:
        number, stop = line.key(place), line.skip(place + 1, ("of",))
        month, stop = tables.MONTHS.get(line.key(stop), 0), stop + 1
    day = DAY_NUMBER.fullmatch(number)
    if day is None or not month:
        return None
    year = line.key(stop) if YEAR.fullmatch(line.key(stop)) else None
    if year is None and LIKE_A_YEAR.fullmatch(line.key(stop)) and line.is_last(stop + 1):
        return None  # Jan 1 9999 is not the next January's with a number behind it
    return _at(stop + (year is not None), _in_year(line, int(day[1]), month, year))


def _weekday(line: Line, place: int, *, is_sure: bool) -> Match:
    """Friday: the next one after today. next Friday: that of next week. A date or a week after it wins: Friday 24 Dec,
    Friday next week."""
    key = line.key(place)
    if key in tables.DAYS_WITH_PARTS:
        number, at = tables.DAYS_WITH_PARTS[key]
        return place + 1, Due(coming(line.today, number), at)
    steps = tables.AHEAD.get(key)
    name = place + (steps is not None)
    if line.key(name) not in tables.WEEKDAYS:
        return None
    if line.key(name + 1) in tables.OF and ordinal_at(line, place - 1) is not None:
        return None  # fifth Monday of February, which there is not
    number = tables.WEEKDAYS[line.key(name)]
    if explicit := _explicit(line, name + 1) or weekday_of_week(line, name + 1, number):
        return explicit
    is_unsure = line.key(name) in tables.UNSURE_DAYS and name == place and not is_sure
    if is_unsure and not line.is_due_next(name + 1):
        return None
    day = week_ahead(line.today, steps) + timedelta(days=number) if steps else coming(line.today, number)
    return name + 1, Due(day)


def _explicit(line: Line, place: int) -> Match:
    place = line.skip(place, tables.ARTICLES)
    matches = [recognize(line, place) for recognize in (_iso, _dotted, _slashed, _with_month)]
    return next((match for match in matches if match), None)


def _end_of_day(line: Line, place: int) -> Match:
    """eod, end of day, eod Friday."""
    stop = _day_end(line, place)
    named = None if stop is None else line.found.get(stop)
    if named and named.kind == "date":
        return named.stop, named.value
    return None if stop is None else (stop, Due(line.today))


def _day_of_month(line: Line, place: int) -> Match:
    """on the 3rd, am 15.: the next day with this number."""
    found = DAY_NUMBER.fullmatch(line.raw(place)) or DAY_NUMBER.fullmatch(line.key(place))
    if found is None or not found[2] or not 1 <= int(found[1]) <= 31:
        return None
    return place + 1, Due(next_day_of_month(line.today, int(found[1])))


RECOGNIZERS: tuple[Callable[[Line, int], Match], ...] = (
    _near, _iso, _dotted, _slashed, _with_month, amount_from_now, coming_unit, _end_of_day, end_of_unit, day_of_week,
    day_in_month,
)  # fmt: skip


def next_day_of_month(day: date, number: int) -> date:
    """The first day with this number from `day` on; months without it are passed over."""
    for months in count():
        first = add_months(day.replace(day=1), months)
        if number <= monthrange(first.year, first.month)[1] and first.replace(day=number) >= day:
            return first.replace(day=number)
    raise AssertionError


def _in_year(line: Line, day: int, month: int, year: str | None) -> date | None:
    """Without a year the next such day, 29 February included."""
    if year is not None:
        return _date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    years = range(line.today.year, min(line.today.year + 9, 10_000))
    days = (_date(number, month, day) for number in years)
    return next((found for found in days if found and found >= line.today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _at(stop: int, day: date | None, at: time | None = None) -> Match:
    return None if day is None else (stop, Due(day, at))
