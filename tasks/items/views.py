from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import PermissionDenied, ValidationError

from tasks.accounts.people import signed_in
from tasks.core.api.viewsets import ClientIdViewSet
from tasks.items.access import tasks_visible_to
from tasks.items.filters import TaskFilter
from tasks.items.models import Task
from tasks.items.serializers import TaskSerializer
from tasks.lists.access import role_in
from tasks.lists.models import Role, TaskList


class TaskViewSet(ClientIdViewSet):
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

    def perform_create(self, serializer: Any) -> None:
        person = signed_in(self.request)
        target = serializer.validated_data.get("list") or TaskList.objects.default_for(person)
        self.check_list(target)
        serializer.save(list=target, created_by=person)

    def perform_update(self, serializer: Any) -> None:
        target = serializer.validated_data.get("list")
        if target is not None and target != serializer.instance.list:
            self.check_list(target)
        serializer.save()
