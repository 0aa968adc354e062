"""Places in an order that people choose: numbers between which there is always room for another one."""

from django.core.exceptions import ValidationError

GAP = 1024.0
"""Between the positions of two new neighbours, so that one can be dragged between them by halving, again and again."""

MAX_POSITION = 1e12
"""The greatest position, and below zero the least, that can be set; there is room for a billion rows in between."""


def validate_position(number: float) -> None:
    """Raises ValidationError for not-a-number too, which passes every comparison with a limit."""
    if not -MAX_POSITION <= number <= MAX_POSITION:
        raise ValidationError(f"This has to be a number between {-MAX_POSITION:.0f} and {MAX_POSITION:.0f}.")
