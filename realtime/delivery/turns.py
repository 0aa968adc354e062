"""Gives the registered periodic tasks their turns, see `realtime.periodic`. Event loop only."""

import asyncio
import logging

from realtime import metrics
from realtime.delivery.database_threads import DatabaseThreads
from realtime.delivery.failure_log import FailureLog
from realtime.periodic import PeriodicTask

logger = logging.getLogger(__name__)

FIRST_SECONDS = 5.0
LOOK_SECONDS = 300.0
"""How often a process asks whether the turn of a task that is done seldom has come."""


async def give_turns(task: PeriodicTask, *, first: float = FIRST_SECONDS) -> None:
    """Runs until it is cancelled. A turn that has begun in the thread is finished there."""
    threads = DatabaseThreads(1, repeat=False)  # the turn is taken by then, and a repeat would do nothing
    failures = FailureLog(logger, f"The periodic task {task.name!r} failed, and is done again")
    # Shown from now on, since Prometheus misses the step from nothing.
    errors = metrics.periodic_errors.labels(task.name)
    try:
        await asyncio.sleep(min(first, task.seconds))
        while True:
            try:
                await threads.call(task.run_if_due)
                failures.succeeded()
            except Exception as error:  # noqa: BLE001 -- logged, counted, and done again
                errors.inc()
                failures.failed(error)
            await asyncio.sleep(task.seconds if task.everywhere else min(task.seconds, LOOK_SECONDS))
    finally:
        threads.stop()
