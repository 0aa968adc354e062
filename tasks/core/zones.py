"""Names of time zones, checked against those that this machine knows."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError

MAX_LENGTH = 64


@cache
def names() -> frozenset[str]:
    """Read once: `available_timezones()` walks the whole database of zones at each call."""
    return frozenset(available_timezones())


def validate_zone(name: str) -> None:
    """Raises ValidationError for anything but an IANA name such as Europe/Berlin."""
    if name not in names():
        raise ValidationError("%(name)s is no time zone; an IANA name like Europe/Berlin is.", params={"name": name})
