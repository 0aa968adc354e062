"""The event log, and models whose writes are events."""

from realtime.events.publishing import (
    STREAM_NAME,
    StoredEvent,
    encode,
    epoch,
    heads,
    positions,
    publish,
    since,
)

__all__ = ["STREAM_NAME", "StoredEvent", "encode", "epoch", "heads", "positions", "publish", "since"]
