"""/api/tasks, and the actions on one task."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.accounts.people import signed_in
from tasks.core.api.problems import Conflict
from tasks.core.api.repeat import repeat_on_deadlock
from tasks.core.api.serializers import EmptySerializer
from tasks.core.api.viewsets import ClientIdViewSet
from tasks.items.access import active_tasks_of, tasks_visible_to
from tasks.items.copying import duplicate
from tasks.items.filters import TaskFilter
from tasks.items.models import Task
from tasks.items.pagination import TaskPagination
from tasks.items.serializers import MoveSerializer, TaskSerializer
from tasks.lists.models import TaskList
from tasks.lists.moving import place_among
from tasks.lists.writing import check_writer


class TaskViewSet(ClientIdViewSet):
    """The tasks of the lists that the person may read."""

    serializer_class = TaskSerializer
    filterset_class = TaskFilter
    pagination_class = TaskPagination

    def get_queryset(self) -> QuerySet[Task]:
        """A list of tasks leaves out those of archived lists, unless it is asked for one of them."""
        person = signed_in(self.request)
        if self.action != "list":
            return tasks_visible_to(person).select_related("list")
        return tasks_visible_to(person) if self.request.query_params.get("list") else active_tasks_of(person)

    def check_write(self, row: Task) -> None:
        self.check_list(row.list)

    def check_list(self, task_list: TaskList) -> None:
        check_writer(signed_in(self.request), task_list)

    def perform_create(self, serializer: Any) -> None:
        person = signed_in(self.request)
        target = target_of(serializer) or TaskList.objects.default_for(person)
        self.check_list(target)
        serializer.save(list=target, created_by=person)

    def perform_update(self, serializer: Any) -> None:
        self.check_target(serializer)
        serializer.save()

    def check_target(self, serializer: Any) -> None:
        target = target_of(serializer)
        if target is not None and target != serializer.instance.list:
            self.check_list(target)

    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        """Completes the task and its open subtasks."""
        return self.set_fields(pk, {"completed": True})

    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Reopens the task. Its subtasks stay as they are."""
        return self.set_fields(pk, {"completed": False})

    @repeat_on_deadlock
    def set_fields(self, pk: str, data: Mapping[str, Any]) -> Response:
        """As a PATCH with these fields."""
        EmptySerializer(data=self.request.data).is_valid(raise_exception=True)
        with transaction.atomic():
            row = self.get_object_for_update(pk)
            serializer = self.get_serializer(row, data=data, partial=True)
            serializer.is_valid(raise_exception=True)
            self.perform_update(serializer)
        return self.respond(row)

    @action(detail=True, methods=["post"])
    @repeat_on_deadlock
    def duplicate(self, request: Request, pk: str) -> Response:
        """Makes an open copy of the task and its subtasks, directly behind it."""
        EmptySerializer(data=request.data).is_valid(raise_exception=True)
        with transaction.atomic():
            self.lock_list(self.get_object_seen(pk).list)
            copy = duplicate(self.get_object_for_update(pk), by=signed_in(request))
        return self.respond(copy, status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"])
    @repeat_on_deadlock
    def move(self, request: Request, pk: str) -> Response:
        """Moves the task to a place of its list, or of another list, section or task; by default to the end."""
        wanted = MoveSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        place = {name: value for name, value in wanted.validated_data.items() if name in ("before", "after")}
        group = {name: request.data[name] for name in wanted.validated_data if name not in place}
        with transaction.atomic():
            seen = self.get_object_seen(pk)
            serializer = self.get_serializer(seen, data=group, partial=True)
            serializer.is_valid(raise_exception=True)
            target = target_of(serializer) or seen.list
            self.lock_list(target)
            serializer.instance = row = self.get_object_for_update(pk)
            if row.list_id != seen.list_id:
                raise Conflict("The task was moved to another list at the same moment; read it again and repeat.")
            self.check_target(serializer)
            tasks = Task.objects.filter(list=target)
            at = place_among(tasks, place, moving=row)
            serializer.save(position=Task.objects.positions_at(target.pk, at, moving=row)[0])
        return self.respond(row)

    def lock_list(self, task_list: TaskList) -> None:
        """Tasks of a list that are given places get them one after the other."""
        TaskList.objects.select_for_update(no_key=True).filter(pk=task_list.pk).first()


def target_of(serializer: Any) -> TaskList | None:
    """The list that the task is put into, if the request says so; that of its new parent."""
    wanted = serializer.validated_data
    parent = wanted.get("parent")
    found: TaskList | None = wanted.get("list") or (parent and parent.list)
    return found
