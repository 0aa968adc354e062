import re
from datetime import date
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from tasks.core.api.filters import WholeNumberFilter
from tasks.items.filters import TaskFilter

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Between which Upcoming can begin."""

MOST_DAYS = 62


class DayField(forms.CharField):
    """A day as YYYY-MM-DD."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            found = date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
        except ValueError:
            found = None
        if found is None or not FIRST_DAY <= found <= LAST_DAY:
            raise ValidationError(f"Must be a day between {FIRST_DAY} and {LAST_DAY}, as YYYY-MM-DD.")
        return found


class DayFilter(filters.Filter):
    field_class = DayField


class AgendaFilter(TaskFilter):
    """The filters of tasks, without those that a view over all lists decides."""

    due_before = due_after = None
    completed = due = ordering = None  # type: ignore[assignment]


class UpcomingFilter(AgendaFilter):
    days = WholeNumberFilter(method="leave", validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)])
    vars()["from"] = DayFilter(method="leave")  # a name that Python keeps for itself
