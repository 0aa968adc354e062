"""How a server ends without cutting anything off. Event loop only."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from realtime.server.interfaces import Drainable
from realtime.transport.writer import CLOSE_SECONDS

logger = logging.getLogger(__name__)

ARRIVAL_SECONDS = 0.5
"""How long a connection that was accepted last has for its request to arrive."""

REQUEST_SECONDS = 10.0
"""How long requests in flight may take once all WebSockets are closed."""

HUB_SECONDS = 5.0
"""How long the hub may take to stop: it removes its row from the database."""


async def drain(server: Drainable) -> bool:
    """Closes the WebSockets, then the listening sockets, then waits for requests. Returns whether all has finished.

    Requests are accepted to the last, so that a load balancer sees /readyz say 503 and has time to look elsewhere.
    """
    logger.info("Draining %d connections over %g s", len(server.websockets), server.drain_seconds)
    if server.hub is not None:
        limit = server.drain_seconds * 1.2 + HUB_SECONDS
        await _within(limit, server.hub.drain(server.drain_seconds), what="Closing the connections")
    for websocket in list(server.websockets):
        websocket.send_close(server.going_away, at_once=True)
    await _until(lambda: not server.websockets, CLOSE_SECONDS + 1)
    server.stop_accepting()
    await asyncio.sleep(ARRIVAL_SECONDS)
    has_finished = await _until(lambda: not any(one.is_busy for one in server.connections), REQUEST_SECONDS)
    if not has_finished:
        logger.warning("Requests that took more than %d s to finish are given up", REQUEST_SECONDS)
    if server.hub is not None:
        has_finished &= await _within(HUB_SECONDS, server.hub.stop(), what="Stopping the hub")
    return has_finished


async def _within(seconds: float, work: Awaitable[None], *, what: str) -> bool:
    """Whether it has ended in time. What goes wrong, a database that is away perhaps, must not keep the rest from
    being done."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError:
        logger.warning("%s has not finished within %.0f s", what, seconds)
    except Exception as error:  # noqa: BLE001 -- the process ends now, whatever it is
        logger.warning("%s failed: %s", what, error or type(error).__name__)
        return True
    else:
        return True
    return False


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition was met in time. It looks often instead of waiting for each of thousands of sockets."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.02)
    return True
