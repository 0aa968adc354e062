"""Pages of results. They are ranked here and not by the database, which reads the newest entries and joins no table."""

from types import SimpleNamespace
from typing import Any

from django.db.models import F, IntegerField
from rest_framework.request import Request

from realtime import events
from tasks.core.api.pagination import Key, decode, encode, fitting
from tasks.core.rows import rows_of
from tasks.items.models import Task
from tasks.items.pagination import TaskPagination
from tasks.search.models import SearchEntry

_RANK = IntegerField()
_RANK.set_attributes_from_name("rank")

KEYS = [Key(_RANK, descending=False), Key(SearchEntry._meta.pk, descending=True)]


class RankedPagination(TaskPagination):
    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The tasks of a page of `find()`'s entries."""
        limit = self._limit(request)
        self.position = events.positions(view.readable_streams())
        places = sorted((rank, -pk) for rank, pk in queryset.values_list("rank", "pk"))
        if cursor := request.query_params.get("cursor"):
            rank, pk = decode(cursor, KEYS)
            places = [place for place in places if place > (rank, -pk)]
        page = places[:limit]
        if self.can_be_long(len(page)):
            tasks = Task.objects.filter(search_entry__in=[-number for _, number in page]).order_by()
            sizes = dict(tasks.values_list("search_entry", self.characters()))
            limit = fitting(sizes.get(-number, 0) for _, number in page)
            page = page[:limit]
        is_last = len(places) <= limit
        self.next_cursor = None if is_last else encode(SimpleNamespace(rank=page[-1][0], id=-page[-1][1]), KEYS)
        keys = [-number for _, number in page]
        tasks = Task.objects.filter(search_entry__in=keys).annotate(entry=F("search_entry")).order_by()
        found = {task.entry: task for task in rows_of(tasks, with_keys=False, at_once=True)}
        return [found[pk] for pk in keys if pk in found]  # one may have been deleted in between
