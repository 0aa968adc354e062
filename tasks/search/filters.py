import django_filters as filters

from tasks.items.filters import TaskFilter
from tasks.items.limits import MAX_TITLE


class SearchFilter(TaskFilter):
    """The filters of tasks, beside the text."""

    # The view searches the entries for it.
    q = filters.CharFilter(required=True, max_length=MAX_TITLE, method="no_condition")
    search = None
    ordering = None  # type: ignore[assignment]  # not here
