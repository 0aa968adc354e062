"""Requests while the database is away: 503 instead of 500, and an answer to a read whose connection was cut."""

import sys
import time
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.defaults import server_error

from tasks.core.api.unavailable import as_unavailable
from tasks.core.middleware import unavailable

PAUSES = (0.0, 0.05, 0.2)
"""Seconds before each repetition."""

READS = {"GET", "HEAD", "OPTIONS"}
REPEAT_WITHIN_SECONDS = 1.0
"""A read that failed later than this has waited, and would wait again."""


def handler500(request: HttpRequest) -> HttpResponse:
    """For errors outside views, as when a session can't be saved. Called while the exception is being handled."""
    exception = sys.exc_info()[1]
    error = as_unavailable(exception) if isinstance(exception, Exception) else None
    return server_error(request) if error is None else unavailable(request, error)


def RepeatReadsMiddleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:  # noqa: N802
    """Asks again where a failover cut the connection under a request that only reads.

    Its view may have run in part, which is harmless for a read. A write gets 503, and the client repeats it: only the
    client knows whether that is right.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        response: HttpResponseBase = get_response(request)
        for pause in PAUSES:
            if not _is_worth_repeating(request, response, began):
                break
            close_old_connections()
            time.sleep(pause)  # a server that ends its connections ends them one after the other
            response = get_response(request)
        return response

    return middleware


def _is_worth_repeating(request: HttpRequest, response: HttpResponseBase, began: float) -> bool:
    failed = getattr(response, "database_failed", False)
    return failed and request.method in READS and time.monotonic() < began + REPEAT_WITHIN_SECONDS
