"""Keeps each connection on the streams that its person may read, with what it missed of them. Event loop only."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

from realtime import events, metrics
from realtime.conf import config
from realtime.delivery.batch_loader import BatchLoader
from realtime.delivery.connection import Connection, name_of
from realtime.delivery.database_threads import DatabaseThreads
from realtime.delivery.failure_log import FailureLog
from realtime.delivery.feed import Feed
from realtime.delivery.feeds import PAGE, PAGE_CHARACTERS, Feeds
from realtime.delivery.rights import Rights, own_stream_of, rights_of
from realtime.delivery.roster import Roster
from realtime.events import StoredEvent
from realtime.log_context import bind_contextvars
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.messages import VERSION, frame
from realtime.protocol.payload import Payload

logger = logging.getLogger(__name__)

PORTION_CHARACTERS = 64 * 1024
"""What a replay sends before it waits for the client to have read it."""

PAGES_AT_ONCE = 16
"""Pages of the log that are read or written for replays at the same time."""

LEFT_AT_ONCE = 200
"""`left` frames that are made before the loop may do something else."""


class Subscriptions:
    """Signs connections in, and adjusts them whenever the streams of their person change."""

    def __init__(
        self,
        *,
        instance: str,
        roster: Roster,
        feeds: Feeds,
        threads: DatabaseThreads,
        batch_loader: Callable[..., BatchLoader[Any, Any]],
    ) -> None:
        """`instance` names this process to clients; `batch_loader(question)` makes one that stops with the hub."""
        self._instance = instance
        self._roster = roster
        self._feeds = feeds
        self._threads = threads
        self._rights: BatchLoader[Any, tuple[Rights, float]] = batch_loader(self._look_up)
        self._pages = asyncio.Semaphore(PAGES_AT_ONCE)
        self._failures = FailureLog(logger, "Connections can't be brought up to date")

    # What changes a connection's streams

    def request_sync(self, connection: Connection) -> None:
        """Looks up the person's rights (again), in a task of the connection. Returns at once."""
        connection.needs_resync = True
        if connection.sync_task is None and not connection.is_closed:
            connection.sync_task = asyncio.create_task(self._sync_guarded(connection))

    async def sync(self, connection: Connection) -> None:
        """As `request_sync()`, for a new connection, in the caller's task."""
        connection.sync_task = asyncio.current_task()
        await self._sync_guarded(connection)

    def apply_effect(self, feed: Feed, effect: dict[str, Any]) -> None:
        """What an event does to connections, after it has gone out and before the next one of its stream does."""
        for user_id in effect.get("reconnect", ()):
            for connection in self._roster.of(user_id):
                self._end_sign_in(connection)
        leaving = effect.get("leave", ())
        if leaving == "*":
            self._end_stream(feed)
            leaving = ()
        for user_id in leaving:
            self._roster.each(partial(self._leave, stream=feed.stream), self._roster.of(user_id))
        for user_id in {*leaving, *effect.get("refresh", ())}:
            for connection in self._roster.of(user_id):
                self.request_sync(connection)

    def _end_sign_in(self, connection: Connection) -> None:
        """Sends no further event, then closes: with 4403 for a person who may no longer connect, else with 4503,
        so that the client authenticates again."""
        for stream in list(connection.streams):
            self.detach(connection, stream)
        connection.must_reconnect = True
        self.request_sync(connection)

    def _end_stream(self, feed: Feed) -> None:
        """Detaches all connections. Those that are still subscribing look up their rights again."""
        self._roster.each(partial(self._leave, stream=feed.stream), feed.connections)
        for connection in self._roster.connections:
            if connection.sync_task is not None:
                self.request_sync(connection)

    def _leave(self, connection: Connection, stream: str) -> None:
        if stream in connection.streams:
            self.detach(connection, stream)
            connection.tell("left", stream=stream)

    def on_reset(self, feed: Feed, reason: str) -> None:
        """The feed goes on at another position. One of the events left out may have been a removal."""

        def reset(connection: Connection) -> None:
            connection.tell("reset", stream=feed.stream, reason=reason, seq=feed.sent_seq)
            self.request_sync(connection)

        self._roster.each(reset, feed.connections)

    def attach(self, connection: Connection, feed: Feed) -> None:
        """From the next event on, `connection` gets what `feed` sends."""
        if not self._feeds.has(feed):  # forgotten as idle during a long replay
            connection.needs_resync = True
            return
        feed.add(connection)
        connection.streams.add(feed.stream)

    def detach(self, connection: Connection, stream: str) -> None:
        connection.streams.discard(stream)
        if feed := self._feeds.get(stream):
            feed.discard(connection)
            feed.idle_since = asyncio.get_running_loop().time()

    # Bringing a connection up to date

    async def _sync_guarded(self, connection: Connection) -> None:
        bind_contextvars(connection_id=name_of(connection.number))  # of this task, not of the request that caused it
        try:
            await self._sync_subscriptions(connection)
            self._failures.succeeded()
        except Exception as error:  # noqa: BLE001 -- logged; the client reconnects, to another replica perhaps
            metrics.log_errors.inc()
            self._failures.failed(error)
            connection.refuse(CloseCode.GOING_AWAY, "The event log can't be read at the moment.")
        finally:
            connection.sync_task = None

    async def _sync_subscriptions(self, connection: Connection) -> None:
        """Runs once at a time for each connection. What changes the person's streams meanwhile sets `needs_resync`,
        and the rights are looked up again: always once more after the last change."""
        while connection.needs_resync and not connection.is_closed:
            connection.needs_resync = False
            if own_stream := own_stream_of(connection.user_id):  # opened first, it needs no second look below
                self._feeds.expect([own_stream])
            rights, asked_at = await self._rights.load(connection.user_id) or ({}, 0.0)
            if not rights:
                self._refuse(connection)
            elif connection.must_reconnect:
                connection.close(CloseCode.GOING_AWAY)
            if connection.is_closed:
                return
            feeds = await self._feeds.follow(rights)
            # A change between the rights query and a feed's opening causes no further event, so look again.
            if any(feed.opened_at > asked_at for feed in feeds):
                connection.needs_resync = True
            if not connection.needs_resync:
                await self._reach(connection, feeds, rights)
            if connection.needs_resync or connection.is_closed:
                continue
            if not connection.was_ready:
                self._welcome(connection, feeds)
            await self._leave_others(connection, rights)
            for feed in feeds:
                if connection.needs_resync or connection.is_closed:
                    break
                if feed.stream not in connection.streams:
                    await self._enter(connection, feed, rights[feed.stream])
        self._tell_caught_up(connection)

    async def _look_up(self, user_ids: Collection[Any]) -> dict[Any, tuple[Rights, float] | Exception]:
        """The rights of these people, and the loop time just before they were read."""
        found, asked_at = await self._feeds.ask(partial(rights_of, user_ids))
        return {
            user_id: rights if isinstance(rights, Exception) else (rights, asked_at)
            for user_id, rights in found.items()
        }

    def _refuse(self, connection: Connection) -> None:
        if not connection.was_ready:
            metrics.sign_in_failures.labels(int(CloseCode.FORBIDDEN)).inc()
        connection.refuse(CloseCode.FORBIDDEN, "This account may not connect.", reason="account")

    async def _reach(self, connection: Connection, feeds: list[Feed], rights: Rights) -> None:
        """Sends what a feed has left before the person's right begins: those events are not for them."""
        for feed in feeds:
            before = rights[feed.stream] - 1
            if feed.sent_seq < before and feed.stream not in connection.streams:
                await self._feeds.catch_up_to(feed, before)

    def _welcome(self, connection: Connection, feeds: list[Feed]) -> None:
        """Sends `ready`. With it a client without positions is live on all its streams."""
        connection.was_ready = True
        connection.tell(
            "ready",
            protocol=VERSION,
            epoch=self._feeds.epoch,
            user=connection.user_id,
            instance=self._instance,
            positions={feed.stream: feed.sent_seq for feed in feeds},
            heartbeat=config().heartbeat_seconds,
        )
        if connection.positions is None:
            for feed in feeds:
                self.attach(connection, feed)

    async def _leave_others(self, connection: Connection, rights: Rights) -> None:
        """Says `left` for what the client follows, or wants to go on with, and may not read (any more)."""
        for stream in connection.streams - rights.keys():
            self._leave(connection, stream)
        positions = connection.positions or {}
        others = [stream for stream in positions if stream not in rights]
        for start in range(0, len(others), LEFT_AT_ONCE):
            some = others[start : start + LEFT_AT_ONCE]
            for stream in some:
                positions.pop(stream, None)
            connection.send(Payload([frame("left", stream=stream) for stream in some]))
            await connection.drained()
            await asyncio.sleep(0)
            if connection.is_closed:
                return

    async def _enter(self, connection: Connection, feed: Feed, first: int) -> None:
        """Attaches the connection to `feed`, right behind the last event that it was given or that its snapshot has."""
        position = None if connection.positions is None else connection.positions.get(feed.stream)
        if position is None:
            self.attach(connection, feed)
            connection.tell("joined", stream=feed.stream, seq=feed.sent_seq)
            return
        reason = await self._replay(connection, feed, position, first)
        if connection.needs_resync or connection.is_closed:
            return
        self.attach(connection, feed)
        if connection.needs_resync:
            return
        if connection.positions is not None:
            connection.positions.pop(feed.stream, None)  # from here on it follows the stream as all others do
        if reason:
            metrics.resets.labels(reason).inc()
            connection.tell("reset", stream=feed.stream, reason=reason, seq=feed.sent_seq)

    async def _replay(self, connection: Connection, feed: Feed, position: int, first: int) -> str:
        """Sends what comes after `position` up to the feed's `sent_seq`; returns why that can't be done, or nothing.

        Between the last look at `sent_seq` and the return nothing is awaited, so the caller can attach without a gap.
        """
        if connection.epoch != self._feeds.epoch:
            return "epoch"
        if position < first - 1:
            return "access"
        if position > feed.sent_seq:
            await self._feeds.catch_up_to(feed, position)
        if position > feed.sent_seq:
            return "ahead"
        return await self._send_past(connection, feed, position)

    async def _send_past(self, connection: Connection, feed: Feed, position: int) -> str:
        """Keeps nothing of what was read while it waits for the client: many slow ones would fill the memory."""
        page_characters = PAGE_CHARACTERS
        while position < feed.sent_seq:
            batch = feed.history_since(position)
            if batch is not None:
                position = _send_some(connection, feed, batch)
            else:
                async with self._pages:
                    batch = await self._threads.call(events.since, feed.stream, position, PAGE, size=page_characters)
                    if not batch or batch[0].seq != position + 1:
                        return "pruned"
                    position = _send_some(connection, feed, batch)
            page_characters = PORTION_CHARACTERS if connection.outlet.pending else PAGE_CHARACTERS
            batch = None
            await connection.drained()
            if connection.needs_resync or connection.is_closed:
                return ""
        return ""

    def _tell_caught_up(self, connection: Connection) -> None:
        if connection.positions is None or connection.is_closed:
            return
        connection.positions = None
        metrics.replay_events.observe(connection.replayed)
        followed = [feed for stream in connection.streams if (feed := self._feeds.get(stream)) is not None]
        connection.tell("caught_up", positions={feed.stream: feed.sent_seq for feed in followed})


def _send_some(connection: Connection, feed: Feed, batch: list[StoredEvent]) -> int:
    """Sends events up to the feed's `sent_seq` until the client has something left to read. The number of the last one
    that it was sent."""
    positions = connection.positions
    assert positions is not None  # noqa: S101 -- for the type checker
    for portion in _portions([event for event in batch if event.seq <= feed.sent_seq]):
        if connection.needs_resync or connection.is_closed:
            break
        connection.send(Payload([event.text for event in portion]))
        connection.replayed += len(portion)
        positions[feed.stream] = portion[-1].seq
        if connection.outlet.pending:
            break
    return positions[feed.stream]


def _portions(batch: list[StoredEvent]) -> Iterator[list[StoredEvent]]:
    """Parts of the batch that leave room in the connection's buffer for events of other streams."""
    portion: list[StoredEvent] = []
    size = 0
    for event in batch:
        portion.append(event)
        size += len(event.text)
        if size >= PORTION_CHARACTERS:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion
