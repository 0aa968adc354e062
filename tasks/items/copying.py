"""Copies of tasks."""

from tasks.accounts.models import User
from tasks.items.models import Task
from tasks.items.recurring import subtasks_to_repeat
from tasks.lists.positioned import Place

COPIED = (
    "list_id", "parent_id", "section_id", "title", "notes", "priority", "label_ids", "assignee_id",
    "due_date", "due_time", "due_zone", "recurrence", "recurrence_from", "recurrence_anchor",
)  # fmt: skip
"""What a copy takes over; it is open, and belongs to the person who makes it."""


def duplicate(task: Task, *, by: User) -> Task:
    """Saves a copy of the task directly behind it, with copies of its subtasks; returns the task's. To be called in a
    transaction, with the list and the task locked.
    """
    copy = _copy_of(task, by)
    copy.position = Task.objects.positions_at(task.list_id, Place(task, behind=True))[0]
    copy.save(force_insert=True)
    subtasks = [_copy_of(subtask, by, parent_id=copy.pk) for subtask in subtasks_to_repeat(task)]
    if subtasks:
        Task.objects.bulk_create(subtasks)
    return copy


def _copy_of(task: Task, by: User, **changes: object) -> Task:
    return Task(**({name: getattr(task, name) for name in COPIED} | changes), created_by=by, updated_by=by)
