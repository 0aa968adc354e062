import json

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from tasks.core.api.problems import CONTENT_TYPE, headers_of, problem_of
from tasks.core.api.unavailable import as_unavailable

PROGRAMS = ("/api/", "/ws/")
"""Where programs ask, which read problem+json; everywhere else people do."""


class UnavailableMiddleware(MiddlewareMixin):
    """Answers with 503 where a view ends with an error that passes by itself. The API's own views do so themselves."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = as_unavailable(exception)
        if error is None:
            return None
        headers = {**headers_of(error), "Cache-Control": "no-store"}
        if request.path.startswith(PROGRAMS):
            body = json.dumps(problem_of(error, path=request.path))
            return HttpResponse(body, CONTENT_TYPE, error.status_code, headers=headers)
        return HttpResponse(str(error.detail), "text/plain; charset=utf-8", error.status_code, headers=headers)
