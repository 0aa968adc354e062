from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from tasks.core.api.filters import DayFilter, WholeNumberFilter
from tasks.items.filters import TaskFilter

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Between which Upcoming can begin."""

MOST_DAYS = 62


def validate_first(day: date) -> None:
    """Raises ValidationError for a day from which no days can be counted."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(f"Must be a day between {FIRST_DAY} and {LAST_DAY}.")


class AgendaFilter(TaskFilter):
    """The filters of tasks, without those that a view over all lists decides."""

    due_before = due_after = completed = due = ordering = None  # type: ignore[assignment]


class UpcomingFilter(AgendaFilter):
    days = WholeNumberFilter(method="no_condition", validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)])
    vars()["from"] = DayFilter(method="no_condition", validators=[validate_first])  # Python keeps the name for itself
