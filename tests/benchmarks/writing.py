"""A process that writes tasks with and without the event log, and prints what it took.

    python -m tests.benchmarks.writing COUNT

Without the log is a plain Django model over the same table: no version, no lock, no event, no announcement.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

BULK = 1000


def main() -> None:
    import django

    django.setup()
    from tasks.models import Task

    kinds: dict[str, type[Any]] = {"with the log": Task, "without": plain(Task)}
    count = int(sys.argv[1])
    for model in kinds.values():
        write_singly(model, 20)
    rounds: dict[str, dict[str, list[float]]] = {name: {} for name in kinds}
    for _ in range(3):
        for name, model in kinds.items():
            for what, took in {**write_singly(model, count), **write_in_bulk(model)}.items():
                rounds[name].setdefault(what, []).append(took)
    results = {name: {what: statistics.median(took) for what, took in by.items()} for name, by in rounds.items()}
    print(json.dumps(results))


def plain(model: type[Any]) -> type[Any]:
    """A model of the same fields on the same table, as Django's documentation would write it."""
    from django.db import models

    fields: dict[str, Any] = {}
    for field in model._meta.local_concrete_fields:
        name, _, arguments, options = field.deconstruct()
        if field.is_relation:
            options["related_name"] = "+"
        fields[name] = type(field)(*arguments, **options)
    meta = type("Meta", (), {"managed": False, "db_table": model._meta.db_table, "app_label": "tasks"})
    return type("PlainTask", (models.Model,), {**fields, "Meta": meta, "__module__": __name__})


def write_singly(model: type[Any], count: int) -> dict[str, float]:
    """Milliseconds of one write: creations, changes and deletions, each in a transaction of its own."""
    tasks = [new(model, number) for number in range(count)]

    def change(task: Any) -> None:
        task.title = "Buy more milk"
        task.save()

    return {
        "create": each(tasks, lambda task: task.save(force_insert=True)),
        "change": each(tasks, change),
        "delete": each(tasks, lambda task: task.delete()),
    }


def each(tasks: list[Any], write: Callable[[Any], object]) -> float:
    """The median, in milliseconds."""
    took = []
    for task in tasks:
        began = time.perf_counter()
        write(task)
        took.append(time.perf_counter() - began)
    return 1000 * statistics.median(took)


def write_in_bulk(model: type[Any]) -> dict[str, float]:
    """Milliseconds of one transaction of BULK tasks."""
    from django.db import transaction

    tasks = [new(model, number) for number in range(BULK)]
    began = time.perf_counter()
    with transaction.atomic():
        model._default_manager.bulk_create(tasks)
    took = {f"bulk_create of {BULK:,}": 1000 * (time.perf_counter() - began)}
    began = time.perf_counter()
    with transaction.atomic():
        for task in tasks:
            task.title = "Buy more milk"
            task.save()
    took[f"{BULK:,} saves in one transaction"] = 1000 * (time.perf_counter() - began)
    model._default_manager.filter(pk__in=[task.pk for task in tasks]).delete()
    return took


def new(model: type[Any], number: int) -> Any:
    from tasks.models import EVERYONE_ID

    return model(list_id=EVERYONE_ID, title=f"Buy milk, {number}", position=1024.0 * number)


if __name__ == "__main__":
    main()
