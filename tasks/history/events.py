"""Every write of a live row is noted, and what is in the trash keeps its id."""

from collections.abc import Collection
from uuid import UUID

from realtime.events import live
from tasks.core.api import used_ids
from tasks.history import recording, removal
from tasks.history.models import Trashed
from tasks.items import next_ids


def connect() -> None:
    """Called once by the app's configuration."""
    live.saved.connect(recording.note_saved)
    live.deleted.connect(recording.note_deleted)
    removal.connect()
    used_ids.register(Trashed, "object_id")
    next_ids.register(tasks_in_trash)


def tasks_in_trash(keys: Collection[UUID]) -> set[UUID]:
    """Those of the ids under which a deleted task can be restored."""
    found = Trashed.objects.filter(object_id__in=keys, kind="task").exclude(stream="")
    return set(found.order_by().values_list("object_id", flat=True))
