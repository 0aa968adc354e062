"""The event log, and models whose writes are events. The database is authoritative; the rest is an optimisation.

`publish()` adds an event in the transaction of a change; `since()` reads events. Everything except `apublish()` is
synchronous and may be called from any thread that may use the database.
"""

from realtime.events.publishing import apublish, before_numbering, compare_rights, hold_rights, publish
from realtime.events.reading import epoch, heads, positions, since
from realtime.events.stored_event import Batches, StoredEvent
from realtime.protocol.encoding import STREAM_NAME, encode

__all__ = [
    "STREAM_NAME",
    "Batches",
    "StoredEvent",
    "apublish",
    "before_numbering",
    "compare_rights",
    "encode",
    "epoch",
    "heads",
    "hold_rights",
    "positions",
    "publish",
    "since",
]
