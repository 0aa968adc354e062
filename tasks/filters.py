"""What a list page can be asked for. A parameter that is unknown, double or wrong is an error that names it."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tasks.access import lists_visible_to
from tasks.models import Kind, Priority, Task, TaskList
from tasks.people import signed_in
from tasks.serializers import PRIORITIES


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset = self.get_filterset_class(view, queryset)
        known = view.paginator.parameters | set(filterset.base_filters if filterset else ())
        wrong = {
            name: "There is no such parameter." if name not in known else "Give this parameter once."
            for name, values in request.query_params.lists()
            if name not in known or len(values) > 1
        }
        if wrong:
            raise ValidationError(wrong)
        if not request.query_params.keys() - view.paginator.parameters:
            return queryset  # a filterset copies all of its fields before it finds nothing to do
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered


class PriorityFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """Any of several: high,urgent."""


class WholeNumberFilter(filters.Filter):
    field_class = forms.IntegerField


def visible(request: Request) -> QuerySet[TaskList]:
    return lists_visible_to(signed_in(request))


class TaskFilter(FilterSet):
    list = filters.ModelChoiceFilter(queryset=visible)
    completed = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="by_completed")
    priority = PriorityFilter(choices=[(word, word) for word in PRIORITIES.values()], method="by_priority")
    due_before = filters.DateFilter(field_name="due_date", lookup_expr="lt")
    due_after = filters.DateFilter(field_name="due_date", lookup_expr="gt")
    # __id: a relation compared with a number too large for the database would be an error there.
    created_by = WholeNumberFilter(field_name="created_by__id")
    search = filters.CharFilter(method="by_text")
    ordering = filters.OrderingFilter(
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


class TaskListFilter(FilterSet):
    kind = filters.ChoiceFilter(choices=Kind.choices)
    search = filters.CharFilter(field_name="name", lookup_expr="icontains")
    ordering = filters.OrderingFilter(fields=[(name, name) for name in ("name", "created_at", "updated_at")])

    class Meta:
        model = TaskList
        fields: list[str] = []
