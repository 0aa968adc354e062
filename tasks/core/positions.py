"""Places in an order that people choose: numbers between which there is always room for another one.

A new place is halfway between its neighbours. After some forty halvings at one spot the numbers there are used up; then
a few neighbours are spread out. How far that reaches grows with the number of rows around the spot, so that even
100,000 insertions in one place move few others each.
"""

import math
from collections.abc import Sequence

from django.core.exceptions import ValidationError

GAP = 1024.0
"""Between the positions of two new neighbours."""

MAX_POSITION = 1e12
"""The greatest position, and below zero the least, that can be set; there is room for a billion rows in between."""

LEAST_STEP = 2.0**-20
"""Between the positions of two rows that were spread out; more where many were, or where floats are coarser."""


def validate_position(number: float) -> None:
    """Raises ValidationError for not-a-number too, which passes every comparison with a limit."""
    if not -MAX_POSITION <= number <= MAX_POSITION:
        raise ValidationError(f"This has to be a number between {-MAX_POSITION:.0f} and {MAX_POSITION:.0f}.")


def between(low: float | None, high: float | None) -> float | None:
    """A position between two neighbours, None for a missing one; None where there is no room."""
    if low is None and high is None:
        return GAP
    if low is not None and high is not None:
        found = low + (high - low) / 2
        has_room = low < found < high
    else:
        found = low + GAP if low is not None else high - GAP  # type: ignore[operator]
        has_room = True
    return found if has_room and abs(found) <= MAX_POSITION else None


def spread(low: float | None, high: float | None, count: int) -> Sequence[float] | None:
    """Rising positions for `count` rows between two neighbours, None for a missing one; None if they'd be too close."""
    if low is not None and high is not None:
        first, step = low, (high - low) / (count + 1)
    elif high is not None:
        step = min(GAP, (high + MAX_POSITION) / count)
        first = high - step * (count + 1)
    elif low is not None:
        first, step = low, min(GAP, (MAX_POSITION - low) / count)
    else:
        first, step = -GAP * (count + 1) / 2, GAP
    found = [first + step * number for number in range(1, count + 1)]
    greatest = max(abs(found[0]), abs(found[-1]))
    least = max(LEAST_STEP, 8 * math.ulp(greatest)) * math.sqrt(count)
    return found if step >= least and greatest <= MAX_POSITION else None
