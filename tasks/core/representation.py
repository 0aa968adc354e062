"""Parts of the objects as the API and the events show them.

What is shown depends on the row alone, never on who asks, so that an event and a response are the same text. The
functions are written by hand: a page of 50 tasks costs a tenth of what REST framework's generic fields take.
"""

from datetime import UTC, date, datetime, time


def isoformat_utc(value: datetime | str | None) -> str | None:
    """A moment in UTC as text. In a row of a snapshot it is text already."""
    if value is None or isinstance(value, str):
        return value
    if value.tzinfo is not UTC:  # which a snapshot asks for each of its times
        value = value.astimezone(UTC)
    return value.isoformat().replace("+00:00", "Z")


def isoformat(value: date | time | str | None) -> str | None:
    """A day or a time of day as text. In a row of a snapshot it is text already."""
    return value if value is None or isinstance(value, str) else value.isoformat()
