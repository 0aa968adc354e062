"""Numbers in a line, in digits and as words: 3, three, 3rd, third."""

import re

from tasks.quick_add import tables
from tasks.quick_add.line import Line

DAY_NUMBER = re.compile(r"([0-9]{1,2})(\.|st|nd|rd|th)?")
SHORT_ORDINAL = re.compile(r"([0-9]{1,3})(\.|st|nd|rd|th)")


def number_at(line: Line, place: int) -> int | None:
    """In digits or as a word."""
    key = line.key(place)
    if key.isascii() and key.isdigit() and len(key) <= 4:
        return int(key)
    return tables.NUMBERS.get(key)


def ordinal_at(line: Line, place: int) -> int | None:
    """2nd, 2., second, last."""
    number = short_ordinal(line, place)
    return tables.ORDINALS.get(line.key(place)) if number is None else number


def short_ordinal(line: Line, place: int) -> int | None:
    """2nd, 2."""
    found = SHORT_ORDINAL.fullmatch(line.raw(place)) or SHORT_ORDINAL.fullmatch(line.key(place))
    return int(found[1]) if found else None
