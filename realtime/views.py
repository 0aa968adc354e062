"""The views beside the socket: the statistics, and tickets for clients that can't send a header."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from realtime.auth.authentication import checked, identities_of
from realtime.auth.tickets import TICKET_SECONDS, issue_ticket
from realtime.delivery import presence
from realtime.delivery.hub import get_hub
from realtime.identity import Refused

View = Callable[[HttpRequest], HttpResponse]


def no_parameters(view: View) -> View:
    """Refuses requests with query parameters: the address has none."""

    @wraps(view)
    def checked_view(request: HttpRequest) -> HttpResponse:
        if not request.GET:
            return view(request)
        errors = {name: ["There is no such parameter."] for name in request.GET}
        return _problem(HTTPStatus.BAD_REQUEST, "This address has no parameters.", errors=errors)

    return checked_view


@require_GET
@never_cache
@no_parameters
def statistics(request: HttpRequest) -> JsonResponse:
    """Connections and people here, and instances and connections in all. `redis_enabled`: Redis carries the events."""
    hub = get_hub()
    instances, connections = presence.elsewhere(hub.id)
    here = len(hub.connections)
    return JsonResponse(
        {
            "local_connections": here,
            "local_users": len(hub.people),
            "redis_enabled": hub.link.is_healthy,
            "total_instances": instances + 1,
            "total_connections": connections + here,
        }
    )


@csrf_exempt  # checked below, where it is the session that signs in
@require_POST
@never_cache
@no_parameters
def ticket(request: HttpRequest) -> HttpResponse:
    """A ticket for one socket, for the person of the Bearer token or of the session (with its CSRF token)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() == "bearer":
            token = token.strip()
            user_id = checked(identities_of([token]).get(token)).user_id
            bought_with: dict[str, str | None] = {"token": token}
        else:
            if not request.user.is_authenticated:
                raise Refused("Sign in first: with a session or a Bearer token.")
            if denied := CsrfViewMiddleware(lambda _: HttpResponse()).process_view(request, _pass, (), {}):
                return denied
            user_id = request.user.pk
            bought_with = {"session_key": request.session.session_key}
    except Refused as refused:
        response = _problem(HTTPStatus.UNAUTHORIZED, refused.detail)
        response["WWW-Authenticate"] = "Bearer"
        return response
    return JsonResponse({"ticket": issue_ticket(user_id, **bought_with), "expires_in": TICKET_SECONDS}, status=201)


def _problem(status: HTTPStatus, detail: str, **more: Any) -> HttpResponse:
    problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail, **more}
    return JsonResponse(problem, status=status, content_type="application/problem+json")


def _pass(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
