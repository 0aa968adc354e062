from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from tasks.accounts.people import signed_in
from tasks.core.api.filters import AskedFilterSet, IdFilter, OrderingFilter, PartsField, WholeNumberFilter
from tasks.items.models import Priority, Task
from tasks.items.representation import PRIORITIES
from tasks.lists.access import lists_visible_to
from tasks.lists.models import TaskList


class PriorityFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """Any of several: high,urgent."""

    base_field_class = PartsField


def visible_lists(request: Request) -> QuerySet[TaskList]:
    return lists_visible_to(signed_in(request)).only("pk")


class TaskFilter(AskedFilterSet):
    list = IdFilter(queryset=visible_lists)
    completed = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="by_completed")
    priority = PriorityFilter(choices=[(word, word) for word in PRIORITIES.values()], method="by_priority")
    due_before = filters.DateFilter(field_name="due_date", lookup_expr="lt")
    due_after = filters.DateFilter(field_name="due_date", lookup_expr="gt")
    # __id: a relation compared with a number too large for the database would be an error there.
    created_by = WholeNumberFilter(field_name="created_by__id")
    search = filters.CharFilter(method="by_text")
    ordering = OrderingFilter(
        fields=[(name, name) for name in (
            "position", "title", "priority", "due_date", "due_time", "completed_at", "created_at", "updated_at",
        )]
    )  # fmt: skip

    class Meta:
        model = Task
        fields: list[str] = []

    def by_completed(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset.filter(completed_at__isnull=value == "false")

    def by_priority(self, queryset: QuerySet[Task], name: str, value: Any) -> QuerySet[Task]:
        return queryset.filter(priority__in=[Priority[word.upper()] for word in value])

    def by_text(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset.filter(Q(title__icontains=value) | Q(notes__icontains=value))
