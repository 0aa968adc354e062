"""What the signals of live models say."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from realtime.events.live import deleted, saved
from tasks.models import Task, User

Notice = tuple[str, Any, Any]


@contextlib.contextmanager
def noticing() -> Iterator[list[Notice]]:
    """What the signals said of tasks and people: kind, the object's fields, and those of `previous` or the origin."""
    seen: list[Notice] = []

    def fields(row: Any) -> dict[str, Any] | None:
        return row and {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}

    def note_saved(instance: Any, previous: Any, **kwargs: Any) -> None:
        assert transaction.get_connection().in_atomic_block
        seen.append(("saved", fields(instance), fields(previous)))

    def note_deleted(instance: Any, origin: Any, **kwargs: Any) -> None:
        seen.append(("deleted", fields(instance), origin))

    for model in (Task, User):
        saved.connect(note_saved, sender=model)
        deleted.connect(note_deleted, sender=model)
    yield seen
    for model in (Task, User):
        saved.disconnect(note_saved, sender=model)
        deleted.disconnect(note_deleted, sender=model)
