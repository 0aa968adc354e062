"""An event that has its number, as it travels between the log, the processes and the sockets."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class StoredEvent(NamedTuple):
    """`text` is the frame that clients receive. `effect` is what the event does to connections. `at` is the time just
    before its transaction committed, in `time.time()` seconds, or 0 where it is not known."""

    seq: int
    text: str
    effect: dict[str, Any] | None
    at: float = 0.0


Batches = Mapping[str, Sequence[StoredEvent]]
"""The events of one transaction by stream, each stream's in order."""
