"""Commands that change tasks. Each works in the transaction of `Command.handle()`, and raises CommandError."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from tasks.cli.acting import Acting, sentences
from tasks.cli.options import Options
from tasks.cli.terminal import Output, clean
from tasks.history.representation import unit_json
from tasks.history.undo import NothingToRedo, NothingToUndo, reverse
from tasks.items.models import Priority, RecurrenceFrom, Task
from tasks.labels.models import Label, key_of
from tasks.lists.models import TaskList
from tasks.quick_add.creation import create, label_called
from tasks.quick_add.knowledge import vocabulary_of
from tasks.quick_add.meaning import Fields
from tasks.quick_add.parser import NOTHING_LEFT, Parsed, parse


def add(acting: Acting, out: Output, *, words: list[str], plain: bool, notes: str, **given: Any) -> None:
    text, now = " ".join(words), acting.now(given["zone"])
    chosen = None if given["list"] is None else acting.list_called(given["list"])
    parsed = None if plain else _read(acting, text, now=now, chosen=chosen)
    if parsed and not parsed.title:
        raise CommandError(NOTHING_LEFT)
    fields = parsed.fields if parsed else Fields()
    task_list = chosen or _named(acting, fields) or acting.default_list()
    acting.check_write(task_list)
    fields = Options(acting, given, task_list).applied_to(fields)
    try:
        created = create(
            parsed.title if parsed else text, fields,
            task_list=task_list, zone=str(now.tzinfo), person=acting.user, notes=notes,
        )  # fmt: skip
    except ValidationError as error:
        raise CommandError(sentences(error)) from None
    out.hints([hint.message for hint in parsed.hints] if parsed else [])
    if fields.reminders and not created.reminders:
        out.hints(["A reminder is a person's; say whose with --user NAME."])
    out.report("Added", [created.task], single=True)


def edit(acting: Acting, out: Output, *, id: str, title: str | None, notes: str | None, **given: Any) -> None:
    (task,) = acting.tasks_called([id])
    changed: set[str] = set()
    moved = given["list"] is not None and _move(task, acting, given["list"])
    for name, value in (("title", title), ("notes", notes)):
        if value is not None:
            setattr(task, name, value)
            changed.add(name)
    changed |= _set_fields(task, acting, given)
    if not (changed or moved or given["list"] is not None):
        raise CommandError("Nothing is named that could be changed; see `task edit --help`.")
    _save(task, changed, acting)
    out.report("Changed", [task], single=True)


def done(acting: Acting, out: Output, *, ids: list[str], undo: bool) -> None:
    rows = acting.tasks_called(ids)
    for task in rows:
        if task.completed == undo:
            task.updated_by = acting.user
            task.save(update_fields=[*task.mark(completed=not undo, by=acting.user), "updated_by"])
    out.report("Open again:" if undo else "Done:", rows)


def rm(acting: Acting, out: Output, *, ids: list[str]) -> None:
    rows = acting.tasks_called(ids)
    out.report("Removed", rows)
    for task in rows:
        task.delete()


def undo(acting: Acting, out: Output, *, redo: bool) -> None:
    """Within the same bounds as the API: a person's own last change, of the last ten minutes. CantReverse goes on."""
    if acting.user is None:
        raise CommandError("Say whose last change is to be taken back: --user NAME.")
    try:
        unit = reverse(acting.user, redo=redo)
    except (NothingToRedo, NothingToUndo) as error:
        raise CommandError(clean(str(error.detail))) from None
    answer = unit_json(unit, acting.user, done="Done again" if redo else "Undone")
    if out.as_json:
        out.json(answer)
    else:
        out.out.write(clean(answer["detail"]))


def _save(task: Task, changed: set[str], acting: Acting) -> None:
    columns = {field.name for field in task._meta.concrete_fields}
    task.updated_by = acting.user
    try:
        task.clean_fields(exclude=(columns - changed) | {"list", "assignee"})
        if "recurrence" in changed:
            task.clean()
        if changed:
            task.validate_constraints()
            task.save(update_fields=[*changed, "updated_by"])
    except ValidationError as error:
        raise CommandError(sentences(error)) from None


def _move(task: Task, acting: Acting, name: str) -> bool:
    """Before anything else is changed: labels are those of the new list."""
    target = acting.list_called(name)
    if target == task.list:
        return False
    acting.check_write(target)
    _save(task, task.move_to(target), acting)
    return True


def _read(acting: Acting, text: str, *, now: Any, chosen: TaskList | None) -> Parsed:
    try:
        return parse(
            text, now=now, vocabulary=vocabulary_of(acting.user), target=str(chosen.pk) if chosen else None,
            is_fixed=chosen is not None,
        )  # fmt: skip
    except ValueError as error:
        raise CommandError(f"title: {error}") from None


def _named(acting: Acting, fields: Fields) -> TaskList | None:
    return acting.list_called(str(fields.task_list.id)) if fields.task_list else None


def _set_fields(task: Task, acting: Acting, given: dict[str, Any]) -> set[str]:
    """Sets what the options name; returns the names of the fields."""
    present = Fields(due_date=task.due_date, due_time=task.due_time)
    fields = Options(acting, given, task.list).applied_to(present)
    changed: set[str] = set()
    if given["priority"]:
        task.priority = Priority[given["priority"].upper()]
        changed.add("priority")
    if (fields.due_date, fields.due_time) != (task.due_date, task.due_time) or given["due"]:
        task.due_date, task.due_time = fields.due_date, fields.due_time
        task.due_zone = str(acting.now(given["zone"]).tzinfo) if fields.due_time is not None else None
        changed |= {"due_date", "due_time", "due_zone"}
    if given["assign"]:
        task.assignee_id = int(fields.assignee.id) if fields.assignee else None
        changed.add("assignee")
    if given["repeat"]:
        task.recurrence = fields.recurrence
        task.recurrence_from = RecurrenceFrom.COMPLETION if fields.from_completion else RecurrenceFrom.DUE
        changed |= {"recurrence", "recurrence_from"}
    return changed | _set_labels(task, given)


def _set_labels(task: Task, given: dict[str, Any]) -> set[str]:
    if not (given["label"] or given["unlabel"]):
        return set()
    names = {label.name_key: str(label.pk) for label in Label.objects.filter(list=task.list)}
    for name in given["unlabel"] or ():
        if names.get(key_of(name)) not in task.label_ids:
            raise CommandError(f"The task has no label {name!r}.")
    try:
        added = {str(label_called(name, task.list).pk) for name in given["label"] or () if name}
    except ValidationError as error:
        raise CommandError(f"label: {sentences(error)}") from None
    removed = {names[key_of(name)] for name in given["unlabel"] or ()}
    present = [] if "" in (given["label"] or ()) else task.label_ids  # an empty name takes all of them off
    task.label_ids = sorted({*present, *added} - removed)
    return {"label_ids"}
