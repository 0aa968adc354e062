"""Tickets: each opens one socket, soon, in the name of the sign-in that it was bought with.

A ticket is checked when it is used: where the sign-in has ended meanwhile, or the password has changed, it opens
nothing, and its socket expires when the sign-in does. For that the database keeps the token or the session's key that
bought it, encrypted with the ticket itself, of which the database has only a hash.
Synchronous; uses the database.
"""

import base64
import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.db import transaction
from django.db.models.functions import Now

from realtime.auth.sessions import identity_of_session_key
from realtime.auth.tokens import checked, identities_of
from realtime.identity import Identity, Refused
from realtime.models import Ticket

TICKET_SECONDS = 30


def issue_ticket(user_id: Any, *, token: str | None = None, session_key: str | None = None) -> str:
    """A random secret that opens one socket as this user within `TICKET_SECONDS`. Expired tickets are deleted.

    `token` or `session_key`: what the user has signed in with. Without either the ticket counts for as long as the user
    is active.
    """
    secret = secrets.token_urlsafe(32)
    Ticket.objects.filter(expires_at__lt=Now()).delete()
    Ticket.objects.create(
        digest=_digest(secret),
        user_id=user_id,
        expires_at=Now() + timedelta(seconds=TICKET_SECONDS),
        credential=_sealed(secret, {"token": token, "session": session_key}),
    )
    return secret


def identity_of_ticket(secret: str) -> Identity:
    """The person who was given it; for the first use only. Raises Refused."""
    # In one transaction: where the database fails, the ticket can still be used.
    with transaction.atomic():
        try:
            return _identity(_take(secret), secret)
        except Refused as error:
            refused = error
    raise refused


def _take(secret: str) -> Ticket:
    ticket = Ticket.objects.filter(digest=_digest(secret), expires_at__gte=Now()).first()
    # Of two that come with the same ticket only one deletes it.
    if ticket is None or not Ticket.objects.filter(pk=ticket.pk).delete()[0]:
        raise Refused("The ticket is unknown, used or expired.")
    return ticket


def _identity(ticket: Ticket, secret: str) -> Identity:
    credential = _opened(secret, ticket.credential)
    if token := credential.get("token"):
        return checked(identities_of([token]).get(token))
    if session_key := credential.get("session"):
        return identity_of_session_key(session_key)
    if not ticket.user.is_active:
        raise Refused("This account may not connect.", reason="account")
    return Identity(ticket.user_id)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _sealed(secret: str, credential: dict[str, str | None]) -> str:
    return _cipher(secret).encrypt(json.dumps(credential).encode()).decode()


def _opened(secret: str, sealed: str) -> dict[str, str | None]:
    """Empty for a ticket of an older version, which kept no credential."""
    if not sealed:
        return {}
    try:
        credential: dict[str, str | None] = json.loads(_cipher(secret).decrypt(sealed))
    except (InvalidToken, ValueError):
        raise Refused("The ticket is unknown, used or expired.") from None
    return credential


def _cipher(secret: str) -> Fernet:
    key = hashlib.sha256(b"realtime.auth.tickets" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
