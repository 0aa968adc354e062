"""Subtasks follow their task: to another list, and when it is completed."""

from typing import Any

from tasks.items.models import Task


def task_saved(instance: Task, previous: Task | None, **kwargs: Any) -> None:
    """Receives `live.saved`, after the task's own event has been published."""
    if previous is None or previous.parent_id is not None:
        return
    if previous.list_id != instance.list_id:
        Task.objects.filter(parent=instance.pk).exclude(list=instance.list_id).update(list=instance.list_id)
    if previous.completed_at is None and instance.completed_at is not None:
        # Reopened alone: which of them were open before, nobody knows.
        Task.objects.filter(parent=instance.pk, completed_at=None).update(
            completed_at=instance.completed_at, completed_by=instance.completed_by_id, updated_by=instance.updated_by_id
        )
