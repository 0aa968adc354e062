"""Reading and writing live rows over HTTP. A write locks its row first, so that what was checked still holds when it
is written, and changes only the fields that the client sent.

There is no PUT: it would empty each field that a client does not know of.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from rest_framework import mixins, status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from realtime.events.live import etag
from tasks.core.api import conditional, creations, merging, used_ids
from tasks.core.api.filters import StrictFilterBackend
from tasks.core.api.pagination import KeysetPagination
from tasks.core.api.private import PrivateView
from tasks.core.api.repeat import repeat_on_deadlock
from tasks.core.api.serializers import IdField


class LiveViewSet(PrivateView, mixins.ListModelMixin, GenericViewSet):
    """What all have in common. A subclass says who sees what, and who may write."""

    filter_backends = [StrictFilterBackend]
    pagination_class = KeysetPagination
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def get_queryset(self) -> QuerySet[Any]:
        """What the person may see. Other rows do not exist for them."""
        raise NotImplementedError

    def check_write(self, row: Any) -> None:
        """Raises PermissionDenied where the person may see the row and not change it."""
        raise NotImplementedError

    def retrieve(self, request: Request, pk: str, **kwargs: Any) -> Response:
        row = self.get_object_seen(pk)
        if conditional.etag_matches(request.headers.get("If-None-Match", ""), row):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag(row)})
        return self.respond(row)

    @repeat_on_deadlock
    def partial_update(self, request: Request, pk: str, **kwargs: Any) -> Response:
        with transaction.atomic():
            row = self.get_object_for_update(pk)
            serializer = self.get_serializer(row, data=self.changes(), partial=True)
            merging.validate(serializer, merging.base_version_of(self.body()))
            self.perform_update(serializer)
        return self.respond(row)

    @repeat_on_deadlock
    def destroy(self, request: Request, pk: str, **kwargs: Any) -> Response:
        with transaction.atomic():
            self.perform_destroy(self.get_object_for_update(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def perform_update(self, serializer: Any) -> None:
        serializer.save()

    def perform_destroy(self, row: Any) -> None:
        row.delete()

    def body(self) -> Mapping[str, Any]:
        """The JSON object in the request; empty if it holds something else."""
        return self.request.data if isinstance(self.request.data, Mapping) else {}

    def changes(self) -> Any:
        """The body of a PATCH without what is no field of the object."""
        data = self.request.data
        return {name: data[name] for name in data if name != merging.NAME} if isinstance(data, Mapping) else data

    def get_object_seen(self, pk: str) -> Any:
        """The row as it is before it is locked, for writes that lock others first."""
        return get_object_or_404(self.get_queryset(), pk=pk)

    def get_object_for_update(self, pk: str) -> Any:
        """The row, locked. The person may write it, and has seen its newest version if they sent If-Match."""
        row = get_object_or_404(self.get_queryset().select_for_update(of=("self",), no_key=True), pk=pk)
        self.check_write(row)
        conditional.require_match(self.request, row, self.shown)
        return row

    def shown(self, row: Any) -> dict[str, Any]:
        """The row as responses show it."""
        serializer: Any = self.get_serializer_class()
        found: dict[str, Any] = serializer.represent(row)
        return found

    def respond(self, row: Any, status: int = status.HTTP_200_OK) -> Response:
        return Response(self.shown(row), status=status, headers={"ETag": etag(row)})


class ClientIdViewSet(LiveViewSet):
    """Rows whose id the client may choose, so that it can repeat a creation when it got no response."""

    def partial_update(self, request: Request, pk: str, **kwargs: Any) -> Response:
        """The id may be sent, and never changes. Compared before any row is read: the other id may be another's."""
        if "id" in self.body() and self.given_id() != as_uuid(pk):
            raise ValidationError({"id": "An object keeps its id."})
        return super().partial_update(request, pk, **kwargs)

    @repeat_on_deadlock
    def create(self, request: Request) -> Response:
        if (row := self.get_repeated()) is not None:
            return self.respond(row)
        try:
            with transaction.atomic():
                serializer = self.get_serializer(data=request.data)
                serializer.is_valid(raise_exception=True)
                self.perform_create(serializer)
                if (pk := self.given_id()) is not None:
                    creations.note(self.basename, pk, self.body())
        except IntegrityError:  # the same id came twice at once
            if (row := self.get_repeated()) is None:
                raise
            return self.respond(row)
        return self.respond(serializer.instance, status.HTTP_201_CREATED)

    def given_id(self) -> UUID | None:
        """The id in the request's body, if it has one that can be an id."""
        return as_uuid(self.body().get("id"))

    def perform_create(self, serializer: Any) -> None:
        raise NotImplementedError

    def get_repeated(self) -> Any:
        """The row that this very creation made before; None if the id is free. Raises Mismatch or Gone."""
        pk = self.given_id()
        if pk is None:
            return None  # none given, or the serializer will say what is wrong with it
        # In this order: a creation that is committed in between is not there yet, rather than of another kind, noted
        # and deleted, or there and invisible.
        if not used_ids.used_among([pk]):
            return None
        noted = creations.digest_noted(self.basename, pk)
        exists = self.get_queryset().model._base_manager.filter(pk=pk).exists()
        row = self.get_queryset().filter(pk=pk).first() if exists else None
        shown = None if row is None else self.shown(row)
        if exists and noted is None:
            noted = creations.digest_noted(self.basename, pk)
        creations.check_repeated(self.body(), noted, exists=exists, shown=shown)
        return row


def as_uuid(value: Any) -> UUID | None:
    if value is None:
        return None
    try:
        found: UUID = IdField().run_validation(value)
    except ValidationError:
        return None
    return found
