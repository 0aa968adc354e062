"""Health and metrics, which machines request under any host name or address of a replica."""

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.decorators import sync_and_async_middleware

LIVENESS = "/livez"
PATHS = {LIVENESS, "/readyz", "/metrics"}


@sync_and_async_middleware
def ProbesMiddleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:  # noqa: N802
    """Handles `PATHS` before any middleware reads the Host header, a session or a cookie."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        view = _view(request) or get_response
        response: HttpResponseBase = (async_to_sync(view) if iscoroutinefunction(view) else view)(request)
        return response

    async def async_middleware(request: HttpRequest) -> HttpResponseBase:
        view = _view(request) or get_response
        response: HttpResponseBase = await (view if iscoroutinefunction(view) else sync_to_async(view))(request)
        return response

    return async_middleware if iscoroutinefunction(get_response) else middleware


def _view(request: HttpRequest) -> Callable[[HttpRequest], Any] | None:
    if request.path_info not in PATHS:
        return None
    request.resolver_match = resolve(request.path_info)
    return request.resolver_match.func
