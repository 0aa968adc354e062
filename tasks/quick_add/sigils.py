"""What begins with a sign: #list, @person, *label, *30m before, !high."""

import re
from typing import NamedTuple

from tasks.quick_add import tables
from tasks.quick_add.line import Found, Line
from tasks.quick_add.vocabulary import Names, Vocabulary

DURATION = re.compile(r"([0-9]{1,5})([a-z]*)(?:([0-9]{1,3})([a-z]+))?")
MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080}
MOST_MINUTES = 527_040
"""A reminder comes at most a year before, as the API takes it."""

LONGEST_LABEL = 60


class Hint(NamedTuple):
    """Why something stays in the title, or is not what it seems. `start` and `end` as in `Word`."""

    start: int
    end: int
    kind: str
    message: str


class NewLabel(NamedTuple):
    """A label that the list does not have yet."""

    name: str


class Signs:
    """Reads the words with a sign of one line. `hints`: by word, why it was not understood."""

    def __init__(self, line: Line, vocabulary: Vocabulary, *, target: str | None, is_fixed: bool) -> None:
        """`target`: the id of the list that the task goes to if the line names none, or in any case."""
        self.line = line
        self.vocabulary = vocabulary
        self.hints: dict[int, Hint] = {}
        self.lists = {place: self._list(place) for place in range(len(line.words)) if self._sigil(place) == "#"}
        named = [found.value for found in self.lists.values() if found]
        self.target = str(named[-1].id) if named and not is_fixed else target

    def match(self, place: int) -> Found | None:
        sigil = self._sigil(place)
        if sigil == "#":
            return self.lists[place]
        if sigil == "@":
            return self._person(place)
        if sigil == "*":
            return match_reminder(self.line, place) or self._label(place)
        return match_priority(self.line, place)

    def hint(self, place: int, kind: str, message: str) -> None:
        word = self.line.words[place]
        if word.text[1:]:  # a sign alone is text
            self.hints[place] = Hint(word.start, word.end, kind, message)

    def _sigil(self, place: int) -> str:
        return self.line.words[place].sigil

    def _list(self, place: int) -> Found | None:
        names = self._named(place, self.vocabulary.lists())
        if names is None:
            self.hint(place, "list", f"There is no list called {self._name(place)}.")
        elif len(names.value) > 1:
            self.hint(place, "list", f"{len(names.value)} lists are called {names.value[0].name}.")
        elif not names.value[0].is_writable:
            self.hint(place, "list", f"In the list {names.value[0].name} you may read, not write.")
        else:
            return names._replace(kind="list", value=names.value[0])
        return None

    def _person(self, place: int) -> Found | None:
        names = self._named(place, self.vocabulary.people(self.target))
        if names is None:
            self.hint(place, "assignee", f"Nobody who can read the list is called {self._name(place)}.")
        elif len(names.value) > 1:
            self.hint(place, "assignee", f"{len(names.value)} people are called {self._name(place)}.")
        else:
            return names._replace(kind="assignee", value=names.value[0])
        return None

    def _label(self, place: int) -> Found | None:
        """A known label, else a new one of one word, or of several in quotation marks."""
        names = self._named(place, self.vocabulary.labels(self.target))
        if names is not None:
            return names._replace(kind="label", value=names.value[0])
        name = new_label(self.line, place)
        return None if name is None else Found(place + 1, "label", NewLabel(name), self.line.words[place].end)

    def _named(self, place: int, names: Names) -> Found | None:
        """Whom or what the name after the sign means: a list of several if that is not clear."""
        word = self.line.words[place]
        if word.quoted is not None:
            found = names.exactly(word.quoted)
            return Found(place + 1, "", found, word.end) if found else None
        stop, end, found = names.longest(self.line.words, place)
        return Found(stop, "", found, end) if found else None

    def _name(self, place: int) -> str:
        word = self.line.words[place]
        return word.quoted or word.text[1:]


def match_priority(line: Line, place: int) -> Found | None:
    """!high, !2, !!2."""
    name = line.key(place).removeprefix("!").removeprefix("!")
    return Found(place + 1, "priority", tables.PRIORITIES[name]) if name in tables.PRIORITIES else None


def match_reminder(line: Line, place: int) -> Found | None:
    """*30m before, *2 hours before, *1h30m vorher, *eine Stunde vorher."""
    key, stop = line.key(place)[1:], place + 1
    found = DURATION.fullmatch(key)
    if found and found[2]:
        parts = [(int(found[1]), found[2])] + ([(int(found[3]), found[4])] if found[4] else [])
    else:
        number = int(found[1]) if found else tables.NUMBERS.get(key, 0)
        parts = [(number, line.key(stop))]
        stop += 1
    if line.key(stop) not in tables.BEFORE:
        return None
    minutes = sum(number * MINUTES.get(tables.GLUED_UNITS.get(unit, ""), MOST_MINUTES + 1) for number, unit in parts)
    return Found(stop + 1, "reminder", minutes) if 0 < minutes <= MOST_MINUTES else None


def new_label(line: Line, place: int) -> str | None:
    """The name of a label that has to be made. None where the star means something else: **bold**, a bullet."""
    word = line.words[place]
    name = word.quoted or word.text[1:]
    if not name or len(name) > LONGEST_LABEL or "*" in name:
        return None
    begins_well = name[0].isalpha() or not (name[0].isascii() or name[0].isdigit())
    return name if begins_well or word.quoted else None
