"""Dates as people write them on a command line: those of quick add, and any that ISO 8601 has."""

from datetime import date, datetime, time

from tasks.quick_add.parser import parse_date

NONE = "none"
"""As an option's value: empties the field."""


def parse_due(text: str, *, now: datetime) -> tuple[date, time | None]:
    """The date, and the time if there is one, in the zone of `now`. Raises ValueError.

    A time with an offset is a moment: it becomes the time that clocks in this zone show then.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_date(text, now=now)
    if len(text) <= len("2026-12-24"):
        return moment.date(), None
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(now.tzinfo)
        except OverflowError:
            raise ValueError(f"{text!r} is outside the calendar") from None
    return moment.date(), moment.time()
