"""Days of the week in a recurrence: Monday; Mon, Wed and Fri; Monday to Friday; Mo-Fr."""

from collections.abc import Iterable

from tasks.quick_add import tables
from tasks.quick_add.line import Line

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKDAYS = "MO,TU,WE,TH,FR"

SHORT = 5
"""Characters of the longest abbreviation, thurs."""

Rule = tuple[int, dict[str, str]] | None
"""Where a phrase stops, and the parts of its RRULE."""


def make_rule(freq: str, interval: int = 1, /, **parts: str) -> dict[str, str]:
    return {"FREQ": freq, **({"INTERVAL": str(interval)} if interval > 1 else {}), **parts}


def by_day(days: Iterable[int]) -> str:
    return ",".join(DAYS[day] for day in sorted(days))


def week_days(line: Line, place: int, table: dict[str, int] = tables.WEEKDAYS) -> tuple[set[int], int]:
    """The days that stand here, joined by commas, and, to; where they stop."""
    days: set[int] = set()
    stop = place
    while (found := _days_at(line, stop, table)) is not None:
        days |= found
        if line.key(stop + 1) in tables.TO and line.key(stop + 2) in table and len(found) == 1:
            return days | _range(min(found), table[line.key(stop + 2)]), stop + 3
        following = joined(line, stop + 1)
        if following is None and _goes_on(line, stop + 1, table):
            following = stop + 1
        if following is None or _days_at(line, following, table) is None:
            return days, stop + 1
        stop = following
    return days, stop


def _goes_on(line: Line, place: int, table: dict[str, int]) -> bool:
    """mon wed fri, without commas. Not `mon do laundry`: a word of its own has to be as short as the day before it."""
    key, before = line.key(place), line.key(place - 1)
    if key not in tables.UNSURE_DAYS:
        return key in table
    return len(before) <= SHORT and (len(key) == 2) == (len(before) == 2)


def joined(line: Line, place: int) -> int | None:
    """Where a list goes on, if a comma stands before `place` or `and` at it."""
    if line.key(place) in tables.AND:
        return place + 1
    return place if 0 < place < len(line.words) and line.words[place - 1].tail.endswith(",") else None


def _days_at(line: Line, place: int, table: dict[str, int]) -> set[int] | None:
    """One day, or those of mon-fri and mo/do."""
    key = line.key(place)
    if key in table:
        return {table[key]}
    for mark, join in (("-", _range), ("\N{EN DASH}", _range), ("/", lambda first, last: {first, last})):
        first, _, last = key.partition(mark)
        if first in table and last in table:
            return join(table[first], table[last])
    return None


def _range(first: int, last: int) -> set[int]:
    return {(first + step) % 7 for step in range((last - first) % 7 + 1)}
