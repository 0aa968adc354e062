from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from rest_framework import status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from realtime.events.kinds import registered
from tasks.accounts.people import signed_in
from tasks.core.api.filters import StrictFilterBackend
from tasks.core.api.pagination import KeysetPagination
from tasks.core.api.private import PrivateView
from tasks.core.api.repeat import repeat_on_deadlock
from tasks.core.api.serializers import EmptySerializer
from tasks.core.api.viewsets import as_uuid
from tasks.core.changes import Change
from tasks.history import trash, undo
from tasks.history.access import SHOWN_KINDS, listed, trash_visible_to, trash_writable_by
from tasks.history.filters import HistoryFilter, TrashFilter
from tasks.history.models import Trashed
from tasks.history.representation import change_json, restored_json, trashed_json, unit_json
from tasks.history.units import last_unit
from tasks.items.access import tasks_visible_to
from tasks.items.limits import MAX_NOTES
from tasks.lists.access import lists_of, streams_of
from tasks.lists.models import TaskList
from tasks.lists.writing import check_writer


class PagedView(PrivateView, GenericAPIView):
    """A list by pages."""

    filter_backends = [StrictFilterBackend]
    pagination_class = KeysetPagination

    def paged(self, rows: QuerySet[Any]) -> list[Any]:
        return self.paginate_queryset(self.filter_queryset(rows)) or []


class ChangePagination(KeysetPagination):
    long_field, longest = "values", 2 * MAX_NOTES  # before and after


class TrashPagination(KeysetPagination):
    long_field, longest = "data", MAX_NOTES


class TaskHistoryView(PagedView):
    """Who changed what in a task, newest first; also of one in the trash. Changes that were made while it was in
    another list, which the person may not read, are left out.
    """

    pagination_class = ChangePagination
    filterset_class = HistoryFilter

    def get(self, request: Request, pk: str) -> Response:
        person, task_id = signed_in(request), uuid_of(pk)
        readable = streams_of(person.pk)
        if not tasks_visible_to(person).filter(pk=task_id).exists():
            entry = trash_visible_to(person).filter(object_id=task_id, kind="task").first()
            if entry is None:
                raise NotFound("Not found.")
            readable.add(entry.stream)  # also where that list is gone
        found = Change.objects.filter(kind="task", object_id=task_id, stream__in=readable).select_related("actor")
        page = self.paged(found)
        return self.get_paginated_response([change_json(row, registered["task"], readable=readable) for row in page])


class TrashView(PagedView):
    """What was deleted and can be restored, and for how many days it is kept; null: until it is deleted for good."""

    pagination_class = TrashPagination
    filterset_class = TrashFilter

    def get(self, request: Request) -> Response:
        found = listed(trash_visible_to(signed_in(request)).filter(kind__in=SHOWN_KINDS))
        page = self.paged(found)
        counts = tasks_with(page)
        answer = self.get_paginated_response([trashed_json(entry, tasks=counts[entry.pk]) for entry in page])
        answer.data["days"] = settings.TRASH_DAYS or None
        return answer

    @repeat_on_deadlock
    def delete(self, request: Request) -> Response:
        """Empties the trash of what the person deleted, where they may still write."""
        person = signed_in(request)
        with transaction.atomic():
            trash.purge(trash_writable_by(person).filter(deleted_by=person))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TrashedView(PrivateView):
    def get(self, request: Request, pk: str) -> Response:
        entry = self.entry(request, pk)
        return Response(trashed_json(entry, tasks=tasks_with([entry])[entry.pk]))

    @repeat_on_deadlock
    def delete(self, request: Request, pk: str) -> Response:
        """Deletes for good, with what was deleted along."""
        with transaction.atomic():
            entry = self.entry(request, pk)
            check_write(request, entry)
            trash.purge(Trashed.objects.filter(pk=entry.pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def entry(self, request: Request, pk: str) -> Trashed:
        found = trash_visible_to(signed_in(request)).filter(object_id=uuid_of(pk)).first()  # the newest
        if found is None:
            raise NotFound("Not found.")
        return found


class RestoreView(TrashedView):
    http_method_names = ["post", "options"]

    @repeat_on_deadlock
    def post(self, request: Request, pk: str) -> Response:
        """Creates the objects again under the same ids."""
        EmptySerializer(data=request.data).is_valid(raise_exception=True)
        with transaction.atomic():
            entry = self.entry(request, pk)
            check_write(request, entry)
            restored = trash.restore([entry.pk], signed_in(request))
        return Response(restored_json(entry, restored))


def uuid_of(text: str) -> UUID:
    """Raises NotFound."""
    found = as_uuid(text)
    if found is None:
        raise NotFound("Not found.")
    return found


def check_write(request: Request, entry: Trashed) -> None:
    """Raises PermissionDenied or Conflict. What was in a list that is gone can be written by those who see it."""
    person = signed_in(request)
    if entry.kind == "list":
        if entry.owner_id != person.pk:
            raise PermissionDenied("Only the owner of the list may do that.")
    elif task_list := TaskList.objects.filter(pk__in=lists_of([entry.stream])).first():
        check_writer(person, task_list)


class UndoView(PrivateView):
    """Takes back one's own last change of the last ten minutes. GET says what that would be."""

    redo = False

    def get(self, request: Request) -> Response:
        person = signed_in(request)
        unit = last_unit(person, redo=self.redo)
        return Response({"next": None if unit is None else unit_json(unit, person)})

    @repeat_on_deadlock
    def post(self, request: Request) -> Response:
        EmptySerializer(data=request.data).is_valid(raise_exception=True)
        person = signed_in(request)
        try:
            with transaction.atomic():
                unit = undo.reverse(person, redo=self.redo)
        except undo.CantReverse as error:
            undo.put_off(error.unit)
            return self.handle_exception(error)  # not raised, which would roll that back where there is a key
        return Response(unit_json(unit, person, done="Done again" if self.redo else "Undone"))


def tasks_with(entries: Sequence[Trashed]) -> dict[int, int]:
    """By entry of the trash the number of tasks that were deleted with it."""
    rows: QuerySet[Any] = Trashed.objects.filter(parent__in=[entry.object_id for entry in entries], kind="task")
    counts = rows.order_by().values("parent", "unit").annotate(count=Count("pk"))
    found = {(parent, unit): count for parent, unit, count in counts.values_list("parent", "unit", "count")}
    return {entry.pk: found.get((entry.object_id, entry.unit), 0) for entry in entries}
