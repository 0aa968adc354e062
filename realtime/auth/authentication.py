"""Who opens a socket: by a token of the project's, by a ticket, or by the session cookie of a page of our own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from realtime.auth.origin_check import is_own_origin
from realtime.auth.sessions import identity_of_session_key, session_key_of
from realtime.auth.tickets import identity_of_ticket
from realtime.auth.tokens import checked, identities_of
from realtime.delivery.batch_loader import BatchLoader
from realtime.identity import Identity, Refused
from realtime.protocol.messages import Hello

__all__ = ["Authentication", "checked", "identities_of", "identity_of_session", "identity_of_ticket"]


SECONDS = 10.0
"""How long the database may take to say who a client is."""


class Threads(Protocol):
    """What it needs of a hub."""

    def query(self, function: Callable[..., Any], *args: Any) -> Awaitable[Any]: ...

    def batch_loader(self, question: Callable[..., Awaitable[Any]]) -> BatchLoader[Any, Any]: ...


class Authentication:
    """Answers for the sockets of one hub. Event loop only; the database is asked in the hub's threads."""

    def __init__(self, hub: Threads) -> None:
        self._hub = hub
        self._tokens: BatchLoader[str, Identity] = hub.batch_loader(lambda tokens: hub.query(identities_of, tokens))

    async def identify(self, hello: Hello, headers: Mapping[bytes, bytes]) -> Identity:
        """Who says `hello`: by the token, the ticket or else the session. Raises Refused, and TimeoutError where the
        database does not answer."""
        if hello.token is not None:
            return checked(await self._tokens.load(hello.token))
        found: Identity
        async with asyncio.timeout(SECONDS):
            if hello.ticket is not None:
                found = await self._hub.query(identity_of_ticket, hello.ticket)
            else:
                found = await self._hub.query(identity_of_session, headers)
        return found


def identity_of_session(headers: Mapping[bytes, bytes]) -> Identity:
    """Whose session the request's cookie names, on a page of ours. Uses the database. Raises Refused."""
    cookies = headers.get(b"cookie", b"")
    if cookies and not is_own_origin(headers):  # before anything of a foreign page's request is parsed
        raise Refused("A page of another origin may not use the session.", reason="foreign_origin", is_final=True)
    key = session_key_of(cookies)
    if key is None:
        raise Refused("Sign in: send a token or a ticket in hello, or come with a session.")
    return identity_of_session_key(key)
