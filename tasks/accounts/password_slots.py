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
MOST_WAITING = 50
LONGEST_WAIT = 5.0
"""Seconds."""

RETRY_SECONDS = 2

P = ParamSpec("P")
R = TypeVar("R")

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
"""The hashes are computed here: the C library keeps for each thread the memory that a hash took there."""

_slots = threading.BoundedSemaphore(AT_ONCE)
_lock = threading.Lock()
_waiting = 0
_mine = threading.local()


class PasswordChecksBusy(Unavailable):
    default_detail = "Too many people are signing in at this moment. Try again in a few seconds."

    def __init__(self) -> None:
        super().__init__(wait=RETRY_SECONDS)


@contextmanager
def password_slot() -> Iterator[None]:
    """Waits for a slot and holds it. Raises PasswordChecksBusy after LONGEST_WAIT, or at once if the queue is full."""
    if getattr(_mine, "held", False):
        yield
        return
    _acquire()
    _mine.held = True
    try:
        yield
    finally:
        _mine.held = False
        _slots.release()


def hashed(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of `function`, computed in a slot. Raises PasswordChecksBusy."""
    with password_slot():
        return _threads.submit(function, *args, **kwargs).result()


def _acquire() -> None:
    global _waiting  # noqa: PLW0603 -- one queue for the process, as the slots
    if _slots.acquire(blocking=False):
        return
    with _lock:
        if _waiting >= MOST_WAITING:
            raise PasswordChecksBusy
        _waiting += 1
    try:
        if not _slots.acquire(timeout=LONGEST_WAIT):
            raise PasswordChecksBusy
    finally:
        with _lock:
            _waiting -= 1
