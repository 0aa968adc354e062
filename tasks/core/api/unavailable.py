"""Errors that pass by themselves, as 503 with Retry-After: the database is away or locked, too many passwords."""

import logging
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from rest_framework.exceptions import APIException

RETRY_SECONDS = 2

PASSING_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PROTOCOL")
"""Beginnings of the names of errors. What SQLite reports as SQLITE_ERROR, a missing table for example, is a mistake."""

logger = logging.getLogger(__name__)


class Unavailable(APIException):
    """`wait`: seconds after which to repeat the request."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = "The database is not available at this moment. Try again in a few seconds."

    def __init__(self, *, wait: float = RETRY_SECONDS) -> None:
        super().__init__()
        self.wait = wait


def as_unavailable(error: Exception) -> Unavailable | None:
    """The error as one that passes; None if it does not."""
    if isinstance(error, Unavailable):
        return error
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    name = getattr(error.__cause__, "sqlite_errorname", None)
    if name is not None and not name.startswith(PASSING_SQLITE):
        return None
    logger.warning("The database is not available: %s", str(error).partition("\n")[0])
    return Unavailable()
