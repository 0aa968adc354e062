"""Sends committed events to the other processes from a process that serves no connections (a command, a WSGI worker).

Where a hub runs it takes the events itself, and the thread that committed goes on at once. Every hub reads from the log
what is lost on the way.
"""

import asyncio
import logging
import os
import re
import threading
import time
from collections.abc import Sequence
from functools import cache
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer

from realtime.broker.layer import BroadcastLayer, channel_name
from realtime.events.stored_event import Batches

logger = logging.getLogger(__name__)

SEND_SECONDS = 0.25
"""How long a sender waits for the channel layer before it holds it for broken."""

MESSAGE_TYPE = "realtime.events"

_MESSAGE_CHARACTERS = 256_000


class CircuitBreaker:
    """Lets nothing pass for a while after a failure: 1 s at first, then twice as long, at most `longest` seconds."""

    def __init__(self, longest: float = 5.0) -> None:
        self._longest = longest
        self._pause = 0.0
        self._until = 0.0

    @property
    def remaining(self) -> float:
        """Seconds until something may pass again."""
        return max(0.0, self._until - time.monotonic())

    @property
    def is_open(self) -> bool:
        return self.remaining > 0

    def failed(self) -> None:
        self._pause = min(self._longest, self._pause * 2 or 1.0)
        self._until = time.monotonic() + self._pause

    def succeeded(self) -> None:
        self._pause = self._until = 0.0


_breaker = CircuitBreaker()


def announce(batches: Batches) -> None:
    """Sends the events of one transaction to all replicas, within `SEND_SECONDS`.

    Registered with `realtime.events.listeners` as the fallback. Called after the commit, from any thread that runs no
    event loop.
    """
    layer = get_channel_layer()
    if _breaker.is_open or not reaches_others(layer):
        return
    loop = _loop(os.getpid())
    sending = asyncio.run_coroutine_threadsafe(publish(layer, batches), loop)
    try:
        sending.result(SEND_SECONDS)
        _breaker.succeeded()
    except Exception as error:  # noqa: BLE001
        # Committed already, whatever the layer says; the hubs' poll of the log makes good for it within seconds.
        sending.cancel()
        _breaker.failed()
        if isinstance(layer, BroadcastLayer):
            loop.call_soon_threadsafe(layer.renew)
        logger.warning("Committed events could not be sent, replicas will read them from the log: %s", reason(error))


@cache
def _loop(pid: int) -> asyncio.AbstractEventLoop:
    """A loop in a thread of its own, one for each process (a fork has none), so that its connection can be kept."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="realtime-news", daemon=True).start()
    return loop


async def publish(layer: Any, batches: Batches) -> None:
    """Sends the events through the channel layer, each message within `SEND_SECONDS`."""
    for stream, events in batches.items():
        for message in messages(stream, events):
            async with asyncio.timeout(SEND_SECONDS):
                await layer.group_send(stream, message)
            logger.debug("📤 Published to Redis channel %s", channel_name(stream))


def reaches_others(layer: Any) -> bool:
    """Whether other processes hear what is sent through the layer."""
    return layer is not None and not isinstance(layer, InMemoryChannelLayer)


def reason(error: BaseException) -> str:
    """An error in a few words: redis-py's own, up to the first full stop before details, and what TLS has to say."""
    text, _, details = str(error).partition(". ")
    tls = re.search(r"\[SSL: \w+\][^(]*", details)
    return f"{text}: {tls[0].strip()}" if tls else text.rstrip(".") or type(error).__name__


def messages(stream: str, events: Sequence[tuple[int, str, Any, float]]) -> list[dict[str, Any]]:
    """The channel-layer messages that carry `events`, each of a size that a shared Redis need not fear."""
    parts: list[list[tuple[int, str, Any, float]]] = [[]]
    size = 0
    for event in events:
        size += len(event[1])
        if parts[-1] and size > _MESSAGE_CHARACTERS:
            parts.append([])
            size = len(event[1])
        parts[-1].append(event)
    return [{"type": MESSAGE_TYPE, "stream": stream, "events": [list(event) for event in part]} for part in parts]
