"""Subtasks follow their task: to another list, and when it is completed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tasks.items.models import Task

Changes = Iterable[tuple[Task, Task | None]]


def tasks_written(changes: Changes, **kwargs: Any) -> None:
    """Receives `live.written`, after the tasks' own events have been published."""
    known = [(task, previous) for task, previous in changes if previous is not None and previous.parent_id is None]
    follow([task for task, previous in known if previous.list_id != task.list_id])
    complete([task for task, previous in known if previous.completed_at is None and task.completed_at is not None])


def follow(moved: Iterable[Task]) -> None:
    """The subtasks of these tasks go where they are."""
    lists: dict[UUID, list[UUID]] = {}
    for task in moved:
        lists.setdefault(task.list_id, []).append(task.pk)
    for list_id, keys in lists.items():
        Task.objects.filter(parent__in=keys).exclude(list=list_id).update(list=list_id)


def complete(completed: Iterable[Task]) -> None:
    """Completes the open subtasks. Tasks are reopened alone, since nobody knows which of their subtasks were open
    before.
    """
    tasks = {task.pk: task for task in completed}
    if not tasks:
        return
    subtasks = Task.objects.select_for_update(no_key=True).filter(parent__in=tasks, completed_at=None).order_by("pk")
    for subtask in (found := list(subtasks)):
        task = tasks[subtask.parent_id]
        subtask.completed_at, subtask.completed_by_id = task.completed_at, task.completed_by_id
        subtask.updated_by_id = task.updated_by_id
    Task.objects.write((subtask, {"completed_at", "completed_by", "updated_by"}) for subtask in found)
