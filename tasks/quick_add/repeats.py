"""Recurrences: every Monday and Thursday, jeden zweiten Freitag, every! 3 days. As an RRULE without DTSTART."""

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from dateutil.rrule import rrulestr

from tasks.quick_add import tables
from tasks.quick_add.days import DAY_NUMBER, add_months, number_at
from tasks.quick_add.line import Line

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKDAYS = "MO,TU,WE,TH,FR"
SHORT_ORDINAL = re.compile(r"([0-9]{1,3})(\.|st|nd|rd|th)")
COUNT = re.compile(r"([0-9]{1,4})(?:-?mal|x)")
MOST = 999
"""The greatest interval and number of repetitions."""


class Repeat(NamedTuple):
    """`rule`: the RRULE's parts so far; `at`: the time of `every morning`."""

    rule: dict[str, str]
    from_completion: bool = False
    at: time | None = None

    @property
    def text(self) -> str:
        return ";".join(f"{name}={value}" for name, value in self.rule.items())


Match = tuple[int, Repeat] | None
Rule = tuple[int, dict[str, str]] | None


def match_repeat(line: Line, place: int) -> Match:
    """A recurrence, without its end, which `match_count()` and dates with `until` are."""
    key = line.key(place)
    if key in tables.EVERY or key in tables.ALL:
        return _every(line, place)
    before = place + (key == "on")
    return _adverb(line, before, is_sure=key == "on")


def match_count(line: Line, place: int) -> tuple[int, dict[str, str]] | None:
    """for 5 times, 5 mal, fünf Mal, 5x; for 3 weeks is returned with the days' unit, e.g. {"week": "3"}."""
    has_for = line.key(place) in ("for", "fur")
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


def first_day(rule: str, start: date) -> date | None:
    """The first occurrence from `start` on; None if there is none."""
    begin = datetime.combine(start, time())
    found = rrulestr(rule, dtstart=begin).after(begin, inc=True)
    return found.date() if found else None


def _counted(stop: int, number: int) -> tuple[int, dict[str, str]] | None:
    return (stop, {"COUNT": str(number)}) if 0 < number <= MOST else None


def _adverb(line: Line, place: int, *, is_sure: bool) -> Match:
    key = line.key(place)
    if key in tables.ADJECTIVES and not is_sure and not line.is_last(place + 1):
        return None
    if key in tables.ADVERBS and not is_sure:
        freq, interval = tables.ADVERBS[key]
        return place + 1, Repeat(_rule(freq, interval), _is_forced(line, place))
    if key in tables.WORKDAY_ADVERBS:
        return place + 1, Repeat(_rule("WEEKLY", BYDAY=WORKDAYS))
    if key in tables.PLURAL_DAYS:
        return _weekdays_match(line, place, tables.PLURAL_DAYS)
    return None


def _every(line: Line, place: int) -> Match:
    is_all, from_completion = line.key(place) in tables.ALL, _is_forced(line, place)
    if not is_all and line.key(place + 1) in tables.DAYPARTS:
        at = tables.DAYPARTS[line.key(place + 1)]
        return place + 2, Repeat(_rule("DAILY"), from_completion, at)
    forms = (_interval,) if is_all else (_interval, _ordinal, _days_of_month, _day_of_year, _weekdays)
    matches = [match for form in forms if (match := form(line, place + 1))]
    stop, rule = max(matches, key=lambda match: match[0], default=(0, {}))
    return (stop, Repeat(rule, from_completion)) if rule else None


def _is_forced(line: Line, place: int) -> bool:
    """every! counts from the completion."""
    return line.words[place].tail.startswith("!")


def _interval(line: Line, place: int) -> Rule:
    """day, 3 days, other week, zweite Woche, 2. Woche, 2 weeks on Mon and Thu."""
    number, stop = _amount(line, place)
    unit = tables.UNITS.get(line.key(stop), "")
    is_all = line.key(place - 1) in tables.ALL
    if (is_all and stop == place) or not 0 < number <= MOST:
        return None
    if unit == "weekday":
        return (stop + 1, _rule("WEEKLY", BYDAY=WORKDAYS)) if number == 1 else None
    if unit == "weekend":
        return stop + 1, _rule("WEEKLY", number, BYDAY="SA")
    factors = {"day": ("DAILY", 1), "week": ("WEEKLY", 1), "month": ("MONTHLY", 1), "quarter": ("MONTHLY", 3)}
    freq, factor = (factors | {"year": ("YEARLY", 1)}).get(unit, ("", 0))
    if not freq or number * factor > MOST:
        return None
    if freq == "WEEKLY" and line.key(stop + 1) in ("on", "am", "an"):
        days, end = _list_of_days(line, stop + 2, tables.WEEKDAYS)
        if days:
            return end, _rule("WEEKLY", number, BYDAY=_by_day(days))
    return stop + 1, _rule(freq, number * factor)


def _amount(line: Line, place: int) -> tuple[int, int]:
    """The number before a unit or a weekday, and where it stops: 3, three, other, 2nd, zweite. None said: 1."""
    if ordinal := _ordinal_at(line, place):
        return ordinal, place + 1
    number = number_at(line, place)
    return (1, place) if number is None else (number, place + 1)


def _ordinal_at(line: Line, place: int) -> int | None:
    if found := SHORT_ORDINAL.fullmatch(line.raw(place)) or SHORT_ORDINAL.fullmatch(line.key(place)):
        return int(found[1])
    return tables.ORDINALS.get(line.key(place))


def _ordinal(line: Line, place: int) -> Rule:
    """first Monday, 2nd Friday, last Friday of the month, last day of the month.

    A 2nd or 3rd weekday is every second or third one, unless `of the month` follows.
    """
    number = _ordinal_at(line, place)
    if number is None:
        return None
    weekday = tables.WEEKDAYS.get(line.key(place + 1))
    of_month = _of_month(line, place + 2)
    if weekday is None:
        is_day = tables.UNITS.get(line.key(place + 1)) == "day"
        if is_day and (number == tables.LAST or (of_month and 1 <= number <= 31)):
            return of_month or place + 2, _rule("MONTHLY", BYMONTHDAY=str(number))
        return None
    if of_month or number in (1, tables.LAST):
        return (of_month or place + 2, _rule("MONTHLY", BYDAY=f"{number}{DAYS[weekday]}")) if number <= 5 else None
    return (place + 2, _rule("WEEKLY", number, BYDAY=DAYS[weekday])) if number <= MOST else None


def _of_month(line: Line, place: int) -> int | None:
    """Where `of the month`, `of every month`, `im Monat` or `des Monats` stops."""
    if line.key(place) not in tables.OF:
        return None
    stop = line.skip(line.skip(place + 1, tables.ARTICLES), tables.EVERY)
    return stop + 1 if tables.UNITS.get(line.key(stop)) == "month" else None


def _days_of_month(line: Line, place: int) -> Rule:
    """15th, 1st and 15th (of the month), 15."""
    days, stop = [], place
    while found := SHORT_ORDINAL.fullmatch(line.raw(stop)) or SHORT_ORDINAL.fullmatch(line.key(stop)):
        if not 1 <= int(found[1]) <= 31:
            return None
        days.append(int(found[1]))
        following = line.skip(stop + 1, tables.AND)
        is_joined = following > stop + 1 or line.words[stop].tail.endswith(",")
        stop = following if is_joined and SHORT_ORDINAL.fullmatch(line.raw(following)) else stop + 1
        if stop != following or not is_joined:
            break
    if not days or line.key(line.skip(stop, tables.OF)) in tables.MONTHS:
        return None
    return _of_month(line, stop) or stop, _rule("MONTHLY", BYMONTHDAY=",".join(map(str, sorted(set(days)))))


def _day_of_year(line: Line, place: int) -> Rule:
    """24 December, Dec 24, 5th of May, 24. Dezember; January alone is its first day."""
    if month := tables.MONTHS.get(line.key(place)):
        number, stop = DAY_NUMBER.fullmatch(line.key(place + 1)), place + 2
        if number is None:
            return (place + 1, _yearly(1, month)) if line.key(place) not in ("may", "march", "mar") else None
    else:
        number, of = DAY_NUMBER.fullmatch(line.key(place)), line.skip(place + 1, tables.OF)
        month, stop = tables.MONTHS.get(line.key(of)), of + 1
    if number is None or not month or int(number[1]) > (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]:
        return None
    return (stop, _yearly(int(number[1]), month)) if int(number[1]) else None


def _yearly(day: int, month: int) -> dict[str, str]:
    return _rule("YEARLY", BYMONTH=str(month), BYMONTHDAY=str(day))


def _weekdays(line: Line, place: int) -> Rule:
    """Monday; Mon, Wed and Fri; Monday to Friday."""
    days, stop = _list_of_days(line, place, tables.WEEKDAYS)
    return (stop, _rule("WEEKLY", BYDAY=_by_day(days))) if days else None


def _weekdays_match(line: Line, place: int, table: dict[str, int]) -> Match:
    days, stop = _list_of_days(line, place, table)
    return (stop, Repeat(_rule("WEEKLY", BYDAY=_by_day(days)))) if days else None


def _list_of_days(line: Line, place: int, table: dict[str, int]) -> tuple[set[int], int]:
    """The days that are joined by commas, and, to; where they stop."""
    days: set[int] = set()
    stop = place
    while (day := _days_at(line, stop, table)) is not None:
        days |= day
        following = line.skip(stop + 1, tables.AND)
        if line.key(stop + 1) in tables.TO and line.key(stop + 2) in table and len(day) == 1:
            days |= _range(min(day), table[line.key(stop + 2)])
            return days, stop + 3
        is_joined = following > stop + 1 or line.words[stop].tail == ","
        if not is_joined or _days_at(line, following, table) is None:
            return days, stop + 1
        stop = following
    return days, stop


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


def _by_day(days: set[int]) -> str:
    return ",".join(DAYS[day] for day in sorted(days))


def _rule(freq: str, interval: int = 1, **parts: str) -> dict[str, str]:
    return {"FREQ": freq, **({"INTERVAL": str(interval)} if interval > 1 else {}), **parts}
