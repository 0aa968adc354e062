"""Every write of a live row is noted, and what is in the trash keeps its id."""

from realtime.events import live
from tasks.core.api import used_ids
from tasks.history import recording, removal
from tasks.history.models import Trashed


def connect() -> None:
    """Called once by the app's configuration."""
    live.saved.connect(recording.note_saved)
    live.deleted.connect(recording.note_deleted)
    removal.connect()
    used_ids.register(Trashed, "object_id")
