from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.core.api.filters import StrictFilterBackend
from tasks.items.access import ReachView
from tasks.items.models import Task
from tasks.items.representation import task_json
from tasks.search.filters import SearchFilter
from tasks.search.pagination import RankedPagination
from tasks.search.queries import find


class SearchView(ReachView, GenericAPIView):
    """`?q=` and the filters of tasks: the tasks that match, in all lists of the person that are not archived."""

    filter_backends = [StrictFilterBackend]
    filterset_class = SearchFilter
    pagination_class = RankedPagination

    cleaned: Mapping[str, Any]

    def get_queryset(self) -> QuerySet[Task]:
        tasks: QuerySet[Task] = Task.objects.all()
        return tasks

    def get(self, request: Request) -> Response:
        tasks = self.filter_queryset(self.get_queryset())
        if "q" not in self.cleaned:
            raise ValidationError({"q": "This parameter is required."})
        is_filtered = request.query_params.keys() - {"q", *RankedPagination.parameters}
        entries: Any = find(self.cleaned["q"], self.reach.current_lists, tasks if is_filtered else None)
        page = self.paginate_queryset(entries) or []
        return self.get_paginated_response([task_json(task) for task in page])
