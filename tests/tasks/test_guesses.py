"""Guessing passwords, one after the other and all at once, and the cost of checking them."""

import resource
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.hashers import check_password, get_hasher
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from tasks.accounts import guesses, password_slots
from tasks.accounts.models import GuessCounter
from tasks.accounts.password_slots import Slots
from tasks.models import User
from tests.cast import ALICE, BOB
from tests.tasks.answers import error_fields, problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.9"


@pytest.fixture(autouse=True)
def _cheap_passwords() -> None:
    """The hasher is the subject."""


@pytest.fixture
def cheap(alice: User, bob: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords whose check takes no time, for tests that check many, and are as patient as a busy machine needs."""
    monkeypatch.setattr(password_slots, "slots", Slots(password_slots.AT_ONCE, most_waiting=50, longest_wait=60))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for person, password in ((alice, ALICE.password), (bob, BOB.password)):
        person.set_password(password)
        person.save()


def token(username: str, password: str, address: str = HOME) -> int:
    body = {"username": username, "password": password}
    code: int = APIClient().post("/api/token", body, format="json", REMOTE_ADDR=address).status_code
    return code


def page(path: str) -> Callable[[str, str, str], int]:
    """As `token`, by a page: 200 is let in, 401 wrong, 429 too many."""

    def enter(username: str, password: str, address: str = HOME) -> int:
        response = Client().post(path, {"username": username, "password": password}, REMOTE_ADDR=address)
        if response.status_code == 302:
            return 200
        return 429 if "Too many wrong passwords" in response.content.decode() else 401

    return enter


DOORS = {"token": token, "page": page("/login"), "admin": page("/admin/login/")}


@contextmanager
def later(delta: timedelta) -> Iterator[None]:
    with mock.patch("tasks.accounts.guesses.timezone.now", return_value=timezone.now() + delta):
        yield


def at_once(number: int, call: Callable[[], Any]) -> Counter[Any]:
    """What `number` calls at the same moment return."""
    start, found = threading.Barrier(number), []

    def one() -> None:
        start.wait()
        try:
            found.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(found)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", DOORS)
def test_guesses_at_once_count_each(door: str, cheap: None) -> None:
    """Of thirty at the same moment ten are checked, by every way in."""
    User.objects.update(is_staff=True)
    enter = DOORS[door]
    assert at_once(30, lambda: enter(ALICE.username, "a guess", HOME)) == {401: 10, 429: 20}
    assert enter(ALICE.username, ALICE.password, HOME) == 429


@pytest.mark.django_db(transaction=True)
def test_right_passwords_at_once_are_all_let_in(cheap: None) -> None:
    """Twenty sign-ins of one person at the same moment."""
    assert at_once(20, lambda: token(ALICE.username, ALICE.password)) == {200: 20}


@pytest.mark.parametrize("spelling", [" alice", "alice  ", "ALICE", "\uff41lice", "\talice"])
def test_spellings_of_a_name_count_as_one(spelling: str, cheap: None) -> None:
    """Spaces, case and forms that normalise to the same name."""
    for _ in range(10):
        assert token(spelling, "a guess") == 401
    assert token(ALICE.username, ALICE.password) == 429


def test_a_network_of_ipv6_counts_as_one(cheap: None) -> None:
    """Its 2^64 addresses are one place; the next network is another. IPv4 written as IPv6 is IPv4."""
    for number in range(10):
        assert token(ALICE.username, "a guess", f"2001:db8:1:2::{number:x}") == 401
    assert token(ALICE.username, ALICE.password, "2001:db8:1:2:ffff::1") == 429
    assert token(ALICE.username, ALICE.password, "2001:db8:1:3::1") == 200
    for _ in range(10):
        assert token(BOB.username, "a guess", HOME) == 401
    assert token(BOB.username, BOB.password, f"::ffff:{HOME}") == 429


def test_an_account_is_guessed_at_from_everywhere(cheap: None) -> None:
    """Many addresses share a limit; the owner, who has signed in from home before, is not locked out by it."""
    assert token(ALICE.username, ALICE.password, HOME) == 200
    codes = [token(ALICE.username, "a guess", f"198.51.{number}.1") for number in range(guesses.ACCOUNT.most + 5)]
    assert codes == [401] * guesses.ACCOUNT.most + [429] * 5
    assert token(ALICE.username, ALICE.password, ELSEWHERE) == 429
    assert token(ALICE.username, ALICE.password, HOME) == 200
    assert token(BOB.username, BOB.password, ELSEWHERE) == 200
    with later(timedelta(seconds=guesses.ACCOUNT.seconds + 1)):
        assert token(ALICE.username, ALICE.password, ELSEWHERE) == 200


def test_a_shared_address_is_not_closed_to_those_who_were_there_before(cheap: None) -> None:
    """A guesser in the office does not keep out colleagues; a stranger to that office has to wait."""
    assert token(ALICE.username, ALICE.password, HOME) == 200
    for number in range(guesses.ADDRESS.most):
        assert token(f"name-{number}", "a guess", HOME) == 401
    assert token("one-more", "a guess", HOME) == 429
    assert token(BOB.username, BOB.password, HOME) == 429
    assert token(ALICE.username, ALICE.password, HOME) == 200
    with later(timedelta(seconds=guesses.ADDRESS.seconds + 1)):
        assert token(BOB.username, BOB.password, HOME) == 200


def test_refusals_do_not_count(cheap: None) -> None:
    """A client that repeats a wrong password for hours uses up nobody else's share, and its own ends in a minute."""
    for _ in range(200):
        token(ALICE.username, "a guess")
    assert token(BOB.username, BOB.password) == 200
    with later(timedelta(seconds=guesses.PAIR.seconds + 1)):
        assert token(ALICE.username, ALICE.password) == 200


def test_counters_do_not_pile_up(cheap: None) -> None:
    """What has expired is cleared away by later guesses. No name and no address is in the table."""
    for number in range(40):
        token(f"name-{number}", "a guess")
    rows = GuessCounter.objects.values_list("key", flat=True)
    assert not any("name" in key or HOME in key for key in rows)
    before = set(rows)
    with later(timedelta(days=1)):
        for number in range(guesses.CLEAR_EVERY):
            token(f"other-{number}", "a guess", ELSEWHERE)
    assert not before & set(GuessCounter.objects.values_list("key", flat=True))


def test_a_database_without_a_shared_cache_is_enough(cheap: None, settings: Any) -> None:
    """The counts stand in the database: each process, and each replica, sees the same."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    for _ in range(10):
        assert token(ALICE.username, "a guess") == 401
    assert token(ALICE.username, ALICE.password) == 429


# The cost of a check


def test_a_hash_fits_a_small_replica() -> None:
    """20 MiB for a check, where Django's default takes 100; hashes from before are still right, and are replaced."""
    hasher: Any = get_hasher("argon2")
    assert hasher.params().memory_cost <= 20 * 1024
    before = (
        "argon2$argon2id$v=19$m=102400,t=2,p=8$SEdwTFFmR0ZZbnNMZ0VKQ0Zxb2xKeg$"
        "eWvJjE5yRX+H1m6FhCr3DO7MbMUDDUrV0pO1zRz6kCs"
    )
    assert hasher.must_update(before)
    renewed: list[str] = []
    old = hasher.algorithm + hasher_of_before().hash("secret")
    assert check_password("secret", old, renewed.append)
    assert renewed == ["secret"]


def hasher_of_before() -> Any:
    import argon2

    return argon2.PasswordHasher(time_cost=2, memory_cost=102_400, parallelism=8)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", DOORS)
def test_checks_at_once_are_bounded(door: str, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more than the slots, by every way in; 30 at once need no more memory than those."""
    running, most = set(), []
    encode, verify = type(get_hasher()).__mro__[1].encode, type(get_hasher()).__mro__[1].verify  # type: ignore[attr-defined]

    def counted(work: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            running.add(threading.get_ident())
            most.append(len(running))
            try:
                return work(*args, **kwargs)
            finally:
                running.discard(threading.get_ident())

        return call

    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.encode", counted(encode))
    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.verify", counted(verify))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    at_once(14, lambda: DOORS[door](f"name-{threading.get_ident()}", "a guess", HOME))
    assert 1 <= max(most) <= password_slots.AT_ONCE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024


@pytest.fixture
def no_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """All slots are taken by others, who stay."""
    monkeypatch.setattr(password_slots, "slots", Slots(0, most_waiting=1, longest_wait=0.05))


def test_no_slot_in_time_is_503(no_slots: None, alice: User, anybody: APIClient, client: Client) -> None:
    """With Retry-After, in the API, at the page and in the admin; nothing has been counted."""
    body = {"username": ALICE.username, "password": ALICE.password}
    response = anybody.post("/api/token", body)
    problem(response, 503)
    assert int(response.headers["Retry-After"]) >= 1
    for path in ("/login", "/admin/login/"):
        shown = client.post(path, body)
        assert (shown.status_code, shown.headers["Retry-After"]) == (503, response.headers["Retry-After"])
    assert not GuessCounter.objects.exists()


def test_those_who_wait_are_bounded_too() -> None:
    """The queue has an end: behind it the refusal is immediate."""
    with pytest.raises(password_slots.PasswordChecksBusy), Slots(0, most_waiting=0, longest_wait=600).slot():
        pass


# One's own password


def test_anybody_changes_their_password(alice: User, anybody: APIClient) -> None:
    """With the present one; by token it answers with new tokens, and those from before are worth nothing."""
    pair = anybody.post("/api/token", {"username": ALICE.username, "password": ALICE.password}).json()
    headers = {"Authorization": f"Bearer {pair['access']}"}
    new = "a longer secret than before"
    body = {"current_password": ALICE.password, "new_password": new}
    response = anybody.post("/api/me/password", body, headers=headers)
    assert response.status_code == 200
    assert anybody.get("/api/me", headers=headers).status_code == 401
    assert anybody.post("/api/token/refresh", {"refresh": pair["refresh"]}).status_code == 401
    fresh = response.json()
    assert anybody.get("/api/me", headers={"Authorization": f"Bearer {fresh['access']}"}).status_code == 200
    assert anybody.post("/api/token/refresh", {"refresh": fresh["refresh"]}).status_code == 200
    assert token(ALICE.username, new) == 200


def test_a_browser_stays_signed_in_where_the_password_is_changed(alice: User, client: Client) -> None:
    """The session in which it happens goes on; the others end."""
    other = Client()
    for browser in (client, other):
        browser.force_login(alice)
    body = {"current_password": ALICE.password, "new_password": "a longer secret than before"}
    assert client.post("/api/me/password", body, "application/json").status_code == 204
    assert client.get("/api/me").status_code == 200
    assert other.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"current_password": "wrong", "new_password": "a longer secret than before"}, {"current_password"}),
        ({"current_password": ALICE.password, "new_password": "short"}, {"new_password"}),
        ({"current_password": ALICE.password, "new_password": "alice@example.com"}, {"new_password"}),
        ({"current_password": ALICE.password, "new_password": "x" * 5000}, {"new_password"}),
        ({"current_password": ALICE.password}, {"new_password"}),
        ({}, {"current_password", "new_password"}),
    ],
)
def test_passwords_that_cannot_be_changed(body: Any, fields: set[str], alice: User, client: Client) -> None:
    """The same rules as in the admin."""
    client.force_login(alice)
    assert error_fields(client.post("/api/me/password", body, "application/json")) == fields
    alice.refresh_from_db()
    assert alice.check_password(ALICE.password)


def test_the_present_password_is_not_guessed_there(cheap: None, client: Client) -> None:
    """By a stolen session: ten guesses, counted with those at the other doors."""
    client.force_login(User.objects.get(username=ALICE.username))
    body = {"current_password": "a guess", "new_password": "a longer secret than before"}
    for _ in range(10):
        assert error_fields(client.post("/api/me/password", body, "application/json")) == {"current_password"}
    problem(client.post("/api/me/password", body, "application/json"), 429)


def test_the_admin_form_counts_too(cheap: None, client: Client) -> None:
    """Its page for one's own password asks for the present one."""
    User.objects.update(is_staff=True)
    client.force_login(User.objects.get(username=ALICE.username))
    new = "a longer secret than before"
    body = {"old_password": "a guess", "new_password1": new, "new_password2": new}
    for _ in range(10):
        assert "was entered incorrectly" in client.post("/admin/password_change/", body).content.decode()
    body["old_password"] = ALICE.password
    assert "Too many wrong passwords" in client.post("/admin/password_change/", body).content.decode()
    assert token(ALICE.username, ALICE.password, "127.0.0.1") == 429
