from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.accounts.models import User
from tasks.accounts.people import signed_in
from tasks.core.api.problems import Conflict
from tasks.core.api.viewsets import ClientIdViewSet
from tasks.items.access import ReachView
from tasks.items.representation import task_json
from tasks.saved_filters.models import MOST_FILTERS, SavedFilter
from tasks.saved_filters.query import run
from tasks.saved_filters.serializers import SavedFilterSerializer


class SavedFilterViewSet(ReachView, ClientIdViewSet):
    serializer_class = SavedFilterSerializer

    def get_queryset(self) -> QuerySet[SavedFilter]:
        filters: QuerySet[SavedFilter] = SavedFilter.objects.filter(user=signed_in(self.request))
        return filters

    def check_write(self, row: SavedFilter) -> None:
        """Each person sees their own alone."""

    def perform_create(self, serializer: Any) -> None:
        person = User.objects.select_for_update(no_key=True).get(pk=signed_in(self.request).pk)
        if person.saved_filters.count() >= MOST_FILTERS:
            raise Conflict(f"You have {MOST_FILTERS} filters already.")
        serializer.save(user=person)

    @action(detail=True, parameters=("time_zone", *ClientIdViewSet.pagination_class.parameters))
    def tasks(self, request: Request, pk: str) -> Response:
        """The tasks that the filter finds, in the person's lists that are not archived. `?time_zone=` as elsewhere."""
        row: SavedFilter = get_object_or_404(self.get_queryset(), pk=pk)
        zone = request.query_params.get("time_zone")
        try:
            found = run(row.query, self.current_tasks(), sort=row.sort, time_zone=zone, request=request)
        except InvalidValue as error:
            raise ValidationError(error.message_dict) from None
        page = self.paginate_queryset(found) or []
        return self.get_paginated_response([task_json(task) for task in page])
