"""Signing in by a page, against who guesses."""

import pytest
from django.test import Client

from tasks.models import User
from tests.cast import ALICE, BOB

pytestmark = pytest.mark.django_db

PAGES = ["/login", "/admin/login/"]


def attempt(client: Client, page: str, username: str, password: str, **extra: str) -> str:
    """What the page says, or nothing where it lets one in."""
    response = client.post(page, {"username": username, "password": password}, **extra)  # type: ignore[arg-type]
    if response.status_code == 302:
        return ""
    errors: list[str] = response.context["form"].non_field_errors()
    return errors[0]


@pytest.fixture
def staff(alice: User, bob: User) -> None:
    User.objects.update(is_staff=True)


@pytest.mark.parametrize("page", PAGES)
def test_guessing_ends_after_ten_times(page: str, client: Client, staff: None) -> None:
    """For this name, also with the right password then; nobody else is kept out."""
    for _ in range(10):
        assert "correct username" in attempt(client, page, ALICE.username, "a guess")
    assert "Too many wrong passwords. Try again in" in attempt(client, page, ALICE.username, ALICE.password)
    assert attempt(client, page, BOB.username, BOB.password) == ""


def test_one_address_may_not_try_many_names(client: Client, staff: None) -> None:
    """After sixty names; another address goes on."""
    for number in range(60):
        assert "correct username" in attempt(client, "/login", f"name-{number}", "a guess")
    assert "Too many" in attempt(client, "/login", ALICE.username, ALICE.password)
    assert attempt(client, "/login", ALICE.username, ALICE.password, REMOTE_ADDR="192.0.2.7") == ""


def test_all_doors_count_together(client: Client, staff: None) -> None:
    """Page, admin and API, or one could guess three times as often."""
    for _ in range(4):
        attempt(client, "/login", ALICE.username, "a guess")
        attempt(client, "/admin/login/", ALICE.username, "a guess")
    for _ in range(2):
        assert (
            client.post(
                "/api/token", {"username": ALICE.username, "password": "a guess"}, "application/json"
            ).status_code
            == 401
        )
    assert (
        client.post(
            "/api/token", {"username": ALICE.username, "password": ALICE.password}, "application/json"
        ).status_code
        == 429
    )
    assert all("Too many" in attempt(client, page, ALICE.username, ALICE.password) for page in PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_who_knows_the_password_is_never_slowed(page: str, client: Client, staff: None) -> None:
    """However often they sign in."""
    for _ in range(15):
        assert attempt(client, page, ALICE.username, ALICE.password) == ""
        client.logout()
