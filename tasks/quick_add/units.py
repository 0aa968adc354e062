"""Dates counted in units from today: in 3 days, next week, end of the month."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta

from tasks.quick_add import tables
from tasks.quick_add.line import Due, Line
from tasks.quick_add.numbers import number_at

Match = tuple[int, Due] | None
"""Where the phrase stops, and the date."""

LONGEST = 9_999
"""Days, weeks, months or years from now."""

SATURDAY = 5


def amount_from_now(line: Line, place: int) -> Match:
    """in 3 days, in einer Woche, in 2 hours; 3 days from now."""
    counted = amount_at(line, place)
    if counted is None:
        return None
    stop, amount, unit = counted
    try:
        return stop, _later(line.now, amount, unit)
    except (KeyError, OverflowError, ValueError):
        return None


def amount_at(line: Line, place: int) -> tuple[int, int, str] | None:
    """Where `in 3 days` or `3 days from now` stops, the number and the unit."""
    has_in = line.key(place) == "in"
    amount = number_at(line, place + has_in)
    unit = tables.UNITS.get(line.key(place + has_in + 1), "")
    stop = place + has_in + 2
    if not has_in:
        if (line.key(stop), line.key(stop + 1)) != ("from", "now"):
            return None
        stop += 2
    return (stop, amount, unit) if amount is not None and 0 < amount <= LONGEST else None


def coming_unit(line: Line, place: int) -> Match:
    """next week: its Monday. next month and year: their first day. (next) weekend: a Saturday."""
    today, ahead = line.today, unit_ahead(line, place)
    if ahead is None and tables.UNITS.get(line.key(place)) == "weekend":
        is_sure = line.loose or line.key(place - 1) in tables.ARTICLES | {"am", "on"}
        return (place + 1, Due(coming(today, SATURDAY))) if is_sure else None
    if ahead is None:
        return None
    stop, unit, steps = ahead
    if unit == "weekend":
        return stop, Due(week_ahead(today, steps) + timedelta(days=SATURDAY) if steps else coming(today, SATURDAY))
    firsts: dict[str, Callable[[], date]] = {
        "week": lambda: week_ahead(today, steps),
        "month": lambda: add_months(today.replace(day=1), steps),
        "quarter": lambda: add_months(date(today.year, (today.month - 1) // 3 * 3 + 1, 1), 3 * steps),
        "year": lambda: add_months(date(today.year, 1, 1), 12 * steps),
    }
    try:
        return (stop, Due(firsts[unit]())) if steps and unit in firsts else None
    except ValueError:  # past the year 9999
        return None


def unit_ahead(line: Line, place: int) -> tuple[int, str, int] | None:
    """Where `this week`, `next month`, `übernächste Woche` or `the week after next` stops, the unit, and how many of it
    ahead."""
    if (steps := tables.AHEAD.get(line.key(place))) is not None:
        unit = tables.UNITS.get(line.key(place + 1))
        return (place + 2, unit, steps) if unit else None
    start = line.skip(place, tables.ARTICLES)
    unit = tables.UNITS.get(line.key(start))
    after = line.phrase(start + 1, dict.fromkeys(tables.AFTER_NEXT, 2)) if unit else None
    return (after[0], unit, after[1]) if unit and after else None


def end_of_unit(line: Line, place: int) -> Match:
    """end of month, Monatsende, Ende Mai, end of next week. A week ends on Friday, when work does."""
    if (unit := tables.END_WORDS.get(line.key(place))) not in (None, "day"):
        return place + 1, Due(_end_of(line.today, unit))
    phrase = line.phrase(place, dict.fromkeys(tables.END_OF, True))
    if phrase is None:
        return None
    stop = phrase[0]
    if month := tables.MONTHS.get(line.key(stop)):
        day = line.today.replace(day=1, month=month)
        day = day if month >= line.today.month else day.replace(year=day.year + 1)
        return stop + 1, Due(_end_of(day, "month"))
    ahead, first = unit_ahead(line, stop), coming_unit(line, stop)
    stop, unit, _ = ahead or (stop + 1, tables.UNITS.get(line.key(stop)), 0)
    is_possible = unit in ("week", "month", "quarter", "year")
    return (stop, Due(_end_of(first[1].day if first else line.today, unit))) if unit and is_possible else None


def add_months(day: date, months: int) -> date:
    """The last day of a shorter month. Raises ValueError past the year 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def coming(today: date, weekday: int) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def week_ahead(day: date, weeks: int) -> date:
    """The Monday of the week that is `weeks` after that of `day`."""
    return day + timedelta(days=7 * weeks - day.weekday())


def _later(now: datetime, amount: int, unit: str) -> Due:
    """Raises KeyError for another unit, and OverflowError or ValueError past the year 9999."""
    if unit in ("minute", "hour"):
        # By the clock of UTC: an hour is an hour on the day that clocks change, too.
        moment = now.timestamp() + amount * {"minute": 60, "hour": 3600}[unit]
        there = datetime.fromtimestamp(-(-moment // 60) * 60, now.tzinfo)
        return Due(there.date(), there.time())
    if unit in ("day", "week"):
        return Due(now.date() + timedelta(days=amount * {"day": 1, "week": 7}[unit]))
    return Due(add_months(now.date(), amount * {"month": 1, "quarter": 3, "year": 12}[unit]))


def _end_of(day: date, unit: str) -> date:
    if unit == "week":
        friday = day + timedelta(days=4 - day.weekday())
        return friday if friday >= day else friday + timedelta(days=7)
    last = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 3, "year": 12}[unit]
    return date(day.year, last, monthrange(day.year, last)[1])
