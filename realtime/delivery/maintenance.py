"""What a hub does every second beside delivering: heartbeats, sign-ins that run out, its row among the instances."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from realtime import metrics
from realtime.conf import config
from realtime.delivery import presence
from realtime.delivery.feed import Payload
from realtime.protocol.messages import CloseCode, frame

if TYPE_CHECKING:
    from realtime.delivery.hub import Hub

logger = logging.getLogger(__name__)

LAG_SECONDS = 0.25
"""How often it is measured how late the event loop is."""

HEARTBEAT = Payload([frame("heartbeat")])


async def run_maintenance(hub: "Hub") -> None:
    """Runs until it is cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_keep_house(hub))
        group.create_task(_measure_lag())


async def _keep_house(hub: "Hub") -> None:
    tick = 0
    reported: tuple[int, int] | None = None
    while True:
        try:
            _send_heartbeats(hub, tick)
            _close_expired(hub)
            _sample(hub)
            counts = (len(hub.connections), len(hub.people))
            if counts != reported or tick % presence.BEAT_SECONDS == 0:
                await hub.query(presence.report, hub.id, *counts)
                reported = counts
            await hub.forget_idle_feeds()
        except Exception:
            # The next second does it all again.
            logger.warning("Housekeeping failed", exc_info=True)
        tick += 1
        await asyncio.sleep(1)


def _send_heartbeats(hub: "Hub", tick: int) -> None:
    """To each connection every `heartbeat_seconds`, to a part of them every second."""
    parts = max(1, round(config().heartbeat_seconds))
    for connection in list(hub.connections):
        if (id(connection) >> 6) % parts == tick % parts:
            connection.send(HEARTBEAT)


def _sample(hub: "Hub") -> None:
    metrics.breaker_open.set(hub.wire.is_held_back)
    metrics.loop_tasks.set(len(asyncio.all_tasks()))
    for sample in metrics.samplers:
        sample()


async def _measure_lag() -> None:
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        metrics.hub_lag.observe(max(0.0, clock() - due))


def _close_expired(hub: "Hub") -> None:
    now = time.time()
    for connection in list(hub.connections):
        if connection.expires_at is not None and connection.expires_at < now and not connection.is_closed:
            connection.refuse(CloseCode.NOT_SIGNED_IN, "The sign-in has expired.")
