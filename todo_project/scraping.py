"""/metrics: what Prometheus asks for, and who may ask."""

import secrets
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from realtime import metrics
from todo_project.metrics import sample_pool

_FORWARDING = {"Forwarded", "Via", "X-Real-Ip"}

_REFUSAL = (
    "Metrics are for who sends METRICS_TOKEN as a Bearer token, or asks directly from an address in "
    "METRICS_ALLOWED_ADDRESSES."
)


@require_safe
@never_cache
def scrape(request: HttpRequest) -> HttpResponse:
    """All metrics of this server, whichever of its processes answers."""
    if not (_has_token(request) or _is_near(request)):
        problem = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": _REFUSAL}
        return JsonResponse(problem, status=403, content_type="application/problem+json")
    sample_pool()
    text, content_type = metrics.exposition(request.headers.get("Accept", ""))
    return HttpResponse(text, content_type=content_type)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and scheme.lower() == "bearer" and secrets.compare_digest(token.encode(), wanted.encode())


def _is_near(request: HttpRequest) -> bool:
    address = _address(request)
    return address is not None and any(address in network for network in settings.METRICS_ALLOWED_ADDRESSES)


def _address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Whose request it is, or None where that is anybody's guess.

    Behind a proxy on this machine every visitor comes from 127.0.0.1, and over a Unix socket from nowhere. What a proxy
    says of them counts only if `serve` was told to believe it (--proxy-headers), and then only one address: of several
    the first is what the visitor said. No visitor whom a proxy speaks for is this machine itself.
    """
    forwarded = any(name.startswith("X-Forwarded-") or name in _FORWARDING for name in request.headers)
    extensions = getattr(request, "scope", {}).get("extensions", {})
    if forwarded and not (
        "realtime.proxy_headers" in extensions and "," not in request.headers.get("X-Forwarded-For", ",")
    ):
        return None
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return None if forwarded and address.is_loopback else address
