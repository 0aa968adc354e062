from typing import Any

from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.core.api.filters import SWITCHES
from tasks.items.models import Task
from tasks.items.views import TaskViewSet
from tasks.labels.representation import label_json
from tasks.quick_add.serializers import QuickAddSerializer
from tasks.reminders.representation import reminder_json


class QuickAddViewSet(TaskViewSet):
    """Creates a task out of a line; with ?dry_run=1 only says what was understood."""

    parameters = ("dry_run",)

    def create(self, request: Request) -> Response:
        if not self.is_dry_run():
            return super().create(request)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.understood)

    def is_dry_run(self) -> bool:
        """Raises ValidationError for another value than true or false."""
        given = self.request.query_params.get("dry_run", "0")
        if given not in SWITCHES:
            raise ValidationError({"dry_run": "Write true or false, or 1 or 0."})
        return SWITCHES[given]

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """The line's on the way in, the task's on the way out."""
        if "data" in kwargs:
            self.line = QuickAddSerializer(*args, context=self.get_serializer_context(), **kwargs)
            return self.line
        return super().get_serializer(*args, **kwargs)

    def perform_create(self, serializer: QuickAddSerializer) -> None:
        target = serializer.task_list()
        self.check_list(target)
        serializer.save(list=target)

    def respond(self, row: Task, status: int = status.HTTP_200_OK) -> Response:
        """A creation that is repeated is answered with the task alone."""
        response = super().respond(row, status)
        response.data = {"task": response.data}
        if status == 201:
            created = self.line.created
            response.data |= {
                **self.line.understood,
                "labels": [label_json(label) for label in created.labels],
                "reminders": [reminder_json(reminder) for reminder in created.reminders],
            }
        return response
