"""Days of the week in a named week or month: Friday next week, in two weeks on Monday, first Monday of May."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

from tasks.quick_add import tables
from tasks.quick_add.line import Due, Line
from tasks.quick_add.numbers import ordinal_at
from tasks.quick_add.units import Match, add_months, amount_at, coming, unit_ahead, week_ahead


def weekday_of_week(line: Line, place: int, weekday: int) -> Match:
    """Behind a day of the week: next week, of next week; in two weeks, which counts from the coming such day."""
    counted = amount_at(line, place)
    if counted and counted[2] == "week":
        return _on(line, counted[0], coming(line.today, weekday), weeks=counted[1])
    ahead = unit_ahead(line, line.skip(line.skip(place, tables.OF), tables.ARTICLES))
    if ahead is None or ahead[1] != "week":
        return None
    return _on(line, ahead[0], week_ahead(line.today, ahead[2]) + timedelta(days=weekday))


def day_of_week(line: Line, place: int) -> Match:
    """next week Friday, in two weeks on Monday, nächste Woche am Freitag."""
    if (counted := amount_at(line, place)) and counted[2] == "week":
        stop, weeks = counted[:2]
    elif (ahead := unit_ahead(line, place)) and ahead[1] == "week":
        stop, _, weeks = ahead
    else:
        return None
    name = line.skip(stop, tables.ON)
    weekday = tables.WEEKDAYS.get(line.key(name))
    is_sure = line.key(name) not in tables.UNSURE_DAYS or name > stop or line.is_last(name + 1)
    if weekday is None or not is_sure:
        return None
    return _on(line, name + 1, line.today + timedelta(days=weekday - line.today.weekday()), weeks=weeks)


def day_in_month(line: Line, place: int) -> Match:
    """first Monday of January, am letzten Freitag im Monat, last day of next month: the next such day."""
    start = line.skip(place, tables.ARTICLES)
    number, weekday = ordinal_at(line, start), tables.WEEKDAYS.get(line.key(start + 1))
    is_last_day = number == tables.LAST and tables.UNITS.get(line.key(start + 1)) == "day"
    of = line.skip(start + 2, tables.OF)
    if number is None or not (is_last_day or (weekday is not None and number <= 5)) or of == start + 2:
        return None
    found = _months(line, line.skip(of, tables.ARTICLES))
    days = (_numbered(first, number, weekday) for first in found[1]) if found else ()
    day = next((day for day in days if day and day >= line.today), None)
    return (found[0], Due(day)) if found and day else None


def _on(line: Line, stop: int, day: date, *, weeks: int = 0) -> Match:
    try:
        day += timedelta(days=7 * weeks)
    except OverflowError:
        return None
    return (stop, Due(day)) if day >= line.today else None


def _months(line: Line, place: int) -> tuple[int, Iterable[date]] | None:
    """Where `January`, `month` or `next month` stops, and the first days of the months that may be meant."""
    this = line.today.replace(day=1)
    try:
        if month := tables.MONTHS.get(line.key(place)):
            return place + 1, [
                add_months(this, months) for months in ((month - this.month) % 12 + 12 * n for n in (0, 1))
            ]
        if tables.UNITS.get(line.key(place)) == "month":
            return place + 1, [this, add_months(this, 1)]
        ahead = unit_ahead(line, place)
        return (ahead[0], [add_months(this, ahead[2])]) if ahead and ahead[1] == "month" else None
    except ValueError:  # past the year 9999
        return None


def _numbered(first: date, number: int, weekday: int | None) -> date | None:
    """In the month that begins with `first`; without a weekday its last day. None if it has no such day."""
    last = first.replace(day=monthrange(first.year, first.month)[1])
    if weekday is None:
        return last
    if number == tables.LAST:
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    day = (weekday - first.weekday()) % 7 + 7 * (number - 1) + 1
    return first.replace(day=day) if day <= last.day else None
