"""Tokens of this server's own making are read without PyJWT: only where PyJWT would have accepted them too."""

import base64
import json
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from tasks.accounts.token_keys import AccessToken

KEY, OLDER, FOREIGN = ("a key of the tests, long enough: " + name * 20 for name in ("new", "old", "foreign"))
LEEWAY = 10
ODD: list[Any] = [None, True, 1.5, float("nan"), float("inf"), 2**70, -1, "", "x", "7", [], {}]
CLAIMS = ("exp", "iat", "nbf", "aud", "iss", "sub", "jti", "user_id", "sign_in", "token_type", "hash_password", "more")


@pytest.fixture
def backend(settings: Any) -> Any:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = KEY, [OLDER]
    return AccessToken().token_backend


def in_base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def signed(header: bytes, payload: bytes, *, key: str = KEY, algorithm: str = "HS256") -> str:
    """Whatever the two parts are."""
    signing = jwt.get_algorithm_by_name(algorithm) if algorithm != "none" else None
    text = header + b"." + payload
    signature = signing.sign(text, key.encode()) if signing else b""
    return (text + b"." + in_base64(signature)).decode("latin-1")


def token(claims: Any, *, header: Any = None, **how: Any) -> str:
    parts = (header or {"alg": "HS256", "typ": "JWT"}, claims)
    return signed(*(in_base64(json.dumps(part, separators=(",", ":")).encode()) for part in parts), **how)


def tokens() -> Iterator[Any]:
    """As they are made here, and with each kind of difference that a client or another program could think of."""
    own = AccessToken()
    claims: dict[str, Any] = {**own.payload, "user_id": "7", "hash_password": "AB" * 16}
    now = int(time.time())
    header, payload, _ = (part.encode() for part in token(claims).split("."))
    yield from (token(claims), token(claims).encode(), token(claims, key=OLDER), token(claims, key=FOREIGN))
    for name in CLAIMS:
        yield token({one: value for one, value in claims.items() if one != name})
        yield from (token({**claims, name: value}) for value in ODD)
    for name in ("exp", "iat", "nbf"):  # seconds that can't pass within the test
        shifts = (-1000, -LEEWAY - 5, -LEEWAY + 5, 0, LEEWAY - 5, LEEWAY + 5, 1000)
        yield from (token({**claims, name: value}) for shift in shifts for value in (now + shift, f"{now + shift}"))
    for algorithm in ("HS384", "HS512", "none"):
        yield from (token(claims, algorithm=algorithm), token(claims, header={"alg": algorithm}, algorithm=algorithm))
    others = (
        {"typ": "JWT", "alg": "HS256"},
        {"alg": "HS256"},
        {"alg": "HS256", "typ": "JWT", "b64": False},
        {"alg": 1},
    )
    yield from (token(claims, header=other) for other in others)
    yield from (token(claims, header={"alg": "HS256", "typ": "JWT", "crit": value}) for value in (["x"], [], "b64"))
    yield from (token(odd) for odd in ODD)
    for odd in (b"", b"=", payload + b"=", payload + b"==", payload + b"!", b" " + payload, payload[:-1], payload * 2):
        yield signed(header, odd)
    yield signed(header, in_base64(b'{"exp":1,' + json.dumps(claims).encode()[1:]))
    yield signed(header, in_base64(json.dumps(claims).encode("utf-16")))
    yield from (
        "",
        ".",
        "..",
        "...",
        "a.b",
        "\udce4",
        "é.é.é",
        None,
        7,
        b"\xff",
        token(claims) + ".",
        f" {token(claims)}",
    )
    text, dice = token(claims), random.Random(1)
    for _ in range(300):
        at = dice.randrange(len(text))
        yield (
            text[:at] + dice.choice(["", "A", "=", ".", "-", "_", "+", "/", "\n", "é"]) + text[at + dice.randrange(2) :]
        )


def read(backend: Any, given: Any) -> Any:
    """The claims; or whether it has expired, or why not."""
    try:
        return json.dumps(backend.decode(given), sort_keys=True)
    except TokenBackendExpiredToken:
        return TokenBackendExpiredToken
    except (TokenBackendError, ValueError, TypeError, AttributeError):
        return TokenBackendError


def test_the_same_tokens_count_as_with_pyjwt(backend: Any) -> None:
    """The library, asked with one key after the other, is the reference."""
    by_key = [TokenBackend("HS256", key, leeway=timedelta(seconds=LEEWAY)) for key in (KEY, OLDER)]
    accepted = 0
    for given in tokens():
        answers = [read(one, given) for one in by_key]
        wanted = next((one for one in answers if one is not TokenBackendError), TokenBackendError)
        assert read(backend, given) == wanted, given
        accepted += isinstance(wanted, str)
    assert accepted > 50


def test_own_tokens_are_read_without_pyjwt(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain token costs a hash; all others go to the library."""
    own, older = str(AccessToken()), token(AccessToken().payload, key=OLDER)
    monkeypatch.setattr(jwt, "decode", lambda *args, **options: pytest.fail("PyJWT was asked"))
    assert backend.decode(own)["token_type"] == "access"
    with pytest.raises(pytest.fail.Exception):
        backend.decode(older)
