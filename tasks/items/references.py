"""What a task refers to belongs to its list: its task, section and labels, and an assignee who can read it.

`settle()` keeps this for every way to write. What a write names has to fit, or ValidationError says what does not. What
no longer fits because the task went to another list is found there by its name, or left behind.
"""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from tasks.items.limits import MAX_LABELS_OF_TASK, MAX_SUBTASKS
from tasks.labels.naming import labels_like, lock_labels
from tasks.lists.access import lock_reader
from tasks.sections.models import Section

COLUMNS = {
    "list_id": "list",
    "parent_id": "parent",
    "section_id": "section",
    "label_ids": "label_ids",
    "assignee_id": "assignee",
}
"""The attributes that hold what a task refers to, and the fields that they belong to."""


TOO_MANY_SUBTASKS = "A task has at most {} subtasks."


def settle(task: Any, previous: Any, fields: set[str] | None) -> None:
    """To be called in the transaction of the write, with the row locked and the new values set. The names of the fields
    that it changes are added to `fields`, if that is not None. `previous`: None for a new task.
    """
    task.label_ids = sorted({str(pk) for pk in task.label_ids or ()})
    before = {name: getattr(previous, name, None) for name in COLUMNS}
    wanted = {name: getattr(task, name) for name in COLUMNS}
    named = {name for name in COLUMNS if wanted[name] != before[name] and wanted[name] not in (None, [])}
    if not named - ({"list_id"} if previous is None else set()):
        return
    _settle_parent(task, previous, named)
    moved = previous is not None and previous.list_id != task.list_id
    _settle_section(task, previous, named=named, moved=moved)
    _settle_labels(task, previous, named=named, moved=moved)
    _settle_assignee(task, named=named, moved=moved)
    if fields is not None:
        fields |= {field for name, field in COLUMNS.items() if getattr(task, name) != before[name]}


def check_batch(rows: list[Any]) -> None:
    """Of new tasks that are written together: each was settled as if it were the only one of its task."""
    for parent, count in Counter(row.parent_id for row in rows if row.parent_id and not _is_past(row)).items():
        if count > 1 and _counted(type(rows[0])._base_manager.filter(parent=parent)) + count > MAX_SUBTASKS:
            raise ValidationError({"parent": TOO_MANY_SUBTASKS.format(MAX_SUBTASKS)})


def _counted(subtasks: QuerySet[Any]) -> int:
    """Each completion of a recurring one makes another: those that are completed do not count."""
    return subtasks.exclude(completed_at__isnull=False, recurrence__isnull=False).count()


def _is_past(row: Any) -> bool:
    return row.completed_at is not None and row.recurrence is not None


def _settle_parent(task: Any, previous: Any, named: Collection[str]) -> None:
    """A subtask is in the list of its task. Moved to another list alone, it becomes a task there."""
    if task.parent_id is None or not {"parent_id", "list_id"} & set(named):
        return
    tasks = type(task)._base_manager
    if "parent_id" not in named:
        if not tasks.filter(pk=task.parent_id, list=task.list_id).exists():
            task.parent_id = None
        return
    # Locked, so that it neither moves nor becomes a subtask itself before this is committed.
    parent = tasks.select_for_update(no_key=True).filter(pk=task.parent_id).first()
    if parent is None:
        raise ValidationError({"parent": "There is no such task."})
    if parent.pk == task.pk or parent.parent_id is not None:
        raise ValidationError({"parent": "A subtask can't have subtasks."})
    others = tasks.filter(parent=parent.pk).exclude(pk=task.pk)
    if _counted(others) >= MAX_SUBTASKS:
        raise ValidationError({"parent": TOO_MANY_SUBTASKS.format(MAX_SUBTASKS)})
    if previous is not None and tasks.filter(parent=task.pk).exists():
        raise ValidationError({"parent": "A task with subtasks can't become a subtask."})
    task.list_id = parent.list_id


def _settle_section(task: Any, previous: Any, *, named: Collection[str], moved: bool) -> None:
    """A subtask is in the section of its task, and names none."""
    if task.parent_id is not None:
        task.section_id = None
    if task.section_id is None or not (moved or "section_id" in named):
        return
    found = Section.objects.select_for_update(no_key=True).filter(pk=task.section_id).first()
    if found is not None and found.list_id == task.list_id:
        return
    if "section_id" in named:
        raise ValidationError({"section": "There is no such section in this list."})
    same = Section.objects.filter(list=task.list_id, name=found.name).first() if found is not None else None
    task.section_id = same and same.pk


def _settle_labels(task: Any, previous: Any, *, named: Collection[str], moved: bool) -> None:
    if not task.label_ids or not (moved or "label_ids" in named):
        return
    if "label_ids" not in named:
        task.label_ids = labels_like(task.label_ids, task.list_id)
        return
    if len(task.label_ids) > MAX_LABELS_OF_TASK:
        raise ValidationError({"labels": f"A task has at most {MAX_LABELS_OF_TASK} labels."})
    known = set() if moved or previous is None else set(previous.label_ids)
    added = set(task.label_ids) - known
    if added - lock_labels(added, task.list_id):
        raise ValidationError({"labels": "There is no such label in this list."})


def _settle_assignee(task: Any, *, named: Collection[str], moved: bool) -> None:
    if task.assignee_id is None or not (moved or "assignee_id" in named):
        return
    if lock_reader(task.assignee_id, task.list_id):
        return
    if "assignee_id" in named:
        raise ValidationError({"assignee": "This person can't read the list."})
    task.assignee_id = None
