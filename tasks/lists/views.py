from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.accounts.people import signed_in
from tasks.core.api.problems import Conflict
from tasks.core.api.repeat import repeat_on_deadlock
from tasks.core.api.serializers import EmptySerializer
from tasks.core.api.viewsets import ClientIdViewSet, LiveViewSet
from tasks.lists.access import lists_visible_to, rights_in
from tasks.lists.filters import TaskListFilter
from tasks.lists.models import Kind, Membership, Role, TaskList
from tasks.lists.serializers import MembershipSerializer, TaskListSerializer
from tasks.lists.writing import check_not_archived


class TaskListViewSet(ClientIdViewSet):
    serializer_class = TaskListSerializer
    filterset_class = TaskListFilter

    def get_queryset(self) -> QuerySet[TaskList]:
        return lists_visible_to(signed_in(self.request))

    def check_write(self, row: TaskList) -> None:
        if rights_in(signed_in(self.request), row).role != Role.OWNER:
            raise PermissionDenied("Only the owner may change or delete this list.")

    def perform_create(self, serializer: Any) -> None:
        serializer.save(owner=signed_in(self.request))

    def perform_update(self, serializer: Any) -> None:
        row = serializer.instance
        check_not_archived(row, is_archived=row.archived_at is not None)
        serializer.save()

    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        return self.set_archived(pk, timezone.now())

    @action(detail=True, methods=["post"])
    def unarchive(self, request: Request, pk: str) -> Response:
        return self.set_archived(pk, None)

    @repeat_on_deadlock
    def set_archived(self, pk: str, at: datetime | None) -> Response:
        """None: takes it out of the archive. A list that is there already stays as it is."""
        EmptySerializer(data=self.request.data).is_valid(raise_exception=True)
        with transaction.atomic():
            row: TaskList = self.get_object_for_update(pk)
            if row.kind != Kind.LIST:
                raise PermissionDenied("Only lists that somebody has made can be archived.")
            if (row.archived_at is None) != (at is None):
                row.archived_at = at
                row.save(update_fields=["archived_at"])
        return self.respond(row)

    def perform_destroy(self, row: TaskList) -> None:
        if row.kind == Kind.INBOX:
            raise PermissionDenied("An Inbox stays: tasks that name no list go there.")
        row.delete()


class MembershipViewSet(LiveViewSet):
    serializer_class = MembershipSerializer

    def get_queryset(self) -> QuerySet[Membership]:
        return self.task_list().memberships.select_related("user")

    def task_list(self, *, lock: bool = False) -> TaskList:
        lists = lists_visible_to(signed_in(self.request))
        found: TaskList = get_object_or_404(
            lists.select_for_update(of=("self",), no_key=True) if lock else lists, pk=self.kwargs["list_pk"]
        )
        return found

    @repeat_on_deadlock
    def create(self, request: Request, list_pk: str) -> Response:
        with transaction.atomic():
            task_list = self.task_list(lock=True)
            if task_list.kind != Kind.LIST:
                raise PermissionDenied("This list has no members to choose.")
            self.check_owner(task_list)
            serializer = self.get_serializer(data=request.data)
            serializer.is_valid(raise_exception=True)
            wanted = serializer.validated_data
            row = task_list.memberships.select_related("user").filter(user=wanted["user"]).first()
            if row is None:
                return self.respond(serializer.save(list=task_list), status.HTTP_201_CREATED)
        if row.role != wanted["role"]:
            raise Conflict(f"{row.user} is a member already, as {row.role}; change that row.")
        return self.respond(row)

    def get_object_for_update(self, pk: str) -> Membership:
        self.task_list(lock=True)  # a list's members change one after the other, its owner too
        row: Membership = super().get_object_for_update(pk)
        return row

    def check_write(self, row: Membership) -> None:
        leaving = self.action == "destroy" and row.user == signed_in(self.request)
        if not leaving:
            self.check_owner(row.list)
        if row.role == Role.OWNER:
            raise Conflict("This is the owner. PATCH the list with another member as `owner` first.")

    def check_owner(self, task_list: TaskList) -> None:
        if rights_in(signed_in(self.request), task_list).role != Role.OWNER:
            raise PermissionDenied("Only the owner may choose the members of this list.")
