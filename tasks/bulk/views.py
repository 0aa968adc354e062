from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.core.exceptions import ValidationError as InvalidValue
from django.db import IntegrityError, transaction
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.bulk.operations import Operation, parse
from tasks.bulk.runs import Runs
from tasks.core.api.bodies import BULK
from tasks.core.api.private import PrivateView
from tasks.core.api.repeat import repeat_on_deadlock
from tasks.core.api.viewsets import as_uuid
from tasks.items.models import Task

MOST = 500

REFUSED = (IntegrityError, ObjectDoesNotExist, InvalidValue)
"""What the writing of several together raises because of one of them."""


class SomeRefused(APIException):
    """`results` has the answers to all operations; nothing was changed."""

    status_code = HTTPStatus.BAD_REQUEST

    def __init__(self, operations: Sequence[Operation]) -> None:
        number, first = next((i, each) for i, each in enumerate(operations) if is_refused(each))
        detail = (first.answer or {})["error"]["detail"]
        super().__init__(f"Nothing was changed. Operation {number}: {detail}")
        self.extra = {"results": [each.answer for each in operations if is_refused(each)]}


class BulkView(PrivateView):
    """Up to 500 operations on tasks, in one transaction. With `atomic` (the default) all of them or none; otherwise
    each that can be carried out. One undo takes all back.
    """

    largest_body = BULK

    @repeat_on_deadlock
    def post(self, request: Request) -> Response:
        raw, atomic = self.read(request.data)
        with transaction.atomic():
            runs = Runs(request)
            operations = list(parsed(raw, runs))
            readable = [each for each in operations if each.answer is None]
            for run in split(readable, parents_of(readable)):
                carry_out(run, runs)
            failed = sum(map(is_refused, operations))
            if failed and atomic:
                raise SomeRefused(operations)
        results = [each.answer for each in operations]
        return Response({"results": results, "succeeded": len(results) - failed, "failed": failed})

    def read(self, data: Any) -> tuple[list[Any], bool]:
        if not isinstance(data, Mapping):
            raise ValidationError("Must be an object with `operations`.")
        if unknown := data.keys() - {"operations", "atomic"}:
            raise ValidationError(dict.fromkeys(map(str, unknown), "There is no such field."))
        operations, atomic = data.get("operations"), data.get("atomic", True)
        if not isinstance(operations, list) or not 0 < len(operations) <= MOST:
            raise ValidationError({"operations": f"Must be a list of 1 to {MOST} operations."})
        if not isinstance(atomic, bool):
            raise ValidationError({"atomic": "Must be true or false."})
        return operations, atomic


def parsed(raw: list[Any], runs: Runs) -> Iterator[Operation]:
    """What can't be read is answered already."""
    for each in raw:
        try:
            yield parse(each)
        except ValidationError as error:
            name = each.get("op") if isinstance(each, Mapping) else None
            operation = Operation(str(name)[:40].encode(errors="replace").decode(), {}, None)
            runs.refuse(operation, error)
            yield operation


def parents_of(operations: Sequence[Operation]) -> dict[UUID | None, UUID]:
    """By subtask its task, of those that the operations are about."""
    subtasks = Task.objects.filter(pk__in=[each.key for each in operations if each.key], parent__isnull=False)
    return dict(subtasks.order_by().values_list("pk", "parent"))


def split(operations: Sequence[Operation], parents: Mapping[UUID | None, UUID]) -> Iterator[list[Operation]]:
    """Runs of operations that can be carried out together: of one group, and none about what another one writes. A
    task's operation may write its subtasks, too.
    """
    run: list[Operation] = []
    written: set[UUID | None] = set()
    above: set[UUID | None] = set()
    for each in operations:
        own = {each.key} - {None}
        tasks = {parents.get(each.key), as_uuid(each.body.get("parent"))} - {None}
        if run and (each.group != run[0].group or (own | tasks) & written or own & above):
            yield run
            run, written, above = [], set(), set()
        run.append(each)
        written |= own
        above |= tasks
    if run:
        yield run


def carry_out(run: Sequence[Operation], runs: Runs) -> None:
    """Together; if the database refuses that, one by one, to find out which it is."""
    answered = [each.answer for each in run]
    try:
        with transaction.atomic():
            runs.carry_out(run)
    except REFUSED:
        for each, answer in zip(run, answered, strict=True):
            each.answer = answer
            try:
                with transaction.atomic():
                    runs.carry_out([each])
            except REFUSED as error:
                runs.refuse(each, error)


def is_refused(operation: Operation) -> bool:
    return operation.answer is not None and "error" in operation.answer
