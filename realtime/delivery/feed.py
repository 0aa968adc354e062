"""One stream as a process sees it: puts what it hears in order, and remembers the newest events. Event loop only."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self

from realtime.events import StoredEvent
from realtime.transport.frames import Opcode, encode
from realtime.transport.io_uring import SIZE, Recipients

if TYPE_CHECKING:
    from realtime.delivery.connection import Connection

MAX_WAITING = 1000
"""How many events may wait behind a hole; past that the log is read for all of them."""

HISTORY_CHARACTERS = 256 * 1024
"""What the recent events of one stream may take in memory."""

SLICE = 250
"""Sockets written to before the loop may do something else: about a millisecond."""

assert SLICE <= SIZE  # noqa: S101 -- for whoever changes one of them


class Payload(bytes):
    """Texts for one or many sockets, as complete WebSocket frames, one after the other."""

    texts: Sequence[str]

    def __new__(cls, texts: Sequence[str]) -> Self:
        payload = super().__new__(cls, b"".join([encode(Opcode.TEXT, text.encode()) for text in texts]))
        payload.texts = texts
        return payload


class Feed:
    """The events of one stream.

    `heard` is the newest event that arrived without a hole before it, `sent` the newest that has begun to go out.
    A connection among `connections` has, or is being given, every event up to `sent` and none after it.
    """

    __slots__ = (
        "_backlog",
        "_chunks",
        "_recent",
        "_recent_characters",
        "_waiting",
        "connections",
        "heard",
        "idle_since",
        "is_sending",
        "opened_at",
        "sent",
        "stream",
    )

    def __init__(self, stream: str, history_size: int) -> None:
        self.stream = stream
        self.connections: set[Connection] = set()
        self._chunks: list[Recipients] | None = None
        self.heard: int | None = None
        self.sent = 0
        self.is_sending = False
        self.idle_since = 0.0
        self.opened_at = 0.0
        self._backlog: deque[StoredEvent] = deque()
        self._recent: deque[StoredEvent] = deque(maxlen=history_size)
        self._recent_characters = 0
        self._waiting: dict[int, StoredEvent] = {}

    def add(self, connection: "Connection") -> None:
        self.connections.add(connection)
        self._chunks = None

    def discard(self, connection: "Connection") -> None:
        self.connections.discard(connection)
        self._chunks = None

    def recipient_chunks(self) -> list[Recipients]:
        """What the connections write to, SLICE of them each; the same objects again while nobody comes or goes."""
        if self._chunks is None:
            outlets = [connection.outlet for connection in self.connections]
            self._chunks = [Recipients(outlets[start : start + SLICE]) for start in range(0, len(outlets), SLICE)]
        return self._chunks

    @property
    def is_open(self) -> bool:
        """Whether it is known where the stream stands."""
        return self.heard is not None

    @property
    def has_hole(self) -> bool:
        """Whether something arrived whose predecessors did not."""
        return bool(self._waiting)

    @property
    def has_backlog(self) -> bool:
        return bool(self._backlog)

    def is_idle_since(self, moment: float) -> bool:
        """Whether nobody has followed it since `moment` (loop time)."""
        return not self.connections and self.is_open and self.idle_since < moment

    def open(self, head: int) -> None:
        """Starts after event number `head`; what was heard meanwhile falls into place."""
        self.heard = self.sent = head
        self.offer(())

    def offer(self, events: Iterable[StoredEvent]) -> None:
        """Takes events in any order, as often as they come; those that are next go to the backlog."""
        if self.heard is None:
            self._keep_waiting(events)
            return
        for event in events:
            if event.seq == self.heard + 1:
                self._accept(event)
            elif event.seq > self.heard:
                self._keep_waiting((event,))
        while self._waiting and (event_next := self._waiting.pop(self.heard + 1, None)):
            self._accept(event_next)
        if self._waiting:
            self._waiting = {seq: event for seq, event in self._waiting.items() if seq > self.heard}

    def skip_to(self, seq: int) -> None:
        """Goes on after event number `seq`, since those up to it are no longer in the log."""
        self.heard = self.sent = seq
        self._backlog.clear()
        self._recent.clear()
        self._recent_characters = 0
        self.offer(())

    def next_run(self, characters: int) -> list[StoredEvent]:
        """Takes from the backlog what goes out at once: about `characters`, and nothing behind an event with effect."""
        run: list[StoredEvent] = []
        while self._backlog and characters > 0:
            event = self._backlog.popleft()
            run.append(event)
            characters -= len(event.text)
            if event.effect:
                break
        if run:
            self.sent = run[-1].seq
            self._remember(run)
        return run

    def recent_since(self, position: int) -> list[StoredEvent] | None:
        """The events after `position` up to `sent`, or None where memory does not reach back so far."""
        if position >= self.sent:
            return []
        if not self._recent or self._recent[0].seq > position + 1:
            return None
        return [event for event in self._recent if event.seq > position]

    def _remember(self, run: list[StoredEvent]) -> None:
        """Keeps the newest events, as many as the ring has room for."""
        for event in run:
            if len(self._recent) == self._recent.maxlen:
                self._recent_characters -= len(self._recent.popleft().text)
            self._recent.append(event)
            self._recent_characters += len(event.text)
        while self._recent_characters > HISTORY_CHARACTERS:
            self._recent_characters -= len(self._recent.popleft().text)

    def _accept(self, event: StoredEvent) -> None:
        self.heard = event.seq
        self._backlog.append(event)

    def _keep_waiting(self, events: Iterable[StoredEvent]) -> None:
        for event in events:
            if len(self._waiting) < MAX_WAITING:
                self._waiting[event.seq] = event
