"""What the recognizers look at, and what they find."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple, TypeVar

from tasks.quick_add.words import Word

Value = TypeVar("Value")


class Due(NamedTuple):
    """`role`: due, until or start, see `tables.BEFORE_DATES`."""

    day: date
    at: time | None = None
    role: str = "due"


class Found(NamedTuple):
    """What begins at a word and ends before the word `stop`. `end`: where in the line, if not after its last word."""

    stop: int
    kind: str
    value: Any
    end: int | None = None


@dataclass
class Line:
    """`loose`: the whole line is known to be a date, so that `sun` and `do` need no preposition."""

    words: Sequence[Word]
    now: datetime
    """In the person's time zone."""
    loose: bool = False
    found: dict[int, Found] = field(default_factory=dict)
    """The longest at each word; the words are looked at from the last to the first."""

    @property
    def today(self) -> date:
        return self.now.date()

    def key(self, place: int) -> str:
        """The folded word without the dot of an abbreviation. Empty outside the line, and where it is blocked."""
        return self.words[place].key if 0 <= place < len(self.words) else ""

    def raw(self, place: int) -> str:
        """The folded word with the dot after it, if there is one: 24."""
        key = self.key(place)
        return key + "." if key and self.words[place].tail.startswith(".") else key

    def is_last(self, place: int) -> bool:
        """Whether punctuation, another phrase or the end of the line comes before the word at `place`."""
        if place >= len(self.words) or place in self.found or self.words[place].sigil:
            return True
        return bool(self.words[place - 1].tail)

    def is_due_next(self, place: int) -> bool:
        """Whether a date or a time begins at `place`."""
        return place in self.found and self.found[place].kind in ("date", "time")

    def phrase(self, place: int, table: Mapping[tuple[str, ...], Value]) -> tuple[int, Value] | None:
        """The longest of the table's phrases that begins at `place`: where it stops, and its value."""
        for length in (5, 4, 3, 2, 1):
            words = tuple(self.key(place + step) for step in range(length))
            if words in table:
                return place + length, table[words]
        return None

    def skip(self, place: int, words: Collection[str]) -> int:
        return place + (self.key(place) in words)
