import django_filters as filters

from tasks.core.api.filters import AskedFilterSet, WholeNumberFilter
from tasks.core.changes import Change
from tasks.history.models import Trashed
from tasks.items.limits import MAX_TITLE


class HistoryFilter(AskedFilterSet):
    actor = WholeNumberFilter(field_name="actor__id")

    class Meta:
        model = Change
        fields: list[str] = []


class TrashFilter(AskedFilterSet):
    search = filters.CharFilter(field_name="title", lookup_expr="icontains", max_length=MAX_TITLE)

    class Meta:
        model = Trashed
        fields: list[str] = []
