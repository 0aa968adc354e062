"""Text as the terms that are searched for. Both databases index and compare these terms alone, so that they agree.

A term is a word without case and accents. Scripts that are written without spaces are cut into pairs of letters, so
that any part of a sentence is found: 東京都 becomes 東京 京都 都. Each emoji and other symbol is a term of its own.

The page filters by the same rules: static/tasks/core/terms.js.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby
from typing import NamedTuple

from tasks.core.api.serializers import ID
from tasks.labels.models import key_of

LONGEST_TERM = 64
"""Letters. What follows in a longer word is not compared."""

EQUIVALENTS = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th",
    "\u0640": None, "\u200b": None, "\u200c": None, "\u200d": None, "\u00ad": None, "\u2060": None, "\ufeff": None,
    "\u20e3": None,
    **{chr(code): None for code in range(0xFE00, 0xFE10)},
})  # fmt: skip
"""Letters that Unicode does not take apart, as people write them without their accents; and marks without a meaning of
their own: joiners, hyphenation, Arabic elongation, the choice between text and emoji."""

LABEL_SIGN = "\u00b7"

UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Japanese syllables
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
    "\uac00-\ud7af"  # Korean, in which endings are joined to a word
)
"""Scripts, as ranges of a regular expression, in which a word is not set off by spaces."""

_UNSPACED = re.compile(f"[{UNSPACED}]")


class Kind(Enum):
    """What a letter is to the terms."""

    WORD = auto()
    RUN = auto()
    SYMBOL = auto()
    SEPARATOR = auto()


class Term(NamedTuple):
    text: str
    is_prefix: bool
    """Whether longer terms that begin with it are meant, too."""


def fold(text: str) -> str:
    """The text without case, accents, and differences in how Unicode writes it.

    Marks are dropped where they are accents: not the vowels and voicing marks of Asian scripts, which make other words.
    """
    if text.isascii():
        return text.lower()
    # Twice: taking a letter apart may show a capital letter, and the small form of İ brings a mark along.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).casefold()
    bare = "".join(letter for letter in folded if not _is_accent(letter))
    return unicodedata.normalize("NFC", bare.translate(EQUIVALENTS))


def index_terms(*texts: str) -> str:
    """The terms of these texts, each once, separated by spaces."""
    found: dict[str, None] = {}
    for text in texts:
        for kind, piece in _pieces(text):
            found |= dict.fromkeys([*_pairs(piece), piece[-1]] if kind == Kind.RUN else [piece])
    return " ".join(found)


def query_terms(text: str) -> list[Term]:
    """What has to be found, all of it. The last word may be unfinished. Empty for a text without a letter or symbol."""
    found: dict[Term, None] = {}
    pieces = list(_pieces(text))
    for number, (kind, piece) in enumerate(pieces, 1):
        if kind == Kind.RUN and len(piece) > 1:
            found |= dict.fromkeys(Term(pair, False) for pair in _pairs(piece))
        else:
            found[Term(piece, kind == Kind.RUN or (kind == Kind.WORD and number == len(pieces)))] = None
    return list(found)


def label_term(label: str) -> str:
    """The term of a label, given by id or by name, that no text has: it begins with a sign that separates words."""
    if ID.fullmatch(label):
        return f"{LABEL_SIGN}{label.replace('-', '').lower()}"
    return LABEL_SIGN + blake2b(key_of(label).encode(errors="replace"), digest_size=8).hexdigest()


def _pieces(text: str) -> Iterator[tuple[Kind, str]]:
    """The text's words, symbols, and runs of letters that are not set off by spaces."""
    for kind, letters in groupby(fold(text), _kind_of):
        if kind == Kind.SYMBOL:
            yield from ((kind, letter) for letter in letters)
        elif kind == Kind.RUN:
            yield kind, "".join(letters)
        elif kind == Kind.WORD:
            yield kind, "".join(letters)[:LONGEST_TERM]


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)]


@lru_cache(maxsize=4096)
def _kind_of(letter: str) -> Kind:
    if _UNSPACED.match(letter):
        return Kind.RUN
    category = unicodedata.category(letter)
    if category[0] in "LNM":
        return Kind.WORD
    # Characters that are newer than this Python's tables are emoji more often than not.
    is_symbol = category[0] == "S" or category in {"Cn", "Co"}
    return Kind.SYMBOL if is_symbol and not letter.isascii() else Kind.SEPARATOR


def _is_accent(letter: str) -> bool:
    kind = unicodedata.combining(letter)
    return kind == 1 or 10 <= kind <= 36 or kind >= 200
