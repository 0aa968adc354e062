"""A deadlock or a serialization failure ends one of two transactions; the same work again succeeds."""

import functools
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import OperationalError, connection

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
                if getattr(error.__cause__, "sqlstate", None) not in STATES or connection.in_atomic_block:
                    raise
            time.sleep(random.uniform(0, LONGEST_PAUSE * 2**attempt))  # noqa: S311 -- not a secret
        return handler(*args, **kwargs)

    return repeating  # type: ignore[return-value]
