"""Threads that use the database for an event loop.

Channels' `database_sync_to_async` takes a connection out of the pool, hops to a thread and back and wakes the loop for
each call. When many people sign in at once, that is half of the work. Here a thread makes all calls that wait, over one
database connection, and wakes the loop once.
"""

import asyncio
import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.db import DataError, Error, IntegrityError, connections

from realtime.database_errors import is_temporary

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

MAX_AT_ONCE = 16
"""Calls that one thread makes before it hands over their results."""

REPEAT_WITHIN_SECONDS = 1.0
"""A call that failed later than this has waited for the database, and would wait again."""

KEEP_SECONDS = 0.2
"""How long a thread without work keeps its connection before it goes back to the pool."""


class _Call(NamedTuple):
    future: "asyncio.Future[Any]"
    function: Callable[[], Any]


class DatabaseThreads:
    """At most `count` threads, each with a connection while it has work. They start with the first call.

    Nothing that a call raises, and nothing that goes wrong with a connection, ends a thread.
    """

    def __init__(self, count: int, *, repeat: bool = True) -> None:
        """`repeat`: whether a call whose connection was cut is made a second time, over another connection."""
        self._count = count
        self._attempts = 2 if repeat else 1
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._has_started = False

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `function` returns, or raises. It is called in one of the threads, in a copy of the caller's context."""
        if not self._has_started:
            self._has_started = True
            for number in range(self._count):
                name = f"realtime-db-{number}"
                threading.Thread(target=_work, args=(self._calls, self._attempts), name=name, daemon=True).start()
        future = asyncio.get_running_loop().create_future()
        self._calls.put(_Call(future, partial(contextvars.copy_context().run, function, *args, **kwargs)))
        result: R = await future
        return result

    def stop(self) -> None:
        """The threads end when they have made the calls that wait. A later call starts new ones."""
        if self._has_started:
            for _ in range(self._count):
                self._calls.put(None)
            self._calls, self._has_started = SimpleQueue(), False


Calls = SimpleQueue[_Call | None]


def _work(calls: Calls, attempts: int) -> None:
    while (call := _next(calls)) is not None:
        results = []
        loop = call.future.get_loop()
        while call is not None:
            if not call.future.done():  # else its caller was cancelled, perhaps while the database hung
                results.append((call.future, *_result(call.function, attempts)))
            call = _another(calls) if len(results) < MAX_AT_ONCE else None
        with contextlib.suppress(RuntimeError):  # the loop is closed, so no caller waits any more
            loop.call_soon_threadsafe(_deliver, results)
        del results  # what was read is not kept until the next call
    _close_connections()


def _next(calls: Calls) -> _Call | None:
    try:
        return calls.get(timeout=KEEP_SECONDS)
    except Empty:
        _close_connections()
        return calls.get()


def _another(calls: Calls) -> _Call | None:
    try:
        call = calls.get_nowait()
    except Empty:
        return None
    if call is None:
        calls.put(None)  # for `_next()`
    return call


def _result(function: Callable[[], Any], attempts: int) -> tuple[Any, BaseException | None]:
    """What the call returned or raised, in the end."""
    began = time.monotonic()
    value, error = _attempt(function)
    if attempts > 1 and is_temporary(error) and time.monotonic() < began + REPEAT_WITHIN_SECONDS:
        value, error = _attempt(function)
    return value, error


def _attempt(function: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return function(), None
    except BaseException as error:  # noqa: BLE001 -- raised to the caller
        if isinstance(error, Error) and not isinstance(error, (DataError, IntegrityError)):
            _close_connections()  # perhaps broken, and not used again
        return None, error


def _close_connections() -> None:
    """Closes what can be closed. A connection that can't, since its server is gone, is forgotten."""
    for connection in connections.all(initialized_only=True):
        try:
            connection.close()
        except Exception:
            logger.warning("A connection to the database could not be closed, and is forgotten", exc_info=True)
            connection.connection = None


def _deliver(results: Iterable[tuple["asyncio.Future[Any]", Any, BaseException | None]]) -> None:
    for future, result, error in results:
        if future.done():  # the caller was cancelled
            continue
        if error is None:
            future.set_result(result)
        elif isinstance(error, Exception) and not isinstance(error, StopIteration):
            future.set_exception(error)
        else:  # which a future may not raise, or which would end the loop
            future.set_exception(RuntimeError(f"{type(error).__name__} in a database thread: {error}"))
