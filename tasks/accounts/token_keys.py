"""Tokens that an older key has signed still count while SECRET_KEY_FALLBACKS names it."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.settings import api_settings


class KeysBackend(TokenBackend):
    """Signs with `key`, and believes it and the older ones."""

    def __init__(self, key: str, older: tuple[str, ...]) -> None:
        super().__init__(api_settings.ALGORITHM, key, leeway=api_settings.LEEWAY)
        self._older = [TokenBackend(api_settings.ALGORITHM, one, leeway=api_settings.LEEWAY) for one in older]

    def decode(self, token: tokens.Token, verify: bool = True) -> dict[str, Any]:
        """The claims; raises TokenBackendError, or TokenBackendExpiredToken where a key fits."""
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


class _Keys:
    @property
    def token_backend(self) -> KeysBackend:
        return _backend(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))


class AccessToken(_Keys, tokens.AccessToken):
    pass


class RefreshToken(_Keys, tokens.RefreshToken):  # type: ignore[misc]  # a mixin of the library contradicts its base
    access_token_class = AccessToken
