"""A task as the API and the events show it."""

from typing import Any

from tasks.core.representation import isoformat, isoformat_utc
from tasks.items.models import Priority, RecurrenceFrom, Task
from tasks.recurrence.words import in_words

PRIORITIES = {word.value: word.name.lower() for word in Priority}


def task_json(task: Task) -> dict[str, Any]:
    return {
        "id": str(task.pk),
        "list": str(task.list_id),
        "parent": None if task.parent_id is None else str(task.parent_id),
        "section": None if task.section_id is None else str(task.section_id),
        "title": task.title,
        "notes": task.notes,
        "priority": PRIORITIES[task.priority],
        "labels": task.label_ids,
        "assignee": task.assignee_id,
        "completed": task.completed_at is not None,
        "completed_at": isoformat_utc(task.completed_at),
        "completed_by": task.completed_by_id,
        "due_date": isoformat(task.due_date),
        "due_time": isoformat(task.due_time),
        "due_zone": task.due_zone,
        "recurrence": task.recurrence,
        "recurrence_from": str(task.recurrence_from),
        "recurrence_anchor": task.recurrence_anchor,
        "recurrence_text": None if task.recurrence is None else recurrence_text(task),
        "position": task.position,
        "version": task.version,
        "created_by": task.created_by_id,
        "updated_by": task.updated_by_id,
        "created_at": isoformat_utc(task.created_at),
        "updated_at": isoformat_utc(task.updated_at),
    }


def recurrence_text(task: Task, language: str = "en") -> str | None:
    """The rule in words; None for a task that does not recur."""
    if task.recurrence is None:
        return None
    from_completion = task.recurrence_from == RecurrenceFrom.COMPLETION
    return in_words(task.recurrence, from_completion=from_completion, language=language)
