import django_filters as filters
from django.db.models import QuerySet
from rest_framework.request import Request

from tasks.accounts.people import signed_in
from tasks.core.api.filters import SWITCHES, AskedFilterSet, OrderingFilter, SwitchFilter
from tasks.lists.access import lists_visible_to
from tasks.lists.models import Kind, TaskList


def visible_lists(request: Request) -> QuerySet[TaskList]:
    return lists_visible_to(signed_in(request)).only("pk")


class TaskListFilter(AskedFilterSet):
    archived = SwitchFilter(method="by_archived")
    kind = filters.ChoiceFilter(choices=Kind.choices)
    search = filters.CharFilter(field_name="name", lookup_expr="icontains")
    ordering = OrderingFilter(fields=[(name, name) for name in ("name", "created_at", "updated_at")])

    class Meta:
        model = TaskList
        fields: list[str] = []

    def by_archived(self, queryset: QuerySet[TaskList], name: str, value: str) -> QuerySet[TaskList]:
        return queryset.filter(archived_at__isnull=not SWITCHES[value])
