"""The pure engine of recurrence: which rules are accepted, their dates, and their words."""

import time as clock
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.recurrence.due import Due
from tasks.recurrence.occurrences import check, dates_after, following
from tasks.recurrence.rule import RuleError, parse, with_count
from tasks.recurrence.words import in_words
from tests.tasks.rule_words import WORDS

ANCHOR = date(2027, 1, 1)  # a Friday

REFUSED = {
    "": "Write a rule like",
    "every friday": "Write a rule like",
    "FREQ=WEEKLY;": "Write a rule like",
    "FREQ=WEEKLY\nBYDAY=FR": "Write a rule like",
    "FREQ\uff1dDAILY": "Write a rule like",
    "DTSTART:20260101\nRRULE:FREQ=DAILY": "Write a rule like",
    "DTSTART=20260101;FREQ=DAILY": "DTSTART",
    "BYDAY=FR": "how often",
    "FREQ=SECONDLY": "once a day at most",
    "FREQ=MINUTELY;INTERVAL=5": "once a day at most",
    "FREQ=HOURLY": "once a day at most",
    "FREQ=DAILY;FREQ=DAILY": "twice",
    "FREQ=DAILY;BYHOUR=9": "BYHOUR",
    "FREQ=DAILY;BYEASTER=0": "BYEASTER",
    "FREQ=DAILY;INTERVAL=0": "INTERVAL",
    "FREQ=DAILY;INTERVAL=-1": "INTERVAL",
    "FREQ=DAILY;INTERVAL=1000": "INTERVAL",
    "FREQ=DAILY;INTERVAL=99999999999999999999": "INTERVAL",
    "FREQ=DAILY;COUNT=0": "COUNT",
    "FREQ=DAILY;COUNT=3;UNTIL=20300101": "one way",
    "FREQ=DAILY;UNTIL=tomorrow": "UNTIL",
    "FREQ=DAILY;UNTIL=20270230": "UNTIL",
    "FREQ=WEEKLY;BYDAY=XX": "BYDAY",
    "FREQ=MONTHLY;BYDAY=0MO": "BYDAY",
    "FREQ=MONTHLY;BYDAY=54MO": "BYDAY",
    "FREQ=MONTHLY;BYDAY=6MO": "five",
    "FREQ=YEARLY;BYMONTH=12;BYDAY=53MO": "five",
    "FREQ=WEEKLY;BYDAY=2FR": "MONTHLY or YEARLY",
    "FREQ=MONTHLY;BYDAY=MO,1TU": "all of its days",
    "FREQ=MONTHLY;BYMONTHDAY=32": "BYMONTHDAY",
    "FREQ=MONTHLY;BYMONTHDAY=0": "BYMONTHDAY",
    "FREQ=MONTHLY;BYMONTH=-1": "BYMONTH",
    "FREQ=WEEKLY;BYMONTHDAY=1": "WEEKLY",
    "FREQ=MONTHLY;BYWEEKNO=5": "YEARLY",
    "FREQ=MONTHLY;BYYEARDAY=5": "YEARLY",
    "FREQ=MONTHLY;BYSETPOS=1": "BYSETPOS",
    "FREQ=DAILY;BYDAY=MO;BYSETPOS=2": "BYSETPOS",
    "FREQ=WEEKLY;WKST=XX": "WKST",
    "FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 10_000): "255 characters",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30": "None of the months",
    "FREQ=DAILY;BYMONTH=2,4;BYMONTHDAY=31": "None of the months",
    "FREQ=DAILY;INTERVAL=7;BYDAY=MO": "no other date",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3": "no other date",
    "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1": "no other date",
    "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6": "no other date",
    "FREQ=YEARLY;BYDAY=MO;BYSETPOS=60": "no other date",
    "FREQ=WEEKLY;INTERVAL=999;BYDAY=MO;BYMONTH=1;BYSETPOS=5": "no other date",
    "FREQ=YEARLY;INTERVAL=999": "no other date",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_can_not_be_used_is_refused(text: str) -> None:
    """In a sentence, within half a second on a busy machine."""
    began = clock.thread_time()
    with pytest.raises(RuleError) as refused:
        check(text, ANCHOR)
    assert clock.thread_time() - began < 0.5
    assert REFUSED[text] in str(refused.value)
    assert str(refused.value)[0].isupper()
    assert str(refused.value).endswith(".")


DATES: dict[str, tuple[str, list[str]]] = {
    "FREQ=DAILY": ("2027-03-27", ["2027-03-28", "2027-03-29"]),
    "FREQ=DAILY;INTERVAL=10": ("2027-02-20", ["2027-03-02", "2027-03-12"]),
    "FREQ=WEEKLY": ("2026-12-30", ["2027-01-06"]),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR": ("2026-11-27", ["2026-12-11", "2026-12-25", "2027-01-08"]),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO": ("1997-08-05", ["1997-08-10", "1997-08-19", "1997-08-24"]),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU": ("1997-08-05", ["1997-08-17", "1997-08-19", "1997-08-31"]),
    "FREQ=MONTHLY": ("2027-01-31", ["2027-03-31", "2027-05-31", "2027-07-31"]),
    "FREQ=MONTHLY;BYMONTHDAY=-1": ("2027-01-31", ["2027-02-28", "2027-03-31", "2027-04-30"]),
    "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1": ("2028-01-31", ["2028-02-29", "2028-03-31", "2028-04-30"]),
    "FREQ=MONTHLY;BYDAY=2FR": ("2027-01-08", ["2027-02-12", "2027-03-12"]),
    "FREQ=MONTHLY;BYDAY=-1FR": ("2027-01-29", ["2027-02-26", "2027-03-26"]),
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": ("2027-01-29", ["2027-02-26", "2027-03-31"]),
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13": ("2026-11-13", ["2027-08-13", "2028-10-13"]),
    "FREQ=YEARLY": ("2028-02-29", ["2032-02-29", "2036-02-29"]),
    "FREQ=YEARLY;INTERVAL=2": ("2027-05-05", ["2029-05-05"]),
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU": ("2027-03-28", ["2028-03-26", "2029-03-25"]),
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29": ("2096-02-29", ["2104-02-29", "2108-02-29"]),
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO": ("2072-02-29", ["2112-02-29"]),
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO": ("1997-05-12", ["1998-05-11", "1999-05-17"]),
    "FREQ=YEARLY;BYYEARDAY=366": ("2024-12-31", ["2028-12-31"]),
    "FREQ=YEARLY;BYDAY=20MO": ("1997-05-19", ["1998-05-18", "1999-05-17"]),
    "freq=weekly;byday=mo,we": ("2027-01-01", ["2027-01-04", "2027-01-06"]),
    "RRULE:FREQ=DAILY;INTERVAL=999": ("9990-01-01", ["9992-09-26"]),
}


@pytest.mark.parametrize("text", DATES)
def test_dates(text: str) -> None:
    """As the standard has them: a month that is too short, and a year without the 29th of February, is left out."""
    anchor = date.fromisoformat(DATES[text][0])
    wanted = [date.fromisoformat(day) for day in DATES[text][1]]
    assert list(islice(dates_after(parse(text), anchor, anchor), len(wanted))) == wanted


@pytest.mark.parametrize("text", ["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;WKST=SU", "FREQ=MONTHLY", "FREQ=YEARLY"])
def test_a_series_that_began_long_ago(text: str) -> None:
    """Is followed from where it is needed, not from its beginning; it ends with the calendar."""
    began = clock.thread_time()
    first, last = date(1, 1, 1), date(9999, 12, 1)
    late = list(dates_after(parse(text), first, last))
    assert next(dates_after(parse(text), first, first)) > first
    assert all(last < day <= date.max for day in late)
    assert list(dates_after(parse(text), date.max, date.max)) == []
    assert clock.thread_time() - began < 0.5


PIECES = ["FREQ=DAILY", "FREQ=", ";", "BYDAY", "=", "MO", ",", "1", "-", "+", "COUNT", "UNTIL", "20270101", "T", "Z"]
FREQ = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
WEEKDAY = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
PARTS = st.fixed_dictionaries(
    {"FREQ": FREQ},
    optional={
        "INTERVAL": st.integers(1, 5).map(str),
        "BYMONTH": st.integers(1, 12).map(str),
        "BYMONTHDAY": st.sampled_from(["1", "15", "31", "-1", "29,30"]),
        "BYDAY": st.sets(WEEKDAY, min_size=1, max_size=3).map(",".join) | st.sampled_from(["2FR", "-1MO,1TU"]),
        "BYSETPOS": st.sampled_from(["1", "-1", "2"]),
        "WKST": WEEKDAY,
    },
)


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(PARTS, st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(0, 4000))
def test_dates_are_dateutils(parts: dict[str, str], anchor: date, later: int) -> None:
    """Wherever the search begins, it finds what a search from the series' beginning finds."""
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        rule = check(text, anchor)
    except RuleError:
        return
    after = anchor + timedelta(days=later)
    found = list(islice(dates_after(rule, anchor, after), 4))
    start = datetime.combine(anchor, time())
    whole: Any = rrule.rrulestr(text if "WKST" in parts else f"{text};WKST=MO", dtstart=start)
    wanted = [day.date() for day in islice(whole.xafter(datetime.combine(after, time())), 4)]
    assert found == [day for day in wanted if day < after + timedelta(days=40 * 366)]


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_no_text_is_an_error(text: str) -> None:
    """Of another kind than RuleError; and everything has words."""
    with suppress(RuleError):
        check(text, ANCHOR)
    assert isinstance(in_words(text), str)


def follow(text: str, due: Due, today: date, **options: Any) -> list[Due]:
    return list(islice(following(parse(text), due, today=today, **options), 5))


def test_count_is_how_often_it_still_happens() -> None:
    """The present time included."""
    day = date(2027, 1, 1)
    assert [due.day.day for due in follow("FREQ=DAILY;COUNT=3", Due(day), day)] == [2, 3]
    assert follow("FREQ=DAILY;COUNT=1", Due(day), day) == []
    assert with_count("BYDAY=MO;COUNT=3;FREQ=DAILY", 2) == "BYDAY=MO;COUNT=2;FREQ=DAILY"


@pytest.mark.parametrize(
    ("until", "due", "days"),
    [
        ("20270103", Due(ANCHOR), [2, 3]),
        ("20270103", Due(ANCHOR, time(23, 59), "America/New_York"), [2, 3]),
        ("20270101", Due(ANCHOR), []),
        ("20260101", Due(ANCHOR), []),
        ("20270103T235959Z", Due(ANCHOR), [2, 3]),
        ("20270103T080000Z", Due(ANCHOR, time(9), "Europe/Berlin"), [2, 3]),
        ("20270103T075959Z", Due(ANCHOR, time(9), "Europe/Berlin"), [2]),
        ("20270103T090000", Due(ANCHOR, time(9), "America/New_York"), [2, 3]),
        ("20270103T085959", Due(ANCHOR, time(9), "America/New_York"), [2]),
    ],
)
def test_until(until: str, due: Due, days: list[int]) -> None:
    """The last day, or the last moment, is part of the rule."""
    assert [found.day.day for found in follow(f"FREQ=DAILY;UNTIL={until}", due, ANCHOR)] == days


def test_what_was_missed_is_left_out() -> None:
    """And what is due today is not. The rhythm stays that of the series."""
    missed = follow("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", Due(date(2027, 1, 1)), date(2027, 1, 29))
    assert [due.day for due in missed[:2]] == [date(2027, 1, 29), date(2027, 2, 12)]
    early = follow("FREQ=WEEKLY", Due(date(2027, 1, 8)), date(2027, 1, 1))
    assert early[0].day == date(2027, 1, 15)


def test_from_completion() -> None:
    """The days are counted from the day on which the task was completed."""
    due = Due(date(2027, 1, 1), time(9), "Europe/Berlin")
    late = follow("FREQ=DAILY;INTERVAL=3", due, date(2027, 1, 10), from_completion=True)
    assert late[:2] == [due.on(date(2027, 1, 13)), due.on(date(2027, 1, 16))]
    early = follow("FREQ=MONTHLY", due, date(2026, 12, 5), from_completion=True)
    assert early[0].day == date(2027, 1, 5)


MOMENTS = [
    # The clocks of Berlin go from 2:00 to 3:00 on 28 March 2027, and from 3:00 to 2:00 on 31 October.
    ("2027-03-27T02:30:00[Europe/Berlin]", "2027-03-27T01:30:00"),
    ("2027-03-28T02:30:00[Europe/Berlin]", "2027-03-28T01:30:00"),
    ("2027-03-29T02:30:00[Europe/Berlin]", "2027-03-29T00:30:00"),
    ("2027-03-28T17:00:00[Europe/Berlin]", "2027-03-28T15:00:00"),
    ("2027-10-31T02:30:00[Europe/Berlin]", "2027-10-31T00:30:00"),
    ("2027-10-31T17:00:00[Europe/Berlin]", "2027-10-31T16:00:00"),
    # New York: 14 March and 7 November 2027.
    ("2027-03-14T02:30:00[America/New_York]", "2027-03-14T07:30:00"),
    ("2027-03-14T17:00:00[America/New_York]", "2027-03-14T21:00:00"),
    ("2027-11-07T01:30:00[America/New_York]", "2027-11-07T05:30:00"),
    ("2027-11-07T17:00:00[America/New_York]", "2027-11-07T22:00:00"),
    # Lord Howe moves its clocks by half an hour: 4 April and 3 October 2027.
    ("2027-04-04T01:45:00[Australia/Lord_Howe]", "2027-04-03T14:45:00"),
    ("2027-04-05T01:45:00[Australia/Lord_Howe]", "2027-04-04T15:15:00"),
    ("2027-10-03T02:15:00[Australia/Lord_Howe]", "2027-10-02T15:45:00"),
    ("2027-10-04T02:15:00[Australia/Lord_Howe]", "2027-10-03T15:15:00"),
    # A whole day is its morning in the zone of the person.
    ("2027-03-28", "2027-03-28T07:00:00"),
    # What only a row from elsewhere holds.
    ("2027-03-28T17:00:00[Mars/Olympus]", "2027-03-28T15:00:00"),
    ("2027-03-28T17:00:00[../etc/passwd]", "2027-03-28T15:00:00"),
    ("0001-01-01T00:00:00[Asia/Tokyo]", "0001-01-01T00:00:00"),
    ("9999-12-31T23:00:00[America/New_York]", "9999-12-31T23:59:59.999999"),
]


@pytest.mark.parametrize(("text", "moment"), MOMENTS)
def test_moments_over_daylight_saving(text: str, moment: str) -> None:
    """A time that does not exist is as late as before the change; of one that comes twice it is the first."""
    if "passwd" in text:
        due = Due(date(2027, 3, 28), time(17), "../etc/passwd")
    else:
        due = Due.from_text(text)
        assert due.text() == text
    assert due.moment(zone="Europe/Berlin") == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "first", "at", "wanted"),
    [
        ("Europe/Berlin", date(2027, 3, 27), time(2, 30), ["01:30", "01:30", "00:30"]),
        ("Europe/Berlin", date(2027, 10, 30), time(2, 30), ["00:30", "00:30", "01:30"]),
        ("America/New_York", date(2027, 3, 13), time(2, 30), ["07:30", "07:30", "06:30"]),
        ("Australia/Lord_Howe", date(2027, 10, 2), time(2, 15), ["15:45", "15:45", "15:15"]),
    ],
)
def test_a_daily_time_keeps_its_place_on_the_clock(zone: str, first: date, at: time, wanted: list[str]) -> None:
    """Over the change of the clocks, a time that does not exist on its day included: the next day it is back."""
    due = Due(first, at, zone)
    dues = [due, *follow("FREQ=DAILY", due, first)[:2]]
    assert [found.clock for found in dues] == [at] * 3
    assert [f"{found.moment():%H:%M}" for found in dues] == wanted


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(PARTS, st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-50, 400))
def test_following_goes_on_from_any_of_its_own(parts: dict[str, str], anchor: date, late: int) -> None:
    """The series is the same where it is counted again from a later one of its dates."""
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        rule = check(text, anchor)
    except RuleError:
        return
    today = anchor + timedelta(days=late)
    dues = list(islice(following(rule, Due(anchor), today=today), 4))
    assert all(first.day < second.day for first, second in pairwise([Due(anchor), *dues]))
    assert all(due.day >= today for due in dues)
    if len(dues) == 4:
        assert list(islice(following(rule, dues[0], today=today), 3)) == dues[1:]


@pytest.mark.parametrize("text", WORDS)
def test_words(text: str) -> None:
    assert (in_words(text), in_words(text, language="de")) == WORDS[text]


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(PARTS)
def test_each_rule_has_words(parts: dict[str, str]) -> None:
    """In each language; one that can't be read is shown as it is."""
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    for language in ("en", "de"):
        words = in_words(text, from_completion=True, language=language)
        assert "{" not in words
        assert words == text or "FREQ" not in words
