"""Commands that show tasks."""

from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from tasks.accounts.models import User
from tasks.cli.acting import Acting
from tasks.cli.terminal import Output, due, print_details, repeats
from tasks.items.days import FARTHEST, Window, with_days
from tasks.items.models import Task
from tasks.items.representation import PRIORITIES, task_json
from tasks.labels.models import Label
from tasks.search.queries import find


def list_tasks(acting: Acting, out: Output, *, list: str | None, completed: bool | None, limit: int) -> None:
    tasks = acting.tasks()
    if list is not None:
        tasks = tasks.filter(list=acting.list_called(list))
    if completed is not None:
        tasks = tasks.filter(completed_at__isnull=not completed)
    out.tasks([*tasks[:limit]])


def show(acting: Acting, out: Output, *, id: str) -> None:
    task = acting.task_called(id)
    if out.as_json:
        out.json(task_json(task))
        return
    print_details(out.out, _details(task))
    if subtasks := [*_open(task.subtasks.select_related("list"))]:
        out.out.write("Subtasks:")
        out.tasks(subtasks)


def today(acting: Acting, out: Output, *, zone: str | None, limit: int) -> None:
    """As the page's Today: by the days that the tasks are due for the person, those with a time first."""
    now = acting.now(zone)
    day = now.date()
    near = _open(acting.tasks()).filter(list__archived_at=None, due_date__lte=day + FARTHEST)
    tasks = with_days(near, Window(day - timedelta(days=1), day), str(now.tzinfo)).filter(day__lte=day)
    out.tasks([*tasks.order_by("day", "due_time", "-priority", "position", "id")[:limit]])


def search(acting: Acting, out: Output, *, words: list[str], limit: int) -> None:
    lists = acting.lists().filter(archived_at=None).order_by().values_list("pk", flat=True)
    entries = sorted(find(" ".join(words), [*lists]), key=lambda entry: (entry.rank, -entry.pk))
    keys = [entry.task_id for entry in entries[:limit]]
    tasks = acting.tasks().in_bulk(keys)
    out.tasks([tasks[key] for key in keys if key in tasks])


def _open(tasks: QuerySet[Task]) -> QuerySet[Task]:
    return tasks.filter(completed_at__isnull=True)


def _details(task: Task) -> dict[str, str]:
    labels = Label.objects.filter(pk__in=task.label_ids).values_list("name", flat=True)
    people = User.objects.in_bulk([pk for pk in (task.assignee_id, task.created_by_id, task.completed_by_id) if pk])
    names = {pk: person.get_username() for pk, person in people.items()}
    return {
        "id": str(task.pk),
        "title": task.title,
        "list": task.list.name,
        "due": due(task),
        "repeats": repeats(task),
        "priority": PRIORITIES[task.priority] if task.priority else "",
        "labels": ", ".join(labels),
        "assignee": names.get(task.assignee_id, ""),
        "notes": task.notes,
        "created": _stamp(task.created_at, names.get(task.created_by_id)),
        "done": _stamp(task.completed_at, names.get(task.completed_by_id)),
    }


def _stamp(at: datetime | None, name: str | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC{f' by {name}' if name else ''}" if at else ""
