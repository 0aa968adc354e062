"""Compares the positions of this process with the log, all the time: what the broker has lost is found here.

Event loop only.
"""

import asyncio
import logging
from collections.abc import Callable, Collection

from realtime import events, metrics
from realtime.broker.link import BrokerLink
from realtime.conf import config
from realtime.delivery.database_threads import DatabaseThreads
from realtime.delivery.failure_log import FailureLog
from realtime.delivery.fanout import FanOut
from realtime.delivery.feed import Feed
from realtime.delivery.feeds import Feeds

logger = logging.getLogger(__name__)

STREAMS_AT_ONCE = 1000
"""Streams compared by one query."""

READINGS_AT_ONCE = 20
"""Streams read from the log at the same time."""

LIMIT_SECONDS = 10.0
"""How long one comparison may take; then the next one begins."""

LEAST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 2.0
TIMES_AS_LONG = 4
"""The pause after a comparison is its duration times this, within these limits, even if the next one is urgent."""


class LogWatcher:
    """A task that compares each open feed with the log, about once a second. Event loop only."""

    def __init__(self, *, feeds: Feeds, link: BrokerLink, threads: DatabaseThreads, fan_out: FanOut) -> None:
        self.on_replaced: Callable[[str], None] = lambda epoch: None
        """Called with the new epoch when the log was restored or reset."""
        self._feeds = feeds
        self._link = link
        self._threads = threads
        self._fan_out = fan_out
        self._poll_now = asyncio.Event()
        self._failures = FailureLog(logger, "The event log can't be read")
        self._behind: dict[Feed, int] = {}

    def poll_soon(self) -> None:
        """The next comparison is not to wait for its turn."""
        self._poll_now.set()

    async def run(self) -> None:
        """Runs until it is cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            self._poll_now.clear()
            began = clock()
            try:
                async with asyncio.timeout(LIMIT_SECONDS):
                    await self._feeds.follow(config().pinned_streams)
                    await self._compare()
                self._failures.succeeded()
            except Exception as error:  # noqa: BLE001 -- logged; the next comparison finds the same
                metrics.log_errors.inc()
                self._failures.failed(error)
            least = min(LONGEST_PAUSE_SECONDS, max(LEAST_PAUSE_SECONDS, TIMES_AS_LONG * (clock() - began)))
            await asyncio.sleep(least)
            try:
                async with asyncio.timeout(max(0.0, config().poll_seconds - least)):
                    await self._poll_now.wait()
            except TimeoutError:
                pass

    async def _compare(self) -> None:
        foreign = set(self._link.foreign_logs)
        open_feeds = [feed for feed in self._feeds if feed.is_open]
        for start in range(0, max(1, len(open_feeds)), STREAMS_AT_ONCE):
            some = open_feeds[start : start + STREAMS_AT_ONCE]
            received = {feed: feed.received_seq or 0 for feed in some}
            epoch, heads = await self._threads.call(_epoch_and_heads, [feed.stream for feed in some])
            if not self._feeds.epoch:
                self._feeds.epoch = self._link.log_epoch = epoch
            if epoch != self._feeds.epoch:
                self.on_replaced(epoch)
                return
            for feed, seq in received.items():
                if heads[feed.stream] < seq:
                    self._feeds.rewind(feed, heads[feed.stream])
            await self._catch_up([feed for feed in some if (feed.received_seq or 0) < heads[feed.stream]])
        self._link.tell_foreign(foreign)
        self._find_stalled(open_feeds)

    async def _catch_up(self, feeds: list[Feed]) -> None:
        for start in range(0, len(feeds), READINGS_AT_ONCE):
            some = feeds[start : start + READINGS_AT_ONCE]
            await asyncio.gather(*(self._feeds.catch_up(feed, "poll") for feed in some))

    def _find_stalled(self, feeds: list[Feed]) -> None:
        """Received events must begin to go out. Where they have not since the last comparison, that is counted."""
        behind = {feed: feed.sent_seq for feed in feeds if feed.sent_seq < (feed.received_seq or 0)}
        for feed, sent_seq in behind.items():
            if self._behind.get(feed) == sent_seq:
                metrics.stalled_feeds.inc()
                logger.warning("Events of %s after number %d are received and not sent", feed.stream, sent_seq)
            self._fan_out.pump(feed)
        self._behind = behind


def _epoch_and_heads(streams: Collection[str]) -> tuple[str, dict[str, int]]:
    found = events.positions(streams)
    return found["epoch"], found["positions"]
