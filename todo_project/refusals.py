"""Errors that arise outside the API's own views, as programs read them: a wrong host or method, no CSRF token."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from rest_framework.exceptions import APIException

from realtime.attribution import identify
from tasks.core.api.problems import CONTENT_TYPE, problem_of
from tasks.core.middleware import PROGRAMS
from todo_project.metrics import count_request

Message = dict[str, Any]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

DETAILS = {
    400: "The server can't use this request: its host name, a header or its body is not valid.",
    403: "The request has no valid CSRF token, or it is not allowed.",
    404: "There is no such address.",
    405: "This address does not know this method.",
    500: "Internal error. It has been logged under this request_id.",
}


def is_for_programs(path: str) -> bool:
    """Whether programs ask there, which read problem+json; everywhere else people do."""
    return f"{path}/".startswith(PROGRAMS)


def refusal(path: str, status: int, detail: str) -> HttpResponse:
    """A response to a request that no view has seen: a problem for programs, plain text for people."""
    if is_for_programs(path):
        return HttpResponse(_problem(path, status, detail), CONTENT_TYPE, status)
    return HttpResponse(f"{HTTPStatus(status).phrase}: {detail}\n", "text/plain; charset=utf-8", status)


def note_refusal(scope: Message, status: int) -> str:
    """Counts a request that no middleware sees. Returns its id, which log lines have from now on."""
    given = next((value for name, value in scope["headers"] if name.lower() == b"x-request-id"), b"")
    count_request(scope["method"], "unmatched", status)
    return identify(given.decode("latin-1"))


async def send_problem(scope: Message, send: Send, status: int, detail: str, headers: Headers = ()) -> None:
    """Answers such a request with a problem, for any client."""
    request_id = note_refusal(scope, status)
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    more = [(b"content-type", CONTENT_TYPE.encode()), (b"x-request-id", request_id.encode()), *headers]
    await send_json(send, status, {**problem, "request_id": request_id}, more)


async def send_json(send: Send, status: int, body: dict[str, Any], headers: Headers = ()) -> None:
    """Without a thread, a view and the middleware."""
    given = {b"content-type": b"application/json", b"cache-control": b"no-store", **dict(headers)}
    await send({"type": "http.response.start", "status": status, "headers": list(given.items())})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


@sync_and_async_middleware
def ProblemsMiddleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:  # noqa: N802
    """Gives each error under `PROGRAMS` a problem as its body, unless it has one. Status and headers stay."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return _as_problem(request, get_response(request))

    async def async_middleware(request: HttpRequest) -> HttpResponseBase:
        return _as_problem(request, await get_response(request))

    return async_middleware if iscoroutinefunction(get_response) else middleware


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    status = response.status_code
    is_plain = isinstance(response, HttpResponse) and response.headers.get("Content-Type") != CONTENT_TYPE
    shows_debug_page = settings.DEBUG and status == HTTPStatus.INTERNAL_SERVER_ERROR
    if status < HTTPStatus.BAD_REQUEST or not is_plain or shows_debug_page or not is_for_programs(request.path):
        return response
    response.content = _problem(request.path, status, DETAILS.get(status, HTTPStatus(status).phrase))  # type: ignore[attr-defined]
    response.headers["Content-Type"] = CONTENT_TYPE
    if response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
    return response


def _problem(path: str, status: int, detail: str) -> str:
    error = APIException(detail)
    error.status_code = status
    return json.dumps(problem_of(error, path=path))
