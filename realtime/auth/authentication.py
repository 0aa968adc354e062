"""Who opens a socket: by a token of the project's, by a ticket, or by the session cookie of a page of our own."""

import hashlib
import re
import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.request import validate_host
from django.utils import timezone

from realtime.auth.sessions import get_user
from realtime.conf import config
from realtime.identity import Identity, Refused
from realtime.models import Ticket

TICKET_SECONDS = 30


def identities_of(tokens: Collection[str]) -> Mapping[str, Identity | Refused]:
    """Who comes with each of these tokens, or why nobody does. Uses the database."""
    check = config().identities_of
    return dict.fromkeys(tokens, Refused("Tokens are not accepted here.")) if check is None else check(tokens)


def checked(identity: Identity | Refused | None) -> Identity:
    """One of `identities_of()`. Raises Refused."""
    if isinstance(identity, Identity):
        return identity
    raise identity or Refused("The token is not known here.")


def issue_ticket(user_id: int) -> str:
    """A random secret that opens one socket as this user within `TICKET_SECONDS`. Old tickets are cleared away."""
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    Ticket.objects.filter(expires_at__lt=now).delete()
    Ticket.objects.create(digest=_digest(secret), user_id=user_id, expires_at=now + timedelta(seconds=TICKET_SECONDS))
    return secret


def identity_of_ticket(secret: str) -> Identity:
    """Who was given it; nobody after that. Uses the database. Raises Refused."""
    with transaction.atomic():
        ticket = Ticket.objects.filter(digest=_digest(secret)).first()
        # Of two that come with the same ticket only one deletes it.
        used = ticket is not None and Ticket.objects.filter(pk=ticket.pk).delete()[0]
    if ticket is None or not used or ticket.expires_at < timezone.now():
        raise Refused("The ticket is unknown, used or expired.")
    return Identity(ticket.user_id)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def identity_of_session(headers: Mapping[bytes, bytes]) -> Identity:
    """Whose session the request's cookie names, on a page of ours. Uses the database. Raises Refused."""
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        cookies = SimpleCookie()
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        raise Refused("Sign in: send a token or a ticket in hello, or come with a session.")
    if not is_own_origin(headers):
        raise Refused("A page of another origin may not use the session.", reason="foreign_origin", is_final=True)
    request = HttpRequest()
    # A quoted cookie can hold a null, and PostgreSQL takes that for an error instead of a key that it doesn't know.
    key = morsel.value if morsel.value.isprintable() else None
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    if not user.is_active:  # also AnonymousUser
        raise Refused("The session is unknown or has expired.")
    return Identity(user.pk, request.session.get_expiry_date().timestamp())


def is_own_origin(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the page that opens the socket was served by this host and port, or by a trusted origin.

    Browsers send cookies with a socket that any page opens; the Origin header, which a page cannot forge, tells them
    apart (RFC 6455, section 10.2).
    """
    origin = headers.get(b"origin", b"").decode("latin-1").lower()
    host = _without_root_dot(headers.get(b"host", b"").decode("latin-1").lower())
    try:
        page, hostname = urlsplit(_without_root_dot(origin)), urlsplit(f"//{host}").hostname or ""
    except ValueError:  # an unclosed bracket
        return False
    if page.scheme not in ("http", "https") or not page.hostname:
        return False
    if any(_matches(page, urlsplit(trusted.lower())) for trusted in settings.CSRF_TRUSTED_ORIGINS):
        return True
    if settings.SESSION_COOKIE_SECURE and page.scheme == "http":  # whoever is on the line can forge such a page
        return False
    allowed = settings.ALLOWED_HOSTS or (["localhost", "127.0.0.1", "::1"] if settings.DEBUG else [])
    default_port = ":443" if page.scheme == "https" else ":80"
    return page.netloc.removesuffix(default_port) == host.removesuffix(default_port) and validate_host(
        hostname, [name.strip("[]") for name in allowed]
    )


def _without_root_dot(address: str) -> str:
    """`localhost.:8000` is `localhost:8000`: Django serves the page under both, so the socket accepts both."""
    return re.sub(r"(?<=\w)\.(?=(:\d*)?$)", "", address)


def _matches(page: SplitResult, trusted: SplitResult) -> bool:
    if page.scheme != trusted.scheme:
        return False
    if trusted.netloc.startswith("*."):
        return page.netloc.endswith(trusted.netloc[1:])
    return page.netloc == trusted.netloc
