"""Every write of a live row is noted."""

from realtime.events import live
from tasks.history import recording


def connect() -> None:
    """Called once by the app's configuration."""
    live.saved.connect(recording.note_saved)
    live.deleted.connect(recording.note_deleted)
