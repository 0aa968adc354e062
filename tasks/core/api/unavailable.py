"""Temporary errors, as 503 with Retry-After: the database is away or locked, too many passwords."""

import logging
from http import HTTPStatus

from rest_framework.exceptions import APIException

from realtime.database_errors import RETRY_SECONDS, is_temporary

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
    if not is_temporary(error):
        return None
    logger.warning("The database is unavailable", exc_info=error)  # which the log shortens to its reason
    return Unavailable()
