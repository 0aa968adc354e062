"""Requests while the database is away: 503 instead of 500, and an answer to a read whose connection was cut."""

import sys
import time
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.defaults import server_error

from realtime.database_errors import RETRY_SECONDS, is_temporary

READS = {"GET", "HEAD", "OPTIONS"}
REPEAT_WITHIN_SECONDS = 1.0
"""A read that failed later than this has waited, and would wait again."""

DETAIL = "The database can't be reached at the moment. Repeat the request."
PAGE = (
    '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Unavailable</title>'
    "<h1>Unavailable</h1><p>The database can't be reached at the moment. This page tries again by itself.</p>"
)


def handler500(request: HttpRequest) -> HttpResponse:
    """Called while the exception is being handled; see `urls.handler500`."""
    if not is_temporary(sys.exc_info()[1]):
        return server_error(request)
    response: HttpResponse
    if "text/html" in request.headers.get("Accept", ""):
        response = HttpResponse(PAGE, status=503, headers={"Refresh": str(RETRY_SECONDS)})
    else:
        problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": DETAIL}
        response = JsonResponse(problem, status=503, content_type="application/problem+json")
    response["Retry-After"] = str(RETRY_SECONDS)
    response.database_failed = True  # type: ignore[attr-defined]
    return response


def RepeatReadsMiddleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:  # noqa: N802
    """Asks once more where a failover cut the connection under a request that only reads.

    Its view may have run in part, which is harmless for a read. A write gets 503, and the client repeats it: only the
    client knows whether that is right.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        response: HttpResponseBase = get_response(request)
        if _is_worth_repeating(request, response, began):
            close_old_connections()
            response = get_response(request)
        return response

    return middleware


def _is_worth_repeating(request: HttpRequest, response: HttpResponseBase, began: float) -> bool:
    failed = getattr(response, "database_failed", False)
    return failed and request.method in READS and time.monotonic() < began + REPEAT_WITHIN_SECONDS
