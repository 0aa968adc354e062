"""Days that a recurrence counts in a month or a year: 15th, 1st and 3rd Monday, last day, 24 December."""

from collections.abc import Sequence

from tasks.quick_add import tables
from tasks.quick_add.line import Line
from tasks.quick_add.numbers import DAY_NUMBER, ordinal_at, short_ordinal
from tasks.quick_add.week_days import DAYS, Rule, joined, make_rule
from tasks.recurrence.rule import LONGEST_MONTHS

Parts = tuple[int, dict[str, str]] | None


def every_numbered(line: Line, place: int) -> Rule:
    """After `every`: 15th, 1st and 15th, first Monday, 2nd Friday of the month, last day, 2nd Sunday of May.

    A single 2nd or 3rd weekday is not among them: without `of the month` it is every second or third one.
    """
    found = numbered_days(line, place)
    if found is None:
        return None
    stop, parts = found
    end = of_month(line, stop)
    if end is None and (month := _of_name(line, stop)):
        return (month[0], make_rule("YEARLY", BYMONTH=str(month[1]), **parts)) if "BYDAY" in parts else None
    is_last_day = parts.get("BYMONTHDAY") == str(tables.LAST)
    is_sure = "," in next(iter(parts.values())) or ordinal_at(line, place) in (1, tables.LAST)
    if tables.UNITS.get(line.key(stop - 1)) == "day":
        is_sure = is_last_day
    elif "BYMONTHDAY" in parts:
        is_sure = True
    return (end or stop, make_rule("MONTHLY", **parts)) if end or is_sure else None


def of_every_month(line: Line, place: int) -> Rule:
    """on the 15th of every month, am ersten Montag jeden Monats, last day of each month."""
    start = line.skip(line.skip(place, tables.ON), tables.ARTICLES)
    found = numbered_days(line, start)
    end = of_month(line, found[0], is_each=True) if found else None
    return (end, make_rule("MONTHLY", **found[1])) if found and end else None


def on_numbered(line: Line, place: int, freq: str) -> Parts:
    """After `every month` and `every year`: on the 15th, on the first Monday, am 24. Dezember."""
    if line.key(place) not in tables.ON:
        return None
    start = line.skip(place + 1, tables.ARTICLES)
    if freq == "YEARLY" and (day := day_of_year(line, start)):
        return day[0], {name: day[1][name] for name in ("BYMONTH", "BYMONTHDAY")}
    found = numbered_days(line, start)
    month = _of_name(line, found[0]) if found else None
    if found is None or freq == "MONTHLY":
        return None if month else found
    return (month[0], {"BYMONTH": str(month[1]), **found[1]}) if month and "BYDAY" in found[1] else None


def day_of_year(line: Line, place: int) -> Rule:
    """24 December, Dec 24, 5th of May, 24. Dezember; January alone is its first day."""
    if month := tables.MONTHS.get(line.key(place)):
        number, stop = DAY_NUMBER.fullmatch(line.key(place + 1)), place + 2
        if number is None:
            return (place + 1, _yearly(1, month)) if line.key(place) not in tables.UNSURE_MONTHS else None
    else:
        number, of = DAY_NUMBER.fullmatch(line.key(place)), line.skip(place + 1, tables.OF)
        month, stop = tables.MONTHS.get(line.key(of)), of + 1
    if number is None or not month or not 1 <= int(number[1]) <= LONGEST_MONTHS[month - 1]:
        return None
    return stop, _yearly(int(number[1]), month)


def numbered_days(line: Line, place: int) -> Parts:
    """Days with numbers, joined by commas and `and`: days of the month, or days of the week in it, not both."""
    days: list[str] = []
    numbers: list[int] = []
    stop: int | None = place
    end = place
    while stop is not None and (found := _ordinals(line, stop)):
        end, counted = found
        weekday = tables.WEEKDAYS.get(line.key(end))
        is_day = tables.UNITS.get(line.key(end)) == "day"
        if weekday is not None:
            days += [f"{number}{DAYS[weekday]}" for number in counted]
        elif is_day or all(short_ordinal(line, step) is not None for step in (stop, end - 1)):
            numbers += counted
        else:
            return None
        end += weekday is not None or is_day
        stop = joined(line, end)
    return _parts(end, days, numbers)


def _parts(stop: int, days: Sequence[str], numbers: Sequence[int]) -> Parts:
    if bool(days) == bool(numbers):
        return None
    if days:
        is_possible = all(int(day[:-2]) in range(-1, 6) and day[0] != "0" for day in days)
        return (stop, {"BYDAY": ",".join(dict.fromkeys(days))}) if is_possible else None
    is_possible = all(number == tables.LAST or 1 <= number <= 31 for number in numbers)
    return (stop, {"BYMONTHDAY": ",".join(map(str, sorted(set(numbers))))}) if is_possible else None


def _ordinals(line: Line, place: int) -> tuple[int, list[int]] | None:
    """1st; 1st and 3rd. Where they stop."""
    numbers, stop = [], place
    while (number := ordinal_at(line, stop)) is not None:
        numbers.append(number)
        following = joined(line, stop + 1)
        if following is None or ordinal_at(line, following) is None:
            return stop + 1, numbers
        stop = following
    return None


def of_month(line: Line, place: int, *, is_each: bool = False) -> int | None:
    """Where `of the month`, `im Monat`, `des Monats`, `jeden Monats` stops. `is_each`: only that of every month."""
    after_of = line.skip(place, tables.OF)
    stop = line.skip(line.skip(after_of, tables.ARTICLES), tables.EVERY)
    has_each = stop > place and line.key(stop - 1) in tables.EVERY
    if stop == place or (is_each and not has_each):
        return None
    return stop + 1 if tables.UNITS.get(line.key(stop)) == "month" else None


def _of_name(line: Line, place: int) -> tuple[int, int] | None:
    """of May, im Mai: where it stops, and the month."""
    if line.key(place) not in tables.OF or line.key(place + 1) not in tables.MONTHS:
        return None
    return place + 2, tables.MONTHS[line.key(place + 1)]


def _yearly(day: int, month: int) -> dict[str, str]:
    return make_rule("YEARLY", BYMONTH=str(month), BYMONTHDAY=str(day))
