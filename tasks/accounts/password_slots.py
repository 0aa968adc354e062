"""How many passwords are hashed at once in this process. Each takes memory and a core for some tens of milliseconds.

The hasher takes a slot around each hash, so every way in is bounded: API, page, admin, commands. The code that counts
guesses takes the slot first, so that the count and the check belong together; the hasher then finds it taken by its own
thread.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from tasks.core.api.unavailable import Unavailable

AT_ONCE = 2
RETRY_SECONDS = 2

P = ParamSpec("P")
R = TypeVar("R")

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
"""The hashes are computed here: the C library keeps for each thread the memory that a hash took there."""


class PasswordChecksBusy(Unavailable):
    default_detail = "Too many people are signing in at this moment. Try again in a few seconds."

    def __init__(self) -> None:
        super().__init__(wait=RETRY_SECONDS)


class Slots:
    """So many at once; so many may wait, each for so many seconds. Thread-safe."""

    def __init__(self, at_once: int, *, most_waiting: int, longest_wait: float) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._longest_wait = longest_wait
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._waiting = 0
        self._mine = threading.local()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Waits for a slot and holds it; a thread that has one gets it again. Raises PasswordChecksBusy after the
        longest wait, or at once if the queue is full.
        """
        if getattr(self._mine, "held", False):
            yield
            return
        self._acquire()
        self._mine.held = True
        try:
            yield
        finally:
            self._mine.held = False
            self._free.release()

    def _acquire(self) -> None:
        if self._free.acquire(blocking=False):
            return
        with self._lock:
            if self._waiting >= self._most_waiting:
                raise PasswordChecksBusy
            self._waiting += 1
        try:
            if not self._free.acquire(timeout=self._longest_wait):
                raise PasswordChecksBusy
        finally:
            with self._lock:
                self._waiting -= 1


slots = Slots(AT_ONCE, most_waiting=50, longest_wait=5.0)
"""Those of this process."""


def hashed(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of `function`, computed in a slot. Raises PasswordChecksBusy."""
    with slots.slot():
        return _threads.submit(function, *args, **kwargs).result()
