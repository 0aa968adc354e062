"""Parts of handwritten SQL."""

from collections.abc import Collection
from typing import Any


def placeholders(values: Collection[object]) -> str:
    """For an SQL list of them."""
    return ", ".join(["%s"] * len(values))


def is_one_of(values: Collection[Any], vendor: str) -> tuple[str, list[Any]]:
    """What follows a column in a condition, and its parameters. On PostgreSQL the text is the same for any number of
    them: psycopg takes it apart only once."""
    if vendor == "postgresql":
        return "= ANY(%s)", [list(values)]
    return f"IN ({placeholders(values)})", list(values)
