"""The Origin check: only pages of our own may open a socket with a session cookie.

Browsers send cookies with a socket that any page opens; the Origin header, which a page cannot forge, tells the pages
apart (RFC 6455, section 10.2). A foreign page's socket is accepted and closed with 4403, since a browser hides every
other refusal from the page. Sockets that sign in with a token or a ticket are not checked: a foreign page has neither.
"""

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http.request import validate_host

DEBUG_HOSTS = ["localhost", "127.0.0.1", "::1"]
"""Django's own, where DEBUG is on and ALLOWED_HOSTS is empty."""

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_own_origin(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the page that opens the socket was served by this host and port, or by a trusted origin."""
    origin = headers.get(b"origin", b"").decode("latin-1").lower()
    host = headers.get(b"host", b"").decode("latin-1").lower()
    try:
        page = urlsplit(origin)
        name, port = theirs = _host_and_port(page, page.scheme)
        ours = _host_and_port(urlsplit(f"//{host}"), page.scheme)
    except ValueError:  # an unclosed bracket, or a port that is not a number
        return False
    if page.scheme not in DEFAULT_PORTS or not name or "@" in page.netloc:
        return False
    if any(_matches(page.scheme, name, port, trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS):
        return True
    if settings.SESSION_COOKIE_SECURE and page.scheme == "http":  # anybody on the line can forge such a page
        return False
    allowed = settings.ALLOWED_HOSTS or (DEBUG_HOSTS if settings.DEBUG else [])
    return theirs == ours and validate_host(name, [one.strip("[]") for one in allowed])


def _host_and_port(parts: SplitResult, scheme: str) -> tuple[str, int | None]:
    """Host and port. A fully qualified name is the same without its dot: `localhost.` is `localhost`."""
    return (parts.hostname or "").removesuffix("."), parts.port or DEFAULT_PORTS.get(scheme)


def _matches(scheme: str, name: str, port: int | None, trusted: str) -> bool:
    wanted = urlsplit(trusted.lower())
    wanted_name, wanted_port = _host_and_port(wanted, wanted.scheme)
    if (scheme, port) != (wanted.scheme, wanted_port):
        return False
    return name.endswith(wanted_name[1:]) if wanted_name.startswith("*.") else name == wanted_name
