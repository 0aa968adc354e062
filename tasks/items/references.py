"""What a task refers to belongs to its list: its task, section and labels, and an assignee who can read it.

`settle()` keeps this for every way to write. What a write names has to fit, or ValidationError says what does not. What
no longer fits because the task went to another list is found there by its name, or left behind.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count

from realtime.events.live import Write
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


class TaskWrite(NamedTuple):
    """A task that is about to be written."""

    task: Any
    previous: Any
    """As it was; None where it is new."""
    fields: set[str] | None
    """Those that are written; None: all."""
    old: dict[str, Any]
    """What its `COLUMNS` were."""
    named: set[str]
    """The columns that get another value."""

    @property
    def refers(self) -> bool:
        """Whether the task refers to anything that has to be looked up."""
        return bool(self.named - ({"list_id"} if self.previous is None else set()))

    @property
    def moved(self) -> bool:
        return self.previous is not None and self.previous.list_id != self.task.list_id

    def asks(self, column: str) -> bool:
        """Whether what the column refers to has to be looked up."""
        return getattr(self.task, column) not in (None, []) and (self.moved or column in self.named)

    def add_fields(self) -> None:
        """Adds the fields that `settle()` changed to the fields to write."""
        if self.fields is not None:
            self.fields.update(field for name, field in COLUMNS.items() if getattr(self.task, name) != self.old[name])


def settle(writes: Iterable[Write]) -> None:
    """To be called in the transaction of the writes, with the rows locked and the new values set. The names of the
    fields that it changes are added to those of the write. The writes must not contain both a task and its subtask.

    A few queries for all together; none for tasks that refer to nothing but their lists.
    """
    changes = [change for write in writes if (change := _task_write_of(write)).refers]
    if not changes:
        return
    _settle_parents([each for each in changes if each.task.parent_id and {"parent_id", "list_id"} & each.named])
    for each in changes:
        if each.task.parent_id is not None:  # it is in the section of its task, and names none
            each.task.section_id = None
    _settle_sections([each for each in changes if each.asks("section_id")])
    _settle_labels([each for each in changes if each.asks("label_ids")])
    _settle_assignees([each for each in changes if each.asks("assignee_id")])
    for each in changes:
        each.add_fields()


def _task_write_of(write: Write) -> TaskWrite:
    task, previous, fields = write
    task.label_ids = sorted({str(pk) for pk in task.label_ids or ()})
    old = {name: getattr(previous, name, None) for name in COLUMNS}
    named = {name for name in COLUMNS if getattr(task, name) not in (old[name], None, [])}
    return TaskWrite(task, previous, fields, old, named)


def _settle_parents(changes: Sequence[TaskWrite]) -> None:
    """A subtask is in the list of its task. Moved to another list alone, it becomes a task there."""
    if not changes:
        return
    tasks = type(changes[0].task)._base_manager
    left = [each.task for each in changes if "parent_id" not in each.named]
    if left:
        rows = tasks.filter(pk__in={task.parent_id for task in left}).order_by()
        lists = dict(rows.values_list("pk", "list_id"))
        for task in left:
            if lists.get(task.parent_id) != task.list_id:
                task.parent_id = None
    if given := [each for each in changes if "parent_id" in each.named]:
        _give_parents(given, tasks)


def _give_parents(changes: Sequence[TaskWrite], tasks: Any) -> None:
    keys = {each.task.parent_id for each in changes}
    # Locked, so that none moves or becomes a subtask itself before this is committed.
    rows = tasks.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    parents = {pk: (list_id, above) for pk, list_id, above in rows.values_list("pk", "list_id", "parent_id")}
    room = Room(changes, tasks)
    own = {each.task.pk: each.task.parent_id for each in changes}
    present = [each.task.pk for each in changes if each.previous is not None]
    parts = tasks.filter(parent__in=present).order_by().values_list("pk", "parent_id") if present else ()
    having = {above for pk, above in parts if own.get(pk, above) == above}
    for task in (each.task for each in changes):
        if task.parent_id not in parents:
            raise ValidationError({"parent": "There is no such task."})
        list_id, above = parents[task.parent_id]
        if task.parent_id in own or above is not None:
            raise ValidationError({"parent": "A subtask can't have subtasks."})
        room.take(task)
        if task.pk in having:
            raise ValidationError({"parent": "A task with subtasks can't become a subtask."})
        task.list_id = list_id


class Room:
    """How many open subtasks the tasks have. Completed ones do not count, because each completion of a recurring
    subtask makes another one.
    """

    def __init__(self, changes: Sequence[TaskWrite], tasks: Any) -> None:
        rows = tasks.filter(parent__in={each.task.parent_id for each in changes}).order_by()
        counted = rows.exclude(completed_at__isnull=False, recurrence__isnull=False)
        self._before = Counter(dict(counted.values_list("parent").annotate(Count("pk"))))
        self._before.subtract(
            each.previous.parent_id for each in changes if each.previous and not _is_past(each.previous)
        )
        self._counts = self._before.copy()

    def take(self, task: Any) -> None:
        """Raises ValidationError where the task would be one too many."""
        is_past = _is_past(task)
        if (self._before if is_past else self._counts)[task.parent_id] >= MAX_SUBTASKS:
            raise ValidationError({"parent": TOO_MANY_SUBTASKS.format(MAX_SUBTASKS)})
        self._counts[task.parent_id] += not is_past


def _is_past(row: Any) -> bool:
    return row.completed_at is not None and row.recurrence is not None


def _settle_sections(changes: Sequence[TaskWrite]) -> None:
    if not changes:
        return
    rows = Section.objects.select_for_update(no_key=True).filter(pk__in={each.task.section_id for each in changes})
    found = {row.pk: row for row in rows.order_by("pk")}
    lost = []
    for each in changes:
        section = found.get(each.task.section_id)
        if section is not None and section.list_id == each.task.list_id:
            continue
        if "section_id" in each.named:
            raise ValidationError({"section": "There is no such section in this list."})
        lost.append((each.task, section and section.name))
    if not lost:
        return
    alike = Section.objects.filter(list__in={task.list_id for task, _ in lost}, name__in={name for _, name in lost})
    there: dict[tuple[UUID, str | None], UUID] = {}
    for row in alike:
        there.setdefault((row.list_id, row.name), row.pk)
    for task, name in lost:
        task.section_id = there.get((task.list_id, name))


def _settle_labels(changes: Sequence[TaskWrite]) -> None:
    like: defaultdict[UUID, set[str]] = defaultdict(set)
    added: defaultdict[UUID, set[str]] = defaultdict(set)
    for each in changes:
        task = each.task
        if "label_ids" not in each.named:
            like[task.list_id] |= set(task.label_ids)
        elif len(task.label_ids) > MAX_LABELS_OF_TASK:
            raise ValidationError({"labels": f"A task has at most {MAX_LABELS_OF_TASK} labels."})
        else:
            added[task.list_id] |= _added(task, each.previous)
    alike = {list_id: labels_like(ids, list_id) for list_id, ids in sorted(like.items())}
    known = {list_id: lock_labels(ids, list_id) for list_id, ids in sorted(added.items())}
    for each in changes:
        task = each.task
        if "label_ids" not in each.named:
            there = alike[task.list_id]
            task.label_ids = sorted({there[pk] for pk in task.label_ids if pk in there})
        elif _added(task, each.previous) - known[task.list_id]:
            raise ValidationError({"labels": "There is no such label in this list."})


def _added(task: Any, previous: Any) -> set[str]:
    stays = previous is not None and previous.list_id == task.list_id
    return set(task.label_ids) - set(previous.label_ids if stays else ())


def _settle_assignees(changes: Sequence[TaskWrite]) -> None:
    may_read = cache(lock_reader)
    for each in changes:
        if may_read(each.task.assignee_id, each.task.list_id):
            continue
        if "assignee_id" in each.named:
            raise ValidationError({"assignee": "This person can't read the list."})
        each.task.assignee_id = None
