"""Who may open a socket: by token, or by ticket."""

import secrets
import threading
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django.utils import timezone

from realtime.auth.authentication import Authentication
from realtime.auth.sessions import session_key_of
from realtime.auth.tickets import TICKET_SECONDS, identity_of_ticket, issue_ticket
from realtime.auth.tokens import checked, identities_of
from realtime.conf import WrongAnswerError
from realtime.delivery.hub import Hub
from realtime.identity import Identity, Refused
from realtime.models import Ticket
from realtime.protocol.messages import Hello
from tests.realtime.sessions import HOST, change_password, session_of


@pytest.fixture(autouse=True)
def our_host(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [HOST.decode()]


# Tokens


def test_tokens_are_the_projects(settings: Any) -> None:
    """Without a function of its own none is taken."""
    settings.REALTIME = {"IDENTITIES_OF": None}
    with pytest.raises(Refused, match="not accepted"):
        checked(identities_of(["t"])["t"])
    settings.REALTIME = {"IDENTITIES_OF": lambda tokens: {token: Identity(int(token), 5.0) for token in tokens}}
    assert checked(identities_of(["7", "8"])["8"]) == Identity(8, 5.0)


def test_a_token_that_is_not_answered_for_is_refused() -> None:
    """Whatever the project's function forgets."""
    with pytest.raises(Refused):
        checked(None)


@pytest.mark.django_db(transaction=True)
async def test_an_empty_token_is_a_wrong_one(alice: Any) -> None:
    """It does not fall back on the session, which would sign in somebody else."""
    found = await sync_to_async(session_of)(alice)
    hub = Hub()
    authentication = Authentication(hub)
    assert (await authentication.identify(Hello(), found)).user_id == alice.pk
    with pytest.raises(Refused) as refused:
        await authentication.identify(Hello(token=""), found)
    assert not refused.value.is_final
    await hub.stop()


@pytest.mark.parametrize(
    "answer",
    [None, [], "token", Identity(7), iter(()), {7}],
    ids=["None", "a list", "a string", "an identity", "an iterator", "a set"],
)
def test_a_wrong_answer_about_all_tokens_names_the_function(settings: Any, answer: Any) -> None:
    """The setting, the function and what was wrong, in one sentence."""

    def find_people(tokens: Any) -> Any:
        return answer

    settings.REALTIME = {"IDENTITIES_OF": find_people}
    with pytest.raises(WrongAnswerError, match=r"IDENTITIES_OF.*find_people.*instead of a mapping"):
        identities_of(["t"])


def test_a_function_that_is_async_is_named(settings: Any) -> None:
    """It would return a coroutine, which nobody awaits."""

    async def find_people(tokens: Any) -> Any:
        return {}

    settings.REALTIME = {"IDENTITIES_OF": find_people}
    with pytest.raises(WrongAnswerError, match=r"IDENTITIES_OF.*find_people.*async"):
        identities_of(["t"])


TOMORROW: Any = "tomorrow"


@pytest.mark.parametrize("answer", [7, "alice", True, Identity(None), Identity(7, TOMORROW), ValueError("x")], ids=repr)
def test_a_wrong_answer_about_one_token_concerns_that_token(settings: Any, answer: Any) -> None:
    """The others sign in."""
    settings.REALTIME = {"IDENTITIES_OF": lambda tokens: {"bad": answer, "good": Identity(7)}}
    found = identities_of(["bad", "good", "unknown"])
    assert checked(found["good"]) == Identity(7)
    with pytest.raises(WrongAnswerError, match="IDENTITIES_OF"):
        checked(found["bad"])
    with pytest.raises(Refused, match="not known"):
        checked(found["unknown"])


# Tickets


def test_a_ticket_opens_one_socket(alice: Any) -> None:
    """Once; bought with neither a token nor a session, it counts for as long as the user is active."""
    secret = issue_ticket(alice.pk)
    assert identity_of_ticket(secret) == Identity(alice.pk, None)
    with pytest.raises(Refused, match="unknown, used or expired"):
        identity_of_ticket(secret)


def test_a_ticket_is_kept_as_its_hash_alone(alice: Any) -> None:
    """Who reads the database can't open a socket with it."""
    secret = issue_ticket(alice.pk)
    ticket = Ticket.objects.get()
    assert secret not in (ticket.digest, str(ticket))
    with pytest.raises(Refused):
        identity_of_ticket(ticket.digest)
    assert len(secret) >= 40
    assert issue_ticket(alice.pk) != secret


def test_a_ticket_runs_out(alice: Any) -> None:
    """After half a minute; then it is cleared away when the next one is made."""
    secret = issue_ticket(alice.pk)
    ends = Ticket.objects.get().expires_at - timezone.now()
    assert timedelta(seconds=TICKET_SECONDS - 5) < ends <= timedelta(seconds=TICKET_SECONDS)
    Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        identity_of_ticket(secret)
    issue_ticket(alice.pk)
    Ticket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    issue_ticket(alice.pk)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("ticket", ["", "x", secrets.token_urlsafe(32), "x" * 100_000, "ü", "\0"], ids=range(6))
def test_no_other_text_is_a_ticket(alice: Any, ticket: str) -> None:
    """Whatever it looks like."""
    issue_ticket(alice.pk)
    with pytest.raises(Refused):
        identity_of_ticket(ticket)


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
def test_of_many_with_one_ticket_one_gets_in(alice: Any) -> None:
    """Also when they come at the same moment."""
    secret = issue_ticket(alice.pk)
    got_in: list[bool] = []
    start = threading.Barrier(8)

    def come() -> None:
        start.wait()
        try:
            identity_of_ticket(secret)
            got_in.append(True)
        except Refused:
            got_in.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got_in) == [False] * 7 + [True]


def test_a_ticket_ends_with_the_token_that_bought_it(alice: Any, settings: Any) -> None:
    """Its socket expires when the token does, and a sign-in that has ended meanwhile opens nothing."""
    answers: dict[str, Identity | Refused] = {"t": Identity(alice.pk, 99.0)}
    settings.REALTIME = {"IDENTITIES_OF": lambda tokens: answers}
    assert identity_of_ticket(issue_ticket(alice.pk, token="t")) == Identity(alice.pk, 99.0)
    secret = issue_ticket(alice.pk, token="t")
    answers["t"] = Refused("This sign-in has ended.")
    with pytest.raises(Refused, match="has ended"):
        identity_of_ticket(secret)


def test_a_ticket_is_not_used_up_by_a_database_that_fails(alice: Any, settings: Any) -> None:
    """What is asked next is not refused, which would look as if the person were signed out."""
    answers = iter([OperationalError("server closed the connection unexpectedly"), {"t": Identity(alice.pk)}])

    def find_people(tokens: Any) -> Any:
        if isinstance(answer := next(answers), Exception):
            raise answer
        return answer

    settings.REALTIME = {"IDENTITIES_OF": find_people}
    secret = issue_ticket(alice.pk, token="t")
    with pytest.raises(OperationalError):
        identity_of_ticket(secret)
    assert identity_of_ticket(secret) == Identity(alice.pk)


def test_a_ticket_ends_with_the_session_that_bought_it(alice: Any) -> None:
    """Signed out between the purchase and the use: it opens nothing; else its socket expires with the session."""
    key = session_key_of(session_of(alice)[b"cookie"])
    identity = identity_of_ticket(issue_ticket(alice.pk, session_key=key))
    assert identity.user_id == alice.pk
    assert identity.expires_at is not None
    secret = issue_ticket(alice.pk, session_key=key)
    SessionStore(key).delete()
    with pytest.raises(Refused, match="unknown or has expired"):
        identity_of_ticket(secret)


def test_a_ticket_ends_with_the_password(alice: Any) -> None:
    """A new password ends the sessions with the old one, and the tickets that they have bought."""
    key = session_key_of(session_of(alice)[b"cookie"])
    secret = issue_ticket(alice.pk, session_key=key)
    change_password(alice)
    with pytest.raises(Refused):
        identity_of_ticket(secret)


def test_a_ticket_of_somebody_who_is_not_active_any_more(alice: Any) -> None:
    """Opens nothing, whatever it was bought with."""
    secret = issue_ticket(alice.pk)
    alice.__class__.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(Refused):
        identity_of_ticket(secret)


def test_what_bought_a_ticket_is_encrypted(alice: Any) -> None:
    """A copy of the database opens neither the ticket nor what it was bought with."""
    issue_ticket(alice.pk, token="a-token-that-signs-in")
    ticket = Ticket.objects.get()
    assert "a-token-that-signs-in" not in ticket.credential
    Ticket.objects.update(credential="forged")
    with pytest.raises(Refused):
        identity_of_ticket(ticket.digest)
