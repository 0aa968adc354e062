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
_passive: list[Listener] = []


def register(listener: Listener, *, fallback: bool = False, passive: bool = False) -> None:
    """Calls `listener(batches)` after each commit, in the thread that committed, from now on.

    It must be quick and must not use the database. It is taken to deliver the events; a passive listener does not, and
    is called anyway. A fallback delivers them while no other listener does.
    """
    (_passive if passive else _fallbacks if fallback else _listeners).append(listener)


def unregister(listener: Listener) -> None:
    """Ends what `register()` began. Unknown listeners are ignored."""
    for registered in (_listeners, _fallbacks, _passive):
        if listener in registered:
            registered.remove(listener)


def notify(batches: Batches) -> None:
    """Calls the listeners. Raises nothing: the change is committed, and the events are in the log."""
    for listener in (*(_listeners or _fallbacks), *_passive):
        try:
            listener(batches)
        except Exception:
            metrics.listener_errors.inc()
            logger.exception("Committed events could not be announced; the replicas will read them from the log")
