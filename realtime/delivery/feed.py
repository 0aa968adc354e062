"""One stream as this process sees it: puts its events in order, and remembers the newest ones. Event loop only."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from realtime.events import StoredEvent

if TYPE_CHECKING:
    from realtime.delivery.connection import Connection

MAX_WAITING = 1000
"""How many events may wait behind a gap; with more of them the log is read anyway."""

HISTORY_CHARACTERS = 256 * 1024
"""How much text of recent events one stream may keep in memory."""


class Feed:
    """The events of one stream.

    `received_seq` is the newest event that arrived without a gap before it, `sent_seq` the newest that has begun to go
    out. Each of `connections` has, or is being given, every event up to `sent_seq` and none after it.
    """

    __slots__ = (
        "__weakref__",
        "_backlog",
        "_history",
        "_history_characters",
        "_history_size",
        "_waiting",
        "connections",
        "departed",
        "has_rested",
        "idle_since",
        "is_sending",
        "membership_version",
        "opened_at",
        "received_seq",
        "rests_until",
        "sending_since",
        "sent_seq",
        "stream",
    )

    def __init__(self, stream: str, history_size: int) -> None:
        self.stream = stream
        self.connections: set[Connection] = set()
        self.membership_version = 0
        """Grows with each connection that is added or removed."""
        self.departed: list[Connection] = []
        """Connections that were removed while a batch was on its way to them: they get no more of it."""
        self.received_seq: int | None = None
        self.sent_seq = 0
        self.is_sending = False
        self.sending_since = 0.0
        """Loop time at which the newest batch began to go out."""
        self.rests_until = 0.0
        """Loop time before which the next batch does not begin."""
        self.has_rested = False
        """Whether that is later than the end of the newest batch."""
        self.idle_since = 0.0
        self.opened_at = 0.0
        self._backlog: list[StoredEvent] = []
        self._history: list[StoredEvent] = []  # as a deque each of the two would take half a kilobyte while it is empty
        self._history_size = history_size
        self._history_characters = 0
        self._waiting: dict[int, StoredEvent] = {}

    def add(self, connection: "Connection") -> None:
        self.connections.add(connection)
        self.membership_version += 1

    def discard(self, connection: "Connection") -> None:
        if connection in self.connections:
            self.connections.discard(connection)
            self.membership_version += 1
            if self.is_sending:
                self.departed.append(connection)

    @property
    def is_open(self) -> bool:
        """Whether the stream's position is known."""
        return self.received_seq is not None

    @property
    def has_gap(self) -> bool:
        """Whether an event arrived before its predecessors."""
        return bool(self._waiting)

    @property
    def has_backlog(self) -> bool:
        return bool(self._backlog)

    def is_idle_since(self, moment: float) -> bool:
        """Whether no connection has followed it since `moment` (loop time)."""
        return not self.connections and self.is_open and self.idle_since < moment

    def open(self, head: int) -> None:
        """Starts after event number `head`; what arrived meanwhile is put in order."""
        self.received_seq = self.sent_seq = head
        self.offer(())

    def offer(self, events: Iterable[StoredEvent]) -> None:
        """Takes events in any order and any number of times; those that are next go to the backlog."""
        if self.received_seq is None:
            self._keep_waiting(events)
            return
        for event in events:
            if event.seq == self.received_seq + 1:
                self._accept(event)
            elif event.seq > self.received_seq:
                self._keep_waiting((event,))
        while self._waiting and (following := self._waiting.pop(self.received_seq + 1, None)):
            self._accept(following)
        if self._waiting:
            self._waiting = {seq: event for seq, event in self._waiting.items() if seq > self.received_seq}

    def waiting_seqs(self) -> Collection[int]:
        """The numbers of the events behind a gap."""
        return list(self._waiting)

    def drop_waiting(self, seqs: Iterable[int]) -> int:
        """Forgets events behind a gap; returns how many there were."""
        return sum(self._waiting.pop(seq, None) is not None for seq in seqs)

    def skip_to(self, seq: int) -> None:
        """Goes on after event number `seq`, since the log has no longer those up to it."""
        self.received_seq = self.sent_seq = seq
        self._backlog.clear()
        self._history.clear()
        self._history_characters = 0
        self.offer(())

    def next_batch(self, characters: int) -> list[StoredEvent]:
        """Takes from the backlog what goes out at once: about `characters`, and nothing behind an event with effect."""
        batch: list[StoredEvent] = []
        for event in self._backlog:
            if characters <= 0:
                break
            batch.append(event)
            characters -= len(event.text)
            if event.effect:
                break
        del self._backlog[: len(batch)]
        if batch:
            self.sent_seq = batch[-1].seq
            self._remember(batch)
        return batch

    def history_since(self, position: int) -> list[StoredEvent] | None:
        """The events after `position` up to `sent_seq`, or None where memory does not reach back so far."""
        if position >= self.sent_seq:
            return []
        if not self._history or self._history[0].seq > position + 1:
            return None
        return [event for event in self._history if event.seq > position]

    def _remember(self, batch: list[StoredEvent]) -> None:
        self._history += batch
        self._history_characters += sum(len(event.text) for event in batch)
        surplus = max(0, len(self._history) - self._history_size)
        characters = self._history_characters - sum(len(event.text) for event in self._history[:surplus])
        while characters > HISTORY_CHARACTERS:
            characters -= len(self._history[surplus].text)
            surplus += 1
        del self._history[:surplus]
        self._history_characters = characters

    def _accept(self, event: StoredEvent) -> None:
        self.received_seq = event.seq
        self._backlog.append(event)

    def _keep_waiting(self, events: Iterable[StoredEvent]) -> None:
        for event in events:
            if len(self._waiting) < MAX_WAITING:
                self._waiting[event.seq] = event
