"""Tokens: who signs in gets a short-lived access token and a refresh token that is replaced at each use.

Two tabs may use the same refresh token at once, and both have to stay signed in. So a used token is good again within
REFRESH_GRACE_SECONDS of its first use, and gives the same successor: there is one chain for all who use it. A token
that is used later is a copy in wrong hands, or a client that lost a response: nobody can tell, so the whole sign-in
ends. Signing out ends it too, at once and without any grace.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import Token
from rest_framework_simplejwt.utils import get_md5_hash_password

from realtime.events.rows import reader
from realtime.identity import Identity, Refused
from tasks.accounts.models import SignIn, User
from tasks.accounts.token_keys import SIGN_IN, AccessToken, RefreshToken
from tasks.core.sql import is_one_of

NOT_VALID = "The access token is not valid, or has expired."

NOBODY = "This person may not sign in any more."

PERSON = f"""
SELECT {{columns}}, sign_in.id IS NOT NULL AND sign_in.ended_at IS NULL
FROM {User._meta.db_table}
LEFT JOIN {SignIn._meta.db_table} sign_in ON sign_in.user_id = {User._meta.db_table}.id AND sign_in.id = %s
WHERE {User._meta.db_table}.id = %s
"""  # noqa: S608 -- names of tables
"""Asked with every request."""

PEOPLE = """
SELECT person.id, is_active, password, sign_in.id
FROM {people} person
LEFT JOIN {sign_ins} sign_in
    ON sign_in.user_id = person.id AND sign_in.ended_at IS NULL AND sign_in.id {is_one_of_sign_ins}
WHERE person.id {is_one_of_people}
"""
"""Asked for sockets, for many of them at once. One row for each sign-in that has not
ended, or a single one without."""


class RotatingToken(RefreshToken):
    """A refresh token. The database keeps its number and never the token itself."""

    @classmethod
    def for_sign_in(cls, sign_in: SignIn, *, number: str | None = None, at: datetime | None = None) -> Self:
        """With the same `number` and the same second of issue `at` it is the same token, character by character."""
        token = cls()
        if at is not None:
            token.current_time = at
            token.set_exp(from_time=at, lifetime=token.lifetime)
            token.set_iat(at_time=at)
        if number is not None:
            token[api_settings.JTI_CLAIM] = number
        token[api_settings.USER_ID_CLAIM] = str(sign_in.user.pk)
        token[api_settings.REVOKE_TOKEN_CLAIM] = get_md5_hash_password(sign_in.user.password)
        token[SIGN_IN] = str(sign_in.pk)
        expires_at = token.current_time + token.lifetime
        OutstandingToken.objects.get_or_create(
            jti=token[api_settings.JTI_CLAIM],
            defaults={"user": sign_in.user, "created_at": token.current_time, "expires_at": expires_at},
        )
        return token

    def check_blacklist(self) -> None:
        """Used is not yet refused: that depends on when, see `rotate()`."""


class TokenAuthentication(JWTAuthentication):
    """Access tokens, of people who are active, have not changed their password since and have not signed out."""

    def get_raw_token(self, header: bytes) -> bytes | None:
        """The scheme's name counts in upper and in lower case (RFC 9110, 11.1)."""
        scheme, *rest = header.split()[:3] or [b""]
        known = b"Bearer" if scheme.lower() == b"bearer" else scheme
        raw: bytes | None = super().get_raw_token(b" ".join([known, *rest]))
        return raw

    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]
        alias = User.objects.db
        people = reader(User, alias)
        with connections[alias].cursor() as cursor:
            cursor.execute(PERSON.format(columns=people.columns), _keys(validated_token))
            found = cursor.fetchone()
        if found is None:
            raise AuthenticationFailed(NOBODY)
        *values, is_signed_in = found
        user: User = people.row(values, alias)
        _check(validated_token, user.is_active, user.password, is_signed_in)
        return user


def _keys(token: Token) -> list[Any]:
    """The ids of the sign-in (or None) and of the person, as the database has them."""
    connection = connections[User.objects.db]
    values = [(SignIn, token.get(SIGN_IN)), (User, token[api_settings.USER_ID_CLAIM])]
    return [model._meta.pk.get_db_prep_value(value, connection) for model, value in values]


def _check(token: Token, is_active: bool, password: str, is_signed_in: bool) -> None:
    if not is_active:
        raise AuthenticationFailed(NOBODY)
    if token.get(api_settings.REVOKE_TOKEN_CLAIM) != get_md5_hash_password(password):
        raise AuthenticationFailed("The password has changed since; sign in again.")
    if not is_signed_in and token.get(SIGN_IN) is not None:  # a token that a script made with the key has no sign-in
        raise AuthenticationFailed("This sign-in has ended; sign in again.")


def identities_of(tokens: Collection[str]) -> dict[str, Identity | Refused]:
    """Who opens sockets with these access tokens, by one query for all of them."""
    answers: dict[str, Identity | Refused] = {}
    signed: dict[str, tuple[Token, Any, Any]] = {}
    for token in tokens:
        try:
            access = AccessToken(token)
            signed[token] = (access, *_keys(access))
        except TokenError:
            answers[token] = Refused(NOT_VALID)
    people, going = _people([keys for _, *keys in signed.values()])
    for token, (claims, sign_in_id, person_id) in signed.items():
        try:
            _check(claims, *people.get(person_id, (False, "")), sign_in_id in going)
            answers[token] = Identity(person_id, float(claims["exp"]))
        except AuthenticationFailed as error:
            answers[token] = Refused(str(error.detail))
    return answers


def _people(keys: Sequence[Sequence[Any]]) -> tuple[dict[Any, tuple[bool, str]], set[Any]]:
    """Whether these people are active, with their passwords' hashes, and which of these sign-ins of theirs go on.
    `keys`: of sign-in and person."""
    if not keys:
        return {}, set()
    sign_in_ids, person_ids = zip(*keys, strict=True)
    connection = connections[User.objects.db]
    is_one_of_sign_ins, sign_in_parameters = is_one_of(sign_in_ids, connection.vendor)
    is_one_of_people, person_parameters = is_one_of(person_ids, connection.vendor)
    query = PEOPLE.format(
        people=User._meta.db_table,
        sign_ins=SignIn._meta.db_table,
        is_one_of_sign_ins=is_one_of_sign_ins,
        is_one_of_people=is_one_of_people,
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [*sign_in_parameters, *person_parameters])
        rows = cursor.fetchall()
    return {row[0]: row[1:3] for row in rows}, {row[3] for row in rows} - {None}


def issue_pair(sign_in: SignIn, refresh: RotatingToken) -> dict[str, str]:
    """An access token beside the refresh token. The sign-in is kept for as long as either counts."""
    access = refresh.access_token
    expires_at = max(refresh.current_time + refresh.lifetime, timezone.now() + access.lifetime)
    SignIn.objects.filter(pk=sign_in.pk).update(expires_at=expires_at)
    return {"access": str(access), "refresh": str(refresh)}


def sign_in(user: User) -> dict[str, str]:
    """A first pair of tokens. What has expired of this person's is cleared away, so that nothing piles up."""
    now = timezone.now()
    with transaction.atomic():
        SignIn.objects.filter(user=user, expires_at__lt=now).delete()
        OutstandingToken.objects.filter(user=user, expires_at__lt=now).delete()
        created = SignIn.objects.create(user=user, expires_at=now)
        return issue_pair(created, RotatingToken.for_sign_in(created))


def rotate(token: RotatingToken) -> dict[str, str]:
    """A new pair for a refresh token. Raises AuthenticationFailed; the sign-in has ended then, now or before."""
    with transaction.atomic():
        # The lock lets uses of one token come after each other.
        current = SignIn.objects.select_for_update().filter(pk=token.get(SIGN_IN)).first()
        if current is None:
            raise AuthenticationFailed("This sign-in has ended; sign in again.")
        current.user = TokenAuthentication().get_user(token)
        used_at = first_use(token)
        if used_at is not None and used_at >= timezone.now() - timedelta(seconds=settings.REFRESH_GRACE_SECONDS):
            return issue_pair(current, RotatingToken.for_sign_in(current, number=successor_of(token), at=used_at))
        SignIn.objects.filter(pk=current.pk).end()
    raise AuthenticationFailed("This refresh token was used before. To be safe, the sign-in has ended; sign in again.")


def first_use(token: RotatingToken) -> datetime | None:
    """Notes the use; when the first one was, or None if the token's number is not known (any more)."""
    number = OutstandingToken.objects.filter(jti=token[api_settings.JTI_CLAIM]).first()
    return None if number is None else BlacklistedToken.objects.get_or_create(token=number)[0].blacklisted_at


def successor_of(token: RotatingToken) -> str:
    """The number of the token that replaces this one, the same for each use. Numbers are public; tokens are signed."""
    return hashlib.sha256(f"successor of {token[api_settings.JTI_CLAIM]}".encode()).hexdigest()[:32]
