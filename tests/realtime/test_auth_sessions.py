"""Who may open a socket: by the session of a page of our own, which its origin shows."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from realtime.auth.authentication import identity_of_session
from realtime.auth.origin_check import is_own_origin
from realtime.auth.sessions import MAX_COOKIE_BYTES, session_key_of
from realtime.identity import Refused
from tests.realtime.sessions import HOST, ORIGIN, change_password, session_of


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


# Sessions


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


@pytest.mark.parametrize(
    "cookie",
    [None, b"", b"theme=dark", b"sessionid", b"sessionid=", b";;;=", b"\xff\xfe", b'sessionid="\\000"', b"a" * 9000],
)
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
    began = time.thread_time()
    assert session_key_of(quoted + b"sessionid=abc") == "abc"
    assert time.thread_time() - began < 1
    assert session_key_of(b"a" * MAX_COOKIE_BYTES + b"; sessionid=abc") is None
