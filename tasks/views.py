"""Lists, their members and tasks over HTTP. A write locks its row first, so that what was checked still holds when it
is written, and changes only the fields that the client sent.

There is no PUT: it would empty each field that a client does not know of.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from tasks import conditional
from tasks.access import lists_visible_to, role_in, tasks_visible_to
from tasks.filters import StrictFilterBackend, TaskFilter, TaskListFilter
from tasks.models import Kind, Membership, Role, Task, TaskList
from tasks.pagination import KeysetPagination
from tasks.people import signed_in
from tasks.problems import Conflict
from tasks.serializers import MembershipSerializer, TaskListSerializer, TaskSerializer


class LiveViewSet(GenericViewSet):
    """What the three have in common. A subclass says who sees what, and who may write."""

    filter_backends = [StrictFilterBackend]
    pagination_class = KeysetPagination
    lookup_value_regex = "[0-9a-fA-F-]{36}"

    def get_queryset(self) -> QuerySet[Any]:
        """What the person may see. Everything else is not there for them."""
        raise NotImplementedError

    def check_write(self, row: Any) -> None:
        """Raises PermissionDenied where the person may see the row and not change it."""
        raise NotImplementedError

    def list(self, request: Request, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: str, **kwargs: Any) -> Response:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        if conditional.names(request.headers.get("If-None-Match", ""), row):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": conditional.tag(row)})
        return self.answer(row)

    def partial_update(self, request: Request, pk: str, **kwargs: Any) -> Response:
        with transaction.atomic():
            row = self.locked(pk)
            serializer = self.get_serializer(row, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            self.change(serializer)
        return self.answer(row)

    def destroy(self, request: Request, pk: str, **kwargs: Any) -> Response:
        with transaction.atomic():
            self.remove(self.locked(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def change(self, serializer: Any) -> None:
        serializer.save()

    def remove(self, row: Any) -> None:
        row.delete()

    def locked(self, pk: str) -> Any:
        """The row, locked, which the person may write and has seen in its newest version if they said which."""
        row = get_object_or_404(self.get_queryset().select_for_update(of=("self",), no_key=True), pk=pk)
        self.check_write(row)
        conditional.require_match(self.request, row, self.get_serializer(row).data)
        return row

    def answer(self, row: Any, status: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(row).data, status=status, headers={"ETag": conditional.tag(row)})


class CreatedByClientViewSet(LiveViewSet):
    """Rows whose id the client may choose, so that it can send a creation again when it heard no answer."""

    def create(self, request: Request) -> Response:
        if (row := self.made_before()) is not None:
            return self.answer(row)
        try:
            with transaction.atomic():
                serializer = self.get_serializer(data=request.data)
                serializer.is_valid(raise_exception=True)
                row = self.make(serializer)
        except IntegrityError:  # the same creation came twice at once
            if (row := self.made_before()) is None:
                raise
            return self.answer(row)
        return self.answer(row, status.HTTP_201_CREATED)

    def make(self, serializer: Any) -> Any:
        raise NotImplementedError

    def made_before(self) -> Any:
        """The visible row that has the id in the request; None if it is free. An invisible one tells no more than
        that its id is taken.
        """
        given = self.request.data.get("id") if isinstance(self.request.data, Mapping) else None
        try:
            pk: UUID = serializers.UUIDField().run_validation(given)
        except ValidationError:
            return None  # none given, or the serializer will say what is wrong with it
        # In this order: a row that is committed in between is not there yet, rather than there and invisible.
        if not self.get_queryset().model._base_manager.filter(pk=pk).exists():
            return None
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise Conflict("This id is taken; choose another one.")
        return row


class TaskViewSet(CreatedByClientViewSet):
    serializer_class = TaskSerializer
    filterset_class = TaskFilter

    def get_queryset(self) -> QuerySet[Task]:
        tasks = tasks_visible_to(signed_in(self.request))
        return tasks if self.action == "list" else tasks.select_related("list")

    def check_write(self, row: Task) -> None:
        self.check_list(row.list)

    def check_list(self, task_list: TaskList) -> None:
        role = role_in(signed_in(self.request), task_list)
        if role is None:
            raise ValidationError({"list": "You are no member of this list any more."})
        if role == Role.VIEWER:
            raise PermissionDenied(f"In the list {task_list.name} you may read, not write.")

    def make(self, serializer: Any) -> Task:
        person = signed_in(self.request)
        target = serializer.validated_data.get("list") or TaskList.objects.default_for(person)
        self.check_list(target)
        task: Task = serializer.save(list=target, created_by=person)
        return task

    def change(self, serializer: Any) -> None:
        target = serializer.validated_data.get("list")
        if target is not None and target != serializer.instance.list:
            self.check_list(target)
        serializer.save()


class TaskListViewSet(CreatedByClientViewSet):
    serializer_class = TaskListSerializer
    filterset_class = TaskListFilter

    def get_queryset(self) -> QuerySet[TaskList]:
        return lists_visible_to(signed_in(self.request))

    def check_write(self, row: TaskList) -> None:
        if role_in(signed_in(self.request), row) != Role.OWNER:
            raise PermissionDenied("Only the owner may change or delete this list.")

    def make(self, serializer: Any) -> TaskList:
        task_list: TaskList = serializer.save(owner=signed_in(self.request))
        return task_list

    def remove(self, row: TaskList) -> None:
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
                return self.answer(serializer.save(list=task_list), status.HTTP_201_CREATED)
        if row.role != wanted["role"]:
            raise Conflict(f"{row.user} is a member already, as {row.role}; change that row.")
        return self.answer(row)

    def locked(self, pk: str) -> Membership:
        self.task_list(lock=True)  # a list's members change one after the other, its owner too
        row: Membership = super().locked(pk)
        return row

    def check_write(self, row: Membership) -> None:
        leaving = self.action == "destroy" and row.user == signed_in(self.request)
        if not leaving:
            self.check_owner(row.list)
        if row.role == Role.OWNER:
            raise Conflict("This is the owner. PATCH the list with another member as `owner` first.")

    def check_owner(self, task_list: TaskList) -> None:
        if role_in(signed_in(self.request), task_list) != Role.OWNER:
            raise PermissionDenied("Only the owner may choose the members of this list.")
