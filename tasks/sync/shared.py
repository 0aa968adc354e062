"""Parts of snapshots that are made once for all who ask for the same stream at the same position.

After a restore, a new epoch or a restart all clients ask at once. How many parts are made at a time is bounded; those
who ask for one that is being made need no thread until it is there.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from tasks.core.api.unavailable import Unavailable
from tasks.sync.parts import Form, Part, build

PART_BYTES = 8 * 1024
"""What each part counts for beside its data, so that many small ones have a bound too."""

RETRY_SECONDS = 3


@dataclass(frozen=True)
class Bounds:
    at_once: int = 2
    """Threads that make parts. They compete for the interpreter, so more would only delay everybody."""
    most_waiting: int = 3
    longest_wait: float = 4.0
    """Threads that wait to make one, and seconds that they do; requests have eight threads altogether."""
    keep_bytes: int = 32 * 1024 * 1024
    keep_from_bytes: int = 64 * 1024
    """Of text, in all that was made together. Less is shared while it is made, and not kept: making it costs little."""
    keep_seconds: float = 60.0
    """How long a part is given out again. Its position says that it is up to date, but for writes behind the models."""


class Key(NamedTuple):
    """A stream at a position, in a form."""

    epoch: str
    stream: str
    seq: int
    form: Form = "objects"


class SnapshotsBusy(Unavailable):
    default_detail = "Too many snapshots are being made at this moment. Try again in a few seconds."

    def __init__(self) -> None:
        super().__init__(wait=RETRY_SECONDS)


class _Entry(NamedTuple):
    future: "Future[Part]"
    made_at: float


class SharedParts:
    """Thread-safe. `make(streams, form)` makes the part of each, in the thread of the request that asked first:
    together, since a query for each of many lists would be most of the work."""

    def __init__(
        self, make: Callable[[Collection[str], Form], Mapping[str, Part]], *, bounds: Bounds = Bounds()
    ) -> None:
        self._make = make
        self._bounds = bounds
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(bounds.at_once)
        self._waiting = 0
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()

    def get(self, keys: Collection[Key]) -> "Mapping[Key, Future[Part]]":
        """For each key its part, or the promise of one that another thread makes now; missing ones are made here. The
        keys are of one form.

        Raises SnapshotsBusy if there are missing ones and no slot comes free.
        """
        futures = self._known(keys)
        if len(futures) < len(keys):
            with self._slot():
                futures, mine = self._claim(keys)
                self._make_all(mine)
        return futures

    def _known(self, keys: Collection[Key]) -> "dict[Key, Future[Part]]":
        oldest = time.monotonic() - self._bounds.keep_seconds
        with self._lock:
            for key, entry in list(self._entries.items()):
                if entry.made_at < oldest and entry.future.done():
                    self._entries.pop(key, None)
            found = {key: self._entries[key] for key in keys if key in self._entries}
            for key in found:
                self._entries.move_to_end(key)
        return {key: entry.future for key, entry in found.items()}

    def _claim(self, keys: Collection[Key]) -> "tuple[dict[Key, Future[Part]], dict[Key, Future[Part]]]":
        """All the promises, and those of them that are to be made here. All before the first is made: others need not
        wait for a slot for the last one.
        """
        mine: dict[Key, Future[Part]] = {}
        with self._lock:
            for key in keys:
                if key not in self._entries:
                    mine[key] = Future()
                    self._entries[key] = _Entry(mine[key], time.monotonic())
            futures = {key: self._entries[key].future for key in keys}
        return futures, mine

    def _make_all(self, mine: "Mapping[Key, Future[Part]]") -> None:
        try:
            parts = self._make([key.stream for key in mine], next(iter(mine)).form) if mine else {}
            for key, future in mine.items():
                future.set_result(parts[key.stream])
            if sum(map(_text_size, parts.values())) < self._bounds.keep_from_bytes:
                self._forget(mine)
        except BaseException as error:
            for key, future in mine.items():
                if not future.done():
                    self._forget([key])
                    future.set_exception(error)
            raise
        self._shrink()

    def _forget(self, keys: Iterable[Key]) -> None:
        with self._lock:
            for key in keys:
                self._entries.pop(key, None)

    def _shrink(self) -> None:
        """Forgets the parts that were asked for longest ago, until the rest fits."""
        with self._lock:
            sizes = {key: _size(entry.future) for key, entry in self._entries.items() if entry.future.done()}
            excess = sum(sizes.values()) - self._bounds.keep_bytes
            for key, size in sizes.items():
                if excess <= 0:
                    break
                self._entries.pop(key, None)
                excess -= size

    @contextmanager
    def _slot(self) -> Iterator[None]:
        with self._lock:
            if self._waiting >= self._bounds.most_waiting + self._bounds.at_once:
                raise SnapshotsBusy
            self._waiting += 1
        try:
            if not self._slots.acquire(timeout=self._bounds.longest_wait):
                raise SnapshotsBusy
            try:
                yield
            finally:
                self._slots.release()
        finally:
            with self._lock:
                self._waiting -= 1


def _text_size(part: Part) -> int:
    return sum(piece.size for piece in part.values())


def _size(future: "Future[Part]") -> int:
    return PART_BYTES + sum(len(piece.data) for piece in future.result().values())


shared_parts = SharedParts(build)
