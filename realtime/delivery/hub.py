"""The hub: one for each event loop, between the event log and the connections of this process.

It receives events from the broker (fast, lossy) and reads the log (slow, complete), and writes each stream's events, in
order and once, to the connections that follow the stream:

    events.publish → commit → Hub.deliver (or the broker) → Feeds.offer → Feed.offer → FanOut → outlet

Everything runs on the loop that called `start()`, without a lock: the fan-out is a plain loop over sockets that awaits
nothing.
"""

import asyncio
import contextvars
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from realtime import metrics
from realtime.broker.link import BrokerLink
from realtime.delivery import presence
from realtime.delivery.batch_loader import BatchLoader
from realtime.delivery.connection import Connection
from realtime.delivery.database_threads import DatabaseThreads
from realtime.delivery.fanout import FanOut
from realtime.delivery.feeds import Feeds
from realtime.delivery.log_watcher import LogWatcher
from realtime.delivery.maintenance import Maintenance
from realtime.delivery.roster import Roster
from realtime.delivery.subscriptions import Subscriptions
from realtime.events import Batches, listeners
from realtime.protocol.close_codes import CloseCode
from realtime.transport.io_uring import SubmissionRing

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K")
V = TypeVar("V")

DATABASE_THREADS = 3

DRAIN_STEP_SECONDS = 0.03
"""How often a drain closes the share of the connections that is due."""


class Hub:
    """Starts, stops and drains the parts that deliver events. This class only connects them. Event loop only, but for
    `deliver()`."""

    def __init__(self) -> None:
        self.id = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"[:64]
        self.draining = False
        self.loop: asyncio.AbstractEventLoop | None = None
        """The loop it runs on, or ran on last."""
        self.roster = Roster()
        self.link = BrokerLink()
        self.threads = DatabaseThreads(DATABASE_THREADS)
        self._loaders: list[BatchLoader[Any, Any]] = []
        self._fan_out = FanOut()
        self.feeds = Feeds(link=self.link, threads=self.threads, fan_out=self._fan_out)
        self.subscriptions = Subscriptions(
            instance=self.id,
            roster=self.roster,
            feeds=self.feeds,
            threads=self.threads,
            batch_loader=self.batch_loader,
        )
        self._watcher = LogWatcher(feeds=self.feeds, link=self.link, threads=self.threads, fan_out=self._fan_out)
        self._maintenance = Maintenance(
            instance=self.id, roster=self.roster, feeds=self.feeds, link=self.link, threads=self.threads
        )
        self._fan_out.on_effect = self.subscriptions.apply_effect
        self._fan_out.on_failed = self.roster.fail
        self.roster.on_failed = self._drop
        self.feeds.on_reset = self.subscriptions.on_reset
        self._watcher.on_replaced = self._begin_log
        self._context = contextvars.copy_context()
        self._tasks: list[asyncio.Task[None]] = []

    # Life

    @property
    def is_running(self) -> bool:
        return bool(self._tasks)

    def start(self, *, ring: SubmissionRing | None = None) -> None:
        """Begins to deliver, on the running loop, which is to serve the connections. Does nothing while it runs.

        `ring` is for connections whose sockets it can write to, and is closed with the hub.
        """
        if self.is_running:
            return
        self.loop = asyncio.get_running_loop()
        _hubs[self.loop] = self
        self._fan_out.ring = ring
        self._context = contextvars.copy_context()
        self.draining = False
        listeners.register(self.deliver)
        self.link.start(on_events=partial(self.feeds.offer, at_once=True), on_change=self._watcher.poll_soon)
        self._tasks = [asyncio.create_task(self._watcher.run()), asyncio.create_task(self._maintenance.run())]

    async def stop(self) -> None:
        """Stops the broker link, the comparison with the log and the database threads. It may be started again.

        Connections that are still open are closed with 4503; `drain()` does that over some time.
        """
        listeners.unregister(self.deliver)
        if self.loop is not None:
            _hubs.pop(self.loop, None)
        tasks, self._tasks = self._tasks, []
        syncing = [connection.sync_task for connection in self.roster.connections if connection.sync_task]
        self.roster.each(self._drop)
        for task in (*tasks, *syncing):
            task.cancel()
        await asyncio.gather(*tasks, *syncing, *(loader.stop() for loader in self._loaders), return_exceptions=True)
        await self.feeds.stop()
        await self.link.stop()
        if tasks:
            await self._forget_instance()
        self.threads.stop()
        if self._fan_out.ring is not None:
            self._fan_out.ring.close()
            self._fan_out.ring = None

    async def _forget_instance(self) -> None:
        try:
            async with asyncio.timeout(2.0):  # the row expires by itself where the database hangs
                await self.query(presence.forget, self.id)
        except TimeoutError:
            pass

    async def drain(self, seconds: float) -> None:
        """Closes all connections, spread evenly over `seconds`, so that they do not all come back at once elsewhere."""
        self.draining = True
        clock = asyncio.get_running_loop().time
        leaving = list(self.roster.connections)
        began, closed = clock(), 0
        while closed < len(leaving):
            share = min(1.0, (clock() - began + DRAIN_STEP_SECONDS) / seconds) if seconds > 0 else 1.0
            due = round(share * len(leaving))
            self.roster.each(_send_away, leaving[closed:due])
            closed = due
            await asyncio.sleep(DRAIN_STEP_SECONDS if closed < len(leaving) else 0)
        self.roster.each(_send_away, self.roster.connections - set(leaving))  # signed in meanwhile

    async def query(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls a function that uses the database, in one of the hub's own threads."""
        return await self.threads.call(function, *args, **kwargs)

    def batch_loader(
        self, question: Callable[[Collection[K]], Awaitable[Mapping[K, V | Exception]]]
    ) -> BatchLoader[K, V]:
        """A BatchLoader that stops with the hub."""
        loader: BatchLoader[K, V] = BatchLoader(question)
        self._loaders.append(loader)
        return loader

    # Connections

    @property
    def connections(self) -> Collection[Connection]:
        return self.roster.connections

    @property
    def people(self) -> Mapping[str, Collection[Connection]]:
        return self.roster.people

    def admit(self, connection: Connection) -> None:
        """Takes a signed-in connection; it is told `ready` when it follows its streams."""
        self.add(connection)
        self.subscriptions.request_sync(connection)

    def add(self, connection: Connection) -> None:
        """Takes a signed-in connection, for which the caller then awaits `subscriptions.sync()`."""
        self.roster.add(connection)
        if self.draining:
            connection.close(CloseCode.GOING_AWAY)

    def remove(self, connection: Connection) -> None:
        """Forgets a connection that is gone."""
        connection.is_closed = True
        self.roster.remove(connection)
        for stream in list(connection.streams):
            self.subscriptions.detach(connection, stream)

    def _drop(self, connection: Connection) -> None:
        """Closes a connection that may have missed something; its client resumes."""
        try:
            connection.close(CloseCode.GOING_AWAY)
        finally:
            self.remove(connection)

    # Events

    def deliver(self, batches: Batches) -> None:
        """Committed events, by stream: to this process's connections and to the other replicas. From any thread."""
        if self.loop is not None and not self.loop.is_closed():
            # In the hub's own context: what follows is no part of the request, not even in the log.
            self.loop.call_soon_threadsafe(self._deliver, batches, context=self._context)

    def _deliver(self, batches: Batches) -> None:
        self.link.publish(batches)
        for stream, batch in batches.items():
            metrics.events_published.inc(len(batch))
            self.feeds.offer(stream, batch)

    def _begin_log(self, epoch: str) -> None:
        """The log is another one, restored or reset: no client's position counts any more."""
        text = "The event log has been replaced, its epoch is now %s: all clients reconnect, and fetch a snapshot"
        logger.warning(text, epoch)
        self.roster.each(_send_away)
        self.feeds.clear(epoch)
        self._watcher.poll_soon()


def _send_away(connection: Connection) -> None:
    connection.close(CloseCode.GOING_AWAY)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()
_newest: Hub | None = None


def get_hub() -> Hub:
    """The hub of the running loop; in a thread without one, that of the process (the one that was made last)."""
    global _newest  # noqa: PLW0603 -- a registry
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    if loop is not None and loop in _hubs:
        return _hubs[loop]
    # One that no loop has started yet is for the loop that will; one whose loop is closed serves nobody.
    of = _newest.loop if _newest else None
    if _newest is None or (of is not None and (of.is_closed() or (loop is not None and of is not loop))):
        _newest = Hub()
    return _newest
