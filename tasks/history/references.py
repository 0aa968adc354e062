"""What a restored row refers to may be gone by now, or be somewhere else."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import ForeignKey

from realtime.events.kinds import registered
from tasks.accounts.models import User
from tasks.core.changes import set_columns
from tasks.history.models import Trashed
from tasks.history.recording import MEMBER
from tasks.items.models import Task
from tasks.labels.models import Label
from tasks.lists.access import readable_pairs, stream_of, writable_streams
from tasks.lists.models import EVERYONE_ID, Kind, Membership, Role, TaskList
from tasks.reminders.models import Reminder
from tasks.sections.models import Section


class References:
    """Knows what exists, after a few queries for all rows together."""

    def __init__(self, entries: Collection[Trashed], person: User) -> None:
        self.person = person
        self.moved = False
        """Whether some row has gone to the person's Inbox."""
        self._inbox: TaskList | None = None
        self._lists: dict[UUID, UUID] = {}
        """For each task so far, the list that it is put into."""
        self._readers: dict[tuple[int, UUID], bool] = {}
        self._known: defaultdict[type[Any], set[Any]] = defaultdict(set)
        models = {name: kind.model for name, kind in registered.items()} | {MEMBER: Membership}
        found = [(model, entry) for entry in entries if (model := models.get(entry.kind)) is not None]
        for model, entry in found:  # what comes back, too
            self._known[model].add(entry.object_id)
        wanted = wanted_by(found)
        for related, keys in wanted.items():
            self._known[related] |= set(related._base_manager.filter(pk__in=keys).values_list("pk", flat=True))
        self._lists_of_parents = lists_by_key(Task, wanted[Task])
        parents = Task.objects.filter(pk__in=wanted[Task], parent__isnull=False).order_by()
        self._subtasks: set[UUID] = set(parents.values_list("pk", flat=True)) if self._lists_of_parents else set()
        self._part_lists = {model: lists_by_key(model, wanted[model]) for model in (Section, Label)}
        for model, entry in found:
            if model in self._part_lists:
                self._part_lists[model][entry.object_id] = UUID(entry["list"])

    def fit(self, row: Any) -> bool:
        """Empties references to what is gone; False for a row that can't do without."""
        if isinstance(row, TaskList):
            self._fit_list(row)
        if isinstance(row, Membership) and row.role == Role.OWNER:
            return False  # comes with the list
        for field in foreign_keys(type(row)):
            key = getattr(row, field.attname)
            if key is None or key in self._known[field.related_model]:
                continue
            if field.null:
                setattr(row, field.attname, None)
            elif isinstance(row, Task) and field.name == "list":
                self._move_to_inbox(row)
            else:
                return False
        if isinstance(row, Task):
            self._fit_task(row)
        if isinstance(row, Reminder):
            list_id = self._lists.get(row.task_id) or self._lists_of_parents.get(row.task_id)
            return list_id is not None and self._may_read(row.user_id, list_id)
        return True

    def _fit_list(self, row: TaskList) -> None:
        """A person has one Inbox; another one that was made meanwhile is it."""
        if row.kind == Kind.INBOX and TaskList.objects.filter(owner=row.owner_id, kind=Kind.INBOX).exists():
            row.kind = Kind.LIST

    def _fit_task(self, row: Task) -> None:
        """A subtask is in its task's list; section, labels and assignee are those of the list."""
        if row.parent_id in self._lists_of_parents:
            self._follow_parent(row, self._lists_of_parents[row.parent_id])
        elif row.parent_id in self._lists:
            row.list_id = self._lists[row.parent_id]
        self._lists[row.pk] = row.list_id
        if self._list_of(Section, row.section_id) != row.list_id:
            row.section_id = None
        row.label_ids = [pk for pk in row.label_ids if self._list_of(Label, UUID(pk)) == row.list_id]
        if row.assignee_id is not None and not self._may_read(row.assignee_id, row.list_id):
            row.assignee_id = None
        row.updated_by = self.person

    def _follow_parent(self, row: Task, list_id: UUID) -> None:
        """Its task may be a subtask by now, or where the person may not write: then it is a task of its own."""
        if row.parent_id in self._subtasks:
            row.parent_id = None
        elif list_id == row.list_id or stream_of(list_id) in writable_streams(self.person):
            row.list_id = list_id
        else:
            row.parent_id = None

    def _list_of(self, model: type[Any], key: UUID | None) -> UUID | None:
        return self._part_lists[model].get(key)

    def _may_read(self, person: int, list_id: UUID) -> bool:
        if (person, list_id) not in self._readers:
            by_all = list_id == EVERYONE_ID and settings.EVERYONE_LIST
            self._readers[person, list_id] = by_all or self._is_member(person, list_id)
        return self._readers[person, list_id]

    def _is_member(self, person: int, list_id: UUID) -> bool:
        found: bool = Membership.objects.filter(user=person, list=list_id).exists()
        return found

    def _move_to_inbox(self, row: Task) -> None:
        """Where nobody else reads it, whatever the default list is."""
        if self._inbox is None:
            self._inbox = TaskList.objects.inbox_of(self.person)
        row.list_id = self._inbox.pk
        row.position = None  # type: ignore[assignment]  # at its end
        self.moved = True


def leave_out_gone(rows: Collection[tuple[Task, set[str]]]) -> dict[UUID, str]:
    """Empties references that are among the named columns and do not fit any more, as a restored task loses them.
    Returns by task what was left out, in words. A few queries for all rows together.
    """
    labels = lists_by_key(Label, (UUID(pk) for row, names in rows if "label_ids" in names for pk in row.label_ids))
    sections = lists_by_key(Section, (row.section_id for row, names in rows if "section" in names))
    assigned = [(row.assignee_id, row.list_id) for row, names in rows if "assignee" in names and row.assignee_id]
    readers = readable_pairs(assigned) if assigned else set()
    gone: dict[UUID, str] = {}
    for row, names in rows:
        kept = [pk for pk in row.label_ids if labels.get(UUID(pk)) == row.list_id]
        if "label_ids" in names and kept != row.label_ids:
            row.label_ids, gone[row.pk] = kept, "a label that it had was deleted"
        if "section" in names and row.section_id and sections.get(row.section_id) != row.list_id:
            row.section_id, gone[row.pk] = None, "the section that it was in was deleted"
        if "assignee" in names and row.assignee_id and (row.assignee_id, row.list_id) not in readers:
            row.assignee_id, gone[row.pk] = None, "the person that it was assigned to has left the list"
    return gone


def wanted_by(entries: Iterable[tuple[type[Any], Trashed]]) -> defaultdict[type[Any], set[Any]]:
    """The keys that the rows refer to, by model."""
    wanted: defaultdict[type[Any], set[Any]] = defaultdict(set)
    for model, entry in entries:
        row = model()
        set_columns(row, entry.data)
        for field in foreign_keys(model):
            if (key := getattr(row, field.attname)) is not None:
                wanted[field.related_model].add(key)
        if isinstance(row, Task):
            wanted[Label] |= {UUID(pk) for pk in row.label_ids}
    return wanted


def lists_by_key(model: type[Any], keys: Iterable[UUID | None]) -> dict[UUID | None, UUID]:
    wanted = set(keys) - {None}
    return dict(model._base_manager.filter(pk__in=wanted).values_list("pk", "list_id")) if wanted else {}


def foreign_keys(model: type[Any]) -> list[ForeignKey[Any, Any]]:
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
