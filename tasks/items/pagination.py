from tasks.core.api.pagination import RowsPagination
from tasks.items.limits import MAX_NOTES


class TaskPagination(RowsPagination):
    """Pages of tasks as rows."""

    long_field, longest = "notes", MAX_NOTES
