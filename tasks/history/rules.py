"""Nothing is kept for ever: what is old is deleted every hour by one of the processes that serve."""

from realtime import periodic
from tasks.history import retention


def connect() -> None:
    """Called once by the app's configuration."""
    periodic.register("prune history", retention.prune_by_itself, seconds=3600)
