"""Deletes old events regularly, in one of the processes that serve."""

import asyncio
import logging

from realtime import metrics
from realtime.conf import config
from realtime.delivery.database_threads import DatabaseThreads
from realtime.delivery.failure_log import FailureLog
from realtime.events import retention

logger = logging.getLogger(__name__)

FIRST_SECONDS = 5.0
CHECK_SECONDS = 300.0
"""How often each process asks whether it is time; `retention.INTERVAL` says when it is."""


async def prune_old_events() -> None:
    """Runs until it is cancelled, on the event loop. Where EVENT_DAYS is 0, it only measures the age of the log.

    It has a thread and a database connection of its own, because deleting a large backlog takes long.
    """
    days = config().event_days
    metrics.event_days.set(days)
    threads = DatabaseThreads(1, repeat=False)  # the turn is taken by then, and a repeat would do nothing
    failures = FailureLog(logger, "Old events could not be deleted, which is tried again within the hour")
    try:
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            await _prune(threads, days, failures)
            await asyncio.sleep(CHECK_SECONDS)
    finally:
        threads.stop()


async def _prune(threads: DatabaseThreads, days: float, failures: FailureLog) -> None:
    try:
        count = await threads.call(retention.prune_if_due, days) if days else None
        oldest = await threads.call(retention.oldest_event)
    except Exception as error:  # noqa: BLE001 -- logged, and tried again
        metrics.prune_errors.inc()
        failures.failed(error)
        return
    failures.succeeded()
    metrics.oldest_event.set(oldest.timestamp() if oldest else 0)
    if count:
        metrics.events_pruned.inc(count)
        logger.info("%d events older than %g days deleted", count, days)
