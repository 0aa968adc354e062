"""The views beside the socket: the statistics, and tickets for clients that can't send a header."""

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


@require_GET
@never_cache
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
        problem = {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": refused.detail}
        headers = {"WWW-Authenticate": "Bearer"}
        return JsonResponse(problem, status=401, headers=headers, content_type="application/problem+json")
    return JsonResponse({"ticket": issue_ticket(user_id, **bought_with), "expires_in": TICKET_SECONDS}, status=201)


def _pass(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
