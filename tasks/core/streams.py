"""The names of the streams that belong to no list."""

EVERYONE_STREAM = "all"
"""The list Everyone, and the directory of people beside it."""


def user_stream(user_id: int) -> str:
    """The stream of what concerns one person alone."""
    return f"user.{user_id}"
