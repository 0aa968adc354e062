"""Brings a connection to where it should be: on the streams that its person may read, with what it missed of them."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from realtime import events, metrics
from realtime.conf import config
from realtime.delivery.connection import Connection
from realtime.delivery.feed import Feed, Payload
from realtime.events import StoredEvent
from realtime.protocol.messages import VERSION, CloseCode

if TYPE_CHECKING:
    from realtime.delivery.hub import Hub

PAGE = 500
"""Events read from the log at once for a replay."""

PORTION_CHARACTERS = 64 * 1024
"""What a replay sends before it waits for the client to have read it."""


async def settle(hub: "Hub", connection: Connection) -> None:
    """Signs the connection in, or adjusts it after its person's streams have changed. One at a time per connection.

    Whatever changes the person's streams while this waits makes the connection stale, and then it asks again: the last
    question is always put after the last change.
    """
    clock = asyncio.get_running_loop().time
    own_stream = config().own_stream
    while connection.needs_resync and not connection.is_closed:
        connection.needs_resync = False
        if own_stream is not None:  # first, for a feed that begins after the question has it put again
            await hub.follow([own_stream(connection.user_id)])
        asked_at = clock()
        streams = set(await hub.streams_of(connection.user_id))
        if not streams:
            if not connection.was_ready:
                metrics.sign_in_failures.labels(int(CloseCode.FORBIDDEN)).inc()
            connection.refuse(CloseCode.FORBIDDEN, "This account may not connect.")
            return
        feeds = await hub.follow(streams)
        # What changed between the question and the beginning of a feed is told by no event that comes.
        if connection.needs_resync or any(feed.opened_at >= asked_at for feed in feeds):
            connection.needs_resync = True
            continue
        if not connection.was_ready:
            _welcome(hub, connection, feeds)
        _leave(hub, connection, streams)
        for feed in feeds:
            if connection.needs_resync or connection.is_closed:
                break
            if feed.stream not in connection.streams:
                await _enter(hub, connection, feed)
    if connection.positions is not None and not connection.is_closed:
        connection.positions = None
        metrics.replay_events.observe(connection.replayed)
        connection.tell("caught_up", positions={stream: hub.feed(stream).sent for stream in connection.streams})


def _welcome(hub: "Hub", connection: Connection, feeds: list[Feed]) -> None:
    """Sends `ready`. A client without positions is live on all its streams with it."""
    connection.was_ready = True
    connection.tell(
        "ready",
        protocol=VERSION,
        epoch=hub.epoch,
        user=connection.user_id,
        instance=hub.id,
        positions={feed.stream: feed.sent for feed in feeds},
        heartbeat=config().heartbeat_seconds,
    )
    if connection.positions is None:
        for feed in feeds:
            hub.attach(connection, feed)


def _leave(hub: "Hub", connection: Connection, streams: set[str]) -> None:
    """Says `left` for what the client follows, or wants to go on with, and may not read (any more)."""
    for stream in connection.streams - streams:
        hub.detach(connection, stream)
        connection.tell("left", stream=stream)
    for stream in (connection.positions or {}).keys() - streams:
        del connection.positions[stream]  # type: ignore[union-attr]  # None has no keys
        connection.tell("left", stream=stream)


async def _enter(hub: "Hub", connection: Connection, feed: Feed) -> None:
    """Attaches the connection to `feed`, right behind the last event that it was given or that its snapshot has."""
    position = None if connection.positions is None else connection.positions.get(feed.stream)
    if position is None:
        hub.attach(connection, feed)
        connection.tell("joined", stream=feed.stream, seq=feed.sent)
        return
    reason = await _replay(hub, connection, feed, position)
    if connection.needs_resync or connection.is_closed:
        return
    hub.attach(connection, feed)
    if connection.needs_resync:
        return
    if connection.positions is not None:
        del connection.positions[feed.stream]  # from here on it follows the stream like everybody else
    if reason:
        metrics.resets.labels(reason).inc()
        connection.tell("reset", stream=feed.stream, reason=reason, seq=feed.sent)


async def _replay(hub: "Hub", connection: Connection, feed: Feed, position: int) -> str:
    """Sends what comes after `position` up to the feed's `sent`; returns why that can't be done, or nothing.

    Between the last look at `sent` and the return nothing is awaited, so the caller can attach without a gap.
    """
    positions = connection.positions
    assert positions is not None  # noqa: S101 -- for the type checker
    if connection.epoch != hub.epoch:
        return "epoch"
    if position > feed.sent:
        await hub.reach(feed, position)
        if position > feed.sent:
            return "ahead"
    while position < feed.sent:
        run = feed.recent_since(position)
        if run is None:
            run = await hub.query(events.since, feed.stream, position, PAGE)
            if not run or run[0].seq != position + 1:
                return "pruned"
            run = [event for event in run if event.seq <= feed.sent]
        if connection.needs_resync or connection.is_closed:
            return ""
        for portion in _portions(run):
            connection.send(Payload([event.text for event in portion]))
            connection.replayed += len(portion)
            positions[feed.stream] = position = portion[-1].seq
            await connection.drained()
            if connection.needs_resync or connection.is_closed:
                return ""
    return ""


def _portions(run: list[StoredEvent]) -> Iterator[list[StoredEvent]]:
    """So few at once that they leave room in the connection's buffer for other streams' news."""
    portion: list[StoredEvent] = []
    size = 0
    for event in run:
        portion.append(event)
        size += len(event.text)
        if size >= PORTION_CHARACTERS:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion
