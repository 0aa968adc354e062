import django_filters as filters

from tasks.core.api.filters import AskedFilterSet, OrderingFilter
from tasks.lists.models import Kind, TaskList


class TaskListFilter(AskedFilterSet):
    kind = filters.ChoiceFilter(choices=Kind.choices)
    search = filters.CharFilter(field_name="name", lookup_expr="icontains")
    ordering = OrderingFilter(fields=[(name, name) for name in ("name", "created_at", "updated_at")])

    class Meta:
        model = TaskList
        fields: list[str] = []
