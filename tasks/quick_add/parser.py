"""One line of text as a task: `parse("Pay rent tomorrow 5pm #home", now=...)`.

No database and no request: names come from a `Vocabulary`, the present time from `now`. The time it takes is bounded by
the length of the line: no pattern here can backtrack, and each word is looked at a fixed number of times.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from tasks.items.limits import MAX_TITLE
from tasks.quick_add.clocks import match_time
from tasks.quick_add.days import match_date
from tasks.quick_add.ends import match_count
from tasks.quick_add.line import Found, Line
from tasks.quick_add.meaning import Fields, Meaning
from tasks.quick_add.repeats import match_repeat
from tasks.quick_add.sigils import Hint, Signs
from tasks.quick_add.vocabulary import Vocabulary
from tasks.quick_add.words import split

MOST_CHARACTERS = MAX_TITLE

NOTHING_LEFT = "Nothing is left for the title. Write what is to be done, or put words in quotation marks."

RECOGNIZERS = (("recurrence", match_repeat), ("date", match_date), ("time", match_time), ("count", match_count))


class Span(NamedTuple):
    """Something understood, at `start` to `end` of the line, in code points."""

    start: int
    end: int
    kind: str
    value: Any


class Parsed(NamedTuple):
    title: str
    spans: list[Span]
    hints: list[Hint]
    fields: Fields
    zone: str
    """That of `now`, which the time is in."""


def parse(
    text: str,
    *,
    now: datetime,
    vocabulary: Vocabulary | None = None,
    target: str | None = None,
    is_fixed: bool = False,
    refused: Iterable[Sequence[int]] = (),
) -> Parsed:
    """What the line says.

    `now`: in the person's time zone. `target`: the id of the list that the task goes to if the line names none, or in
    any case if it `is_fixed`; people and labels are those of that list.
    `refused`: ranges of code points that stay text. Raises ValueError if the line is longer than MOST_CHARACTERS.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"A line has at most {MOST_CHARACTERS} characters.")
    line = Line(split(text, refused=refused), now)
    signs = Signs(line, vocabulary or Vocabulary(), target=target, is_fixed=is_fixed)
    chosen = _read(line, signs)
    meaning = Meaning(now, chosen)
    spans = [_span(line, place, found, meaning) for place, found in chosen.items() if place in meaning.used]
    for place, (kind, message) in meaning.hints.items():
        signs.hint(place, kind, message)
    hints = [hint for place, hint in sorted(signs.hints.items()) if place not in meaning.used or place in meaning.hints]
    return Parsed(_title(text, spans), spans, hints, meaning.fields, str(now.tzinfo))


def parse_date(text: str, *, now: datetime) -> tuple[date, time | None]:
    """A text that is nothing but a date, a time or both. Raises ValueError."""
    line = Line(split(text[:MOST_CHARACTERS]), now, loose=True)
    chosen = _read(line, None)
    fields = Meaning(now, chosen).fields
    covered = sum(found.stop - place for place, found in chosen.items())
    kinds = [found.kind for found in chosen.values()]
    if not kinds or covered < len(line.words) or len(set(kinds)) < len(kinds) or not {*kinds} <= {"date", "time"}:
        raise ValueError(f"{text!r} is no date like 2026-12-24, tomorrow, friday 18:00 or 2026-12-24T18:00")
    assert fields.due_date is not None  # noqa: S101 -- for the type checker
    return fields.due_date, fields.due_time


def _read(line: Line, signs: Signs | None) -> dict[int, Found]:
    """The phrases that do not overlap, by the word they begin with: from the left, the longest first."""
    for place in reversed(range(len(line.words))):
        word = line.words[place]
        if word.blocked:
            continue
        found = signs.match(place) if word.sigil and signs else _longest(line, place)
        if found:
            line.found[place] = found
    chosen, place = {}, 0
    while place < len(line.words):
        if place in line.found:
            chosen[place] = line.found[place]
            place = chosen[place].stop
        else:
            place += 1
    return chosen


def _longest(line: Line, place: int) -> Found | None:
    matches = [(kind, match) for kind, recognize in RECOGNIZERS if (match := recognize(line, place))]
    found = [Found(match[0], kind, match[1]) for kind, match in matches]
    return max(found, key=lambda one: one.stop, default=None)


def _span(line: Line, place: int, found: Found, meaning: Meaning) -> Span:
    last = line.words[found.stop - 1]
    end = last.end if found.end is None else found.end
    return Span(line.words[place].start, end, *meaning.shown(place, found))


def _title(text: str, spans: list[Span]) -> str:
    """The rest, without a gap where something was taken out, and without the comma or dot that stood behind it."""
    parts, place = [], 0
    for span in spans:
        parts.append(text[place : span.start])
        place = span.end
        while text[place : place + 1] in tuple(",;."):
            place += 1
    parts.append(text[place:])
    title = ""
    for part in parts:
        glue = "" if not title or not part.strip() or part[0] in "!?):" else " "
        title += glue + part.strip()
    return title
