"""Tokens as this server signs them. Those that an older key has signed still count while SECRET_KEY_FALLBACKS names it,
and a right signature does not make up for claims that no token of this server has.
"""

import base64
import hmac
import json
import re
import time
from functools import lru_cache
from typing import Any

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

PLAIN_CLAIMS = {
    "exp",
    "iat",
    api_settings.JTI_CLAIM,
    api_settings.REVOKE_TOKEN_CLAIM,
    SIGN_IN,
    api_settings.TOKEN_TYPE_CLAIM,
    api_settings.USER_ID_CLAIM,
}
"""What this server writes into a token. PyJWT knows others, such as `nbf`, and looks at them."""

ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A UUID as `str()` writes it."""

LONGEST_NUMBER = 255
"""Characters of a token's `jti`, which the database keeps."""


class KeysBackend(TokenBackend):
    """Signs with `key`, and believes it and the older ones."""

    def __init__(self, key: str, older: tuple[str, ...]) -> None:
        super().__init__(api_settings.ALGORITHM, key, leeway=api_settings.LEEWAY)
        self._header = self.encode({}).partition(".")[0].encode()
        self._leeway = self.get_leeway().total_seconds()
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
        if verify and (claims := self._plain_claims(token)) is not None:
            return claims
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

    def _plain_claims(self, token: Any) -> dict[str, Any] | None:
        """The claims of a token that is made as this server makes them, is signed with the newest key and counts now.
        For all others None: then PyJWT decides, which takes five times as long. It would accept each of these too."""
        try:
            signed, _, signature = (token if isinstance(token, bytes) else token.encode()).rpartition(b".")
            header, _, payload = signed.partition(b".")
            if header != self._header or not hmac.compare_digest(self._signature(signed), signature):
                return None
            content = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
            claims: dict[str, Any] = json.loads(content)
            expires_at, issued_at = claims["exp"], claims["iat"]
            has_types = type(expires_at) is type(issued_at) is int and type(claims[api_settings.JTI_CLAIM]) is str
            if not (has_types and claims.keys() <= PLAIN_CLAIMS and _in_base64(content) == payload):
                return None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        now = time.time()
        return claims if expires_at > now - self._leeway and issued_at <= now + self._leeway else None

    def _signature(self, signed: bytes) -> bytes:
        return _in_base64(hmac.digest(self.prepared_signing_key, signed, "sha256"))


def _in_base64(data: bytes) -> bytes:
    """As in a token: for URLs, and without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


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
    if sign_in is not None and not ID.fullmatch(sign_in):
        raise ValueError("sign_in is not an id")


class AccessToken(_OurTokens, tokens.AccessToken):
    pass


class RefreshToken(_OurTokens, tokens.RefreshToken):  # type: ignore[misc]  # a mixin of the library contradicts its base
    access_token_class = AccessToken
