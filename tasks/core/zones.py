"""Names of time zones: those that browsers know too."""

from functools import cache
from importlib.resources import files

from django.core.exceptions import ValidationError

MAX_LENGTH = 64

NOT_ZONES = {"Factory"}
"""In the IANA database for devices that nobody has set up yet; not in browsers."""


@cache
def names() -> frozenset[str]:
    """The names in the IANA database. A machine has others beside them (`localtime`, `posix/…`, `right/…`)."""
    return frozenset((files("tzdata") / "zones").read_text().split()) - NOT_ZONES


def validate_zone(name: str) -> None:
    """Raises ValidationError for anything but an IANA name such as Europe/Berlin."""
    if name not in names():
        raise ValidationError("%(name)s is no time zone; an IANA name like Europe/Berlin is.", params={"name": name})
