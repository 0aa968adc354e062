"""The names that a line may use: of lists, people and labels. The parser gets them as data."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tasks.quick_add.words import TRAILING, Word, fold

MOST_PUNCTUATION = 3
"""At the end of a name that is followed by other punctuation."""


class Name(NamedTuple):
    """`id`: the list's or label's UUID as text, or the person's number. `is_writable`: of a list."""

    id: str | int
    name: str
    is_writable: bool = True


class Names:
    """Finds the longest name that stands in a line, without regard to case and accents."""

    def __init__(self, names: Iterable[tuple[str, Name]] = ()) -> None:
        """`names`: what may be written, and whom or what it means; a person may be written in several ways."""
        self._by_words: dict[tuple[str, ...], list[tuple[str, Name]]] = {}
        for written, name in names:
            self._by_words.setdefault(_folded(written), []).append((" ".join(written.split()), name))
        self._lengths: dict[str, int] = {}
        for words in self._by_words:
            first = _stem(words[0]) if words else ""
            self._lengths[first] = max(self._lengths.get(first, 0), len(words))

    def exactly(self, text: str) -> list[Name]:
        """Those that are called so."""
        return _best(self._by_words.get(_folded(text), []), " ".join(text.split()))

    def longest(self, words: Sequence[Word], place: int) -> tuple[int, int, list[Name]]:
        """At the word with the sigil: where the name stops, its end in the line, and who or what is called so.

        Punctuation may follow the name, and be a part of it.
        """
        most = self._lengths.get(_stem(words[place].key[1:]), 0)
        standing = words[place : place + most]
        keys = (words[place].key[1:] + words[place].tail, *(word.key + word.tail for word in standing[1:]))
        for length in range(len(standing), 0, -1):
            last = standing[length - 1]
            for extra in sorted({len(last.tail), *range(min(MOST_PUNCTUATION, len(last.tail)) + 1)}, reverse=True):
                cut = len(last.tail) - extra
                folded = (*keys[: length - 1], keys[length - 1][: len(keys[length - 1]) - cut])
                if found := self._by_words.get(folded):
                    written = " ".join(word.text + word.tail for word in standing[:length])[1:]
                    return place + length, last.end + extra, _best(found, written[: len(written) - cut])
        return place, 0, []


class Vocabulary(NamedTuple):
    """What a person knows. `people` and `labels` depend on the list that the task goes to, and are asked for only when
    the line names one.
    """

    lists: Callable[[], Names] = Names
    people: Callable[[str | None], Names] = lambda task_list: Names()
    labels: Callable[[str | None], Names] = lambda task_list: Names()


def _folded(text: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in text.split())


def _stem(word: str) -> str:
    return word.rstrip(TRAILING) or word


def _best(entries: list[tuple[str, Name]], text: str) -> list[Name]:
    """Those written exactly so, else those that differ in case only, else all; each meaning once."""
    exact = [name for written, name in entries if written == text]
    cased = [name for written, name in entries if written.casefold() == text.casefold()]
    return list(dict.fromkeys(exact or cased or [name for _, name in entries]))
