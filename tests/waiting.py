"""Waiting for a condition with a deadline: `wait_until` in a plain test, `eventually` in one with an event loop.

Both return the first true value of the condition, and fail with what they waited for. A test that can await an event
(`Client.until`, `Client.closed`) does that instead.
"""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

INTERVAL = 0.01
"""Seconds between two looks."""


def wait_until(condition: Callable[[], Any], *, timeout: float = 30, what: str = "the condition") -> Any:
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        _check(deadline, timeout, what)
        time.sleep(INTERVAL)
    return value


async def eventually(condition: Callable[[], Any], *, timeout: float = 30, what: str = "the condition") -> Any:
    """`condition` may return an awaitable; one that blocks is given as lambda: asyncio.to_thread(...)."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        _check(deadline, timeout, what)
        await asyncio.sleep(INTERVAL)


def _check(deadline: float, timeout: float, what: str) -> None:
    if time.monotonic() > deadline:
        raise AssertionError(f"waited {timeout} s for {what}")
