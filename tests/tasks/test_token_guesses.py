"""Guessing a password at POST /api/token."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks.models import User
from tests.cast import ALICE
from tests.tasks.answers import problem

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


PASSWORD = {"username": ALICE.username, "password": ALICE.password}


@pytest.fixture
def cheap(alice: User, bob: User, settings: Any) -> None:
    """Passwords whose check takes no time, for tests that check many."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    alice.set_password(ALICE.password)
    alice.save()


def test_guessing_is_slowed_down(cheap: None, anybody: APIClient) -> None:
    """After ten wrong passwords for a name: 429, which says when to try again, even with the right one."""
    for _ in range(10):
        problem(anybody.post("/api/token", {**PASSWORD, "password": "x"}), 401)
    response = anybody.post("/api/token", PASSWORD)
    body = problem(response, 429)
    assert "wrong passwords" in body["detail"]
    assert 1 <= int(response.headers["Retry-After"]) <= 60


def test_those_who_know_their_password_are_never_slowed_down(cheap: None, anybody: APIClient) -> None:
    """Any number of right ones; and a guesser of one name does not lock out another."""
    for _ in range(12):
        assert anybody.post("/api/token", PASSWORD).status_code == 200
    for _ in range(11):
        anybody.post("/api/token", {"username": "bob", "password": "x"})
    assert anybody.post("/api/token", PASSWORD).status_code == 200


def test_an_address_that_tries_many_names_is_slowed_down(cheap: None, anybody: APIClient) -> None:
    """Sixty failures in a minute, whatever the names; a forged X-Forwarded-For is no new address."""
    for number in range(60):
        body = {"username": f"name-{number}", "password": "x"}
        anybody.post("/api/token", body, headers={"X-Forwarded-For": f"10.0.0.{number}"})
    problem(anybody.post("/api/token", PASSWORD), 429)
