"""The only parser of the JSON that clients send. What a text becomes is bounded, and not only its length: an empty
object takes three bytes of the text and a hundred of memory.
"""

import json
import re
from collections import Counter
from itertools import islice
from typing import Any, NoReturn

PART = re.compile(r'(?:[^"\[{,]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"?)*+(?:([\[{,])|\Z)', re.DOTALL)
"""A text up to its next comma or opening bracket outside of strings. Nothing in it can be read in two ways, so that a
search takes time in proportion to the text.
"""


class UnreadableError(ValueError):
    """The text is not JSON, or is nested too deeply, or has a name twice in one object."""


class TooManyError(UnreadableError):
    """The text has more elements than it may."""


def parse(text: str, *, most: int) -> Any:
    """The value of the text, which may have `most` elements: members of objects and lists, all together.

    Raises UnreadableError, or TooManyError before anything is made.
    """
    if has_more_than(most, text):
        raise TooManyError(f"more than {most} elements")
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except RecursionError:
        raise UnreadableError("nested too deeply") from None
    except ValueError as error:
        raise UnreadableError(str(error)) from None


def has_more_than(most: int, text: str) -> bool:
    """Whether there are more elements. Stops counting there, and copies nothing."""
    if sum(map(text.count, ",[{")) <= most:
        return False  # even if none of them were part of a string
    return sum(1 for part in islice(PART.finditer(text), most + 1) if part[1]) > most


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ValueError for a name that comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        double = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"the name {ascii(double)[:60]} comes twice in an object")
    return found
