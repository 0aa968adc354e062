"""The hub: one per process, between the event log and the process's connections.

It hears of events by the wire (fast) and by the log (certain), and writes each stream's events, in order and once, to
the connections that follow the stream. Everything runs on the event loop that called `start()`, without a lock: the
fan-out is a plain loop over sockets that awaits nothing.
"""

import asyncio
import contextvars
import logging
import os
import secrets
import socket
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, ParamSpec, TypeVar

from structlog.contextvars import bind_contextvars

from realtime import events, metrics
from realtime.auth import authentication
from realtime.broker.link import BrokerLink
from realtime.conf import config
from realtime.delivery import presence
from realtime.delivery.batch_loader import BatchLoader
from realtime.delivery.connection import Connection, name_of
from realtime.delivery.database_threads import DatabaseThreads
from realtime.delivery.fanout import FanOut
from realtime.delivery.feed import Feed
from realtime.delivery.maintenance import run_maintenance
from realtime.delivery.subscriptions import PAGE, settle
from realtime.events import Batches, StoredEvent, listeners
from realtime.identity import Identity
from realtime.protocol.messages import CloseCode, Hello
from realtime.transport.io_uring import SubmissionRing

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

DATABASE_THREADS = 3


class Hub:
    def __init__(self) -> None:
        self.id = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"[:64]
        self.epoch = ""
        self.draining = False
        self.is_running = False
        self.connections: set[Connection] = set()
        self.people: defaultdict[int, set[Connection]] = defaultdict(set)
        self.wire = BrokerLink(on_news=self.offer, on_change=self.poll_soon)
        self._fan_out = FanOut(on_effect=self._apply)
        self._feeds: dict[str, Feed] = {}
        self._unopened: set[str] = set()
        self._opening: asyncio.Task[None] | None = None
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._poll_now = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._threads = DatabaseThreads(DATABASE_THREADS)
        self._identities = BatchLoader(lambda tokens: self.query(authentication.identities_of, tokens))
        self._streams = BatchLoader(lambda user_ids: self.query(config().streams_of, user_ids))

    # Life

    def start(self, *, ring: SubmissionRing | None = None) -> None:
        """Begins to listen. To be called once, on the loop that is to serve the connections.

        `ring` is for connections whose sockets it can write to, and is closed with the hub.
        """
        self._loop = asyncio.get_running_loop()
        self._fan_out.ring = ring
        self._context = contextvars.copy_context()
        self.is_running = True
        listeners.register(self._deliver_locally)
        self.wire.start()
        self._tasks = [asyncio.create_task(self._poll()), asyncio.create_task(run_maintenance(self))]

    async def stop(self) -> None:
        """Lets go of the wire, the log and the threads. Connections are to be closed before, by `drain()`."""
        self.is_running = False
        listeners.unregister(self._deliver_locally)
        tasks = [*self._tasks, *self._reading.values(), *([self._opening] if self._opening else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, self._identities.stop(), self._streams.stop(), return_exceptions=True)
        await self.wire.stop()
        await self.query(presence.forget, self.id)
        self._threads.stop()
        if self._fan_out.ring is not None:
            self._fan_out.ring.close()

    async def drain(self, seconds: float) -> None:
        """Closes all connections, spread over `seconds`, so that they don't all come back at once elsewhere."""
        self.draining = True
        leaving = list(self.connections)
        pause = seconds / max(1, len(leaving))
        for connection in leaving:
            connection.close(CloseCode.GOING_AWAY)
            await asyncio.sleep(pause)

    async def query(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls a function that uses the database, in one of the hub's own threads."""
        return await self._threads.call(function, *args, **kwargs)

    async def identify(self, hello: Hello, headers: Mapping[bytes, bytes]) -> Identity:
        """Who says `hello`: by the token, the ticket or else the session. Raises Refused."""
        if hello.token is not None:
            return authentication.checked(await self._identities.ask(hello.token))
        if hello.ticket is not None:
            return await self.query(authentication.identity_of_ticket, hello.ticket)
        return await self.query(authentication.identity_of_session, headers)

    async def streams_of(self, user_id: int) -> Collection[str]:
        """What the person may read; nothing for one who may not connect."""
        return tuple(await self._streams.ask(user_id) or ())

    # Connections

    def admit(self, connection: Connection) -> None:
        """Takes a signed-in connection; it is told `ready` when it follows its streams."""
        self.connections.add(connection)
        self.people[connection.user_id].add(connection)
        self._count_people()
        self._settle(connection)

    def remove(self, connection: Connection) -> None:
        """Forgets a connection that is gone."""
        connection.is_closed = True
        self.connections.discard(connection)
        mine = self.people.get(connection.user_id, set())
        mine.discard(connection)
        if not mine:
            self.people.pop(connection.user_id, None)
        self._count_people()
        for stream in list(connection.streams):
            self.detach(connection, stream)

    def _count_people(self) -> None:
        metrics.connections.set(len(self.connections))
        metrics.users.set(len(self.people))

    def attach(self, connection: Connection, feed: Feed) -> None:
        """From the next event on, `connection` gets what `feed` sends."""
        if self._feeds.get(feed.stream) is not feed:  # forgotten as idle during a long replay
            connection.needs_resync = True
            return
        feed.add(connection)
        connection.streams.add(feed.stream)

    def detach(self, connection: Connection, stream: str) -> None:
        connection.streams.discard(stream)
        if feed := self._feeds.get(stream):
            feed.discard(connection)
            feed.idle_since = self._loop.time()

    def _settle(self, connection: Connection) -> None:
        connection.needs_resync = True
        if connection.settling is None and not connection.is_closed:
            connection.settling = asyncio.create_task(self._keep_settled(connection))

    async def _keep_settled(self, connection: Connection) -> None:
        bind_contextvars(connection_id=name_of(connection.number))  # this task's, whoever has caused it
        try:
            await settle(self, connection)
        except Exception:
            # Without the log nothing can be promised; the client comes back, to another replica perhaps.
            metrics.log_errors.inc()
            logger.exception("A connection could not be brought up to date")
            connection.refuse(CloseCode.GOING_AWAY, "The event log can't be read at the moment.")
        finally:
            connection.settling = None

    # Streams

    def feed(self, stream: str) -> Feed:
        return self._feeds[stream]

    async def follow(self, streams: Collection[str]) -> list[Feed]:
        """Listens to `streams`; returns their feeds, in the order of their names, when it is known where they stand."""
        for stream in streams:
            if stream not in self._feeds:
                self._feeds[stream] = Feed(stream, config().history_size)
                self._unopened.add(stream)
            self._feeds[stream].idle_since = self._loop.time()
        while any(not self._feeds[stream].is_open for stream in streams):
            if self._opening is None or self._opening.done():
                self._opening = asyncio.create_task(self._open_feeds())
            await asyncio.shield(self._opening)
        return [self._feeds[stream] for stream in sorted(streams)]

    async def _open_feeds(self) -> None:
        """Opens all feeds that wait for it, with one query. Listens first, so that nothing falls in between."""
        waiting = list(self._unopened)
        await self.wire.subscribe(waiting)
        if not self.epoch:
            self.epoch = await self.query(events.epoch)
        heads = await self.query(events.heads, waiting)
        opened_at = self._loop.time()
        self._unopened.difference_update(waiting)
        for stream in waiting:
            self._feeds[stream].open(heads[stream])
            self._feeds[stream].opened_at = opened_at
            self._fan_out.pump(self._feeds[stream])

    def offer(self, stream: str, heard: list[StoredEvent]) -> None:
        """Takes news of a stream, from wherever, and sends on what is next in order."""
        feed = self._feeds.get(stream)
        if feed is None:
            return
        feed.offer(heard)
        self._fan_out.pump(feed)
        if feed.has_hole and feed.is_open and stream not in self._reading:
            metrics.gaps.inc()
            self._reading[stream] = asyncio.create_task(self._fill_hole(feed))

    async def forget_idle_feeds(self) -> None:
        """Stops listening to streams that nobody here has followed for a while."""
        before = self._loop.time() - config().idle_feed_seconds
        for feed in list(self._feeds.values()):
            if feed.is_idle_since(before) and feed.stream not in config().pinned_streams:
                del self._feeds[feed.stream]
                await self.wire.unsubscribe(feed.stream)

    async def reach(self, feed: Feed, seq: int) -> None:
        """Returns when `feed` has sent event number `seq`, or when the log has no such event."""
        if feed.heard is not None and feed.heard < seq:
            await self._read_log(feed, "reach")
        while feed.is_sending and feed.sent < seq:  # noqa: ASYNC110 -- each turn of the loop sends some of it
            await asyncio.sleep(0)

    async def _fill_hole(self, feed: Feed) -> None:
        """Two transactions commit in one order and are heard of in the other: a moment mends it, or else the log."""
        try:
            await asyncio.sleep(config().hole_seconds)
            if feed.has_hole:
                await self._read_log(feed, "gap")
        except Exception:
            metrics.log_errors.inc()
            logger.exception("The log could not be read; the next poll tries again")
        finally:
            del self._reading[feed.stream]

    async def _read_log(self, feed: Feed, reason: str) -> None:
        """Takes all that the log has after what was heard. `reason`: gap, poll or reach."""
        metrics.log_reads.labels(reason).inc()
        while True:
            found = await self.query(events.since, feed.stream, feed.heard or 0, PAGE)
            if found and found[0].seq > (feed.heard or 0) + 1:
                self._skip(feed, found[0].seq - 1)
            self.offer(feed.stream, found)
            if len(found) < PAGE:
                return

    def _skip(self, feed: Feed, seq: int) -> None:
        """The log was pruned faster than this process read it: its clients fetch a snapshot."""
        logger.warning("Events of %s up to %s were pruned before they were read", feed.stream, seq)
        feed.skip_to(seq)
        metrics.resets.labels("pruned").inc(len(feed.connections))
        for connection in feed.connections:
            connection.tell("reset", stream=feed.stream, reason="pruned", seq=seq)
            self._settle(connection)  # one of those events may have been its removal

    # Fan-out

    def _deliver_locally(self, batches: Batches) -> None:
        """From the thread that committed: the events go to this process's connections and to the other replicas."""
        # In the hub's own context: what follows is no part of the request, not even in the log.
        self._loop.call_soon_threadsafe(self._publish, batches, context=self._context)

    def _publish(self, batches: Batches) -> None:
        self.wire.publish(batches)
        for stream, batch in batches.items():
            metrics.events_published.inc(len(batch))
            self.offer(stream, [StoredEvent(*event) for event in batch])

    def _apply(self, feed: Feed, effect: dict[str, Any]) -> None:
        """What an event does to connections, after it has gone out and before the next one of its stream does."""
        people = {str(user_id): connections for user_id, connections in self.people.items()}
        for user_id in effect.get("reconnect", ()):
            for connection in people.get(user_id, ()):
                connection.close(CloseCode.GOING_AWAY)
        leaving = effect.get("leave", ())
        for connection in list(feed.connections):
            if leaving == "*" or str(connection.user_id) in leaving:
                self.detach(connection, feed.stream)
                connection.tell("left", stream=feed.stream)
        concerned = people if leaving == "*" else {*leaving, *effect.get("refresh", ())}
        for user_id in concerned:
            for connection in people.get(user_id, ()):
                # Everybody is concerned by "*", but only who is just coming in could still follow a stream that ended.
                if leaving != "*" or connection.settling is not None:
                    self._settle(connection)

    # The log, watched

    def poll_soon(self) -> None:
        """Compares heads with the log now, and then as often as the state of the wire asks."""
        self._poll_now.set()

    async def _poll(self) -> None:
        while True:
            try:
                await self.follow(config().pinned_streams)
                await self._compare_heads()
            except Exception:
                # Nothing is lost by it: heads are compared again in a second.
                metrics.log_errors.inc()
                logger.exception("The event log could not be read")
            well = self.wire.is_well
            try:
                async with asyncio.timeout(config().poll_seconds if well else config().poll_seconds_alone):
                    await self._poll_now.wait()
            except TimeoutError:
                pass
            self._poll_now.clear()

    async def _compare_heads(self) -> None:
        heard = {feed.stream: feed.heard for feed in self._feeds.values() if feed.heard is not None}
        epoch, heads = await self.query(_epoch_and_heads, list(heard))
        self.epoch = self.epoch or epoch
        if epoch != self.epoch or any(head < heard[stream] for stream, head in heads.items()):
            self._begin_anew(epoch)
            return
        for stream, head in heads.items():
            feed = self._feeds.get(stream)
            if feed is not None and (feed.heard or 0) < head and stream not in self._reading:
                await self._read_log(feed, "poll")

    def _begin_anew(self, epoch: str) -> None:
        """The log is another one, restored or reset: nobody's position counts any more."""
        logger.warning("The event log has been replaced: all clients are sent to fetch a snapshot")
        self.epoch = epoch
        for connection in list(self.connections):
            connection.close(CloseCode.GOING_AWAY)
        self._feeds.clear()
        self._unopened.clear()
        self.poll_soon()


def _epoch_and_heads(streams: Collection[str]) -> tuple[str, dict[str, int]]:
    return events.epoch(), events.heads(streams)


@cache
def get_hub() -> Hub:
    """This process's hub."""
    return Hub()
