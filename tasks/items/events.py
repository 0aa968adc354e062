"""The events of tasks. The handlers run inside the transaction of the write."""

from typing import Any

from django.db.models import Model, QuerySet

from realtime.events import publish
from realtime.events.live import deleted, saved
from tasks.core.representation import deleted_payload, model_of
from tasks.items.models import Task
from tasks.items.representation import task_json
from tasks.lists.access import stream_of


def connect() -> None:
    """Called once by the app's configuration."""
    saved.connect(task_saved, sender=Task)
    deleted.connect(task_deleted, sender=Task)


def task_saved(instance: Task, previous: Task | None, **kwargs: Any) -> None:
    stream = stream_of(instance.list_id)
    if previous is not None and previous.list_id != instance.list_id:
        publish(stream_of(previous.list_id), "task.deleted", deleted_payload(instance))
        previous = None
    publish(stream, "task.updated" if previous else "task.created", task_json(instance))


def task_deleted(instance: Task, origin: Model | QuerySet[Any], **kwargs: Any) -> None:
    if model_of(origin) is Task:  # else the list is deleted, and its event covers the tasks
        publish(stream_of(instance.list_id), "task.deleted", deleted_payload(instance))
