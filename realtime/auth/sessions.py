"""Who has a session, over HTTP and over a socket."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from realtime.identity import Identity, Refused

MAX_COOKIE_BYTES = 64 * 1024
"""A longer Cookie header is not read."""


def get_user(request: HttpRequest) -> Any:
    """As Django's, but a session keeps its key where SECRET_KEY_FALLBACKS has to be asked.

    Django would give it another one and delete the old. A socket can't tell the browser; of two requests at once the
    second would be signed out; and while old and new replicas work side by side it would happen again and again.
    """
    session: Any = request.session
    session.cycle_key = lambda: None
    try:
        return auth.get_user(request)
    finally:
        del session.cycle_key


class PrintableCookiesMiddleware(MiddlewareMixin):
    """Leaves out the cookies with control characters, which no server of ours has set. Before all that reads cookies:
    PostgreSQL takes a null for an error, and not for a key that it doesn't know.
    """

    def process_request(self, request: HttpRequest) -> None:
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if value.isprintable()}


class SessionUserMiddleware(AuthenticationMiddleware):
    """In the place of Django's."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]


def session_key_of(cookies: bytes) -> str | None:
    """The session's key in a Cookie header, or None. The other cookies are not parsed: they may be anything."""
    if len(cookies) > MAX_COOKIE_BYTES:
        return None
    for cookie in cookies.decode("latin-1").split(";"):
        name, _, value = cookie.partition("=")
        if name.strip() == settings.SESSION_COOKIE_NAME:
            return value.strip().strip('"')
    return None


def identity_of_session_key(key: str | None) -> Identity:
    """Whose session it is. Uses the database. Raises Refused."""
    request = HttpRequest()
    printable = key if key and key.isprintable() else None
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(printable)
    user = get_user(request)
    if not user.is_active:  # also AnonymousUser
        raise Refused("The session is unknown or has expired.", reason="session")
    return Identity(user.pk, request.session.get_expiry_date().timestamp())
