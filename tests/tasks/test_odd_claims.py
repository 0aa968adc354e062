"""Tokens with a right signature and claims that no token of this server has: 401, never an error of the server."""

import base64
import json
from typing import Any

import jwt
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from realtime.identity import Refused
from tasks.accounts.tokens import identities_of
from tasks.models import User
from tests.cast import ALICE
from tests.tasks.answers import problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

ODD: dict[str, list[Any]] = {
    "exp": [1e30, float("inf"), 2**70, "x", [], None, True],
    "iat": [1e30, float("inf"), "x", [], 2**70],
    "nbf": [float("inf"), "x", []],
    "user_id": [2**70, -1, "9" * 30, "x", [], {}, None, 1.5, True, "\0", "\ud800", "\uff11"],
    "sign_in": ["x", [], {}, "\0", "\ud800", 7, True, 1e30, "", None],
    "jti": ["\ud800", "\0", [], {}, None, 7, 1e30, "x" * 300],
    "hash_password": [[], {}, "\ud800", 7, None],
    "token_type": [[], {}, "\ud800", None],
}
CLAIMS = [(name, value) for name, values in ODD.items() for value in values]


def with_claim(token: str, name: str, value: Any) -> str:
    """The token with another claim, signed with the right key."""
    key, algorithm = settings.SECRET_KEY, "HS256"
    claims = jwt.decode(token, key, [algorithm]) | {name: value}
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "typ": "JWT"}, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(signed, key.encode())
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


@pytest.mark.parametrize(("name", "value"), CLAIMS, ids=lambda value: ascii(value)[:20])
def test_odd_claims_are_401(name: str, value: Any, alice: User, anybody: APIClient) -> None:
    """At every address that reads a token, and for sockets."""
    pair = anybody.post("/api/token", {"username": ALICE.username, "password": ALICE.password}).json()
    access, refresh = (with_claim(pair[kind], name, value) for kind in ("access", "refresh"))
    harmless = (name, value) in (("exp", 2**70), ("sign_in", None)) or name == "iat"
    answer = anybody.get("/api/me", headers={"Authorization": f"Bearer {access}"})
    if not harmless:
        problem(answer, 401)
        assert isinstance(identities_of([access])[access], Refused)
    answers = [
        answer,
        anybody.post("/api/token/verify", {"token": access}),
        anybody.post("/api/token/verify", {"token": refresh}),
        anybody.post("/api/token/refresh", {"refresh": refresh}),
        anybody.post("/api/token/blacklist", {"refresh": refresh}),
    ]
    assert {answer.status_code for answer in answers} <= {200, 401}


def test_a_header_nested_too_deeply(anybody: APIClient, db: None) -> None:
    """Nobody has to sign for this one: the header is decoded before the signature is checked."""
    header = base64.urlsafe_b64encode(b"[" * 200_000).decode().rstrip("=")
    token = f"{header}.e30.e30"
    problem(anybody.post("/api/token/verify", {"token": token}), 401)
    problem(anybody.post("/api/token/refresh", {"refresh": token}), 401)
    assert isinstance(identities_of([token])[token], Refused)
