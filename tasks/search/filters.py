import django_filters as filters
from django.db.models import QuerySet

from tasks.items.filters import TaskFilter
from tasks.items.models import Task

LONGEST_QUERY = 500
"""Letters: as many as a title has."""


class SearchFilter(TaskFilter):
    """The filters of tasks, beside the text."""

    q = filters.CharFilter(required=True, max_length=LONGEST_QUERY, method="leave")
    search = None
    ordering = None  # type: ignore[assignment]  # not here

    def leave(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        """The view searches the entries for it."""
        return queryset
