"""The fan-out: writes a feed's backlog to the feed's connections, without waiting for any of them. Event loop only."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from realtime import metrics
from realtime.delivery.feed import Feed, Payload
from realtime.events import StoredEvent
from realtime.transport.io_uring import Recipients, SubmissionRing

RUN_CHARACTERS = 256 * 1024
"""What is joined into one write to each socket."""


class FanOut:
    """Each feed's events in order: at any time at most one run of each is on its way."""

    def __init__(self, *, on_effect: Callable[[Feed, dict[str, Any]], None]) -> None:
        """`on_effect(feed, effect)` is called when an event with effect has gone out, before the next one does."""
        self._on_effect = on_effect
        self.ring: SubmissionRing | None = None
        """With it a slice takes one system call, else one for each socket."""

    def pump(self, feed: Feed) -> None:
        """Sends the backlog, unless that is under way; a little later, so that what comes together goes together."""
        if feed.has_backlog and not feed.is_sending:
            feed.is_sending = True
            asyncio.get_running_loop().call_soon(self._send_run, feed)

    def _send_run(self, feed: Feed) -> None:
        run = feed.next_run(RUN_CHARACTERS)
        if not run:
            feed.is_sending = False
            return
        self._send_slices(feed, run, Payload([event.text for event in run]), feed.recipient_chunks(), 0)

    def _send_slices(
        self, feed: Feed, run: list[StoredEvent], payload: Payload, crowds: Sequence[Recipients], index: int
    ) -> None:
        """One slice, and the others in the next turns of the loop."""
        if crowds:
            self._write(crowds[index], payload)
        if index + 1 < len(crowds):
            asyncio.get_running_loop().call_soon(self._send_slices, feed, run, payload, crowds, index + 1)
            return
        _measure(run, sum(len(crowd.targets) for crowd in crowds))
        if effect := run[-1].effect:
            self._on_effect(feed, effect)
        asyncio.get_running_loop().call_soon(self._send_run, feed)

    def _write(self, crowd: Recipients, payload: Payload) -> None:
        if self.ring is not None:
            self.ring.write(crowd, payload)
            return
        for outlet in crowd.targets:
            outlet.write(payload)


def _measure(run: Sequence[StoredEvent], sockets: int) -> None:
    """Once for each run, for events and sockets come by the thousand."""
    if sockets:
        metrics.events_delivered.inc(len(run) * sockets)
        if run[0].at:
            metrics.publish_to_socket.observe(max(0.0, time.time() - run[0].at))  # two machines' clocks differ
