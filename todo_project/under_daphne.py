"""What Daphne's own command lacks: a start before the first request, and an end within a time."""

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

logger = logging.getLogger(__name__)

STOP_SECONDS = 5.0
END_SECONDS = 15.0
"""How long threads may go on after SIGTERM. Daphne waits for them without a limit."""


def prepare(start: Callable[[], None], stop: Callable[[], Awaitable[None]]) -> None:
    """`start()` is then called when the loop runs, and `stop()` before it ends. Does nothing under another server."""
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if reactor is None:
        return
    reactor.callWhenRunning(reactor.callLater, 0, start)
    reactor.addSystemEventTrigger("before", "shutdown", _end, stop)


def _end(stop: Callable[[], Awaitable[None]]) -> Any:
    from twisted.internet.defer import Deferred  # noqa: PLC0415 -- loaded already, under Daphne

    threading.Thread(target=_end_in_time, daemon=True).start()
    return Deferred.fromFuture(asyncio.ensure_future(_stop(stop)))


async def _stop(stop: Callable[[], Awaitable[None]]) -> None:
    try:
        await asyncio.wait_for(stop(), STOP_SECONDS)
    except Exception as error:  # noqa: BLE001 -- the process ends now, whatever it is
        logger.warning("The hub has not stopped in order: %s", error or type(error).__name__)


def _end_in_time() -> None:
    time.sleep(END_SECONDS)
    logger.warning("Threads that have not ended are given up")
    logging.shutdown()
    os._exit(1)
