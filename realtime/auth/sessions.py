"""Who has a session, over HTTP and over a socket."""

from typing import Any

from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


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


class SessionUserMiddleware(AuthenticationMiddleware):
    """In the place of Django's."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]
