"""A task's events follow from its registration, and its subtasks follow it."""

from realtime.events import live
from tasks.items.models import Task
from tasks.items.representation import task_json
from tasks.items.serializers import TaskSerializer
from tasks.items.subtasks import tasks_written
from tasks.lists.access import stream_of


def connect() -> None:
    """Called once by the app's configuration."""
    live.register(
        Task,
        kind="task",
        parent="list",
        fields=TaskSerializer.Meta.fields,
        represent=task_json,
        stream=lambda task: stream_of(task.list_id),  # so that the list need not be read
    )
    live.written.connect(tasks_written, sender=Task)
