"""The person who causes a change, and the interface: set where work enters, read where an event is published."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from inspect import iscoroutinefunction
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_resolver, get_script_prefix, reverse
from django.utils.decorators import sync_and_async_middleware

from realtime.log_context import bind_contextvars

REQUEST_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attribution:
    """`actor` is a user; with a `request`, the request's user at the time of the call.

    `unit` is the same for all changes of one request, or of one `attribution()`; None outside of them.
    """

    source: str = "command"
    actor: Any = None
    request_id: str | None = None
    request: HttpRequest | None = None
    unit: UUID | None = None

    def describe(self) -> dict[str, Any]:
        """The fields `actor`, `source` and `request_id` of an event."""
        user = self.user
        actor = None if user is None else {"id": user.pk, "username": user.get_username()}
        return {
            "actor": actor,
            "source": self.source,
            "request_id": self.request_id,
        }

    @property
    def user(self) -> Any:
        """The person, or None."""
        user: Any = self.actor if self.request is None else getattr(self.request, "user", None)
        return None if user is None or user.pk is None else user


_current: ContextVar[Attribution] = ContextVar("realtime_attribution", default=Attribution())  # noqa: B039 -- frozen


def current_attribution() -> Attribution:
    """The attribution of this thread or task. Outside `attribution()` and requests: a command without an actor."""
    return _current.get()


@contextmanager
def attribution(actor: Any = None, source: str = "command", request_id: str | None = None) -> Iterator[None]:
    """Events published inside name this `actor` (a user or None), `source` and `request_id`."""
    token = _current.set(Attribution(source=source, actor=actor, request_id=request_id, unit=uuid4()))
    try:
        yield
    finally:
        _current.reset(token)


def identify(given: str) -> str:
    """The id of a request: what it gives as its `X-Request-ID`, or a new one. From now on log lines have it."""
    request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    # It stays bound: what is said of a request after its last middleware is about it too. Its task ends with it, and a
    # thread that goes on to another request binds another one.
    bind_contextvars(request_id=request_id)
    return request_id


@lru_cache
def _admin_paths(urlconf: str) -> tuple[str, ...]:
    """Where the admin sites are, without a prefix of the whole project."""
    names = get_resolver(urlconf).app_dict.get("admin", ())
    return tuple("/" + reverse(f"{name}:index", urlconf).removeprefix(get_script_prefix()) for name in names)


def _of_request(request: HttpRequest) -> Attribution:
    request_id = identify(request.headers.get("X-Request-ID", ""))
    if "Authorization" in request.headers:
        source = "api"
    else:
        source = "admin" if request.path_info.startswith(_admin_paths(settings.ROOT_URLCONF)) else "web"
    return Attribution(source=source, request_id=request_id, request=request, unit=uuid4())


@sync_and_async_middleware
def AttributionMiddleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:  # noqa: N802
    """Attributes changes to the request, and answers with its `X-Request-ID`."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        found = _of_request(request)
        token = _current.set(found)
        try:
            response: HttpResponseBase = get_response(request)
        finally:
            _current.reset(token)
        response.headers["X-Request-ID"] = found.request_id or ""
        return response

    async def async_middleware(request: HttpRequest) -> HttpResponseBase:
        found = _of_request(request)
        token = _current.set(found)
        try:
            response: HttpResponseBase = await get_response(request)
        finally:
            _current.reset(token)
        response.headers["X-Request-ID"] = found.request_id or ""
        return response

    return async_middleware if iscoroutinefunction(get_response) else middleware
