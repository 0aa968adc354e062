"""Writing what is in a list: for those who may, and not in an archived list."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import PermissionDenied, ValidationError

from tasks.accounts.models import User
from tasks.accounts.people import signed_in
from tasks.core.api.problems import Conflict
from tasks.core.api.viewsets import ClientIdViewSet
from tasks.lists.access import in_visible_list, rights_in
from tasks.lists.models import Role, TaskList


def check_writer(user: User, task_list: TaskList) -> None:
    """Raises ValidationError, PermissionDenied or Conflict where `user` can't write what is in the list."""
    rights = rights_in(user, task_list)
    if rights.role is None:
        raise ValidationError({"list": "You are no member of this list any more."})
    if rights.role == Role.VIEWER:
        raise PermissionDenied(f"In the list {task_list.name} you may read, not write.")
    check_not_archived(task_list, is_archived=rights.is_archived)


def check_not_archived(task_list: TaskList, *, is_archived: bool) -> None:
    if is_archived:
        raise Conflict(f"The list {task_list.name} is archived and can only be read. Take it out of the archive first.")


class ListPartViewSet(ClientIdViewSet):
    """A list's labels or sections."""

    model: type[Any]  # a BoundedModel

    def get_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model.objects.filter(in_visible_list(signed_in(self.request), "list"))
        return rows if self.action == "list" else rows.select_related("list")

    def check_write(self, row: Any) -> None:
        check_writer(signed_in(self.request), row.list)

    def perform_create(self, serializer: Any) -> None:
        # Locked, so that two who add the last one do so one after the other.
        target = TaskList.objects.select_for_update(no_key=True).get(pk=serializer.validated_data["list"].pk)
        check_writer(signed_in(self.request), target)
        rows = self.model.objects.filter(list=target)
        if rows.count() >= self.model.most:
            raise Conflict(f"A list has at most {self.model.most} {rows.model._meta.verbose_name_plural}.")
        serializer.save()
