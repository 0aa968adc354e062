"""Recurrences: every Monday and Thursday, jeden zweiten Freitag, every! 3 days. As an RRULE without DTSTART."""

from datetime import time
from typing import NamedTuple

from tasks.quick_add import tables
from tasks.quick_add.line import Line
from tasks.quick_add.numbered_days import day_of_year, every_numbered, of_every_month, of_month, on_numbered
from tasks.quick_add.numbers import number_at, ordinal_at
from tasks.quick_add.week_days import DAYS, WORKDAYS, Rule, by_day, make_rule, week_days
from tasks.recurrence.rule import MAX_INTERVAL

LONGEST = {"MONTHLY": 12 * 39, "YEARLY": 39}
"""Greater intervals have no date within the forty years that rules are followed."""

UNITS = {
    "day": ("DAILY", 1),
    "week": ("WEEKLY", 1),
    "month": ("MONTHLY", 1),
    "quarter": ("MONTHLY", 3),
    "year": ("YEARLY", 1),
}


class Repeat(NamedTuple):
    """`rule`: the RRULE's parts so far; `at`: the time of `every morning`."""

    rule: dict[str, str]
    from_completion: bool = False
    at: time | None = None

    @property
    def text(self) -> str:
        return ";".join(f"{name}={value}" for name, value in self.rule.items())


Match = tuple[int, Repeat] | None


def match_repeat(line: Line, place: int) -> Match:
    """A recurrence, without its end, which is a phrase of its own."""
    found = _every(line, place) or _adverb(line, place)
    if found is None and (rule := of_every_month(line, place)):
        found = rule[0], Repeat(rule[1])
    after = line.phrase(found[0], tables.AFTER_COMPLETION) if found else None
    return (after[0], found[1]._replace(from_completion=True)) if found and after else found


def _adverb(line: Line, place: int) -> Match:
    """daily, täglich, on Mondays, werktags."""
    is_sure = line.key(place) == "on"
    place += is_sure
    key = line.key(place)
    if key in tables.ADJECTIVES and not is_sure and not line.is_last(place + 1):
        return None
    if key in tables.ADVERBS and not is_sure:
        freq, interval = tables.ADVERBS[key]
        return place + 1, Repeat(make_rule(freq, interval), _is_forced(line, place))
    if key in tables.WORKDAY_ADVERBS:
        return place + 1, Repeat(make_rule("WEEKLY", BYDAY=WORKDAYS))
    days, stop = week_days(line, place, tables.PLURAL_DAYS)
    return (stop, Repeat(make_rule("WEEKLY", BYDAY=by_day(days)))) if days else None


def _every(line: Line, place: int) -> Match:
    is_all = line.key(place) in tables.ALL
    if not is_all and line.key(place) not in tables.EVERY:
        return None
    from_completion = _is_forced(line, place)
    if not is_all and (at := tables.DAYPARTS.get(line.key(place + 1))):
        return place + 2, Repeat(make_rule("DAILY"), from_completion, at)
    forms = (_interval,) if is_all else (_interval, _every_nth, every_numbered, day_of_year, _every_week_day)
    matches = [match for form in forms if (match := form(line, place + 1))]
    stop, rule = max(matches, key=lambda match: match[0], default=(0, {}))
    if compound := tables.DAYS_WITH_PARTS.get(line.key(place + 1)):
        return place + 2, Repeat(make_rule("WEEKLY", BYDAY=DAYS[compound[0]]), from_completion, compound[1])
    if not rule:
        return None
    part = _part_of_days(line, stop)
    return stop + (part is not None), Repeat(rule, from_completion, part)


def _part_of_days(line: Line, place: int) -> time | None:
    """Behind a day of the week: every Friday evening, every weekday morning."""
    key = line.key(place - 1)
    is_day = key in tables.WEEKDAYS or tables.UNITS.get(key) == "weekday"
    return tables.DAYPARTS.get(line.key(place)) if is_day else None


def _is_forced(line: Line, place: int) -> bool:
    """every! counts from the completion."""
    return line.words[place].tail.startswith("!")


def _interval(line: Line, place: int) -> Rule:
    """day, 3 days, other week, 2. Woche; 2 weeks on Mon and Thu, month on the first Monday, year on 24 Dec."""
    number, stop = _amount(line, place)
    unit = tables.UNITS.get(line.key(stop), "")
    if not 0 < number <= MAX_INTERVAL or (stop == place and line.key(place - 1) in tables.ALL):
        return None
    if unit == "weekday":
        return (stop + 1, make_rule("WEEKLY", BYDAY=WORKDAYS)) if number == 1 else None
    if unit == "weekend":
        return stop + 1, make_rule("WEEKLY", number, BYDAY="SA")
    freq, factor = UNITS.get(unit, ("", 1))
    if not freq or number * factor > LONGEST.get(freq, MAX_INTERVAL):
        return None
    if freq == "DAILY" and number % 7 == 0 and (days := _on_days(line, stop + 1, "WEEKLY")):  # alle 14 Tage samstags
        return days[0], make_rule("WEEKLY", number // 7, **days[1])
    end, parts = _on_days(line, stop + 1, freq) or (stop + 1, {})
    return end, make_rule(freq, number * factor, **parts)


def _on_days(line: Line, place: int, freq: str) -> Rule:
    if freq != "WEEKLY":
        return on_numbered(line, place, freq) if freq != "DAILY" else None
    has_on = line.key(place) in tables.ON
    days, stop = week_days(line, place + has_on, tables.WEEKDAYS | tables.PLURAL_DAYS if has_on else tables.PLURAL_DAYS)
    return (stop, {"BYDAY": by_day(days)}) if days else None


def _amount(line: Line, place: int) -> tuple[int, int]:
    """The number before a unit, and where it stops: 3, three, other, 2nd, zweite. None said: 1."""
    if ordinal := ordinal_at(line, place):
        return ordinal, place + 1
    number = number_at(line, place)
    return (1, place) if number is None else (number, place + 1)


def _every_nth(line: Line, place: int) -> Rule:
    """2nd Friday, other Friday: every second one."""
    number, weekday = ordinal_at(line, place), tables.WEEKDAYS.get(line.key(place + 1))
    if number is None or weekday is None or not 2 <= number <= MAX_INTERVAL:
        return None
    if of_month(line, place + 2):
        return None
    return place + 2, make_rule("WEEKLY", number, BYDAY=DAYS[weekday])


def _every_week_day(line: Line, place: int) -> Rule:
    days, stop = week_days(line, place)
    return (stop, make_rule("WEEKLY", BYDAY=by_day(days))) if days else None
