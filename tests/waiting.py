"""Waiting for a condition with a deadline: `wait_until` in a plain test, `eventually` in one with an event loop.

Both return the first true value of the condition, and fail with what they waited for. A test that can await an event
(`Client.until`, `Client.closed`) does that instead.
"""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

SHORTEST, LONGEST = 0.01, 0.1
"""Seconds between two looks: the longer it takes, the fewer there are, since many a look is a request to a server."""


def wait_until(condition: Callable[[], Any], *, timeout: float = 30, what: str = "the condition") -> Any:
    began = time.monotonic()
    while not (value := condition()):
        time.sleep(_pause(began, timeout, what))
    return value


async def eventually(condition: Callable[[], Any], *, timeout: float = 30, what: str = "the condition") -> Any:
    """`condition` may return an awaitable; one that blocks is given as lambda: asyncio.to_thread(...)."""
    began = time.monotonic()
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        await asyncio.sleep(_pause(began, timeout, what))


def _pause(began: float, timeout: float, what: str) -> float:
    """Seconds until the next look. AssertionError where the time is over."""
    passed = time.monotonic() - began
    if passed > timeout:
        raise AssertionError(f"waited {timeout} s for {what}")
    return min(max(SHORTEST, passed / 20), LONGEST)
