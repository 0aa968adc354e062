"""Subtasks follow their task: to another list, and when it is completed."""

from collections.abc import Iterable
from typing import Any

from tasks.items.models import Task


def task_saved(instance: Task, previous: Task | None, **kwargs: Any) -> None:
    """Receives `live.saved`, after the task's own event has been published."""
    if previous is None or previous.parent_id is not None:
        return
    if previous.list_id != instance.list_id:
        Task.objects.filter(parent=instance.pk).exclude(list=instance.list_id).update(list=instance.list_id)


def tasks_written(changes: Iterable[tuple[Task, Task | None]], **kwargs: Any) -> None:
    """Receives `live.written`: completes the open subtasks. Tasks are reopened alone, since nobody knows which of their
    subtasks were open before.
    """
    completed = {
        task.pk: task
        for task, previous in changes
        if previous is not None and previous.parent_id is None
        if previous.completed_at is None and task.completed_at is not None
    }
    if not completed:
        return
    subtasks = Task.objects.filter(parent__in=completed, completed_at=None)
    for pk in sorted(set(subtasks.order_by().values_list("parent", flat=True))):
        task = completed[pk]
        Task.objects.filter(parent=pk, completed_at=None).update(
            completed_at=task.completed_at, completed_by=task.completed_by_id, updated_by=task.updated_by_id
        )
