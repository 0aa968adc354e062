"""The streams that this process follows: opened with one query, fed by the broker and by the log. Event loop only."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from realtime import events, metrics
from realtime.broker.link import BrokerLink
from realtime.conf import config
from realtime.delivery.database_threads import DatabaseThreads
from realtime.delivery.failure_log import FailureLog
from realtime.delivery.fanout import FanOut
from realtime.delivery.feed import Feed
from realtime.events import StoredEvent

logger = logging.getLogger(__name__)

R = TypeVar("R")

PAGE = 500
"""Events read from the log at once."""

PAGE_CHARACTERS = 256 * 1024
"""How much text of them; a single event may have more."""


class Feeds:
    """The streams of this process, by name: opens them, fills their gaps from the log, and hands what is next in order
    to the fan-out. Event loop only."""

    def __init__(self, *, link: BrokerLink, threads: DatabaseThreads, fan_out: FanOut) -> None:
        self.epoch = ""
        """The log's identity, "" until it has been read."""
        self.on_reset: Callable[[Feed, str], None] = lambda feed, reason: None
        """Called when a feed goes on at another position, so that its clients have to fetch a snapshot."""
        self._link = link
        self._threads = threads
        self._fan_out = fan_out
        self._feeds: dict[str, Feed] = {}
        self._unopened: set[str] = set()
        self._cleared: set[str] = set()
        """Streams of a log that was replaced: subscribed, until somebody follows them again or they are forgotten."""
        self._opening: asyncio.Task[None] | None = None
        self._gap_tasks: dict[Feed, asyncio.Task[None]] = {}
        self._readings: dict[Feed, asyncio.Task[None]] = {}
        self._log_failures = FailureLog(logger, "The event log can't be read")

    def __iter__(self) -> Iterator[Feed]:
        return iter(list(self._feeds.values()))

    def get(self, stream: str) -> Feed | None:
        return self._feeds.get(stream)

    def has(self, feed: Feed) -> bool:
        """Whether it is still fed; one that was idle, or of a log that was replaced, is not."""
        return self._feeds.get(feed.stream) is feed

    async def stop(self) -> None:
        tasks = [*self._gap_tasks.values(), *self._readings.values(), *([self._opening] if self._opening else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.clear("")
        self._cleared.clear()  # the link forgets all, too

    def clear(self, epoch: str) -> None:
        """Forgets all streams: the log is another one."""
        self.epoch = self._link.log_epoch = epoch
        self._cleared |= self._feeds.keys()
        self._feeds.clear()
        self._unopened.clear()

    # Following

    async def follow(self, streams: Collection[str]) -> list[Feed]:
        """Subscribes to `streams`; returns their feeds, in the order of their names, once their positions are known."""
        while True:
            feeds = self.expect(sorted(streams))
            if all(feed.is_open for feed in feeds):
                return feeds
            if self._opening is None or self._opening.done():
                self._opening = asyncio.create_task(self._open())
            await asyncio.shield(self._opening)

    def expect(self, streams: Iterable[str]) -> list[Feed]:
        """The feeds of `streams`, in their order. Those that are new are open after the next `follow()` or `ask()`."""
        now = asyncio.get_running_loop().time()
        found = []
        for stream in streams:
            feed = self._feeds.get(stream)
            if feed is None:
                feed = self._feeds[stream] = Feed(stream, config().history_size)
                self._unopened.add(stream)
            feed.idle_since = now
            found.append(feed)
        return found

    async def ask(self, question: Callable[[], R]) -> tuple[R, float]:
        """Opens all feeds that are not open yet and calls `question` in the same database thread. Returns its result
        and the loop time just before. Later changes arrive as events of these feeds."""
        waiting = await self._subscribed()
        asked_at = asyncio.get_running_loop().time()
        heads, answer = await self._threads.call(_heads_and_answer, waiting, question)
        self._begin(heads, asked_at)
        return answer, asked_at

    async def _open(self) -> None:
        """Opens all feeds that are not open yet, with one query."""
        heads = await self._threads.call(events.heads, await self._subscribed())
        self._begin(heads, asyncio.get_running_loop().time())

    async def _subscribed(self) -> list[str]:
        """Subscribes to the streams of the feeds that are not open yet; returns their names. Done before their heads
        are read, so that no event is missed in between."""
        waiting = list(self._unopened)
        await self._link.subscribe(waiting)
        if not self.epoch:
            self.epoch = self._link.log_epoch = await self._threads.call(events.epoch)
        return waiting

    def _begin(self, heads: Mapping[str, int], opened_at: float) -> None:
        for stream, head in heads.items():
            self._unopened.discard(stream)
            feed = self._feeds.get(stream)
            if feed is not None and not feed.is_open:
                feed.open(head)
                feed.opened_at = opened_at
                self._fan_out.pump(feed)
                self._fill_gap_if_any(feed)

    async def forget_idle(self) -> None:
        """Unsubscribes from streams that nobody here has followed for a while, or at all in this log."""
        before = asyncio.get_running_loop().time() - config().idle_feed_seconds
        idle = [
            feed.stream
            for feed in self
            if feed.is_idle_since(before) and feed not in self._readings and feed.stream not in config().pinned_streams
        ]
        for stream in idle:
            del self._feeds[stream]
        cleared, self._cleared = self._cleared - self._feeds.keys(), set()
        await self._link.unsubscribe([*idle, *cleared])

    # Events

    def offer(self, stream: str, received: Sequence[StoredEvent], *, at_once: bool = False) -> None:
        """Takes events of a stream from any source, and sends on what is next in order: in the next turn of the loop,
        or `at_once` where the caller knows that no more come in this turn."""
        feed = self._feeds.get(stream)
        if feed is None:
            return
        feed.offer(received)
        if at_once:
            self._fan_out.send(feed)
        else:
            self._fan_out.pump(feed)
        self._fill_gap_if_any(feed)

    def _fill_gap_if_any(self, feed: Feed) -> None:
        if feed.has_gap and feed.is_open and feed not in self._gap_tasks and self.has(feed):
            metrics.gaps.inc()
            self._gap_tasks[feed] = asyncio.create_task(self._fill_gap(feed))

    async def _fill_gap(self, feed: Feed) -> None:
        """Events can arrive out of commit order. Waits briefly for the missing ones, then reads them from the log."""
        try:
            await asyncio.sleep(config().gap_seconds)
            if feed.has_gap:
                await self.catch_up(feed, "gap")
        except Exception as error:  # noqa: BLE001 -- logged, and the next poll of the log tries again
            metrics.log_errors.inc()
            self._log_failures.failed(error)
            return
        finally:
            del self._gap_tasks[feed]
        self._log_failures.succeeded()
        self._fill_gap_if_any(feed)  # more events may have come out of order while the log was read

    async def catch_up_to(self, feed: Feed, seq: int) -> None:
        """Returns when `feed` has sent event number `seq`, or when the log has no such event."""
        for _ in range(2):  # the first reading may have begun before the event was committed
            if (feed.received_seq or 0) < seq:
                await self.catch_up(feed, "reach")
        while feed.is_sending and feed.sent_seq < seq:  # noqa: ASYNC110 -- for milliseconds, and seldom
            await asyncio.sleep(0.001)

    async def catch_up(self, feed: Feed, reason: str) -> None:
        """Reads what the log has after `received_seq`; callers share one reading. `reason`: gap, poll or reach."""
        reading = self._readings.get(feed)
        if reading is None:
            reading = self._readings[feed] = asyncio.create_task(self._read_log(feed, reason))
            reading.add_done_callback(lambda task: self._end_reading(feed, task))
        await asyncio.shield(reading)

    def _end_reading(self, feed: Feed, reading: asyncio.Task[None]) -> None:
        del self._readings[feed]
        if not reading.cancelled():
            reading.exception()  # retrieved here, for the case that its callers were cancelled

    async def _read_log(self, feed: Feed, reason: str) -> None:
        metrics.log_reads.labels(reason).inc()
        while self.has(feed):
            waiting = feed.waiting_seqs()
            head, page = await self._threads.call(_read_page, feed.stream, feed.received_seq or 0)
            if not self.has(feed):
                return
            for event in page:
                if event.seq > (feed.received_seq or 0) + 1:
                    self._skip(feed, event.seq - 1)
                feed.offer((event,))
            is_last = not page or page[-1].seq >= head
            if is_last:
                self._compare_with_head(feed, head, waiting)
            self._fan_out.pump(feed)
            if is_last:
                return

    def _compare_with_head(self, feed: Feed, head: int, waiting: Collection[int]) -> None:
        """`head` was read before the newest events, and after the events with the numbers `waiting` had arrived."""
        if head > (feed.received_seq or 0):  # neither read nor in the log any more
            self._skip(feed, head)
        # An event is announced after its commit: one above the head was never committed to this log.
        newest = max(head, feed.received_seq or 0)
        if dropped := feed.drop_waiting(seq for seq in waiting if seq > newest):
            metrics.broker_messages_dropped.labels("unconfirmed").inc(dropped)
            logger.warning("%d messages about %s had numbers that its log has not reached", dropped, feed.stream)

    def _skip(self, feed: Feed, seq: int) -> None:
        """The log was pruned before this process had read it."""
        logger.warning("Events of %s up to %s were pruned before they were read", feed.stream, seq)
        self._reset(feed, seq, "pruned")

    def rewind(self, feed: Feed, head: int) -> None:
        """The log ends before what was received: it was restored, or a message was not of this log."""
        logger.warning("%s ends at event %d in the log, though %s was received", feed.stream, head, feed.received_seq)
        self._reset(feed, head, "ahead")

    def _reset(self, feed: Feed, seq: int, reason: str) -> None:
        feed.skip_to(seq)
        metrics.resets.labels(reason).inc(len(feed.connections))
        self.on_reset(feed, reason)
        self._fill_gap_if_any(feed)


def _heads_and_answer(streams: Collection[str], question: Callable[[], R]) -> tuple[dict[str, int], R]:
    return events.heads(streams) if streams else {}, question()


def _read_page(stream: str, after: int) -> tuple[int, list[StoredEvent]]:
    """The stream's head, and the next events. The head first: all up to it are in the log, or were."""
    head = events.heads([stream])[stream]
    return head, events.since(stream, after, PAGE, size=PAGE_CHARACTERS)
