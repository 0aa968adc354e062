"""The text of a rule, as `FREQ=WEEKLY;INTERVAL=2;BYDAY=FR`, and what is refused in it.

Reading takes time in proportion to the text, which has a limit. Rules are about days: the time of day is the task's.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any, Literal, NamedTuple, cast

MAX_LENGTH = 255
MAX_INTERVAL = 999
MAX_COUNT = 9999

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""The days of each month, in a leap year."""

_FORM = re.compile(r"[A-Z]+=[A-Z0-9+,-]+(;[A-Z]+=[A-Z0-9+,-]+)*")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_COUNT = re.compile(r"(?<=\bCOUNT=)[0-9]+")
_UNTIL = {8: "%Y%m%d", 15: "%Y%m%dT%H%M%S", 16: "%Y%m%dT%H%M%SZ"}


class RuleError(ValueError):
    """A rule that can't be used; its text is a sentence that says why."""


class Day(NamedTuple):
    """A part of BYDAY: 0 is Monday. `nth` of its month or year, from the end if negative; 0: each."""

    weekday: int
    nth: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that has been read. Empty tuples stand for parts that it does not have."""

    text: str
    freq: Frequency
    interval: int = 1
    count: int | None = None
    """How often it still happens, the present time included."""

    until: date | datetime | None = None
    """The last day, or the last moment: naive in the zone of the task, aware where it ended with a Z."""

    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week: tuple[int, ...] = ()
    by_day: tuple[Day, ...] = ()
    by_position: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def names_days(self) -> bool:
        """Whether it says which days of a period; otherwise these are as the date that it is counted from."""
        return bool(self.by_month_day or self.by_year_day or self.by_week or self.by_day)


def normalize(text: str) -> str:
    """The text without what may be left out: a name before it, blanks around it, lower case."""
    return text.strip().upper().removeprefix("RRULE:")


def parse(text: str) -> Rule:
    """Raises RuleError for what is no rule, or none that is about days."""
    if len(text) > MAX_LENGTH:
        raise RuleError(f"A rule has at most {MAX_LENGTH} characters.")
    text = normalize(text)
    if not _FORM.fullmatch(text):
        raise RuleError("Write a rule like FREQ=WEEKLY;INTERVAL=2;BYDAY=FR (RFC 5545, without DTSTART).")
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name in parts:
            raise RuleError(f"{name} stands in the rule twice.")
        parts[name] = value
    rule = Rule(text, **_read(parts))
    _check(rule)
    return rule


def with_count(text: str, count: int) -> str:
    """The same rule, with another COUNT in the place of the one that it has."""
    return _COUNT.sub(str(count), normalize(text))


def _read(parts: dict[str, str]) -> dict[str, Any]:
    freq = parts.get("FREQ")
    if freq is None:
        raise RuleError("A rule says how often: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.")
    if freq not in FREQUENCIES:
        raise RuleError("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY: a task repeats once a day at most.")
    if unknown := parts.keys() - READERS.keys():
        raise RuleError(f"{min(unknown)} can't stand in the rule of a task.")
    return {field: read(name, parts[name]) for name, (field, read) in READERS.items() if name in parts}


def _number(least: int, most: int) -> Callable[[str, str], int]:
    def read(name: str, value: str) -> int:
        if not (_NUMBER.fullmatch(value) and least <= int(value) <= most):
            raise RuleError(f"{name} must be a number from {least} to {most}.")
        return int(value)

    return read


def _numbers(most: int, *, least: int) -> Callable[[str, str], tuple[int, ...]]:
    def read(name: str, value: str) -> tuple[int, ...]:
        texts = value.split(",")
        found = [int(text) for text in texts if _NUMBER.fullmatch(text)]
        if len(found) < len(texts) or not all(number and least <= number <= most for number in found):
            before_the_end = f", or from {least} to -1" if least < 0 else ""
            raise RuleError(f"{name} must hold numbers from 1 to {most}{before_the_end}, separated by commas.")
        return tuple(dict.fromkeys(found))

    return read


def _days(name: str, value: str) -> tuple[Day, ...]:
    found = []
    for text in value.split(","):
        match = _DAY.fullmatch(text)
        nth = int(match[1] or 0) if match else 0
        if match is None or (match[1] and not 1 <= abs(nth) <= 53):
            raise RuleError("BYDAY must hold days like MO, 2TU or -1FR, separated by commas.")
        found.append(Day(WEEKDAYS.index(match[2]), nth))
    return tuple(dict.fromkeys(found))


def _until(name: str, value: str) -> date | datetime:
    form = _UNTIL.get(len(value), "")
    try:
        found = datetime.strptime(value, form)  # noqa: DTZ007 -- naive means the zone of the task
    except ValueError:
        raise RuleError("UNTIL must be a day like 20261231, or a time like 20261231T180000Z.") from None
    if form.endswith("Z"):
        return found.replace(tzinfo=UTC)
    return found if "T" in form else found.date()


def _week_start(name: str, value: str) -> int:
    if value not in WEEKDAYS:
        raise RuleError("WKST must be one of MO, TU, WE, TH, FR, SA and SU.")
    return WEEKDAYS.index(value)


READERS: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "FREQ": ("freq", lambda name, value: cast("Frequency", value)),
    "INTERVAL": ("interval", _number(1, MAX_INTERVAL)),
    "COUNT": ("count", _number(1, MAX_COUNT)),
    "UNTIL": ("until", _until),
    "BYMONTH": ("by_month", _numbers(12, least=1)),
    "BYMONTHDAY": ("by_month_day", _numbers(31, least=-31)),
    "BYYEARDAY": ("by_year_day", _numbers(366, least=-366)),
    "BYWEEKNO": ("by_week", _numbers(53, least=-53)),
    "BYDAY": ("by_day", _days),
    "BYSETPOS": ("by_position", _numbers(366, least=-366)),
    "WKST": ("week_start", _week_start),
}
"""For each part the field of `Rule`, and what reads it. The time of day is no part: it is the task's."""


def _check(rule: Rule) -> None:
    """Raises RuleError for parts that the standard forbids beside each other."""
    for sentence in chain(_faults_of_parts(rule), _faults_of_days(rule)):
        raise RuleError(sentence)


def _faults_of_parts(rule: Rule) -> Iterator[str]:
    if rule.count is not None and rule.until is not None:
        yield "COUNT and UNTIL can't stand together: a rule ends in one way."
    if rule.by_week and rule.freq != "YEARLY":
        yield "BYWEEKNO needs FREQ=YEARLY."
    if rule.by_year_day and rule.freq != "YEARLY":
        yield "BYYEARDAY needs FREQ=YEARLY."
    if rule.by_month_day and rule.freq == "WEEKLY":
        yield "BYMONTHDAY can't stand beside FREQ=WEEKLY."


def _faults_of_days(rule: Rule) -> Iterator[str]:
    numbers = [day.nth for day in rule.by_day]
    in_month = rule.freq == "MONTHLY" or bool(rule.by_month)
    if any(numbers) and (rule.freq not in {"MONTHLY", "YEARLY"} or rule.by_week):
        yield "BYDAY may number its days only with FREQ=MONTHLY or YEARLY, and without BYWEEKNO."
    if any(numbers) and not all(numbers):
        yield "BYDAY must number all of its days, or none."
    if in_month and any(abs(number) > 5 for number in numbers):
        yield "A month has no more than five of a weekday: BYDAY goes from -5 to 5 there."
    if rule.by_position and (rule.freq == "DAILY" or not (rule.names_days or rule.by_month)):
        yield "BYSETPOS needs another part that names days, and FREQ=WEEKLY, MONTHLY or YEARLY."
    if rule.by_month and rule.by_month_day:
        longest = max(LONGEST_MONTHS[month - 1] for month in rule.by_month)
        if min(map(abs, rule.by_month_day)) > longest:
            yield "None of the months of this rule has such a day."
