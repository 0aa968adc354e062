"""How many passwords are hashed at once in this process. Each takes memory and a core for some tens of milliseconds.

The hasher takes a slot around each hash, so every way in is bounded: API, page, admin, commands. The code that counts
guesses takes the slot first, so that the count and the check belong together; the hasher then finds it taken by its own
thread.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from tasks.core.api.slots import Slots as BoundedSlots
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


class Slots(BoundedSlots):
    busy = PasswordChecksBusy


slots = Slots(AT_ONCE, most_waiting=50, longest_wait=5.0)
"""Those of this process."""


def hashed(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of `function`, computed in a slot. Raises PasswordChecksBusy."""
    with slots.slot():
        return _threads.submit(function, *args, **kwargs).result()
