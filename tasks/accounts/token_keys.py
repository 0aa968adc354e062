"""Tokens as this server signs them. Those that an older key has signed still count while SECRET_KEY_FALLBACKS names it,
and a right signature does not make up for claims that no token of this server has.
"""

import re
import time
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken, TokenError
from rest_framework_simplejwt.settings import api_settings

SIGN_IN = "sign_in"
"""The claim that names the SignIn, in both tokens."""

MOST_KNOWN = 1_000
"""Tokens whose signatures are not computed again. What may change is asked with each request: when the token expires,
the password, the sign-in."""

LONGEST_NUMBER = 255
"""Characters of a token's `jti`, which the database keeps."""


class KeysBackend(TokenBackend):
    """Signs with `key`, and believes it and the older ones."""

    def __init__(self, key: str, older: tuple[str, ...]) -> None:
        super().__init__(api_settings.ALGORITHM, key, leeway=api_settings.LEEWAY)
        self._older = [TokenBackend(api_settings.ALGORITHM, one, leeway=api_settings.LEEWAY) for one in older]
        self._verified = lru_cache(maxsize=MOST_KNOWN)(self._decode)

    def decode(self, token: tokens.Token, verify: bool = True) -> dict[str, Any]:
        """The claims; raises TokenBackendError, or TokenBackendExpiredToken where a key fits."""
        if not verify:
            return self._decode(token, verify)
        claims = self._verified(token)
        expires = claims.get("exp")
        is_valid = isinstance(expires, int | float) and expires > time.time()
        return dict(claims) if is_valid else self._decode(token)

    def _decode(self, token: tokens.Token, verify: bool = True) -> dict[str, Any]:
        try:
            return super().decode(token, verify)
        except TokenBackendExpiredToken:
            raise
        except TokenBackendError as error:
            refusal = error
        for backend in self._older:
            try:
                return backend.decode(token, verify)
            except TokenBackendExpiredToken:
                raise
            except TokenBackendError:
                continue
        raise refusal


@lru_cache(maxsize=4)
def _backend(key: str, older: tuple[str, ...]) -> KeysBackend:
    return KeysBackend(key, older)


class _OurTokens:
    """Before the token's class: reads tokens with our keys and raises TokenError for each that can't be one of ours."""

    payload: dict[str, Any]

    def __init__(self, token: Any = None, verify: bool = True) -> None:
        try:
            super().__init__(token, verify)  # type: ignore[call-arg]
            if token is not None:
                _check_claims(self.payload)
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, OSError, RecursionError) as error:
            raise TokenError("Token is invalid") from error

    @property
    def token_backend(self) -> KeysBackend:
        return _backend(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))


def _check_claims(claims: dict[str, Any]) -> None:
    """Raises one of several errors where a claim could not be looked up in the database."""
    number = claims[api_settings.JTI_CLAIM]
    if not isinstance(number, str) or not number.isprintable() or not 0 < len(number) <= LONGEST_NUMBER:
        raise ValueError("jti is not a token's number")
    person = claims[api_settings.USER_ID_CLAIM]
    if isinstance(person, bool) or not re.fullmatch(r"[0-9]{1,19}", f"{person}") or int(person) >= 2**63:
        raise ValueError("user_id is not a person's number")
    sign_in = claims.get(SIGN_IN)
    if sign_in is not None and str(UUID(sign_in)) != sign_in:
        raise ValueError("sign_in is not an id")


class AccessToken(_OurTokens, tokens.AccessToken):
    pass


class RefreshToken(_OurTokens, tokens.RefreshToken):  # type: ignore[misc]  # a mixin of the library contradicts its base
    access_token_class = AccessToken
