"""The query parameters of GET /api/tasks."""

from collections.abc import Sequence
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from rest_framework.request import Request

from tasks.accounts.people import signed_in
from tasks.core.api.filters import (
    SWITCHES,
    AskedFilterSet,
    DayFilter,
    IdFilter,
    OrderingFilter,
    PartsField,
    SwitchFilter,
    WholeNumberField,
    WholeNumberFilter,
)
from tasks.core.api.serializers import ID
from tasks.core.zones import validate_zone
from tasks.items.access import tasks_visible_to
from tasks.items.due_filter import WORDS, due_on
from tasks.items.limits import MAX_TITLE
from tasks.items.models import Priority, Task
from tasks.items.representation import PRIORITIES
from tasks.lists.filters import visible_lists

BIGINT = 2**63 - 1
"""The database's greatest number. Comparing with a greater one would be an error there."""

NONE, ME = "none", "me"


class ChoicesFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """Any of several words: high,urgent."""

    base_field_class = PartsField


class TextField(forms.CharField):
    """Any text but an empty one; a part of several values."""


class IdField(forms.CharField):
    """An id, or `none`. There need be no such row: what is not there has no tasks."""

    def to_python(self, value: Any) -> Any:
        if value and value != NONE and not ID.fullmatch(value):
            raise ValidationError("Must be an id, or none.")
        return super().to_python(value)


class PersonField(WholeNumberField):
    """A person's number, `me` or `none`."""

    def to_python(self, value: Any) -> Any:
        if value in {ME, NONE}:
            return value
        if (number := super().to_python(value)) is not None and abs(number) > BIGINT:
            raise ValidationError(self.error_messages["invalid"])
        return number


class IdOrNoneFilter(filters.Filter):
    field_class = IdField


class PeopleFilter(filters.BaseInFilter):
    base_field_class = PartsField
    field_class = PersonField


class LabelsFilter(filters.BaseInFilter):
    """Labels by id, or by name in any list."""

    base_field_class = PartsField
    field_class = TextField


def visible_tasks(request: Request) -> QuerySet[Task]:
    return tasks_visible_to(signed_in(request)).only("pk")


class TaskFilter(AskedFilterSet):
    list = IdFilter(queryset=visible_lists)
    parent = IdOrNoneFilter(method="by_relation")
    section = IdOrNoneFilter(method="by_relation")
    label = LabelsFilter(method="by_label")
    assignee = PeopleFilter(method="by_assignee")
    completed = SwitchFilter(method="by_completed")
    priority = ChoicesFilter(choices=[(word, word) for word in PRIORITIES.values()], method="by_priority")
    due = ChoicesFilter(choices=[(word, word) for word in WORDS], method="by_due")
    due_before = DayFilter(field_name="due_date", lookup_expr="lt")
    due_after = DayFilter(field_name="due_date", lookup_expr="gt")
    time_zone = filters.CharFilter(validators=[validate_zone], method="no_condition")
    # __id: a relation compared with a number too large for the database would be an error there.
    created_by = WholeNumberFilter(field_name="created_by__id")
    # The lookups of the relation that tasks.search adds.
    search = filters.CharFilter(field_name="search_entry__words", lookup_expr="matches", max_length=MAX_TITLE)
    ordering = OrderingFilter(
        fields=[(name, name) for name in (
            "position", "title", "priority", "due_date", "due_time", "completed_at", "created_at", "updated_at",
        )]
    )  # fmt: skip

    class Meta:
        model = Task
        fields: list[str] = []

    @property
    def zone(self) -> str:
        """In which the person's days are: that of the request, or else of their settings."""
        return self.form.cleaned_data.get("time_zone") or signed_in(self.request).time_zone

    def no_condition(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        """Of a parameter that others read."""
        return queryset

    def by_relation(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset.filter(**({f"{name}__isnull": True} if value == NONE else {name: value}))

    def by_label(self, queryset: QuerySet[Task], name: str, value: Sequence[str]) -> QuerySet[Task]:
        return queryset.filter(search_entry__words__labelled=value)

    def by_assignee(self, queryset: QuerySet[Task], name: str, value: Sequence[Any]) -> QuerySet[Task]:
        people = [signed_in(self.request).pk if one == ME else one for one in value if one != NONE]
        nobody = Q(assignee__isnull=True) if NONE in value else Q()
        return queryset.filter(nobody | Q(assignee__id__in=people) if people else nobody)

    def by_completed(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset.filter(completed_at__isnull=not SWITCHES[value])

    def by_priority(self, queryset: QuerySet[Task], name: str, value: Any) -> QuerySet[Task]:
        return queryset.filter(priority__in=[Priority[word.upper()] for word in value])

    def by_due(self, queryset: QuerySet[Task], name: str, value: Any) -> QuerySet[Task]:
        return due_on(queryset, value, self.zone)
