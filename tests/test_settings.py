"""Settings come from the environment. A bad value stops the start, in one line that names its variable."""

import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.servers import ROOT, manage
from tests.settings_of import DEFAULTS, clean, load

RETENTION = ("EVENT_DAYS", "HISTORY_DAYS", "TRASH_DAYS")


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("DEBUG", "maybe", "true or false"),
        ("DEBUG", "", "true or false"),
        ("HTTPS", "2", "true or false"),
        ("EVERYONE_LIST", "of course", "true or false"),
        ("SEND_REMINDERS", "hourly", "true or false"),
        ("KEEP_ON_DEVICE", "sometimes", "true or false"),
        ("EMAIL_PORT", "0", "from 1 to"),
        ("EMAIL_SECURITY", "ssl", "one of starttls, tls, none"),
        ("DEFAULT_FROM_EMAIL", "nobody", "an address"),
        ("PUBLIC_URL", "todo.example.com", "='todo.example.com' can't be used: it must be an address with the scheme"),
        ("EMAIL_HOST", "mail:25", "without a scheme or a port"),
        ("STATIC_ROOT", "/etc/passwd", "must be a folder"),
        ("STATIC_ROOT", "", "a folder of its own"),
        ("STATIC_ROOT", ".", "a folder of its own"),
        ("STATIC_ROOT", "tasks/..", "a folder of its own"),
        ("STATIC_ROOT", "/", "a folder of its own"),
        ("STATIC_ROOT", "/etc", "files of others"),
        ("STATIC_ROOT", "tasks", "files of others"),
        ("PUBLIC_URL", "https://todo.example.com/?a", "must be an address"),
        ("PUBLIC_URL", "https://todo.example.com/#/today", r"; write https://todo\.example\.com\.$"),
        ("PUBLIC_URL", "todo.example.com/team", r"; write https://todo\.example\.com/team\.$"),
        ("PUBLIC_URL", "/team", r"with the scheme, as https://todo\.example\.com\.$"),
        ("DATABASE_POOL_SIZE", "many", "a number"),
        ("DATABASE_POOL_SIZE", "4", "from 5 to"),
        ("DATABASE_POOL_SIZE", "2.5", "a number"),
        ("REDIS_MAX_CONNECTIONS", "1", "from 2 to"),
        ("REDIS_SOCKET_TIMEOUT", "0", "from 0.05 to"),
        ("REDIS_SOCKET_TIMEOUT", "nan", "a number"),
        ("REDIS_CONNECT_TIMEOUT", "soon", "a number"),
        ("REDIS_CONNECT_TIMEOUT", "-1", "from 0.05 to"),
        ("ACCESS_TOKEN_MINUTES", "0", "from 1 to"),
        ("ACCESS_TOKEN_MINUTES", "99999999999999999999", "from 1 to"),
        ("REFRESH_TOKEN_DAYS", "99999", "from 1 to"),
        ("REFRESH_GRACE_SECONDS", "-1", "from 0 to"),
        ("WS_MAX_CONNECTIONS_PER_USER", "0", "from 1 to"),
        ("WS_SEND_BUFFER_BYTES", "1000", "from 65536 to"),
        ("EVENT_DAYS", "7 days", "a number of days"),
        ("EVENT_DAYS", "-1", "from 0 to"),
        ("HISTORY_DAYS", "a year", "a number of days"),
        ("TRASH_DAYS", "-1", "from 0 to"),
        *((name, "0.001", r"0\.05 \(about an hour\) or more, or 0 to keep all") for name in RETENTION),
        ("REFRESH_GRACE_SECONDS", "3601", "from 0 to 3600"),
        ("METRICS_ALLOWED_ADDRESSES", "prometheus", "does not appear to be an IPv4 or IPv6 network"),
        ("METRICS_ALLOWED_ADDRESSES", "10.0.0.1/8", "has host bits set"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "of the form http://host:4318"),
        ("LOG_FORMAT", "xml", "text or json"),
        ("LOG_LEVEL", "loud", "one of DEBUG, INFO"),
        ("TIME_ZONE", "Mars/Phobos", "a zone like Europe/Berlin"),
        ("TIME_ZONE", "", "a zone like"),
        ("TIME_ZONE", "../../etc/passwd", "a zone like"),
        ("TIME_ZONE", "Europe", "a zone like"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: str) -> None:
    """With what was given, and what it must be."""
    monkeypatch.setenv("DATABASE_URL", "postgres://user@localhost/todo")
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=wanted) as error:
        load()
    shown = value.upper() if name == "LOG_LEVEL" else value
    assert str(error.value).startswith(f"{name}=")
    assert shown in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "todo"),
        ("DATABASE_URL", "secret@db.example.com/todo"),
        ("DATABASE_URL", "postgres://user:secret@db.example.com:port/todo"),
        ("DATABASE_URL", "postgres://user:secret@db.example.com"),
        ("DATABASE_URL", "mysql://user:secret@db.example.com/todo"),
        ("DATABASE_URL", "nosql://user:secret@db.example.com/todo"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://:secret@localhost"),
        ("REDIS_URL", "redis://:sec#secret@localhost:6379"),
        ("REDIS_URL", "redis://:secret@localhost:port"),
        ("REDIS_URL", "redis://localhost:6379?socket_timeout=secret"),
    ],
)
def test_a_bad_url_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """There is a password in it."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"^{name} can't be used: ") as error:
        load()
    assert "secret" not in f"{error.value}{error.value.__cause__ or ''}"


def test_what_the_example_calls_a_default_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them, taken literally, changes nothing."""
    monkeypatch.chdir(ROOT)
    without = load()
    without["LOGGING"] = without["LOGGING"]["root"]
    assert len(DEFAULTS) > 20
    for name, value in DEFAULTS.items():
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            found = load()
        found["LOGGING"] = found["LOGGING"]["root"]  # the rest is made of objects that equal nothing but themselves
        if name == "DATABASE_URL":  # there in the working directory, here beside manage.py
            assert (ROOT / found["DATABASES"]["default"]["NAME"]) == ROOT / "db.sqlite3"
            found["DATABASES"] = without["DATABASES"]
        assert found == without, name


def test_every_variable_is_in_the_example() -> None:
    """What the settings read is what `.env.example` explains, and nothing else."""
    source = (ROOT / "todo_project/settings.py").read_text()
    used = set(re.findall(r'(?:read|number|flag|time_zone|env\.\w+)\(\s*"([A-Z_]+)"', source)) - {"ENV_FILE"}
    assert used == {*DEFAULTS, "SECRET_KEY"}


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("EMAIL_HOST", "mail.example.com", lambda s: s["EMAIL_BACKEND"].endswith("smtp.EmailBackend")),
        ("EMAIL_SECURITY", "starttls", lambda s: (s["EMAIL_USE_TLS"], s["EMAIL_USE_SSL"]) == (True, False)),
        ("EMAIL_HOST", "", lambda s: s["EMAIL_BACKEND"].endswith("dummy.EmailBackend")),
        ("EMAIL_SECURITY", "TLS", lambda s: (s["EMAIL_USE_TLS"], s["EMAIL_USE_SSL"]) == (False, True)),
        ("DEFAULT_FROM_EMAIL", "Todo <a@example.com>", lambda s: s["DEFAULT_FROM_EMAIL"] == "Todo <a@example.com>"),
        ("PUBLIC_URL", "https://todo.example.com/team/", lambda s: s["PUBLIC_URL"] == "https://todo.example.com/team"),
        ("EVERYONE_LIST", "off", lambda s: s["EVERYONE_LIST"] is False),
        ("EVERYONE_LIST", " True ", lambda s: s["EVERYONE_LIST"] is True),
        ("ALLOWED_HOSTS", "a.example.com,b.example.com", lambda s: len(s["ALLOWED_HOSTS"]) == 2),
        ("HTTPS", "true", lambda s: s["SESSION_COOKIE_SECURE"] and s["CSRF_COOKIE_SECURE"]),
        ("HTTPS", "yes", lambda s: s["SECURE_HSTS_SECONDS"] > 0),
        ("WS_MAX_CONNECTIONS_PER_USER", "3", lambda s: s["REALTIME"]["MAX_CONNECTIONS_PER_USER"] == 3),
        ("WS_SEND_BUFFER_BYTES", "70000", lambda s: s["REALTIME"]["SEND_BUFFER_BYTES"] == 70000),
        ("ACCESS_TOKEN_MINUTES", "2", lambda s: s["SIMPLE_JWT"]["ACCESS_TOKEN_LIFETIME"].total_seconds() == 120),
        ("REFRESH_TOKEN_DAYS", "2", lambda s: s["SIMPLE_JWT"]["REFRESH_TOKEN_LIFETIME"].days == 2),
        ("TRASH_DAYS", "0", lambda s: s["TRASH_DAYS"] == 0),
        ("TRASH_DAYS", "0.05", lambda s: s["TRASH_DAYS"] == 0.05),
        ("EVENT_DAYS", "0.5", lambda s: s["REALTIME"]["EVENT_DAYS"] == 0.5),
        ("METRICS_ALLOWED_ADDRESSES", " 10.0.0.0/8, ::1,", lambda s: len(s["METRICS_ALLOWED_ADDRESSES"]) == 2),
        ("METRICS_ALLOWED_ADDRESSES", "", lambda s: s["METRICS_ALLOWED_ADDRESSES"] == []),
        ("METRICS_TOKEN", "0123456789abcdef", lambda s: s["METRICS_TOKEN"] == "0123456789abcdef"),
        ("TIME_ZONE", "Asia/Tokyo", lambda s: s["TIME_ZONE"] == "Asia/Tokyo"),
        ("LOG_LEVEL", "debug", lambda s: s["LOGGING"]["root"]["level"] == "DEBUG"),
    ],
)  # fmt: skip
def test_a_variable_reaches_its_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str, setting: Any) -> None:
    """In the form that it has there."""
    monkeypatch.setenv(name, value)
    assert setting(load())


@pytest.mark.parametrize("url", ["postgres://user:s%40cret@db:5433/todo", "postgresql://user:s%40cret@db:5433/todo"])
def test_a_postgresql_is_reached_through_a_pool(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Of the size that is wanted."""
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DATABASE_POOL_SIZE", "7")
    database = load()["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "todo")
    assert (database["USER"], database["PASSWORD"]) == ("user", "s@cret")
    assert database["OPTIONS"]["pool"]["max_size"] == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METRICS_TOKEN", "0123456789abcde"),
        ("METRICS_TOKEN", "0123456789 abcdef"),
        ("METRICS_TOKEN", "0123456789äbcdef"),
        ("SENTRY_DSN", "sentry.example.com"),
        ("SENTRY_DSN", "https://key@sentry.example.com"),
    ],
)
def test_a_bad_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Only its name, and what it must be."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"{name} can't be used: it must") as error:
        load()
    assert value not in str(error.value)


def test_sqlite_waits_for_others() -> None:
    """A writer takes its turn at the beginning, and readers go on."""
    options = load()["DATABASES"]["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] >= 5
    assert "journal_mode=WAL" in options["init_command"]


def test_without_a_key_it_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says how to make one. For development any will do, another one in each process."""
    for value in ("", None):
        monkeypatch.setenv("SECRET_KEY", value) if value is not None else monkeypatch.delenv("SECRET_KEY")
        with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY is missing\. Put .* secrets\.token_urlsafe"):
            load()
    monkeypatch.setenv("DEBUG", "true")
    assert len(load()["SECRET_KEY"]) >= 50
    assert load()["SECRET_KEY"] != load()["SECRET_KEY"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "", "manage.py: SECRET_KEY is missing."),
        ("CSRF_TRUSTED_ORIGINS", "todo.example.com", "CSRF_TRUSTED_ORIGINS"),
    ],
)
def test_commands_say_it_without_a_traceback(name: str, value: str, said: str) -> None:
    """And fail."""
    with pytest.raises(AssertionError, match=f"manage.py check: exit 1\n(.|\n)*{re.escape(said)}") as error:
        manage("check", env={name: value})
    assert "Traceback" not in str(error.value)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """What stands in `.env` is for what the environment leaves open."""
    file = tmp_path / ".env"
    file.write_text("LOG_LEVEL=ERROR\nACCESS_TOKEN_MINUTES=7\n")
    monkeypatch.setenv("ENV_FILE", str(file))
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("ACCESS_TOKEN_MINUTES", "1")
    monkeypatch.delenv("ACCESS_TOKEN_MINUTES")  # as it is to be afterwards, too: reading the file writes to os.environ
    found = load()
    assert found["LOGGING"]["root"]["level"] == "DEBUG"
    assert found["SIMPLE_JWT"]["ACCESS_TOKEN_LIFETIME"].total_seconds() == 420
