import django_filters as filters

from tasks.core.api.filters import AskedFilterSet, IdFilter, OrderingFilter
from tasks.labels.models import Label
from tasks.lists.filters import visible_lists


class LabelFilter(AskedFilterSet):
    list = IdFilter(queryset=visible_lists)
    search = filters.CharFilter(field_name="name", lookup_expr="icontains")
    ordering = OrderingFilter(fields=[("name_key", "name"), ("created_at", "created_at"), ("updated_at", "updated_at")])

    class Meta:
        model = Label
        fields: list[str] = []
