"""Signing in with tokens, staying signed in, and being out at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from realtime.auth.authentication import checked
from realtime.identity import Identity, Refused
from realtime.periodic import periodic_tasks
from tasks.accounts.tokens import identities_of
from tasks.models import SignIn, User
from tests.cast import ALICE, BOB
from tests.tasks.answers import error_fields, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

PASSWORD = {"username": ALICE.username, "password": ALICE.password}
Pair = dict[str, str]


@pytest.fixture
def pair(alice: User, anybody: APIClient) -> Pair:
    """What alice got when she signed in."""
    tokens: Pair = anybody.post("/api/token", PASSWORD).json()
    return tokens


def identity_of_token(token: str) -> Identity:
    return checked(identities_of([token])[token])


def status(client: APIClient, access: str) -> int:
    code: int = client.get("/api/me", headers={"Authorization": f"Bearer {access}"}).status_code
    return code


def refresh(client: APIClient, token: str) -> Any:
    return client.post("/api/token/refresh", {"refresh": token})


def used_long_ago(seconds: float) -> None:
    """Lets that much time pass since all uses of refresh tokens."""
    for used in BlacklistedToken.objects.all():
        at = used.blacklisted_at - timedelta(seconds=seconds)
        BlacklistedToken.objects.filter(pk=used.pk).update(blacklisted_at=at)


@contextmanager
def later(delta: timedelta) -> Iterator[None]:
    """Tokens are looked at as if `delta` had passed."""
    with mock.patch("rest_framework_simplejwt.tokens.aware_utcnow", return_value=timezone.now() + delta):
        yield


def test_a_password_gives_two_tokens(pair: Pair, anybody: APIClient) -> None:
    """The access token opens the API; a socket, too, until it expires."""
    assert pair.keys() == {"access", "refresh"}
    assert status(anybody, pair["access"]) == 200
    identity = identity_of_token(pair["access"])
    assert User.objects.get(pk=identity.user_id).username == "alice"
    assert identity.expires_at == AccessToken(pair["access"])["exp"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"username", "password"}),
        ({"username": "alice"}, {"password"}),
        ({**PASSWORD, "remember": True}, {"remember"}),
        ({**PASSWORD, "username": "nul\0"}, {"username"}),
        ({**PASSWORD, "password": ["x"]}, {"password"}),
    ],
)
def test_bad_sign_ins(body: Any, fields: set[str], alice: User, anybody: APIClient) -> None:
    """Each bad field is named."""
    assert error_fields(anybody.post("/api/token", body)) == fields


def test_a_wrong_password_and_an_unknown_name_sound_alike(alice: User, anybody: APIClient) -> None:
    """Nobody learns here who has an account."""
    wrong = problem(anybody.post("/api/token", {**PASSWORD, "password": "x"}), 401)["detail"]
    assert problem(anybody.post("/api/token", {"username": "zoe", "password": "x"}), 401)["detail"] == wrong
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert problem(anybody.post("/api/token", PASSWORD), 401)["detail"] == wrong


# What is no access token


@pytest.mark.parametrize("kind", ["nonsense", "a refresh token", "expired", "of another key", "two words", "\udce4"])
def test_what_is_no_access_token(kind: str, pair: Pair, anybody: APIClient) -> None:
    """401 with the reason over HTTP, Refused for a socket: nobody gets in with it."""
    token = {
        "a refresh token": pair["refresh"],
        "expired": pair["access"],
        "of another key": pair["access"][:-6] + "AAAAAA",
    }.get(kind, kind)
    with later(timedelta(days=1) if kind == "expired" else timedelta()):
        if token.isascii():
            problem(anybody.get("/api/me", headers={"Authorization": f"Bearer {token}"}), 401)
        with pytest.raises(Refused):
            identity_of_token(token)


def test_a_token_dies_with_its_reason(pair: Pair, alice: User, anybody: APIClient) -> None:
    """Deactivated, with a new password, or deleted: both tokens are worth nothing from that moment."""
    password = alice.password

    def refused() -> None:
        assert status(anybody, pair["access"]) == 401
        problem(refresh(anybody, pair["refresh"]), 401)
        problem(anybody.post("/api/token/verify", {"token": pair["access"]}), 401)
        with pytest.raises(Refused):
            identity_of_token(pair["access"])

    User.objects.filter(pk=alice.pk).update(is_active=False)
    refused()
    User.objects.filter(pk=alice.pk).update(is_active=True)
    refused()
    pair.update(anybody.post("/api/token", PASSWORD).json())
    assert status(anybody, pair["access"]) == 200
    alice.refresh_from_db()
    alice.set_password("another long password")
    alice.save()
    refused()
    User.objects.filter(pk=alice.pk).update(password=password)
    assert status(anybody, pair["access"]) == 200
    User.objects.get(pk=alice.pk).delete()
    refused()


def test_access_tokens_cost_one_query(
    pair: Pair, bob: User, anybody: APIClient, django_assert_num_queries: Any
) -> None:
    """For many at once: the people, whether they are active and whether they have signed out. Each token has an
    answer of its own."""
    ended: Pair = anybody.post("/api/token", PASSWORD).json()
    anybody.post("/api/token/blacklist", {"refresh": ended["refresh"]})
    bobs: Pair = anybody.post("/api/token", {"username": BOB.username, "password": BOB.password}).json()
    nobodys, oddly = AccessToken(), AccessToken()
    oddly["user_id"] = []
    refused_as_invalid = ["no token", "\udce4", str(nobodys), str(oddly)]
    with django_assert_num_queries(1):
        answers = identities_of([pair["access"], *refused_as_invalid, ended["access"], bobs["access"]])
    assert checked(answers[pair["access"]]).user_id != checked(answers[bobs["access"]]).user_id == bob.pk
    for token, reason in [(ended["access"], "has ended"), *((token, "not valid") for token in refused_as_invalid)]:
        refused = answers[token]
        assert isinstance(refused, Refused)
        assert reason in refused.detail


def test_a_token_that_names_nobody(anybody: APIClient, db: None) -> None:
    """Signed with our key by another program: 401 as for every other that is no good."""
    nobodys, oddly = AccessToken(), AccessToken()
    oddly["user_id"] = []
    assert [status(anybody, str(token)) for token in (nobodys, oddly)] == [401, 401]


def test_what_is_no_token_costs_no_query(django_assert_num_queries: Any) -> None:
    """Nobody can be asked for."""
    with django_assert_num_queries(0):
        assert set(map(type, identities_of(["", "x"]).values())) == {Refused}


def test_tokens_made_elsewhere_count(alice: User, anybody: APIClient) -> None:
    """A script with the key may make an access token; a refresh token that no sign-in made is refused."""
    assert status(anybody, str(AccessToken.for_user(alice))) == 200
    problem(refresh(anybody, str(RefreshToken.for_user(alice))), 401)


def test_a_number_that_was_struck_out_is_refused(pair: Pair, anybody: APIClient) -> None:
    """Deleting an outstanding token, as the admin lets one do, ends its sign-in when it is used."""
    OutstandingToken.objects.all().delete()
    problem(refresh(anybody, pair["refresh"]), 401)
    assert status(anybody, pair["access"]) == 401


# Refreshing


def test_a_refresh_gives_a_new_pair(pair: Pair, anybody: APIClient) -> None:
    """Both new tokens are good, and so is the old access token until it expires."""
    new = refresh(anybody, pair["refresh"]).json()
    assert new["refresh"] != pair["refresh"]
    assert status(anybody, new["access"]) == status(anybody, pair["access"]) == 200
    assert refresh(anybody, new["refresh"]).status_code == 200


def test_two_tabs_stay_signed_in(pair: Pair, anybody: APIClient) -> None:
    """The same refresh token twice within the grace: each tab gets a pair, and goes on with it."""
    tabs = [refresh(anybody, pair["refresh"]).json() for _ in range(2)]
    used_long_ago(3600)
    for tab in tabs:
        assert status(anybody, tab["access"]) == 200
        assert refresh(anybody, tab["refresh"]).status_code == 200


def test_the_grace_begins_with_the_first_use(pair: Pair, anybody: APIClient, settings: Any) -> None:
    """Uses within it do not make it longer."""
    settings.REFRESH_GRACE_SECONDS = 60
    assert refresh(anybody, pair["refresh"]).status_code == 200
    used_long_ago(50)
    assert refresh(anybody, pair["refresh"]).status_code == 200
    used_long_ago(11)
    problem(refresh(anybody, pair["refresh"]), 401)


def test_a_token_that_comes_back_later_ends_the_sign_in(pair: Pair, anybody: APIClient) -> None:
    """It may have been stolen, and nobody knows by whom: the thief and the owner have to sign in again."""
    new = refresh(anybody, pair["refresh"]).json()
    used_long_ago(61)
    problem(refresh(anybody, pair["refresh"]), 401)
    problem(refresh(anybody, new["refresh"]), 401)
    assert status(anybody, new["access"]) == 401


def test_other_sign_ins_live_on(pair: Pair, anybody: APIClient) -> None:
    """A stolen token on the phone does not sign out the laptop."""
    laptop = anybody.post("/api/token", PASSWORD).json()
    refresh(anybody, pair["refresh"])
    used_long_ago(61)
    problem(refresh(anybody, pair["refresh"]), 401)
    assert status(anybody, laptop["access"]) == 200
    assert refresh(anybody, laptop["refresh"]).status_code == 200


def test_what_is_no_refresh_token(pair: Pair, anybody: APIClient) -> None:
    """An access token, an expired one, nonsense and nothing."""
    problem(refresh(anybody, pair["access"]), 401)
    problem(refresh(anybody, "x"), 401)
    assert error_fields(refresh(anybody, "")) == {"refresh"}
    with later(timedelta(days=365)):
        problem(refresh(anybody, pair["refresh"]), 401)


@pytest.mark.django_db(transaction=True)
def test_tabs_that_refresh_at_the_same_moment(pair: Pair, anybody: APIClient) -> None:
    """Eight requests at once with one token: none is refused, each answer goes on."""
    answers: list[Any] = []
    start = threading.Barrier(8)

    def tab() -> None:
        start.wait()
        try:
            answers.append(APIClient().post("/api/token/refresh", {"refresh": pair["refresh"]}, format="json"))
        finally:
            connection.close()

    threads = [threading.Thread(target=tab) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 8
    used_long_ago(3600)
    for answer in answers:
        assert refresh(anybody, answer.json()["refresh"]).status_code == 200


# Signing out


def test_signing_out_is_immediate(pair: Pair, anybody: APIClient) -> None:
    """No grace: neither token is good any more, nor is the one that another tab has got by now."""
    other_tab = refresh(anybody, pair["refresh"]).json()
    assert anybody.post("/api/token/blacklist", {"refresh": pair["refresh"]}).json() == {}
    for tokens in (pair, other_tab):
        problem(refresh(anybody, tokens["refresh"]), 401)
        assert status(anybody, tokens["access"]) == 401
        with pytest.raises(Refused):
            identity_of_token(tokens["access"])


def test_signing_out_twice_is_harmless(pair: Pair, anybody: APIClient) -> None:
    """The second one is answered like the first."""
    for _ in range(2):
        assert anybody.post("/api/token/blacklist", {"refresh": pair["refresh"]}).status_code == 200
    problem(anybody.post("/api/token/blacklist", {"refresh": pair["access"]}), 401)


def test_verify(pair: Pair, anybody: APIClient) -> None:
    """{} for a token that is good, of either kind; 401 for one that is not, or that has been replaced."""

    def verify(token: str) -> int:
        code: int = anybody.post("/api/token/verify", {"token": token}).status_code
        return code

    assert verify(pair["access"]) == verify(pair["refresh"]) == 200
    new = refresh(anybody, pair["refresh"]).json()
    assert verify(pair["refresh"]) == 401
    anybody.post("/api/token/blacklist", {"refresh": new["refresh"]})
    assert verify(new["refresh"]) == verify(new["access"]) == verify("x") == 401


# What is kept


def test_no_token_is_in_the_database(pair: Pair, anybody: APIClient) -> None:
    """Who can read the tables can't sign in with what stands there."""
    refresh(anybody, pair["refresh"])
    assert set(OutstandingToken.objects.values_list("token", flat=True)) == {""}


def test_what_has_expired_is_cleared_away(pair: Pair, alice: User, anybody: APIClient) -> None:
    """With the next sign-in of the same person, and by one of the servers every hour."""
    past = timezone.now() - timedelta(seconds=1)
    SignIn.objects.update(expires_at=past)
    OutstandingToken.objects.update(expires_at=past)
    anybody.post("/api/token", PASSWORD)
    assert SignIn.objects.filter(user=alice).count() == OutstandingToken.objects.filter(user=alice).count() == 1
    (task,) = [task for task in periodic_tasks() if task.name == "delete expired sign-ins"]
    Session.objects.create(session_key="old", expire_date=past)
    task.function()
    assert SignIn.objects.count() == OutstandingToken.objects.count() == 1, "this one is valid"
    SignIn.objects.update(expires_at=past)
    OutstandingToken.objects.update(expires_at=past)
    task.function()
    assert SignIn.objects.count() == OutstandingToken.objects.count() == Session.objects.count() == 0
