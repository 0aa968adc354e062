"""The names of the streams that belong to no list."""

from collections.abc import Iterable

EVERYONE_STREAM = "all"
"""The list Everyone, and the directory of people beside it."""


def user_stream(user_id: int) -> str:
    """The stream of what concerns one person alone."""
    return f"user.{user_id}"


def users_of(streams: Iterable[str]) -> list[int]:
    """The people whose own streams are among these."""
    keys = [name.removeprefix("user.") for name in streams if name.startswith("user.")]
    return [int(key) for key in keys if key.isascii() and key.isdigit()]
