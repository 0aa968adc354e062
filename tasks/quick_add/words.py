"""A line of text as words, each with its place in the line."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SIGILS = "#@*!"
QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«"}
"""The opening quotation marks, each with those that close it."""

TRAILING = ".,;:!?)"
"""Punctuation that may follow a word and does not belong to it."""


@dataclass(frozen=True, slots=True)
class Word:
    """`start` and `end` are offsets in code points, without the punctuation that follows, which is `tail`."""

    start: int
    end: int
    text: str
    key: str
    """Folded, see `fold()`: what tables are asked for."""
    tail: str = ""
    quoted: str | None = None
    """The name in `#"Big Project"`, without the marks."""
    blocked: bool = False
    """Inside quotation marks, or refused by the client: it stays text."""

    @property
    def sigil(self) -> str:
        return self.text[0] if self.text[0] in SIGILS and not self.blocked else ""


def fold(text: str) -> str:
    """Without case and accents, whether these are separate characters or not."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").casefold())
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")


def split(text: str, *, refused: Iterable[Sequence[int]] = ()) -> list[Word]:
    """The words of a line. `refused`: ranges of code points, `[start, end]`, whose words are blocked."""
    ranges = list(refused)
    words, place = [], 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        word = _word_at(text, place)
        taken = any(start < word.end + len(word.tail) and word.start < end for start, end in ranges)
        words.append(_blocked(word) if taken else word)
        place = word.end + len(word.tail)
    return words


def utf16(text: str, offset: int) -> int:
    """An offset in code points as one in UTF-16 code units, in which JavaScript counts."""
    return offset + sum(letter > "\uffff" for letter in text[:offset])


def from_utf16(text: str, offset: int) -> int:
    """An offset in UTF-16 code units as one in code points; the middle of a pair counts as its start, and what lies
    outside as the end."""
    units = 0
    for place, letter in enumerate(text):
        units += 2 if letter > "\uffff" else 1
        if units > offset:
            return place
    return len(text)


def _word_at(text: str, start: int) -> Word:
    opening = start + (text[start] in "#@*")
    close = _closing(text, opening)
    if close is not None:
        end = close + 1
        tail = _tail_after(text, end)
        quoted = text[opening + 1 : close].strip() if opening > start else None
        word = Word(start, end, text[start:end], "", tail, quoted)
        return word if quoted else _blocked(word)
    end = start
    while end < len(text) and not text[end].isspace():
        end += 1
    core = text[start:end].rstrip(TRAILING) or text[start:end]
    return Word(start, start + len(core), core, fold(core), text[start + len(core) : end])


def _closing(text: str, opening: int) -> int | None:
    """The place of the mark that closes the quotation which opens here; None if none opens, or none closes."""
    marks = QUOTES.get(text[opening : opening + 1])
    if marks is None:
        return None
    found = [place for mark in marks if (place := text.find(mark, opening + 1)) > 0]
    return min(found, default=None)


def _tail_after(text: str, end: int) -> str:
    """What stands between a closing mark and the next space."""
    stop = end
    while stop < len(text) and not text[stop].isspace():
        stop += 1
    return text[end:stop]


def _blocked(word: Word) -> Word:
    return Word(word.start, word.end, word.text, "", word.tail, None, blocked=True)
