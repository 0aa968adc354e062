"""/metrics, and who may read it."""

import secrets
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from realtime import metrics
from todo_project.metrics import sample_pool

_FORWARDING = {"Forwarded", "Via", "X-Real-Ip"}

_REFUSAL = (
    "Send METRICS_TOKEN as a Bearer token, or ask directly from an address in METRICS_ALLOWED_ADDRESSES, by an IP "
    "address or a name in ALLOWED_HOSTS."
)


@require_safe
@never_cache
def scrape(request: HttpRequest) -> HttpResponse:
    """All metrics of this server, whichever of its processes responds."""
    if not (_has_token(request) or (_is_near(request) and _is_asked_by_its_name(request))):
        problem = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": _REFUSAL}
        return JsonResponse(problem, status=403, content_type="application/problem+json")
    sample_pool()
    text, content_type = metrics.exposition(request.headers.get("Accept", ""))
    return HttpResponse(text, content_type=content_type)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and scheme.lower() == "bearer" and secrets.compare_digest(token.encode(), wanted.encode())


def _is_asked_by_its_name(request: HttpRequest) -> bool:
    """Whether Host is an IP address or an allowed name.

    A page on the internet can point a name of its own at this machine (DNS rebinding): its reader's browser is near.
    """
    try:
        request.get_host()
    except DisallowedHost:
        name, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
        return is_ip_address(name.strip("[]"))
    return True


def _is_near(request: HttpRequest) -> bool:
    address = _address(request)
    return address is not None and any(address in network for network in settings.METRICS_ALLOWED_ADDRESSES)


def _address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """The client's address, or None where it is not known.

    Behind a proxy on this machine every request comes from 127.0.0.1, and over a Unix socket there is no address. What
    a proxy says counts only under `serve --proxy-headers`, and then only a single address: of several, the first is
    the client's own claim. A request that a proxy forwards is never this machine's own.
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


def is_ip_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
