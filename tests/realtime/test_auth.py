"""Who may open a socket: by token, by ticket, or by the session of a page of our own."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.utils import timezone

from realtime.auth.authentication import Authentication, identity_of_session
from realtime.auth.origin_check import is_own_origin
from realtime.auth.sessions import MAX_COOKIE_BYTES, session_key_of
from realtime.auth.tickets import TICKET_SECONDS, identity_of_ticket, issue_ticket
from realtime.auth.tokens import checked, identities_of
from realtime.conf import WrongAnswerError
from realtime.delivery.hub import Hub
from realtime.identity import Identity, Refused
from realtime.models import Ticket
from realtime.protocol.messages import Hello

HOST, ORIGIN = b"todo.example.com", b"https://todo.example.com"


def headers(origin: str | None, host: str) -> dict[bytes, bytes]:
    found = {b"host": host.encode("latin-1")}
    return found if origin is None else {**found, b"origin": origin.encode("latin-1")}


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        # The same host and port, each in the forms that a browser gives them.
        ("https://todo.example.com", "todo.example.com", True),
        ("https://todo.example.com", "todo.example.com:443", True),
        ("https://todo.example.com:443", "todo.example.com", True),
        ("http://todo.example.com", "todo.example.com:80", True),
        ("http://todo.example.com:8000", "todo.example.com:8000", True),
        ("HTTPS://Todo.Example.com", "TODO.example.com", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://[::1]", "[::1]:80", True),
        # Another port is another program, which somebody else may run.
        ("http://todo.example.com:8001", "todo.example.com:8000", False),
        ("http://todo.example.com", "todo.example.com:8000", False),
        ("http://todo.example.com:8000", "todo.example.com", False),
        ("https://todo.example.com:80", "todo.example.com", False),
        ("http://todo.example.com:443", "todo.example.com", False),
        ("https://todo.example.com", "todo.example.com:80", False),
        ("http://[::1]:8001", "[::1]:8000", False),
        # Another host.
        ("https://evil.example.org", "todo.example.com", False),
        ("https://todo.example.com.evil.example.org", "todo.example.com", False),
        ("https://evil-todo.example.com", "todo.example.com", False),
        ("https://sub.todo.example.com", "todo.example.com", False),
        ("https://example.com", "todo.example.com", False),
        ("https://todo.example.com@evil.example.org", "todo.example.com", False),
        ("https://evil@todo.example.com", "todo.example.com", False),
        ("http://localhost:8000", "127.0.0.1:8000", False),
        # A host that this server does not go by: the name of somebody's own, that points here.
        ("https://evil.example.org", "evil.example.org", False),
        ("http://[::2]", "[::2]", False),
        # What is no page's origin.
        (None, "todo.example.com", False),
        ("", "todo.example.com", False),
        ("null", "todo.example.com", False),
        ("file://", "todo.example.com", False),
        ("file://todo.example.com", "todo.example.com", False),
        ("todo.example.com", "todo.example.com", False),
        ("//todo.example.com", "todo.example.com", False),
        ("https://", "", False),
        ("https://[::1", "[::1", False),
        ("https://todo.example.com", "[", False),
        ("https://tödö.example.com", "todo.example.com", False),
        # Trusted by name, whichever host the socket goes to.
        ("https://partner.example.net", "todo.example.com", True),
        ("https://partner.example.net:8443", "todo.example.com", False),
        ("http://partner.example.net", "todo.example.com", False),
        ("http://dev.example.net:3000", "127.0.0.1:8000", True),
        ("http://dev.example.net", "127.0.0.1:8000", False),
        # All below a domain is trusted.
        ("https://a.apps.example.net", "todo.example.com", True),
        ("https://a.b.apps.example.net", "todo.example.com", True),
        ("https://apps.example.net", "todo.example.com", False),
        ("http://a.apps.example.net", "todo.example.com", False),
        ("https://evilapps.example.net", "todo.example.com", False),
        ("https://a.apps.example.net.evil.example.org", "todo.example.com", False),
        ("https://a.ports.example.net:8443", "todo.example.com", True),
        ("https://a.ports.example.net", "todo.example.com", False),
    ],
)
def test_is_own_origin(settings: Any, origin: str | None, host: str, own: bool) -> None:
    """A page of this host and port, or of a trusted origin; the scheme counts for the trusted and for default ports."""
    settings.ALLOWED_HOSTS = ["todo.example.com", "127.0.0.1", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = [
        "https://partner.example.net",
        "http://dev.example.net:3000",
        "https://*.Apps.example.net",
        "https://*.ports.example.net:8443",
    ]
    assert is_own_origin(headers(origin, host)) is own


@pytest.mark.parametrize(
    ("debug", "allowed", "host", "own"),
    [
        (False, ["*"], "anything.example.org:8000", True),
        (False, [".example.com"], "a.example.com", True),
        (False, [".example.com"], "a.example.org", False),
        (False, [], "localhost:8000", False),
        (True, [], "localhost:8000", True),
        (True, [], "[::1]:8000", True),
        (True, [], "todo.example.com", False),
    ],
)
def test_the_host_must_be_one_that_is_allowed(
    settings: Any, debug: bool, allowed: list[str], host: str, own: bool
) -> None:
    """By ALLOWED_HOSTS, as Django takes it for requests."""
    settings.DEBUG, settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = debug, allowed, []
    assert is_own_origin(headers(f"http://{host}", host)) is own


@pytest.mark.parametrize(
    ("page", "host", "own"),
    [
        ("http://localhost.:8000", "localhost.:8000", True),
        ("https://todo.example.com.", "todo.example.com.", True),
        ("https://todo.example.com.", "todo.example.com", True),  # a proxy has removed the dot
        ("https://partner.example.net.", "todo.example.com", True),
        ("https://evil.example.org.", "todo.example.com.", False),
        ("http://localhost..:8000", "localhost..:8000", False),
        ("http://.", ".", False),
    ],
)
def test_a_fully_qualified_name_is_the_same_name(settings: Any, page: str, host: str, own: bool) -> None:
    """Django serves the page under `localhost.`; the socket of that page belongs to it."""
    settings.ALLOWED_HOSTS = ["localhost", "todo.example.com"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://partner.example.net"]
    assert is_own_origin(headers(page, host)) is own


def test_with_secure_cookies_a_page_without_tls_is_foreign(settings: Any) -> None:
    """Anybody on the line can forge it; where it is to be trusted all the same, it has to be named."""
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = ["*"], ["http://todo.example.net"]
    settings.SESSION_COOKIE_SECURE = True
    assert is_own_origin(headers("https://todo.example.com", "todo.example.com"))
    assert not is_own_origin(headers("http://todo.example.com", "todo.example.com"))
    assert is_own_origin(headers("http://todo.example.net", "todo.example.com"))


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
    Ticket.objects.update(expires_at=timezone.now())
    with pytest.raises(Refused):
        identity_of_ticket(secret)
    issue_ticket(alice.pk)
    Ticket.objects.update(expires_at=timezone.now())
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


# Sessions


def session_of(user: Any, cookie: str = "sessionid={}") -> dict[bytes, bytes]:
    """The headers of a page of our own on which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return {b"host": HOST, b"origin": ORIGIN, b"cookie": cookie.format(client.session.session_key).encode("latin-1")}


@pytest.fixture(autouse=True)
def our_host(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [HOST.decode()]


def test_a_session_signs_in(alice: Any) -> None:
    """Until it ends."""
    identity = identity_of_session(session_of(alice, 'a=1; sessionid={}; b="x y"'))
    assert identity.user_id == alice.pk
    assert identity.expires_at is not None
    two_weeks = timedelta(days=14).total_seconds()
    assert 0 <= timezone.now().timestamp() + two_weeks - identity.expires_at < 60


@pytest.mark.parametrize("origin", [None, b"https://evil.example.org", b"https://todo.example.com:8443", b"null"])
def test_a_session_counts_on_pages_of_our_own_alone(alice: Any, origin: bytes | None) -> None:
    """Else any page that the person opens could listen in; the client does not try again."""
    found = session_of(alice)
    del found[b"origin"]
    with pytest.raises(Refused, match="another origin") as refused:
        identity_of_session(found if origin is None else {**found, b"origin": origin})
    assert refused.value.is_final


@pytest.mark.parametrize(
    "change",
    [
        lambda alice, store: store.delete(),
        lambda alice, store: expire(store),
        lambda alice, store: alice.__class__.objects.filter(pk=alice.pk).update(is_active=False),
        lambda alice, store: alice.delete(),
        lambda alice, store: change_password(alice),
    ],
    ids=["signed out", "expired", "deactivated", "deleted", "password changed"],
)
def test_a_session_that_has_ended_signs_nobody_in(alice: Any, change: Callable[[Any, SessionStore], Any]) -> None:
    """By whichever way."""
    found = session_of(alice)
    change(alice, SessionStore(found[b"cookie"].decode().removeprefix("sessionid=")))
    with pytest.raises(Refused, match="unknown or has expired") as refused:
        identity_of_session(found)
    assert not refused.value.is_final


def expire(store: SessionStore) -> None:
    store.set_expiry(-1)
    store.save()


def change_password(user: Any) -> None:
    user.set_password("another long password")
    user.save()


@pytest.mark.parametrize(
    "cookie",
    [None, b"", b"theme=dark", b"sessionid", b"sessionid=", b";;;=", b"\xff\xfe", b'sessionid="\\000"', b"a" * 9000],
)
@pytest.mark.databases
def test_no_session_is_no_sign_in(db: None, cookie: bytes | None) -> None:
    """However odd the cookie."""
    found: Mapping[bytes, bytes] = {b"host": HOST, b"origin": ORIGIN}
    with pytest.raises(Refused) as refused:
        identity_of_session(found if cookie is None else {**found, b"cookie": cookie})
    assert not refused.value.is_final


def test_a_foreign_page_is_told_from_a_session_that_has_ended(alice: Any) -> None:
    """By a word for programs, beside the sentence."""
    found = session_of(alice)
    with pytest.raises(Refused) as foreign:
        identity_of_session({**found, b"origin": b"https://evil.example.org"})
    with pytest.raises(Refused) as ended:
        identity_of_session({**found, b"cookie": b"sessionid=unknown"})
    assert (foreign.value.reason, ended.value.reason) == ("foreign_origin", "session")


def test_the_origin_is_checked_before_cookies_are_parsed(alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign page can't make this process work on its cookies."""
    monkeypatch.setattr("realtime.auth.authentication.session_key_of", lambda cookies: pytest.fail("parsed"))
    with pytest.raises(Refused, match="another origin"):
        identity_of_session({**session_of(alice), b"origin": b"https://evil.example.org"})


def test_cookies_cost_little(settings: Any) -> None:
    """A long and odd header is read once through; one above the limit is not read."""
    quoted = b'a="' + b'\\"' * 16_000 + b'"; '
    began = time.perf_counter()
    assert session_key_of(quoted + b"sessionid=abc") == "abc"
    assert time.perf_counter() - began < 1
    assert session_key_of(b"a" * MAX_COOKIE_BYTES + b"; sessionid=abc") is None
