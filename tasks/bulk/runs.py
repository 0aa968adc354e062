"""Carries out operations of one kind that follow each other with few statements.

Each method answers the operations that are refused, and returns what is to be written for the others.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.core.exceptions import ValidationError as InvalidValue
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request

from tasks.accounts.people import signed_in
from tasks.bulk.operations import Operation
from tasks.core.api import creations, merging, used_ids
from tasks.core.api.problems import as_api_exception, problem_of
from tasks.core.api.viewsets import as_uuid
from tasks.core.writing import write_rows
from tasks.items.access import tasks_visible_to
from tasks.items.models import Task
from tasks.items.serializers import TaskSerializer
from tasks.lists.access import stream_of, writable_streams
from tasks.lists.lines import Line
from tasks.lists.models import TaskList
from tasks.lists.moving import PlaceSerializer, place_among
from tasks.lists.writing import check_writer

KIND = "task"

FEW = 5
"""Tasks that are given places by asking the database for the neighbours of each."""


class DeferredSerializer(TaskSerializer):
    """Sets a task's fields and leaves the writing to its caller."""

    names: set[str] = frozenset()  # type: ignore[assignment]

    def write(self, instance: Any, names: set[str]) -> None:
        self.names = names


class Runs:
    """For one request. What a person may write is looked up once."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.person = signed_in(request)
        self.context: dict[str, Any] = {"request": request}
        self._writable = writable_streams(self.person)
        self._default: TaskList | None = None

    def carry_out(self, run: Sequence[Operation]) -> None:
        """Raises what the database refuses; what is refused of single operations is their answer."""
        self.context["known_rows"] = {}  # of what is named, nothing is written by the same run
        make = {"create": self._create, "change": self._change, "place": self._place, "delete": self._delete}
        make[run[0].group](run)

    def refuse(self, operation: Operation, error: Exception) -> None:
        """Raises errors that are not the client's."""
        if isinstance(error, InvalidValue):
            known: APIException = ValidationError(error.messages)
        else:
            known = NotFound("Not found.") if isinstance(error, ObjectDoesNotExist) else as_api_exception(error)
        if known.status_code >= 500:
            raise error
        problem = problem_of(known, path=self.request.path)
        kept = {name: value for name, value in problem.items() if name not in ("type", "instance", "request_id")}
        operation.answer = {**self._head(operation), "status": known.status_code, "error": kept}

    def _create(self, run: Sequence[Operation]) -> None:
        used = used_ids.used_among({operation.key for operation in run if operation.key})
        noted, shown = self._known(used)
        made: list[tuple[Operation, Task]] = []
        for operation in run:
            try:
                data, key = operation.sent, operation.key
                exists, row = (key in shown, shown.get(key)) if key else (False, None)
                view = None if row is None else TaskSerializer(row, context=self.context).data
                if key in used:
                    creations.check_repeated(data, noted.get(key), exists=exists, shown=view)
                    self._accept(operation, row, status=200)
                else:
                    made.append((operation, self._new(data)))
            except APIException as error:
                self.refuse(operation, error)
        rows = [row for _, row in made]
        if rows:
            Task.objects.bulk_create(rows)
        sent = {operation.key: operation.sent for operation, _ in made if operation.key}
        creations.note_all(KIND, sent)
        for operation, row in made:
            self._accept(operation, row, status=201)

    def _known(self, keys: Collection[UUID]) -> tuple[dict[UUID, str], dict[UUID | None, Task | None]]:
        """Of ids that are used: the digests of their creations, and the tasks that exist, None if not visible."""
        if not keys:
            return {}, {}
        noted = creations.digests_noted(KIND, keys)
        found: dict[UUID | None, Task | None] = dict.fromkeys(
            Task.objects.filter(pk__in=keys).order_by().values_list("pk", flat=True)
        )
        found |= {row.pk: row for row in tasks_visible_to(self.person).filter(pk__in=keys)}
        return noted, found

    def _new(self, data: Mapping[str, Any]) -> Task:
        serializer = DeferredSerializer(data=data, context=self.context)
        serializer.is_valid(raise_exception=True)
        wanted = dict(serializer.validated_data)
        parent = wanted.get("parent")
        target = wanted.pop("list", None) or (parent and parent.list) or self._default_list()
        self._check(target)
        completed = wanted.pop("completed", False)
        task = Task(**wanted, list=target, created_by=self.person, updated_by=self.person)
        if completed:
            task.mark(completed=True, by=self.person)
        return task

    def _default_list(self) -> TaskList:
        if self._default is None:
            self._default = TaskList.objects.default_for(self.person)
            self._writable.add(stream_of(self._default.pk))
        return self._default

    def _change(self, run: Sequence[Operation]) -> None:
        rows = self._locked(run)
        wanted: list[tuple[Task, set[str]]] = []
        for operation in run:
            try:
                row = self._found(operation, rows)
                serializer = self._changed(operation, row)
                serializer.save()
            except APIException as error:
                self.refuse(operation, error)
            else:
                wanted.append((row, serializer.names))
        self._write(run, rows, wanted)

    def _place(self, run: Sequence[Operation]) -> None:
        """One after the other: where a task goes depends on where those before it are by then. What many of them have
        to know of a list is read once, and what they change is written together.
        """
        self._lock_targets(run)
        rows, is_fresh = self._locked(run), True
        lines: dict[UUID, Line] = {}
        waiting: list[Operation] = []
        wanted: list[tuple[Task, set[str]]] = []

        def write() -> None:
            if waiting:
                self._write(waiting, rows, wanted)
            for each in (lines, waiting, wanted):
                each.clear()

        for operation in run:
            try:
                place = PlaceSerializer(data=operation.place)
                place.is_valid(raise_exception=True)
                if not is_fresh:
                    rows |= self._locked([operation])
                row = self._found(operation, rows)
                serializer = self._changed(operation, row)
                target = next(iter(self._targets(serializer.validated_data)), row.list)
                stays, position = target.pk == row.list_id, None
                if stays and len(run) > FEW:
                    if target.pk not in lines:
                        lines[target.pk] = Line(Task.objects.filter(list=target))
                    position = lines[target.pk].place(row.pk, place.validated_data)
                if position is None:
                    write()
                    is_fresh = False  # others may be moved to make room
                    at = place_among(Task.objects.filter(list=target), place.validated_data, moving=row)
                    position = Task.objects.positions_at(target.pk, at, moving=row)[0]
                serializer.save(position=position)
            except APIException as error:
                self.refuse(operation, error)
                write()
                continue
            waiting.append(operation)
            wanted.append((row, serializer.names))
            if not stays:
                write()  # what belongs to the task is there, too
        write()

    def _lock_targets(self, run: Sequence[Operation]) -> None:
        """The lists in which the tasks get places, so that no two get the same one."""
        keys: set[UUID] = set()
        lists: set[UUID] = set()
        for operation in run:
            parent, task_list = as_uuid(operation.body.get("parent")), as_uuid(operation.body.get("list"))
            if task_list and not parent:
                lists.add(task_list)
            elif key := parent or operation.key:
                keys.add(key)
        lists |= set(Task.objects.filter(pk__in=keys).order_by().values_list("list", flat=True))
        list(TaskList.objects.select_for_update(no_key=True).filter(pk__in=lists).order_by("pk"))

    def _changed(self, operation: Operation, row: Task) -> DeferredSerializer:
        """The operation, checked."""
        serializer = DeferredSerializer(row, operation.data_for(row), partial=True, context=self.context)
        merging.validate(serializer, merging.base_version_of(operation.body))
        for task_list in self._targets(serializer.validated_data):
            self._check(task_list)
        return serializer

    def _write(self, run: Sequence[Operation], rows: Mapping[UUID, Task], wanted: list[tuple[Task, set[str]]]) -> None:
        write_rows(wanted)
        keys = [operation.key for operation in run if operation.key]
        versions = dict(Task.objects.filter(pk__in=keys).order_by().values_list("pk", "version"))
        for operation in run:
            if operation.answer is None and operation.key:
                rows[operation.key].version = versions[operation.key]
                self._accept(operation, rows[operation.key], status=200)

    def _targets(self, wanted: Mapping[str, Any]) -> Iterable[TaskList]:
        parent = wanted.get("parent")
        return [each for each in (wanted.get("list"), parent and parent.list) if each]

    def _delete(self, run: Sequence[Operation]) -> None:
        rows, found = self._locked(run), []
        for operation in run:
            try:
                found.append((operation, self._found(operation, rows)))
            except APIException as error:
                self.refuse(operation, error)
        Task.objects.filter(pk__in=[row.pk for _, row in found]).delete()
        for operation, row in found:
            self._accept(operation, row, status=204)

    def _locked(self, run: Sequence[Operation]) -> dict[UUID, Task]:
        tasks = tasks_visible_to(self.person).select_related("list").select_for_update(of=("self",), no_key=True)
        return {row.pk: row for row in tasks.filter(pk__in=[each.key for each in run]).order_by("pk")}

    def _found(self, operation: Operation, rows: Mapping[UUID, Task]) -> Task:
        row = operation.key and rows.get(operation.key)
        if not row:
            raise NotFound("Not found.")
        self._check(row.list)
        return row

    def _check(self, task_list: TaskList) -> None:
        if stream_of(task_list.pk) not in self._writable:
            check_writer(self.person, task_list)
            self._writable.add(stream_of(task_list.pk))

    def _accept(self, operation: Operation, row: Any, *, status: int) -> None:
        operation.answer = {**self._head(operation), "id": str(row.pk), "status": status, "version": row.version}

    def _head(self, operation: Operation) -> dict[str, Any]:
        return {"op": operation.name, "id": str(operation.key) if operation.key else None}
