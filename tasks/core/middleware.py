"""Answers to requests that fail since the database or another part is away for a while."""

import json

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from tasks.core.api.problems import CONTENT_TYPE, headers_of, problem_of
from tasks.core.api.unavailable import Unavailable, as_unavailable

PROGRAMS = ("/api/", "/ws/")
"""Where programs ask, which read problem+json; everywhere else people do."""


PAGE = (
    '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Unavailable</title>'
    "<h1>Unavailable</h1><p>{} This page tries again by itself.</p>"
)


class UnavailableMiddleware(MiddlewareMixin):
    """Answers with 503 where a view ends with an error that passes by itself. The API's own views do so themselves."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = as_unavailable(exception)
        return None if error is None else unavailable(request, error)


def unavailable(request: HttpRequest, error: Unavailable) -> HttpResponse:
    """A problem for programs, a page that reloads for people. `database_failed`: asking once more may help."""
    headers = {**headers_of(error), "Cache-Control": "no-store"}
    if request.path.startswith(PROGRAMS):
        body = json.dumps(problem_of(error, path=request.path))
        response = HttpResponse(body, CONTENT_TYPE, error.status_code, headers=headers)
    else:
        response = HttpResponse(PAGE.format(error.detail), status=error.status_code, headers=headers)
        response["Refresh"] = headers["Retry-After"]
    response.database_failed = True  # type: ignore[attr-defined]
    return response
