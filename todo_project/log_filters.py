"""What the log leaves out: tracebacks that say nothing new, and lines that repeat the one before."""

import logging
import threading
import time
from collections.abc import Callable

from realtime.database_errors import is_temporary

REPEAT_SECONDS = 60.0
LONGEST_HOST_LINE = 300

_REPETITIVE = ("psycopg.pool",)
"""Loggers that say the same with each attempt while a server is away."""


class RefusedHosts(logging.Filter):
    """A wrong Host header is a client's mistake: one line at WARNING, where Django logs a traceback and another line.

    The same goes for what else Django calls a suspicious operation.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
            record.msg, record.args = record.getMessage()[:LONGEST_HOST_LINE], ()
            if request is not None:
                request.refusal_was_logged = True
            return True
        return not (record.name == "django.request" and getattr(request, "refusal_was_logged", False))


class Outages(logging.Filter):
    """While a database is away: the reason in one line, and each kind of line once a minute with a count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        is_unavailable = getattr(record, "status_code", 0) == 503
        if not (is_temporary(error) or is_unavailable or record.name in _REPETITIVE):
            return True
        unseen = self._count((record.name, str(record.msg)))
        text = record.getMessage() + (f": {error}" if is_temporary(error) else "")
        more = f" ({unseen} more of these lines since the last one)" if unseen else ""
        record.msg, record.args = " ".join(text.split()) + more, ()
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return unseen is not None

    def _count(self, kind: tuple[str, str]) -> int | None:
        """None to leave the line out; else how many were left out before it."""
        with self._lock:
            at, unseen = self._told.get(kind, (-REPEAT_SECONDS, 0))
            if self._clock() < at + REPEAT_SECONDS:
                self._told[kind] = (at, unseen + 1)
                return None
            self._told[kind] = (self._clock(), 0)
            return unseen
