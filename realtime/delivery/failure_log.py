"""One log entry when something begins to fail and one when it works again, however often it is tried between."""

import logging
import time

from django.db import DatabaseError

from realtime.conf import WrongAnswerError

EXPECTED = (DatabaseError, OSError, TimeoutError, WrongAnswerError)
"""What an outage or a project's function raises: told in one line. The rest is a fault of ours, with its traceback."""

AGAIN_SECONDS = 60.0
"""A kind of failure that comes and goes is logged so often at most."""


class FailureLog:
    def __init__(self, logger: logging.Logger, what: str) -> None:
        """`what` is the beginning of each entry, as in "The event log can't be read"."""
        self._logger = logger
        self._what = what
        self._failures = 0
        self._is_told = False
        self._told_at: dict[type[BaseException], float] = {}

    def failed(self, error: BaseException) -> None:
        """Logs the first failure of each kind, and counts the others."""
        self._failures += 1
        now = time.monotonic()
        kind = type(error)
        was_told = self._told_at.get(kind)
        if was_told is not None and (self._is_told or now - was_told < AGAIN_SECONDS):
            return
        self._told_at[kind] = now
        self._is_told = True
        reason = str(error).strip().partition("\n")[0] or kind.__name__
        if isinstance(error, EXPECTED):
            self._logger.warning("%s: %s", self._what, reason)
        else:
            self._logger.error("%s: %s", self._what, reason, exc_info=error)

    def succeeded(self) -> None:
        if self._is_told:
            self._logger.warning("%s: this is over, after %d failures", self._what, self._failures)
        self._failures, self._is_told = 0, False
