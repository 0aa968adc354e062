"""Slows down who guesses passwords. Only failures count, so a script may sign in as often as it likes."""

import hashlib
from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class FailureThrottle(SimpleRateThrottle):
    """Counts in Django's default cache: for each process by itself, or with CACHE_URL for all together."""

    duration: float

    def throttle_success(self) -> bool:
        return True

    def count_failure(self) -> None:
        """To be called by the view or form, after `allow_request()`."""
        self.history.insert(0, self.now)
        self.cache.set(self.key, self.history, self.duration)

    def key_of(self, *parts: str) -> str:
        return f"sign-in:{hashlib.sha256(repr(parts).encode(errors='replace')).hexdigest()}"


class NameThrottle(FailureThrottle):
    """For one name from one address."""

    rate = "10/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        name = request.data.get("username") if isinstance(request.data, Mapping) else None
        return self.key_of(self.get_ident(request), str(name))


class AddressThrottle(FailureThrottle):
    """For all names from one address."""

    rate = "60/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.key_of(self.get_ident(request))
