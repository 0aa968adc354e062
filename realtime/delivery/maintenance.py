"""The periodic jobs of a process beside delivery. Each is a task of its own with its own time limit, so a database that
hangs does not stop heartbeats or expiry. Event loop only."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from realtime import metrics
from realtime.broker.link import BrokerLink
from realtime.conf import config
from realtime.delivery import presence
from realtime.delivery.connection import Connection
from realtime.delivery.database_threads import DatabaseThreads
from realtime.delivery.failure_log import FailureLog
from realtime.delivery.feeds import Feeds
from realtime.delivery.pruning import prune_old_events
from realtime.delivery.roster import Roster
from realtime.delivery.turns import give_turns
from realtime.periodic import periodic_tasks
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.messages import frame
from realtime.protocol.payload import Payload

logger = logging.getLogger(__name__)

LAG_SECONDS = 0.25
"""How often the lateness of the event loop is measured."""

HEARTBEAT = Payload([frame("heartbeat")])


class Maintenance:
    """Heartbeats, expiry, statistics, idle streams and pruning. Event loop only."""

    def __init__(
        self, *, instance: str, roster: Roster, feeds: Feeds, link: BrokerLink, threads: DatabaseThreads
    ) -> None:
        self._instance = instance
        self._roster = roster
        self._feeds = feeds
        self._link = link
        self._threads = threads
        self._tick = 0
        self._reported: tuple[int, int] | None = None
        self._reported_at = 0.0

    async def run(self) -> None:
        """Runs until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_repeat("Heartbeats", self._send_heartbeats))
            group.create_task(_repeat("Closing expired sign-ins", self._close_expired))
            group.create_task(_repeat("Reporting this instance", self._report))
            group.create_task(_repeat("Unsubscribing from idle streams", self._feeds.forget_idle))
            group.create_task(_repeat("Sampling", self._sample))
            group.create_task(_measure_lag())
            group.create_task(prune_old_events())
            for task in periodic_tasks():
                group.create_task(give_turns(task))

    async def _send_heartbeats(self) -> None:
        """To each connection every `heartbeat_seconds`, to a part of them every second."""
        parts = max(1, round(config().heartbeat_seconds))
        self._tick += 1
        part = self._tick % parts
        due = [connection for connection in self._roster.connections if (id(connection) >> 6) % parts == part]
        self._roster.each(lambda connection: connection.send(HEARTBEAT), due)

    async def _close_expired(self) -> None:
        now = time.time()

        def close_if_expired(connection: Connection) -> None:
            if connection.expires_at is not None and connection.expires_at < now and not connection.is_closed:
                connection.refuse(CloseCode.NOT_SIGNED_IN, "The sign-in has expired.", reason="expired")

        self._roster.each(close_if_expired)

    async def _report(self) -> None:
        counts = (len(self._roster.connections), len(self._roster.people))
        now = time.monotonic()
        if counts != self._reported or now - self._reported_at >= presence.REPORT_SECONDS:
            await self._threads.call(presence.report, self._instance, *counts)
            self._reported, self._reported_at = counts, now

    async def _sample(self) -> None:
        metrics.breaker_open.set(self._link.is_held_back)
        metrics.loop_tasks.set(len(asyncio.all_tasks()))
        for sample in metrics.samplers:
            sample()


async def _repeat(what: str, job: Callable[[], Awaitable[None]], *, seconds: float = 1.0, limit: float = 5.0) -> None:
    """Does the job every `seconds`, in at most `limit` seconds. A failure is logged, and the job goes on."""
    clock = asyncio.get_running_loop().time
    failures = FailureLog(logger, f"{what} failed")
    due = clock()
    while True:
        try:
            async with asyncio.timeout(limit):
                await job()
            failures.succeeded()
        except Exception as error:  # noqa: BLE001 -- logged, and repeated in a second
            failures.failed(error)
        due = max(due + seconds, clock())
        await asyncio.sleep(due - clock())


async def _measure_lag() -> None:
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        metrics.hub_lag.observe(max(0.0, clock() - due))
