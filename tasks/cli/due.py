"""Dates as people write them on a command line."""

from datetime import date, datetime, time, timedelta

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def parse_due(text: str, *, today: date) -> tuple[date, time | None]:
    """The date, and the time if there is one. A weekday is the next one after today. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _by_words(text, today)
    return moment.date(), moment.time() if len(text) > len("2026-12-24") else None


def _by_words(text: str, today: date) -> tuple[date, time | None]:
    day, _, clock = text.strip().lower().partition(" ")
    try:
        at = time.fromisoformat(clock.strip()) if clock.strip() else None
        if day in ("today", "tomorrow"):
            return today + timedelta(days=day == "tomorrow"), at
        (number,) = [n for n, name in enumerate(WEEKDAYS) if day in (name, name[:3])]
    except ValueError:
        examples = "2026-12-24, today, tomorrow or friday, nor one with a time like 2026-12-24T18:00"
        raise ValueError(f"{text!r} is no date like {examples}") from None
    return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1), at
