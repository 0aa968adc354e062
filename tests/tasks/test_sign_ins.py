"""How a sign-in ends, and what must not bring it back; clocks that differ; who shares a refresh token."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from realtime.auth.tickets import identity_of_ticket
from realtime.identity import Identity, Refused
from realtime.models import Event
from tasks.accounts.tokens import identities_of
from tasks.models import SignIn, User
from tests.cast import ALICE
from tests.tasks.answers import problem
from tests.tasks.test_tokens import Pair, refresh, status, used_long_ago

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

PASSWORD = {"username": ALICE.username, "password": ALICE.password}


@pytest.fixture
def pair(alice: User, anybody: APIClient) -> Pair:
    tokens: Pair = anybody.post("/api/token", PASSWORD).json()
    return tokens


@contextmanager
def clock_off_by(delta: timedelta) -> Iterator[None]:
    """Another replica's clock: tokens made inside bear its time."""
    with mock.patch("rest_framework_simplejwt.tokens.aware_utcnow", return_value=timezone.now() + delta):
        yield


# Refreshing


def test_two_who_share_a_token_get_one_successor(pair: Pair, anybody: APIClient) -> None:
    """Within the grace both go on with the same refresh token, so the chain has no second branch."""
    first, second = (refresh(anybody, pair["refresh"]).json() for _ in range(2))
    assert first["refresh"] == second["refresh"]
    assert status(anybody, first["access"]) == status(anybody, second["access"]) == 200


def test_a_chain_that_runs_twice_ends_the_sign_in(pair: Pair, anybody: APIClient) -> None:
    """A copy that was used within the grace is noticed as soon as the two are out of step."""
    owner = refresh(anybody, pair["refresh"]).json()
    thief = refresh(anybody, pair["refresh"]).json()
    used_long_ago(3600)
    owner = refresh(anybody, owner["refresh"]).json()
    used_long_ago(61)
    problem(refresh(anybody, thief["refresh"]), 401)
    problem(refresh(anybody, owner["refresh"]), 401)
    assert status(anybody, owner["access"]) == 401


@pytest.mark.django_db(transaction=True)
def test_tabs_at_the_same_moment_get_one_successor(pair: Pair) -> None:
    """Eight at once."""
    start, answers = threading.Barrier(8), []

    def tab() -> None:
        start.wait()
        try:
            answers.append(APIClient().post("/api/token/refresh", {"refresh": pair["refresh"]}, format="json").json())
        finally:
            connection.close()

    threads = [threading.Thread(target=tab) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer["refresh"] for answer in answers}) == 1


# Ending


def test_a_sign_in_that_is_deleted_in_the_admin_ends_at_once(pair: Pair, browser: Client, anybody: APIClient) -> None:
    """The action "Delete selected", too: over HTTP, for new sockets and for open ones."""
    sign_in = SignIn.objects.get()
    selected = {"action": "delete_selected", "_selected_action": [sign_in.pk], "post": "yes"}
    browser.post("/admin/tasks/signin/", selected)
    assert not SignIn.objects.filter(pk=sign_in.pk).exists()
    assert status(anybody, pair["access"]) == 401
    problem(refresh(anybody, pair["refresh"]), 401)
    assert isinstance(identities_of([pair["access"]])[pair["access"]], Refused)
    last = Event.objects.filter(stream=f"user.{sign_in.user_id}").order_by("seq").last()
    assert last is not None
    assert json.loads(last.text)["type"] == "me.signed_out"
    assert last.effect is not None
    assert [str(key) for key in last.effect["reconnect"]] == [str(sign_in.user_id)]


def test_other_sign_ins_outlive_the_deletion(pair: Pair, anybody: APIClient) -> None:
    """By queryset or by row."""
    other: Pair = anybody.post("/api/token", PASSWORD).json()
    SignIn.objects.order_by("created_at").first().delete()  # type: ignore[union-attr]
    assert [status(anybody, one["access"]) for one in (pair, other)] == [401, 200]
    assert isinstance(identities_of([other["access"]])[other["access"]], Identity)
    SignIn.objects.all().delete()
    assert status(anybody, other["access"]) == 401


def deactivate_by_row(person: User) -> None:
    row = User.objects.get(pk=person.pk)
    row.is_active = False
    row.save(update_fields=["is_active"])


def deactivate_by_queryset(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize("deactivate", [deactivate_by_row, deactivate_by_queryset])
def test_what_ended_with_a_deactivation_stays_ended(
    deactivate: Any, pair: Pair, alice: User, anybody: APIClient, client: Client
) -> None:
    """Tokens and sessions from before do not come back with the person; signing in does."""
    client.force_login(alice)
    assert client.get("/api/me").status_code == 200
    deactivate(alice)
    assert client.get("/api/me").status_code == 401
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert status(anybody, pair["access"]) == 401
    problem(refresh(anybody, pair["refresh"]), 401)
    assert isinstance(identities_of([pair["access"]])[pair["access"]], Refused)
    assert client.get("/api/me").status_code == 401
    fresh: Pair = anybody.post("/api/token", PASSWORD).json()
    assert status(anybody, fresh["access"]) == 200
    client.force_login(User.objects.get(pk=alice.pk))
    assert client.get("/api/me").status_code == 200


def test_a_row_from_before_the_deactivation_revives_nothing(pair: Pair, alice: User, anybody: APIClient) -> None:
    """Saving an instance that was read earlier writes no old state over it."""
    stale = User.objects.get(pk=alice.pk)
    deactivate_by_queryset(alice)
    stale.name = "Alice"
    stale.save()
    assert status(anybody, pair["access"]) == 401
    fresh: Pair = anybody.post("/api/token", PASSWORD).json()
    assert status(anybody, fresh["access"]) == 200


# Clocks


@pytest.mark.parametrize("seconds", [0.5, 5])
def test_a_token_of_a_replica_whose_clock_is_ahead(seconds: float, alice: User, anybody: APIClient) -> None:
    """Some seconds into the future: accepted over HTTP, for a socket, and to refresh."""
    with clock_off_by(timedelta(seconds=seconds)):
        made: Pair = anybody.post("/api/token", PASSWORD).json()
    assert status(anybody, made["access"]) == 200
    assert isinstance(identities_of([made["access"]])[made["access"]], Identity)
    assert refresh(anybody, made["refresh"]).status_code == 200


@pytest.mark.parametrize("fallback", [False, True])
def test_a_token_of_tomorrow_is_refused(fallback: bool, alice: User, anybody: APIClient, settings: Any) -> None:
    """The leeway is for clocks, not for calendars; with an older key, too."""
    with clock_off_by(timedelta(days=1)):
        made: Pair = anybody.post("/api/token", PASSWORD).json()
    with clock_off_by(timedelta(seconds=5)):
        soon: Pair = anybody.post("/api/token", PASSWORD).json()
    if fallback:
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another key that is long enough to sign tokens with it"
    assert status(anybody, made["access"]) == 401
    assert status(anybody, soon["access"]) == 200


# What may be kept


@pytest.mark.parametrize("path", ["me", "sync", "tasks", "lists", "tasks/{task}", "nothing"])
def test_private_answers_are_not_stored(path: str, pair: Pair, anybody: APIClient, milk: Any) -> None:
    """Neither objects nor errors about them; 304 still works for clients that keep objects themselves."""
    headers = {"Authorization": f"Bearer {pair['access']}"}
    response = anybody.get(f"/api/{path.format(task=milk.pk)}", headers=headers)
    assert response.headers["Cache-Control"] == "no-store"
    assert anybody.get(f"/api/{path.format(task=milk.pk)}").headers["Cache-Control"] == "no-store"
    if "ETag" in response.headers:
        again = anybody.get(f"/api/tasks/{milk.pk}", headers={**headers, "If-None-Match": response.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-store")


def test_tokens_are_not_stored(pair: Pair, anybody: APIClient) -> None:
    """RFC 6749, 5.1."""
    for path, body in (("", PASSWORD), ("/refresh", {"refresh": pair["refresh"]}), ("/verify", {"token": "x"})):
        assert anybody.post(f"/api/token{path}", body).headers["Cache-Control"] == "no-store"


# Tickets


def signed_out(pair: Pair, alice: User) -> None:
    APIClient().post("/api/token/blacklist", {"refresh": pair["refresh"]}, format="json")


def deleted_by_hand(pair: Pair, alice: User) -> None:
    SignIn.objects.all().delete()


def with_a_new_password(pair: Pair, alice: User) -> None:
    row = User.objects.get(pk=alice.pk)
    row.set_password("a longer secret than before")
    row.save()


@pytest.mark.parametrize("end", [signed_out, deleted_by_hand, with_a_new_password, None])
def test_a_ticket_ends_with_its_sign_in(end: Any, pair: Pair, alice: User, anybody: APIClient) -> None:
    """One that was bought before opens nothing afterwards; before, its socket lasts as long as the token."""
    headers = {"Authorization": f"Bearer {pair['access']}"}

    def ticket() -> str:
        secret: str = anybody.post("/ws/ticket", headers=headers).json()["ticket"]
        return secret

    identity = identity_of_ticket(ticket())
    assert (identity.user_id, identity.expires_at) == (alice.pk, AccessToken(pair["access"])["exp"])  # type: ignore[arg-type]
    late = ticket()
    if end is None:
        deactivate_by_queryset(alice)
        User.objects.filter(pk=alice.pk).update(is_active=True)
    else:
        end(pair, alice)
    with pytest.raises(Refused):
        identity_of_ticket(late)
