"""SQLite compares letters of every script without regard to case, as PostgreSQL does; its own LIKE knows only ASCII."""

import re
from functools import lru_cache
from typing import Any

from django.db.backends.signals import connection_created

EXPANDING = re.compile("[" + "".join(chr(code) for code in range(0x10000) if len(chr(code).upper()) > 1) + "]")
"""Letters that Python's upper() makes several of, ß for example. PostgreSQL leaves them as they are."""


def connect() -> None:
    """Called once by the app's configuration."""
    connection_created.connect(add_like)


def add_like(connection: Any, **kwargs: Any) -> None:
    """Replaces SQLite's LIKE, by which Django's icontains, iexact and istartswith compare."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("like", 3, like, deterministic=True)


def like(pattern: Any, text: Any, escape: str) -> bool | None:
    """SQL's `text LIKE pattern ESCAPE escape`, without regard to case."""
    if pattern is None or text is None:
        return None
    return _compiled(str(pattern), escape).fullmatch(_upper(str(text))) is not None


def _upper(text: str) -> str:
    """The text in capitals, letter by letter."""
    if text.isascii() or not EXPANDING.search(text):
        return text.upper()
    return "".join(letter if EXPANDING.match(letter) else letter.upper() for letter in text)


@lru_cache(maxsize=64)
def _compiled(pattern: str, escape: str) -> re.Pattern[str]:
    parts, letters = [], iter(_upper(pattern))
    for letter in letters:
        if letter == escape:
            parts.append(re.escape(next(letters, escape)))
        else:
            parts.append({"%": ".*", "_": "."}.get(letter) or re.escape(letter))
    return re.compile("".join(parts), re.DOTALL)
