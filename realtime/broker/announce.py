"""Sends committed events to the other processes from a process that serves no connections (a command, a WSGI worker).

Where a hub runs it takes the events itself, and the thread that committed goes on at once. Every hub reads from the log
what is lost on the way.
"""

import asyncio
import logging
import os
import threading
import time
from functools import cache
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import DatabaseError, connections

from realtime.broker.circuit_breaker import CircuitBreaker
from realtime.broker.layer import BroadcastLayer, channel_name
from realtime.broker.message import messages
from realtime.broker.reason import reason
from realtime.events.stored_event import Batches
from realtime.models import Log

logger = logging.getLogger(__name__)

SEND_SECONDS = 0.25
"""How long a thread waits for the channel layer before it counts as broken."""

EPOCH_SECONDS = 5.0
"""How long a process without a hub remembers the log's epoch."""

_breaker = CircuitBreaker()


def announce(batches: Batches, *, seconds: float = SEND_SECONDS) -> None:
    """Sends the events of one transaction to all replicas, within `seconds`.

    Registered with `realtime.events.listeners` as the fallback. Called after the commit, from any thread that runs no
    event loop.
    """
    layer = get_channel_layer()
    if _breaker.is_open or not reaches_others(layer):
        return
    loop = _loop(os.getpid())
    sending = asyncio.run_coroutine_threadsafe(_announce(layer, batches, seconds), loop)
    try:
        sending.result(seconds)
        _breaker.succeeded()
    except Exception as error:  # noqa: BLE001
        # Committed already, whatever the layer says; the hubs find the events in the log within about a second.
        sending.cancel()
        _breaker.failed()
        if isinstance(layer, BroadcastLayer):
            loop.call_soon_threadsafe(layer.renew)
        logger.warning("Committed events could not be sent, replicas will read them from the log: %s", reason(error))


@cache
def _loop(pid: int) -> asyncio.AbstractEventLoop:
    """A loop in a thread of its own, one for each process (a fork has none), so that its connection can be kept."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="realtime-announce", daemon=True).start()
    return loop


_epoch = ("", float("-inf"))


async def _log_epoch() -> str:
    """The log's epoch, or "" where it can't be read: the message then counts as one of this installation's."""
    global _epoch  # noqa: PLW0603 -- remembered for a moment; used by the loop's thread alone
    value, read_at = _epoch
    if not value or time.monotonic() - read_at > EPOCH_SECONDS:
        value = await asyncio.to_thread(_read_epoch)  # the thread that has committed may be in the middle of something
        _epoch = (value, time.monotonic())
    return value


def _read_epoch() -> str:
    try:
        return Log.objects.values_list("epoch", flat=True).first() or ""
    except DatabaseError as error:
        logger.debug("The log's epoch could not be read: %s", error)
        return ""
    finally:
        connections.close_all()


async def _announce(layer: Any, batches: Batches, seconds: float) -> None:
    await publish(layer, batches, log=await _log_epoch(), seconds=seconds)


async def publish(layer: Any, batches: Batches, *, log: str, seconds: float = SEND_SECONDS) -> None:
    """Sends the events through a channel layer, each message within `seconds`."""
    for stream, events in batches.items():
        for message in messages(stream, events, log=log):
            async with asyncio.timeout(seconds):
                await layer.group_send(stream, message)
            logger.debug("📤 Published to Redis channel %s", channel_name(stream))


def reaches_others(layer: Any) -> bool:
    """Whether other processes receive what is sent through the layer."""
    return layer is not None and not isinstance(layer, InMemoryChannelLayer)
