"""What the log leaves out: tracebacks that say nothing new, and lines that repeat the one before. And what of it is no
warning: requests that are refused as they should be."""

import logging
import threading
import time
from collections.abc import Callable

from realtime.database_errors import is_temporary

REPEAT_SECONDS = 60.0
LONGEST_HOST_LINE = 300

HOSTS = "django.security.DisallowedHost"

REFUSALS = ("django.request", "django.security.csrf")
"""Loggers that tell of requests which a view, or the CSRF check before it, has answered with a 4xx."""

_REPETITIVE = ("psycopg.pool",)
"""Loggers that say the same with each attempt while a server is away."""


class Repeats:
    """Lets a kind of line through once in `REPEAT_SECONDS`. From any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def told(self, kind: tuple[str, str]) -> str | None:
        """None to leave the line out; else what it says at its end of those that were left out before it."""
        with self._lock:
            at, unseen = self._told.get(kind, (-REPEAT_SECONDS, 0))
            if self._clock() < at + REPEAT_SECONDS:
                self._told[kind] = (at, unseen + 1)
                return None
            self._told[kind] = (self._clock(), 0)
        return f" ({unseen} more of these lines since the last one)" if unseen else ""


class ExpectedRefusals(logging.Filter):
    """Django logs each 4xx at WARNING, so a scanner fills the log with warnings. They are INFO, and left out where
    LOG_LEVEL is higher. A 400 that has a traceback, or that no view has seen, stays a warning."""

    def filter(self, record: logging.LogRecord) -> bool:
        status, is_of_a_view = getattr(record, "status_code", 0), getattr(record, "request", None) is not None
        is_expected = 400 < status < 500 or (status == 400 and not record.exc_info)
        if not (record.name in REFUSALS and is_of_a_view and is_expected):
            return True
        record.levelno, record.levelname = logging.INFO, "INFO"
        return logging.getLogger().level <= logging.INFO


class RefusedHosts(logging.Filter):
    """A wrong Host header is a client's mistake: one line a minute at WARNING, which counts the others, where Django
    logs a traceback and another line each time.

    What else Django calls a suspicious operation is one line each time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._repeats = Repeats(clock)

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if record.name in REFUSALS or not record.name.startswith("django.security."):
            return not (record.name == "django.request" and getattr(request, "refusal_was_logged", False))
        if request is not None:
            request.refusal_was_logged = True
        more = self._repeats.told((record.name, "")) if record.name == HOSTS else ""
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = None
        record.msg, record.args = record.getMessage()[:LONGEST_HOST_LINE] + (more or ""), ()
        return more is not None


class Outages(logging.Filter):
    """While a database is away: the reason in one line, and each kind of line once a minute with a count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._repeats = Repeats(clock)

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        is_unavailable = getattr(record, "status_code", 0) == 503
        if not (is_temporary(error) or is_unavailable or record.name in _REPETITIVE):
            return True
        more = self._repeats.told((record.name, str(record.msg)))
        text = record.getMessage() + (f": {error}" if is_temporary(error) else "")
        record.msg, record.args = " ".join(text.split()) + (more or ""), ()
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return more is not None
