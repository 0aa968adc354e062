import django_filters as filters

from tasks.core.api.filters import AskedFilterSet, IdFilter, OrderingFilter
from tasks.lists.filters import visible_lists
from tasks.sections.models import Section


class SectionFilter(AskedFilterSet):
    list = IdFilter(queryset=visible_lists)
    search = filters.CharFilter(field_name="name", lookup_expr="icontains")
    ordering = OrderingFilter(fields=[(name, name) for name in ("position", "name", "created_at", "updated_at")])

    class Meta:
        model = Section
        fields: list[str] = []
