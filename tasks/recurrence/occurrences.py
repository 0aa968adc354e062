"""The dates of a rule, by python-dateutil, and what follows on a task's due date.

Two things keep the search short. It begins in the period of the date that is asked for, however long ago the series
began. And it runs at the end of the calendar, where dateutil stops by itself: the calendar repeats every 400 years,
weekdays included, so a rule has the same dates there.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from itertools import islice
from typing import Any

from dateutil import rrule

from tasks.recurrence.due import Due
from tasks.recurrence.rule import Frequency, Rule, RuleError, parse

HORIZON_DAYS = 40 * 366
"""A rule that has no date within forty years has none. The 29th of February on a given weekday needs all of them."""

CYCLE_DAYS = 146_097
CYCLE_YEARS = 400
LAST_START = 9958
"""The latest year that a search begins in: forty-one before dateutil's last one."""

MAX_PREVIEW = 100

FREQUENCIES: dict[Frequency, Any] = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}


def check(text: str, anchor: date) -> Rule:
    """The rule, if it can be used for a task that is due on `anchor`. Raises RuleError."""
    rule = parse(text)
    if next(dates_after(rule, anchor, anchor), None) is None:
        raise RuleError("This rule has no other date within forty years.")
    return rule


def dates_after(rule: Rule, anchor: date, after: date) -> Iterator[date]:
    """The rule's dates after that day, counted from `anchor`, in order; COUNT and UNTIL are not regarded."""
    after = max(after, anchor)
    start = _period(rule, anchor, after)
    shift = (LAST_START - date.fromordinal(max(1, start)).year) // CYCLE_YEARS * CYCLE_DAYS
    last = min(after.toordinal() + HORIZON_DAYS, date.max.toordinal())
    with suppress(ValueError, OverflowError):  # of dateutil, at the calendar's end
        for found in _series(rule, anchor, date.fromordinal(start + shift)):
            day = found.toordinal() - shift
            if day > last:
                return
            if day > after.toordinal():
                yield date.fromordinal(day)


def following(rule: Rule, present: Due, *, today: date, from_completion: bool = False) -> Iterator[Due]:
    """What comes after the present time, for a task that is completed on `today`, in order. Ends as the rule does.

    Counted from the due date, those before `today` are left out: they have been missed. Counted from completion, they
    come after `today`.
    """
    if from_completion:
        days = dates_after(rule, today, today)
    else:
        days = (day for day in dates_after(rule, present.day, _day_before(today)))
    times = (present.on(day) for day in days)
    for due in times if rule.count is None else islice(times, rule.count - 1):
        if rule.until is not None and is_over(rule.until, due):
            return
        yield due


def is_over(until: date | datetime, due: Due) -> bool:
    """Whether the time lies after the rule's last one, which is part of it."""
    if not isinstance(until, datetime):
        return due.day > until
    if due.clock is None:
        return due.day > until.date()
    if until.tzinfo is None:
        return datetime.combine(due.day, due.clock) > until
    return due.moment() > until


def _day_before(day: date) -> date:
    return date.fromordinal(max(1, day.toordinal() - 1))


def _period(rule: Rule, anchor: date, after: date) -> int:
    """The first day of the period that `after` lies in, or of the last one before it, as an ordinal. Periods are
    counted from the one of `anchor`. In the first week of the calendar it may lie before its first day.
    """
    if rule.freq == "YEARLY":
        return date(after.year - (after.year - anchor.year) % rule.interval, 1, 1).toordinal()
    if rule.freq == "MONTHLY":
        month = after.year * 12 + after.month - 1
        month -= (month - anchor.year * 12 - anchor.month + 1) % rule.interval
        return date(month // 12, month % 12 + 1, 1).toordinal()
    start, days = anchor.toordinal(), rule.interval
    if rule.freq == "WEEKLY":
        start, days = start - (anchor.weekday() - rule.week_start) % 7, days * 7
    return start + (after.toordinal() - start) // days * days


def _series(rule: Rule, anchor: date, start: date) -> Any:
    """The rule as dateutil's, from the first day of a period."""
    month, month_day, day = rule.by_month, rule.by_month_day, list(rule.by_day)
    if not rule.names_days:  # then the anchor does
        if rule.freq == "YEARLY":
            month, month_day = month or (anchor.month,), (anchor.day,)
        elif rule.freq == "MONTHLY":
            month_day = (anchor.day,)
        elif rule.freq == "WEEKLY":
            day = [(anchor.weekday(), 0)]  # type: ignore[list-item]
    return rrule.rrule(
        FREQUENCIES[rule.freq],
        dtstart=datetime.combine(start, datetime.min.time()),
        interval=rule.interval,
        wkst=rule.week_start,
        bymonth=month or None,
        bymonthday=month_day or None,
        byyearday=rule.by_year_day or None,
        byweekno=rule.by_week or None,
        byweekday=[rrule.weekday(number, nth or None) for number, nth in day] or None,
        bysetpos=rule.by_position or None,
    )
