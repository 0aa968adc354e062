"""Functions that are called with the events of each committed transaction.

They make delivery fast and are not what makes it complete: whatever a listener misses is in the log.
"""

import logging
from collections.abc import Callable

from realtime import metrics
from realtime.events.stored_event import Batches

logger = logging.getLogger(__name__)

Listener = Callable[[Batches], None]

_listeners: list[Listener] = []
_fallbacks: list[Listener] = []


def register(listener: Listener, *, fallback: bool = False) -> None:
    """Calls `listener(batches)` after each commit, in the thread that committed, from now on.

    It must be quick and must not use the database. A fallback is called only while no other listener is registered.
    """
    (_fallbacks if fallback else _listeners).append(listener)


def unregister(listener: Listener) -> None:
    """Ends what `register()` began. Unknown listeners are ignored."""
    for registered in (_listeners, _fallbacks):
        if listener in registered:
            registered.remove(listener)


def notify(batches: Batches) -> None:
    """Calls the listeners. Raises nothing: the change is committed, and the events are in the log."""
    for listener in tuple(_listeners or _fallbacks):
        try:
            listener(batches)
        except Exception:
            metrics.listener_errors.inc()
            logger.exception("Committed events could not be announced; the replicas will read them from the log")
