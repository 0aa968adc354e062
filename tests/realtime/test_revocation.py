"""What ends a sign-in closes its sockets, by Django's own signals: no project has to see to it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client, RequestFactory

from realtime import events
from realtime.auth.revocation import revoke
from realtime.conf import PEOPLE_STREAM

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def told_by(write: Callable[[], Any]) -> list[tuple[str, Any]]:
    """Type and effect of what `write` tells all hubs about people."""
    head = events.heads([PEOPLE_STREAM])[PEOPLE_STREAM]
    write()
    found = events.since(PEOPLE_STREAM, head)
    return [(json.loads(event.text)["type"], event.effect) for event in found]


def ended(kind: str, *users: Any) -> list[tuple[str, Any]]:
    """The sockets are closed, and have to sign in again."""
    return [(kind, {"reconnect": [str(user.pk) for user in users]})]


def asked_again(kind: str, user: Any) -> list[tuple[str, Any]]:
    """What the person may read is asked for again; with nothing left, the sockets are closed for good."""
    return [(kind, {"refresh": [str(user.pk)]})]


def test_signing_out(alice: Any, client: Client) -> None:
    """Before the event the session is gone: a socket that comes back at once finds none."""
    client.force_login(alice)
    request = RequestFactory().post("/")
    request.user, request.session = alice, client.session
    assert request.session["_auth_user_id"] == str(alice.pk)  # read, as for a request whose user was asked for
    seen: list[int] = []

    def look(**kwargs: Any) -> None:
        seen.append(Session.objects.count())
        assert request.session["_auth_user_id"] == str(alice.pk)  # other receivers still see whose it was

    user_logged_out.connect(look)
    try:
        assert told_by(lambda: logout(request)) == ended("user.signed_out", alice)
    finally:
        user_logged_out.disconnect(look)
    assert seen == [0]


def test_an_anonymous_sign_out_is_of_nobody(alice: Any, client: Client) -> None:
    """Django sends its signal anyway."""
    request = RequestFactory().post("/")
    request.session = client.session
    assert told_by(lambda: logout(request)) == []


@pytest.mark.parametrize("way", ["save", "update_fields", "update"])
def test_deactivation(alice: Any, way: str) -> None:
    """However it is written; activation ends nothing."""

    def write(is_active: bool) -> None:
        alice.is_active = is_active
        if way == "update":
            type(alice).objects.filter(pk=alice.pk).update(is_active=is_active)
        else:
            alice.save(**({"update_fields": ["is_active"]} if way == "update_fields" else {}))

    assert told_by(lambda: write(False)) == asked_again("user.deactivated", alice)
    assert told_by(lambda: write(True)) == []


def test_a_new_password(alice: Any) -> None:
    """Other changes end nothing."""
    alice.set_password("another long one")
    assert told_by(alice.save) == ended("user.new_password", alice)
    alice.email = "a@example.com"
    assert told_by(alice.save) == []
    assert told_by(lambda: alice.save(update_fields=["last_login"])) == []


def test_deletion(alice: Any, bob: Any) -> None:
    """By the instance and by the queryset."""
    key = alice.pk
    found = told_by(alice.delete)
    alice.pk = key
    assert found == asked_again("user.deleted", alice)
    assert told_by(type(bob).objects.filter(pk=bob.pk).delete) == asked_again("user.deleted", bob)


def test_a_new_user_ends_nothing(django_user_model: Any) -> None:
    """There is no socket yet."""
    assert told_by(lambda: django_user_model.objects.create_user("dave", password="x")) == []


def test_a_project_may_say_so_itself(alice: Any, bob: Any) -> None:
    """For several at once; for nobody nothing is written, and a rollback takes it back."""
    assert told_by(lambda: revoke([alice.pk, str(bob.pk)])) == ended("user.revoked", alice, bob)
    assert told_by(lambda: revoke([])) == []

    def rolled_back() -> None:
        with transaction.atomic():
            revoke([alice.pk])
            transaction.set_rollback(True)

    assert told_by(rolled_back) == []
