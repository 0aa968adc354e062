"""Threads that use the database for an event loop.

Channels' `database_sync_to_async` takes a connection out of the pool, hops to a thread and back and wakes the loop for
each call. When a crowd signs in at once, that is half of the work. Here a thread answers all that waits, over one
connection, and wakes the loop once.
"""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.db import close_old_connections, connections

P = ParamSpec("P")
R = TypeVar("R")

MAX_AT_ONCE = 16
"""Calls that one thread makes before it hands over what came of them."""

KEEP_SECONDS = 0.2
"""How long a thread without work keeps its connection before it goes back to the pool."""


class _Call(NamedTuple):
    future: "asyncio.Future[Any]"
    function: Callable[[], Any]


class DatabaseThreads:
    """At most `count` threads, each with a connection while it has work. They start with the first call."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._has_started = False

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `function` returns, or raises. It is called in one of the threads, in a copy of the caller's context."""
        if not self._has_started:
            self._has_started = True
            for number in range(self._count):
                threading.Thread(target=self._work, name=f"realtime-db-{number}", daemon=True).start()
        future = asyncio.get_running_loop().create_future()
        self._calls.put(_Call(future, partial(contextvars.copy_context().run, function, *args, **kwargs)))
        result: R = await future
        return result

    def stop(self) -> None:
        """The threads end when they have done what waits. Nothing may be called any more."""
        for _ in range(self._count):
            self._calls.put(None)

    def _work(self) -> None:
        while (call := self._next()) is not None:
            results = []
            loop = call.future.get_loop()
            while call is not None:
                results.append((call.future, *_result(call.function)))
                call = self._another() if len(results) < MAX_AT_ONCE else None
            with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody waits any more
                loop.call_soon_threadsafe(_deliver, results)
        connections.close_all()

    def _next(self) -> _Call | None:
        try:
            return self._calls.get(timeout=KEEP_SECONDS)
        except Empty:
            connections.close_all()
            return self._calls.get()

    def _another(self) -> _Call | None:
        try:
            call = self._calls.get_nowait()
        except Empty:
            return None
        if call is None:
            self._calls.put(None)  # for `_next()`
        return call


def _result(function: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return function(), None
    except Exception as error:  # noqa: BLE001 -- it is the caller's
        close_old_connections()  # a broken connection is not used again
        return None, error


def _deliver(results: Iterable[tuple["asyncio.Future[Any]", Any, Exception | None]]) -> None:
    for future, result, error in results:
        if future.done():  # the caller was cancelled
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
