"""A deadlock or a serialization failure ends one of two transactions; the same work again succeeds. So does the work
of somebody whose rights were checked right before a right was taken, or it is refused as it should be.
"""

import functools
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import OperationalError, connection

from realtime.database_errors import RightsChangedError

ATTEMPTS = 4
LONGEST_PAUSE = 0.05
"""Seconds, for the first repeat; it doubles."""

STATES = {"40P01", "40001"}
"""SQLSTATE: deadlock, serialization failure."""

Handler = TypeVar("Handler", bound=Callable[..., Any])


def repeat_on_deadlock(handler: Handler) -> Handler:
    """Repeats a view's method, which does all its work in transactions of its own, and so has done nothing yet. After
    ATTEMPTS the error goes on; it is answered with 503.
    """

    @functools.wraps(handler)
    def repeating(*args: Any, **kwargs: Any) -> Any:
        for attempt in range(ATTEMPTS - 1):
            try:
                return handler(*args, **kwargs)
            except OperationalError as error:
                if not is_repeatable(error) or connection.in_atomic_block:
                    raise
            time.sleep(random.uniform(0, LONGEST_PAUSE * 2**attempt))  # noqa: S311 -- not a secret
        return handler(*args, **kwargs)

    return repeating  # type: ignore[return-value]


def is_repeatable(error: OperationalError) -> bool:
    return isinstance(error, RightsChangedError) or getattr(error.__cause__, "sqlstate", None) in STATES
