from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404

from tasks.accounts.people import signed_in
from tasks.core.api.viewsets import ClientIdViewSet
from tasks.lists.access import in_visible_list, lock_reader
from tasks.reminders.filters import ReminderFilter
from tasks.reminders.models import Reminder, lock_task
from tasks.reminders.serializers import ReminderSerializer


class ReminderViewSet(ClientIdViewSet):
    """The reminders of the person who asks; who may read a task may have one."""

    serializer_class = ReminderSerializer
    filterset_class = ReminderFilter

    def get_queryset(self) -> QuerySet[Reminder]:
        person = signed_in(self.request)
        own: QuerySet[Reminder] = Reminder.objects.filter(in_visible_list(person, "task__list"), user=person)
        return own

    def check_write(self, row: Reminder) -> None:
        """Each is its person's, and others do not see it."""

    def get_object_for_update(self, pk: str) -> Any:
        """With the task locked first, as by those who change the task."""
        lock_task(get_object_or_404(self.get_queryset(), pk=pk).task_id)
        return super().get_object_for_update(pk)

    def perform_create(self, serializer: Any) -> None:
        person, task = signed_in(self.request), serializer.validated_data["task"]
        if not lock_reader(person.pk, task.list_id):  # the member before the task, as by who removes a member
            raise ValidationError({"task": "There is no such task."})
        serializer.save(user=person)
