"""A bound on what all connections of a process hold together, of one kind. Event loop only."""

from collections import OrderedDict
from typing import Protocol

from realtime import metrics

PROGRESS_BYTES = 4096
"""So much has to arrive for a client to count as one that goes on. Less, now and then, is how one would keep its age
young for nothing."""


class Holder(Protocol):
    """A connection, or a part of one. Compared by identity."""

    def give_up(self, limit: "SharedLimit") -> None:
        """Called when all hold too much together: this one must free what it holds of `limit`, which forgets it."""


class SharedLimit:
    """Bytes that holders have together. Over the limit the one that has held its bytes for the longest time gives them
    up, then the next. For what arrives, see `receive()`, the time begins again with each PROGRESS_BYTES: a client whose
    message or body is arriving is not refused while others have left theirs unfinished.
    """

    def __init__(self, limit: int, *, kind: str) -> None:
        """`limit`: in bytes; `kind`: what they are, for the metrics."""
        self._limit = limit
        self._sizes: dict[Holder, int] = {}
        self._oldest_first: OrderedDict[Holder, None] = OrderedDict()
        self._marks: dict[Holder, int] = {}
        """What they had when they last made progress."""
        self._held = 0
        self._given_up = metrics.given_up.labels(kind)

    def hold(self, holder: Holder, size: int) -> None:
        """`holder` has `size` bytes from now on. May make holders give up, this one too."""
        if not size:
            self.release(holder)
            return
        before = self._sizes.get(holder)
        if before is None:
            self._oldest_first[holder] = None
        self._sizes[holder] = size
        self._held += size - (before or 0)
        while self._held > self._limit and self._oldest_first:
            oldest = next(iter(self._oldest_first))
            self.release(oldest)
            self._given_up.inc()
            oldest.give_up(self)

    def receive(self, holder: Holder, size: int) -> None:
        """`hold()` of what a client sends, and the holder's age begins again where enough has come since it last did.
        Heads do without: they are small and come at once.
        """
        mark = self._marks.setdefault(holder, size)
        if size - mark >= PROGRESS_BYTES:
            self.refresh(holder)
        if size < mark or size - mark >= PROGRESS_BYTES:
            self._marks[holder] = size
        self.hold(holder, size)

    def release(self, holder: Holder) -> None:
        """`holder` has nothing any more."""
        self._held -= self._sizes.pop(holder, 0)
        self._oldest_first.pop(holder, None)
        self._marks.pop(holder, None)

    def refresh(self, holder: Holder) -> None:
        """As if it held its bytes only since now."""
        if holder in self._oldest_first:
            self._oldest_first.move_to_end(holder)

    def keep(self, holder: Holder) -> None:
        """What it holds is being used: it counts, and `holder` does not give it up."""
        self._oldest_first.pop(holder, None)
