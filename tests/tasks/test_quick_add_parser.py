"""Quick add's parser: the table of phrases, and what holds for any line."""

import json
import os
import time
import unicodedata
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quick_add.parser import MOST_CHARACTERS, Parsed, parse, parse_date
from tasks.quick_add.representation import parsed_json
from tasks.quick_add.sigils import NewLabel
from tasks.quick_add.vocabulary import Name, Names, Vocabulary
from tasks.quick_add.words import from_utf16, utf16
from tasks.recurrence.words import in_words

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "0"))

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 10, tzinfo=BERLIN)

LISTS = Names(
    (name, Name(name.lower(), name, is_writable=name != "Shared"))
    for name in ("Home", "Big", "Big Project", "Bär", "Shared")
)
PEOPLE = Names([("name", Name(1, "name")), ("anna", Name(2, "anna")), ("Anna Schmidt", Name(2, "anna"))])
LABELS = Names([("urgent stuff", Name("stuff", "urgent stuff"))])
VOCABULARY = Vocabulary(lambda: LISTS, lambda target: PEOPLE, lambda target: LABELS)

ROWS = [
    [part.strip() for part in line.split("|")]
    for line in (Path(__file__).parent / "quick_add_phrases.txt").read_text().splitlines()
    if "|" in line and not line.startswith("# ")
]


def read(text: str, *, now: datetime = NOW, **options: object) -> Parsed:
    return parse(text, now=now, vocabulary=VOCABULARY, **options)  # type: ignore[arg-type]


def summary(parsed: Parsed) -> str:
    """What the third column of the table has."""
    fields = parsed.fields
    at = f" {fields.due_time:%H:%M}" if fields.due_time else ""
    parts = [
        f"{fields.due_date}{at}" if fields.due_date else "",
        "from completion " * fields.from_completion + (fields.recurrence or ""),
        f"#{fields.task_list.name}" if fields.task_list else "",
        f"@{fields.assignee.name}" if fields.assignee else "",
        f"!{fields.priority}" if fields.priority else "",
        *(f"*{label.name}{' (new)' * isinstance(label, NewLabel)}" for label in fields.labels),
        *(f"{minutes} min before" for minutes in fields.reminders),
        f"{len(parsed.hints)} hint{'s' * (len(parsed.hints) > 1)}" if parsed.hints else "",
    ]
    return "; ".join(part for part in parts if part)


@pytest.mark.parametrize(("text", "title", "understood"), ROWS, ids=[row[0] for row in ROWS])
def test_a_phrase(text: str, title: str, understood: str) -> None:
    """As the table has it, and the same with separate accents."""
    for form in ("NFC", "NFD"):
        parsed = read(unicodedata.normalize(form, text))
        assert (unicodedata.normalize("NFC", parsed.title), summary(parsed)) == (title, understood), form


def test_the_table_is_long_enough() -> None:
    """At least 200 phrases, none twice."""
    assert len(ROWS) >= 200
    assert len({row[0] for row in ROWS}) == len(ROWS)


def test_a_phrase_refused_is_text() -> None:
    """Each span of each phrase: refused, its words are back in the title, as they stood."""
    for text, *_ in ROWS:
        for span in read(text).spans:
            again = read(text, refused=[(span.start, span.end)])
            assert not any(other.start < span.end and span.start < other.end for other in again.spans), text
            assert "".join(text[span.start : span.end].split()) in "".join(again.title.split()), text


def test_offsets_are_those_of_javascript() -> None:
    """UTF-16 code units: an emoji counts as two."""
    text = "🎉🎉 Party tomorrow 5pm #Bär"
    parts = parsed_json(text, read(text), target=None)["spans"]
    units = text.encode("utf-16-le")
    assert [units[2 * span["start"] : 2 * span["end"]].decode("utf-16-le") for span in parts] == [
        span["text"] for span in parts
    ]
    assert [(span["kind"], span["text"]) for span in parts] == [
        ("date", "tomorrow"), ("time", "5pm"), ("list", "#Bär"),
    ]  # fmt: skip
    assert (utf16(text, 3), from_utf16(text, 5), from_utf16(text, 1), from_utf16(text, 999)) == (5, 3, 0, len(text))


def test_values_of_spans() -> None:
    """What a chip shows: each kind with its value."""
    text = "Pay tomorrow 5pm #home @name !high *money *1h before every day until 24.12."
    found = parsed_json(text, read(text), target=None)
    assert [(span["kind"], span["value"]) for span in found["spans"]] == [
        ("date", "2026-11-26"),
        ("time", "17:00:00"),
        ("list", {"id": "home", "name": "Home"}),
        ("assignee", {"id": 1, "name": "name"}),
        ("priority", "high"),
        ("label", {"id": None, "name": "money"}),
        ("reminder", {"minutes_before": 60}),
        ("recurrence", "FREQ=DAILY"),
        ("recurrence", "UNTIL=20261224"),
    ]
    assert found["fields"] == {
        "due_date": "2026-11-26",
        "due_time": "17:00:00",
        "due_zone": "Europe/Berlin",
        "recurrence": "FREQ=DAILY;UNTIL=20261224",
        "recurrence_from": "due",
        "list": "home",
        "labels": [],
        "new_labels": ["money"],
        "assignee": 1,
        "priority": "high",
        "reminders": [{"minutes_before": 60}],
    }


RULES = sorted({rule for row in ROWS if (rule := read(row[0]).fields.recurrence) and "9999" not in rule})


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("from_completion", [False, True])
def test_a_rule_in_words_is_understood(language: str, from_completion: bool) -> None:
    """What the application says of a rule can be typed again."""
    for rule in RULES:
        words = in_words(rule, language=language, from_completion=from_completion)
        parsed = read(words)
        found = parsed.title, parsed.fields.recurrence, parsed.fields.from_completion
        assert found == ("", rule, from_completion), words


def test_names_that_are_not_clear() -> None:
    """Two lists that differ in case: the one written so, else a hint that says how many there are."""
    lists = Names([("home", Name("1", "home")), ("Home", Name("2", "Home"))])
    vocabulary = Vocabulary(lambda: lists)
    found = {text: parse(text, now=NOW, vocabulary=vocabulary) for text in ("a #home", "a #Home", "a #HOME")}
    assert [one.fields.task_list and one.fields.task_list.id for one in found.values()] == ["1", "2", None]
    assert found["a #HOME"].hints[0].message.startswith("2 lists are called")


def test_names_with_punctuation() -> None:
    """It may belong to the name, or follow it."""
    names = Names((name, Name(name, name)) for name in ("What?", "Etc.", "R & D", "(old)", "🏠 Home", "a, b", "!now"))
    for text, name in (
        ("x #What?", "What?"), ("x #What??", "What?"), ("x #etc. y", "Etc."), ("x #r & d, y", "R & D"),
        ("x #(old)", "(old)"), ("x #🏠 home.", "🏠 Home"), ("x #a, b", "a, b"), ("x #!now", "!now"),
    ):  # fmt: skip
        found = parse(text, now=NOW, vocabulary=Vocabulary(lambda: names)).fields.task_list
        assert (found and found.name) == name, text


def test_people_and_labels_are_those_of_the_list() -> None:
    """The list that the line names, else the one that the caller gives."""
    asked = []

    def people(target: str | None) -> Names:
        asked.append(target)
        return PEOPLE

    vocabulary = Vocabulary(lambda: LISTS, people)
    parse("a @name #home", now=NOW, vocabulary=vocabulary, target="inbox")
    parse("a @name", now=NOW, vocabulary=vocabulary, target="inbox")
    parse("a", now=NOW, vocabulary=vocabulary, target="inbox")
    assert asked == ["home", "inbox"]


@pytest.mark.parametrize(
    ("zone", "now", "text", "due"),
    [
        ("Pacific/Kiritimati", "2026-12-31T23:30", "in 45 minutes", "2027-01-01 00:15"),
        ("Europe/Berlin", "2026-03-29T01:30", "in 1 hour", "2026-03-29 03:30"),
        ("Europe/Berlin", "2026-10-25T01:30", "in 2 hours", "2026-10-25 02:30"),
        ("Europe/Berlin", "2024-02-29T12:00", "in 1 year", "2025-02-28"),
        ("Europe/Berlin", "2024-01-31T12:00", "in 1 month", "2024-02-29"),
        ("Europe/Berlin", "2024-02-29T12:00", "29 February", "2024-02-29"),
        ("Europe/Berlin", "2096-03-01T12:00", "29 February", "2104-02-29"),
        ("Europe/Berlin", "2026-11-29T12:00", "next Monday", "2026-11-30"),
        ("Europe/Berlin", "2026-11-30T12:00", "next Monday", "2026-12-07"),
        ("Europe/Berlin", "2026-11-28T12:00", "end of week", "2026-12-04"),
        ("Europe/Berlin", "2026-12-31T12:00", "end of month", "2026-12-31"),
        ("Europe/Berlin", "2026-02-10T12:00", "on the 31st", "2026-03-31"),
        ("Europe/Berlin", "2026-11-25T17:00", "5pm", "2026-11-26 17:00"),
    ],
)
def test_the_calendar(zone: str, now: str, text: str, due: str) -> None:
    """Ends of months, leap years, the days that clocks change, and the end of the calendar."""
    there = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))
    assert summary(read(f"x {text}", now=there)) == due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("today", "2026-11-25 None"),
        ("sun", "2026-11-29 None"),
        ("tomorrow 09:30", "2026-11-26 09:30:00"),
        ("5pm", "2026-11-25 17:00:00"),
        ("2026-12-24T18:00+05:00", "2026-12-24 14:00:00"),
        ("am Freitag um 17 Uhr", "2026-11-27 17:00:00"),
        ("3/4", "2027-03-04 None"),
        ("in 3 days", "2026-11-28 None"),
    ],
)
def test_a_date_alone(text: str, due: str) -> None:
    """Nothing else may stand there, and then days need no preposition."""
    day, at = parse_date(text, now=NOW)
    assert f"{day} {at}" == due


@pytest.mark.parametrize("text", ["", "soon", "today today", "today x", "every day", "31 Feb", "!1", '"today"'])
def test_no_date_alone(text: str) -> None:
    """With examples of what is one."""
    with pytest.raises(ValueError, match="is no date like"):
        parse_date(text, now=NOW)


def test_a_long_line_is_refused() -> None:
    """Before it is read."""
    with pytest.raises(ValueError, match="at most 500"):
        read("x" * (MOST_CHARACTERS + 1))


PIECES = [
    *(word for row in ROWS for word in row[0].split()),
    "#", "@", "*", "!", '"', "„", "“", "1", "99999", "every", "jeden", "alle", "until", "for", "in", "next",
    "9999-12-31", "0001-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "\u0308", "\u200d", "🎉",
    "١٢", "\uff15pm", "²", "½",
]  # fmt: skip

lines = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.text(max_size=MOST_CHARACTERS),
).map(lambda text: text[:MOST_CHARACTERS])


@settings(derandomize=not EXAMPLES, max_examples=EXAMPLES or 200, deadline=None, database=None)
@given(text=lines, zone=st.sampled_from(["Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12"]), data=st.data())
def test_any_line(text: str, zone: str, data: st.DataObject) -> None:
    """It is read without an error, in bounded time; spans lie in the line, in order; words are not lost."""
    refused = data.draw(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=3))
    began = time.thread_time()
    parsed = read(text, now=NOW.astimezone(ZoneInfo(zone)), refused=refused)
    assert time.thread_time() - began < 0.5
    json.dumps(parsed_json(text, parsed, target=None))
    ends = [0, *(place for span in parsed.spans for place in (span.start, span.end)), len(text)]
    assert ends == sorted(ends)
    kept = parsed.title + "".join(text[span.start : span.end] for span in parsed.spans)
    before, after = Counter("".join(text.split())), Counter("".join(kept.split()))
    assert not after - before
    assert set(before - after) <= set(",;.")


@pytest.mark.parametrize(
    "text",
    [
        "every " * 83, "#a " * 166, "1.1." * 125, '"' * 500, '"a ' * 166, "#" * 500, "mon, " * 100, "!" * 500,
        "1" * 500, "in the " * 71, "*1h" * 166, "#" + "a " * 249, "on the " * 71, "24. dez " * 62,
        "every 1st and " * 35,
    ],
)  # fmt: skip
def test_lines_made_to_take_long(text: str) -> None:
    """None does, also with a thousand lists whose names begin alike."""
    lists = Names((" ".join("a" * (number % 80 + 1)), Name(str(number), "a")) for number in range(1_000))
    began = time.thread_time()
    parse(text, now=NOW, vocabulary=Vocabulary(lambda: lists))
    assert time.thread_time() - began < 0.5
