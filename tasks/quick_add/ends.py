"""The ends of a recurrence: for 5 times, 5 mal, for 3 weeks; and its first day."""

import re
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrulestr

from tasks.quick_add import tables
from tasks.quick_add.line import Line
from tasks.quick_add.numbers import number_at
from tasks.quick_add.units import add_months

COUNT = re.compile(r"([0-9]{1,4})(?:-?mal|x)")
MOST = 999


def match_count(line: Line, place: int) -> tuple[int, dict[str, str]] | None:
    """for 5 times, 5 mal, fünf Mal, 5x; for 3 weeks is returned with the unit, as {"week": "3"}."""
    has_for = line.key(place) in tables.FOR
    start = place + has_for
    if glued := COUNT.fullmatch(line.key(start)):
        return _counted(start + 1, int(glued[1]))
    number = number_at(line, start)
    if number is None:
        return None
    if line.key(start + 1) in tables.TIMES:
        return _counted(start + 2, number)
    unit = tables.UNITS.get(line.key(start + 1))
    if has_for and unit in ("day", "week", "month", "year") and 0 < number <= MOST:
        return start + 2, {str(unit): str(number)}
    return None


def last_day(start: date, length: dict[str, str]) -> date:
    """The last day of a recurrence `for 3 weeks` that begins on `start`; at the latest the calendar's last one."""
    ((unit, number),) = length.items()
    try:
        if unit in ("day", "week"):
            end = start + timedelta(days=int(number) * {"day": 1, "week": 7}[unit])
        else:
            end = add_months(start, int(number) * {"month": 1, "year": 12}[unit])
    except (ValueError, OverflowError):
        return date.max
    return end - timedelta(days=1)


def first_day(rule: dict[str, str], start: date) -> date | None:
    """The first day from `start` on that fits; None if there is none. An interval is counted from that day on."""
    begin = datetime.combine(start, time())
    text = ";".join(f"{name}={value}" for name, value in rule.items() if name != "INTERVAL")
    found = rrulestr(text, dtstart=begin).after(begin, inc=True)
    return found.date() if found else None


def _counted(stop: int, number: int) -> tuple[int, dict[str, str]] | None:
    return (stop, {"COUNT": str(number)}) if 0 < number <= MOST else None
