"""A bound on how many requests do the same costly thing at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from tasks.core.api.unavailable import Unavailable


class Slots:
    """Lets `at_once` requests in; `most_waiting` more may wait, each for `longest_wait` seconds. Thread-safe."""

    busy: ClassVar[type[Unavailable]] = Unavailable
    """What the others are answered with."""

    def __init__(self, at_once: int, *, most_waiting: int, longest_wait: float) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._longest_wait = longest_wait
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._waiting = 0
        self._mine = threading.local()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Waits for a slot and holds it; a thread that has one gets it again. Raises `busy` after the
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
                raise self.busy
            self._waiting += 1
        try:
            if not self._free.acquire(timeout=self._longest_wait):
                raise self.busy
        finally:
            with self._lock:
                self._waiting -= 1
