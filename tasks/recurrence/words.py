"""A rule in words, as `every 2nd Friday`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from tasks.recurrence.languages import LANGUAGES, Language
from tasks.recurrence.rule import Day, Rule, RuleError, parse

MOST_NAMED = 12
"""Days, months or weeks that are listed by name; of more only the number is said."""

WORKDAYS = (0, 1, 2, 3, 4)


@lru_cache(maxsize=1024)
def in_words(text: str, *, from_completion: bool = False, language: str = "en") -> str:
    """The rule in words; the rule's own text where it can't be read or the words would be too many."""
    try:
        rule = parse(text)
    except RuleError:
        return text
    names = LANGUAGES[language]
    parts = (rule.by_month_day, rule.by_year_day, rule.by_week, rule.by_day, rule.by_position, rule.by_month)
    if any(len(part) > MOST_NAMED for part in parts):
        return text
    return _repeats(rule, names) + (names.after_completion if from_completion else "") + _end(rule, names)


def _repeats(rule: Rule, names: Language) -> str:
    if rule.freq in {"DAILY", "WEEKLY"} and rule.by_day and not (rule.by_month_day or rule.by_position):
        days = [day.weekday for day in rule.by_day]
        if rule.freq == "WEEKLY" or rule.interval == 1:
            return _weekly(rule, days, names) + _months(rule, names.in_months, names)
    return _every(rule, names) + _days(rule, names)


def _every(rule: Rule, names: Language) -> str:
    one, many = names.every[rule.freq]
    return one if rule.interval == 1 else many.format(n=rule.interval)


def _weekly(rule: Rule, days: Sequence[int], names: Language) -> str:
    if len(set(days)) == 7:
        return _every(rule, names) if rule.freq == "DAILY" or rule.interval > 1 else names.every["DAILY"][0]
    each, every_nth = names.every_weekday
    day = _weekdays(days, names)
    if rule.interval == 1:
        return each.format(day=day)
    if len(days) == 1:
        return every_nth.format(nth=names.ordinal(rule.interval), day=day)
    return _every(rule, names) + names.on_weekday.format(what=day)


def _weekdays(days: Iterable[int], names: Language) -> str:
    days = sorted(days)
    return names.workday if tuple(days) == WORKDAYS else _listed([names.days[day] for day in days], names)


def _days(rule: Rule, names: Language) -> str:
    """What stands behind `every month`: which days, of which months."""
    of_months = _months(rule, names.of_months, names)
    if rule.by_month_day and not rule.by_position:
        return _month_days(rule, names)
    if rule.by_position:
        what = _positions(rule, names)
    elif rule.by_week:
        what = names.week.format(what=_listed([str(number) for number in rule.by_week], names)) + _on_days(rule, names)
    elif rule.by_year_day:
        listed = [names.day_of_year.format(nth=_nth(number, names)) for number in rule.by_year_day]
        what = names.on.format(what=_listed(listed, names))
    elif rule.by_day and rule.by_day[0].nth:
        what = names.on.format(what=_listed([_numbered(day, names) for day in rule.by_day], names))
    else:
        return _on_days(rule, names) + _months(rule, names.in_months, names)
    return what + of_months


def _on_days(rule: Rule, names: Language) -> str:
    """Days of the week, without numbers; empty if there are none."""
    days = [day.weekday for day in rule.by_day]
    return names.on_weekday.format(what=_weekdays(days, names)) if days else ""


def _month_days(rule: Rule, names: Language) -> str:
    of_months = _months(rule, names.of_months, names)
    if rule.by_day:
        days = _weekdays([day.weekday for day in rule.by_day], names)
        what = _listed([_month_day(number, names) for number in rule.by_month_day], names)
        return names.weekday_date.format(day=days, what=what) + of_months
    if rule.freq == "YEARLY" and len(rule.by_month) == 1 and min(rule.by_month_day) > 0:
        month = names.months[rule.by_month[0] - 1]
        dates = [names.date.format(nth=names.ordinal(n), n=n, month=month) for n in rule.by_month_day]
        return names.on_weekday.format(what=_listed(dates, names))
    return names.on.format(what=_listed([_month_day(n, names) for n in rule.by_month_day], names)) + of_months


def _positions(rule: Rule, names: Language) -> str:
    """`on the last weekday`; and the usual way to say that a short month's last day will do for the 31st."""
    days = rule.by_month_day
    if rule.by_position == (-1,) and days and not rule.by_day and sorted(days) == [*range(28, max(days) + 1)]:
        return names.on.format(what=names.or_last_day.format(what=_month_day(max(days), names)))
    plain = sorted(day.weekday for day in rule.by_day if not day.nth)
    if plain and not (days or rule.by_year_day or rule.by_week) and (len(plain) == 1 or tuple(plain) == WORKDAYS):
        what = _weekdays(plain, names)
    else:
        what = f"({_days_without_position(rule, names).strip()})"
    return names.on.format(what=names.position.format(nth=_numbers(rule.by_position, names), what=what))


def _days_without_position(rule: Rule, names: Language) -> str:
    days = Rule("", rule.freq, by_month_day=rule.by_month_day, by_year_day=rule.by_year_day, by_week=rule.by_week,
                by_day=rule.by_day)  # fmt: skip
    return _days(days, names)


def _months(rule: Rule, form: str, names: Language) -> str:
    if not rule.by_month:
        return ""
    return form.format(what=_listed([names.months[month - 1] for month in sorted(rule.by_month)], names))


def _numbered(day: Day, names: Language) -> str:
    return names.position.format(nth=_nth(day.nth, names), what=names.days[day.weekday])


def _month_day(number: int, names: Language) -> str:
    if number == -1:
        return names.last_day
    form = names.day_of_month if number > 0 else names.day
    return form.format(nth=_nth(number, names))


def _nth(number: int, names: Language) -> str:
    if number == -1:
        return names.last
    return names.ordinal(number) if number > 0 else names.from_last.format(nth=names.ordinal(-number))


def _numbers(numbers: Iterable[int], names: Language) -> str:
    return _listed([_nth(number, names) for number in numbers], names)


def _listed(words: Sequence[str], names: Language) -> str:
    return names.both.join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _end(rule: Rule, names: Language) -> str:
    if rule.count is not None:
        return names.once if rule.count == 1 else names.times.format(n=rule.count)
    if rule.until is None:
        return ""
    day = rule.until.date() if isinstance(rule.until, datetime) else rule.until
    month = names.months[day.month - 1]
    return names.until.format(
        what=names.full_date.format(n=day.day, nth=names.ordinal(day.day), month=month, year=day.year)
    )
