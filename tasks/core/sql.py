"""Parts of handwritten SQL."""

from collections.abc import Collection


def placeholders(values: Collection[object]) -> str:
    """For an SQL list of them."""
    return ", ".join(["%s"] * len(values))
