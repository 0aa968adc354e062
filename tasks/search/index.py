"""Keeps the entries in step with the tasks, in the transaction of each write."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connections

from realtime.events import before_numbering
from realtime.events.live import deleted, written
from realtime.events.numbering import Statement, execute
from tasks.items.models import Task
from tasks.labels.models import Label
from tasks.search.fields import placeholder
from tasks.search.models import SearchEntry
from tasks.search.terms import index_terms, label_term

BATCH = 500
"""Entries of one statement; SQLite takes 32,766 parameters."""

SEARCHED = ("title", "notes", "label_ids", "list_id")
"""The fields of a task that an entry depends on, beside whether it is completed."""


def connect() -> None:
    """Called once by the app's configuration."""
    written.connect(tasks_written, sender=Task)
    deleted.connect(task_deleted, sender=Task)
    written.connect(labels_written, sender=Label)


def tasks_written(changes: Sequence[tuple[Task, Task | None]], using: str, **kwargs: Any) -> None:
    for task, previous in changes:
        if previous is None or _differ(task, previous):
            before_numbering(write_found, (task.pk, copy(task)), using=using)


def task_deleted(instance: Task, using: str, **kwargs: Any) -> None:
    """Its entry goes with it. Nothing is written for one that the same transaction has made or changed before."""
    before_numbering(write_found, (instance.pk, None), using=using)


def write_found(items: Iterable[tuple[UUID, Task | None]], using: str) -> Iterator[Statement]:
    """The statements that write the entries of the tasks that one transaction has written, as each is at its end."""
    return statements([task for _, task in sorted(dict(items).items()) if task is not None], using=using)


def labels_written(changes: Sequence[tuple[Label, Label | None]], using: str, **kwargs: Any) -> None:
    """Tasks are found by the names of their labels."""
    renamed = [str(label.pk) for label, previous in changes if previous is not None and label.name != previous.name]
    if renamed:
        labelled = SearchEntry.objects.using(using).filter(words__labelled=renamed).values("task")
        # Locked: one that is being written with the old name is written again when that is through.
        tasks = Task.objects.using(using).filter(pk__in=labelled).order_by("pk").select_for_update(no_key=True)
        write_entries(tasks.iterator(BATCH), using=using)


def write_entries(tasks: Iterable[Task], *, using: str) -> int:
    """Makes the entries of these tasks, or replaces them where the tasks are newer; returns the number of tasks."""
    rest, count = iter(tasks), 0
    while batch := list(islice(rest, BATCH)):
        execute(connections[using], statements(batch, using=using))
        count += len(batch)
    return count


def statements(tasks: Sequence[Task], *, using: str) -> Iterator[Statement]:
    names = label_names(tasks, using)
    for start in range(0, len(tasks), BATCH):
        yield _upsert([entry_values(task, names) for task in tasks[start : start + BATCH]], using)


def _differ(task: Task, previous: Task) -> bool:
    if (task.completed_at is None) != (previous.completed_at is None):
        return True
    return any(getattr(task, name) != getattr(previous, name) for name in SEARCHED)


def label_names(tasks: Sequence[Task], using: str) -> dict[str, str]:
    """The names of the tasks' labels, by id. No query where no task has labels."""
    ids = {label for task in tasks for label in task.label_ids}
    if not ids:
        return {}
    labels = Label.objects.using(using).filter(pk__in=ids).order_by()
    return {str(pk): name for pk, name in labels.values_list("pk", "name")}


def entry_values(task: Task, names: Mapping[str, str]) -> list[Any]:
    """The columns of a task's entry; `names` are those of its labels, and may be of others too."""
    title = index_terms(task.title)
    labels = {label: names[label] for label in task.label_ids if label in names}
    words = index_terms(task.title, *labels.values(), task.notes)
    terms = [label_term(label) for pair in labels.items() for label in pair]
    return [task.pk, task.list_id, task.completed_at is None, title, " ".join([words, *terms]).strip(), task.version]


def _upsert(rows: Sequence[Sequence[Any]], using: str) -> Statement:
    connection = connections[using]
    fields: list[Any] = [
        SearchEntry._meta.get_field(name) for name in ("task", "list", "is_open", "title", "words", "version")
    ]
    terms = placeholder(connection)
    values = ", ".join([f"(%s, %s, %s, {terms}, {terms}, %s)"] * len(rows))
    columns = [connection.ops.quote_name(field.column) for field in fields]
    key, *others = columns
    statement = (
        f"INSERT INTO {SearchEntry._meta.db_table} AS entry ({', '.join(columns)}) VALUES {values} "  # noqa: S608 -- names
        f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in others)} "
        "WHERE entry.version <= excluded.version"
    )
    return statement, [
        field.get_db_prep_save(value, connection) for row in rows for field, value in zip(fields, row, strict=True)
    ]
