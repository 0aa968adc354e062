"""The fan-out: writes a feed's backlog to the feed's connections, without waiting for any of them. Event loop only."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from realtime import metrics
from realtime.delivery.feed import Feed
from realtime.events import StoredEvent
from realtime.protocol.payload import Payload
from realtime.transport.io_uring import SIZE, Recipients, SubmissionRing

if TYPE_CHECKING:
    from realtime.delivery.connection import Connection

logger = logging.getLogger(__name__)

BATCH_CHARACTERS = 256 * 1024
"""How much text is joined into one write to each socket."""

CHUNK = 250
"""Sockets that are written to before the loop may do something else: about a millisecond."""

WORTH_A_RING = 12
"""For fewer sockets a system call each costs less than to lay out the requests of the ring."""

MANY_SOCKETS = 100
WORTH_A_REST_SECONDS = 0.001
"""After a batch to fewer sockets, or one that took less, a feed does not rest."""

LONGEST_REST_SECONDS = 0.01

MANY_EVENTS = 8
"""A batch with this many events is large enough: to wait for more would save little."""

assert CHUNK <= SIZE  # noqa: S101 -- a chunk goes through the ring in one call


class FanOut:
    """Sends each feed's events in order: at any time at most one batch of each feed is on its way.

    A batch costs nearly the same with one event as with several: it is the sockets that cost. So while events come
    about as fast as they can be sent to many sockets one by one, the feed rests after each batch as long as that took,
    and events that come meanwhile share the next one. An event after a short silence never waits. A rest that brought
    one event only delayed it, so the next rest is skipped.

    A connection whose outlet raises is closed, and the others get their events. Whatever else fails concerns one batch:
    the next one is sent in any case.
    """

    def __init__(self) -> None:
        self.chunk = CHUNK
        self.ring: SubmissionRing | None = None
        """With a ring a chunk takes one system call, else one for each socket."""
        self.on_effect: Callable[[Feed, dict[str, Any]], None] = lambda feed, effect: None
        """Called when an event with an effect has gone out, before the next event of its stream does."""
        self.on_failed: Callable[[Connection], None] = lambda connection: None
        """Called for a connection that could not be written to, or may have missed something: it is to be closed. Must
        not raise."""
        self._chunks: WeakKeyDictionary[Feed, tuple[int, list[Recipients]]] = WeakKeyDictionary()

    def pump(self, feed: Feed) -> None:
        """Sends the backlog unless that is under way; in the next turn of the loop, so that events form batches."""
        if feed.has_backlog and not feed.is_sending:
            feed.is_sending = True
            self._schedule(feed)

    def send(self, feed: Feed) -> None:
        """As `pump()`, but begins at once."""
        if feed.has_backlog and not feed.is_sending:
            feed.is_sending = True
            if feed.rests_until > asyncio.get_running_loop().time():
                self._schedule(feed)
            else:
                self._send_batch(feed)

    def _schedule(self, feed: Feed) -> None:
        loop = asyncio.get_running_loop()
        if feed.rests_until > loop.time():
            loop.call_at(feed.rests_until, self._send_batch, feed)
        else:
            loop.call_soon(self._send_batch, feed)

    def recipient_chunks(self, feed: Feed) -> list[Recipients]:
        """The outlets of the feed's connections, `chunk` of them each. While no connection is added or removed they
        are the same objects again, which makes them cheap."""
        known = self._chunks.get(feed)
        if known is not None and known[0] == feed.membership_version:
            return known[1]
        outlets = [connection.outlet for connection in feed.connections]
        chunks = [Recipients(outlets[start : start + self.chunk]) for start in range(0, len(outlets), self.chunk)]
        self._chunks[feed] = (feed.membership_version, chunks)
        return chunks

    def _send_batch(self, feed: Feed) -> None:
        feed.departed.clear()
        feed.sending_since = asyncio.get_running_loop().time()
        batch = feed.next_batch(BATCH_CHARACTERS)
        if not batch:
            feed.is_sending = False
            return
        try:
            payload = Payload([event.text for event in batch])
            chunks = self.recipient_chunks(feed)
        except Exception:
            # The position has passed these events: the connections resume from the log.
            logger.exception("Events %d to %d of %s could not be encoded", batch[0].seq, batch[-1].seq, feed.stream)
            self._fail(list(feed.connections))
            payload, chunks = Payload([]), []
        self._send_chunk(feed, batch, payload, chunks, 0)

    def _send_chunk(
        self, feed: Feed, batch: list[StoredEvent], payload: Payload, chunks: Sequence[Recipients], index: int
    ) -> None:
        """Writes to one chunk now, and to the others in the next turns of the loop."""
        if index < len(chunks):
            recipients = chunks[index]
            if feed.departed:
                departed = {id(connection.outlet) for connection in feed.departed}
                recipients = Recipients([outlet for outlet in recipients.targets if id(outlet) not in departed])
            self._write(feed, recipients, payload)
        if index + 1 < len(chunks):
            asyncio.get_running_loop().call_soon(self._send_chunk, feed, batch, payload, chunks, index + 1)
            return
        self._finish(feed, batch, sum(len(chunk.targets) for chunk in chunks))

    def _write(self, feed: Feed, recipients: Recipients, payload: Payload) -> None:
        if self.ring is not None and len(recipients.targets) >= WORTH_A_RING:
            try:
                failed = self.ring.write(recipients, payload)
            except Exception:
                # Nobody knows which of them got it: they resume.
                logger.exception("A chunk of %s could not be sent", feed.stream)
                failed = list(recipients.targets)
            if failed:
                self._fail_outlets(feed, failed)
            return
        for outlet in recipients.targets:
            try:
                outlet.write(payload)
            except Exception:
                logger.exception("A connection could not be written to, and is closed")
                self._fail_outlets(feed, [outlet])

    def _finish(self, feed: Feed, batch: list[StoredEvent], sockets: int) -> None:
        try:
            _measure(batch, sockets)
            if effect := batch[-1].effect:
                self.on_effect(feed, effect)
        except Exception:
            # An effect may be a removal: these connections resume, and their rights are looked up again.
            logger.exception("The effect of event %d of %s failed", batch[-1].seq, feed.stream)
            self._fail(list(feed.connections))
        finally:
            feed.departed.clear()
            feed.rests_until = _end_of_rest(feed, events=len(batch), sockets=sockets)
            if feed.has_backlog:
                self._schedule(feed)
            else:
                feed.is_sending = False

    def _fail_outlets(self, feed: Feed, outlets: Sequence[Any]) -> None:
        failed = {id(outlet) for outlet in outlets}
        self._fail([connection for connection in feed.connections if id(connection.outlet) in failed])

    def _fail(self, connections: "Sequence[Connection]") -> None:
        for connection in connections:
            self.on_failed(connection)


def _end_of_rest(feed: Feed, *, events: int, sockets: int) -> float:
    """The loop time before which the next batch does not begin."""
    now = asyncio.get_running_loop().time()
    silence, took = feed.sending_since - feed.rests_until, now - feed.sending_since
    is_dense = silence < took / 8 and events < MANY_EVENTS and sockets >= MANY_SOCKETS
    rest_gained_nothing = feed.has_rested and events == 1 and not feed.has_backlog
    feed.has_rested = is_dense and not rest_gained_nothing and took >= WORTH_A_REST_SECONDS
    return now + min(took, LONGEST_REST_SECONDS) if feed.has_rested else now


def _measure(batch: Sequence[StoredEvent], sockets: int) -> None:
    """Counts a whole batch at once: there may be thousands of events and sockets."""
    if sockets:
        metrics.events_delivered.inc(len(batch) * sockets)
        if batch[0].at:
            metrics.publish_to_socket.observe(max(0.0, time.time() - batch[0].at))  # two machines' clocks differ
