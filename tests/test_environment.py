"""Variables as people mistype them: each is named, with what is expected, before anything starts."""

import re
from typing import Any

import pytest

from tests.settings_of import DEFAULTS, RANDOM, SECRET, clean, load, refusal


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


MISTYPED = [
    # flags
    *((name, value, "true or false") for name in ("DEBUG", "HTTPS", "EVERYONE_LIST", "CACHE_SESSIONS", "REDIS_CLUSTER")
      for value in ("ture", "yes please", "enabled", "2", "'true'", "-1")),
    # numbers
    *(("DATABASE_POOL_SIZE", value, "number") for value in
      ("20 connections", "2O", "1,000", "1_000", "1e2", "nan", "inf", "٢٠", "0x20", "+", "twenty", "20.0")),
    *((name, value, "number of seconds") for name in ("REDIS_SOCKET_TIMEOUT", "REDIS_CONNECT_TIMEOUT")
      for value in ("500ms", "2s", "1,5", "nan", "inf", "-inf", "1_0", "2 s", "0.5.1", "1e400")),
    ("REDIS_SOCKET_TIMEOUT", "500000", "from 0.05 to"),
    ("WS_SEND_BUFFER_BYTES", "1MB", "number"),
    ("WS_SEND_BUFFER_BYTES", "1 048 576", "number"),
    ("ACCESS_TOKEN_MINUTES", "15m", "number"),
    ("REFRESH_TOKEN_DAYS", "-1", "from 1 to"),
    ("DATABASE_POOL_SIZE", "100000000", "from 5 to"),
    # host names
    ("ALLOWED_HOSTS", "https://todo.example.com", "without a scheme"),
    ("ALLOWED_HOSTS", "todo.example.com/", "without a scheme or a path"),
    ("ALLOWED_HOSTS", "a.example.com,todo.example.com:8000", "without a port"),
    ("ALLOWED_HOSTS", "*.example.com", "instead of *"),
    ("ALLOWED_HOSTS", "todo example.com", "host names"),
    ("ALLOWED_HOSTS", "a.example.com;b.example.com", "host names"),
    ("ALLOWED_HOSTS", " , ", "at least one"),
    ("ALLOWED_HOSTS", '["todo.example.com"]', "host names"),
    # origins
    *((name, value, "with the scheme and without a path")
      for name in ("CSRF_TRUSTED_ORIGINS", "CORS_ALLOWED_ORIGINS")
      for value in ("todo.example.com", "https://todo.example.com/", "https://todo.example.com/app", "https:todo",
                    "null", "ftp://todo.example.com", "https://todo.example.com:port", "https://todo.example.com:99999",
                    "*", "https://", "https://a.example.com b.example.com", "https://todo.example.com?x", "https://a:")),
    ("CORS_ALLOWED_ORIGINS", "https://*.example.com", "with the scheme"),
    # the rest
    ("TIME_ZONE", "localtime", "a zone like"),
    ("TIME_ZONE", "Factory", "a zone like"),
    ("TIME_ZONE", "europe/berlin", "a zone like"),
    ("TIME_ZONE", "GMT+2", "a zone like"),
    ("LOG_LEVEL", "WARN", "one of DEBUG, INFO"),
    ("LOG_LEVEL", "20", "one of DEBUG, INFO"),
    ("LOG_FORMAT", "jsonl", "text or json"),
    ("METRICS_ALLOWED_ADDRESSES", "*", "network"),
    ("METRICS_ALLOWED_ADDRESSES", "10.0.0.1:9090", "network"),
    ("METRICS_ALLOWED_ADDRESSES", "10.0.0.0/8 192.168.0.0/16", "network"),
    ("REDIS_SENTINELS", "one:26379 two:26379", "host:26379,host:26379"),
    ("REDIS_SENTINELS", "one:99999", "host:26379,host:26379"),
    ("REDIS_SENTINELS", "redis://one:26379", "host:26379,host:26379"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "http://host:4318"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://", "http://host:4318"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "wanted"), MISTYPED)
def test_a_mistyped_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: str) -> None:
    """In one line, with what is expected."""
    said = refusal(monkeypatch, DATABASE_URL="postgres://user@localhost/todo", **{name: value})
    assert said.startswith(name)
    assert wanted in said or "quotes" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", f"postgres://todo:{SECRET}%zz@db/todo"),
        ("DATABASE_URL", f"postgres://todo:{SECRET}/@db/todo"),
        ("DATABASE_URL", f"postgres://todo:{SECRET}@db:0/todo"),
        ("DATABASE_URL", f"postgres://todo:{SECRET}@db/todo?sslmode=on"),
        ("DATABASE_URL", f"postgres://todo:{SECRET}@db/todo?no_such_option=1"),
        ("DATABASE_URL", f"postgres://todo:{SECRET}@db/todo?sslrootcert=/nowhere/ca.crt&sslmode=verify-full"),
        ("DATABASE_URL", f"postgres://todo:{SECRET}@db/todo?connect_timeout=2s"),
        ("DATABASE_URL", f"todo:{SECRET}@db/todo"),
        ("DATABASE_URL", "sqlite://db.sqlite3"),
        ("DATABASE_URL", "sqlite://?"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "/var/lib/todo/db.sqlite3"),
        ("DATABASE_URL", '"sqlite:///db.sqlite3"'),
        ("DATABASE_URL", "   "),
        ("REDIS_URL", f":{SECRET}@redis:6379"),
        ("REDIS_URL", f"redis://:{SECRET}@redis:99999"),
        ("REDIS_URL", f"redis://:{SECRET}@redis:6379 redis://two:6379"),
        ("REDIS_URL", f"redis://:{SECRET}%zz@redis:6379"),
        ("REDIS_URL", f"'redis://:{SECRET}@redis:6379'"),
        ("REDIS_URL", f"redis://:{SECRET}@redis:6379?socket_timeout=500ms"),
        ("REDIS_URL", f"redis://:{SECRET}@redis:6379?socket_timeout=nan"),
        ("REDIS_URL", f"redis://:{SECRET}@redis:6379?socket_connect_timeout=-1"),
        ("REDIS_URL", f"redis://:{SECRET}@redis:6379?health_check_interval=inf"),
        ("REDIS_URL", f"redis://:{SECRET}@redis:6379?max_connections=1"),
        ("REDIS_URL", f"redis://:{SECRET}@redis:6379?decode_responses=true"),
        ("REDIS_URL", ","),
        ("REDIS_URL", " , "),
        ("CACHE_URL", f"redis://:{SECRET}@one:6379,redis://two:6379"),
        ("CACHE_URL", f"memcached://:{SECRET}@one:11211"),
        ("CACHE_URL", f"redis://:{SECRET}@redis:6379?socket_timeout=nan"),
        ("REDIS_ENCRYPTION_KEYS", ","),
        ("REDIS_ENCRYPTION_KEYS", SECRET),
        ("REDIS_PASSWORD", f"'{SECRET}'"),
        ("REDIS_PASSWORD", f"{SECRET}\nREDIS_URL="),
        ("METRICS_TOKEN", f'"{SECRET}"'),
        ("METRICS_TOKEN", "short"),
        ("SENTRY_DSN", f"{SECRET}@sentry.example.com/1"),
        ("SECRET_KEY", "a"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "ab" * 30),
        ("SECRET_KEY", "django-insecure-" + RANDOM),
        ("SECRET_KEY", "change-me-to-something-long-and-random"),
        ("SECRET_KEY", f'"{RANDOM}"'),
        ("SECRET_KEY_FALLBACKS", f"{RANDOM},a"),
    ],
)
def test_a_mistyped_secret_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Nor anything of it."""
    said = refusal(monkeypatch, **{name: value})
    assert re.match(rf"{name}('s \w+)? can't be used: ", said), said
    assert value.strip() == "" or value not in said or len(value) < 2


@pytest.mark.parametrize(
    "name", ["ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "CORS_ALLOWED_ORIGINS", "OTEL_EXPORTER_OTLP_ENDPOINT"]
)
def test_a_password_in_the_wrong_place_is_not_shown(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Where somebody pasted the wrong line."""
    assert refusal(monkeypatch, **{name: f"redis://:{SECRET}@redis:6379"}).startswith(f"{name} can't be used: ")


@pytest.mark.parametrize("blank", ["", " ", "\t", "\n"])
@pytest.mark.parametrize("name", [name for name in DEFAULTS if not DEFAULTS[name]])
def test_a_blank_value_is_an_empty_one(monkeypatch: pytest.MonkeyPatch, name: str, blank: str) -> None:
    """As where a template left it open."""
    monkeypatch.chdir("/")
    without = load()
    monkeypatch.setenv(name, blank)
    found = load()
    assert {**found, "LOGGING": 0} == {**without, "LOGGING": 0}


@pytest.mark.parametrize(
    ("name", "value", "setting", "wanted"),
    [
        ("ALLOWED_HOSTS", "a.example.com, b.example.com ,", "ALLOWED_HOSTS", ["a.example.com", "b.example.com"]),
        ("ALLOWED_HOSTS", "Todo.Example.com.,::1,.lan,münchen.de", "ALLOWED_HOSTS",
         ["todo.example.com", "[::1]", ".lan", "xn--mnchen-3ya.de"]),
        ("CSRF_TRUSTED_ORIGINS", "https://a.example.com, https://B.example.com.:443 ,http://[::1]:8000",
         "CSRF_TRUSTED_ORIGINS", ["https://a.example.com", "https://b.example.com", "http://[::1]:8000"]),
        ("CSRF_TRUSTED_ORIGINS", "https://*.example.com", "CSRF_TRUSTED_ORIGINS", ["https://*.example.com"]),
        ("CORS_ALLOWED_ORIGINS", "https://a.example.com, http://b.lan:80", "CORS_ALLOWED_ORIGINS",
         ["https://a.example.com", "http://b.lan"]),
        ("SECRET_KEY_FALLBACKS", f"{RANDOM}, {RANDOM[::-1]}", "SECRET_KEY_FALLBACKS", [RANDOM, RANDOM[::-1]]),
        ("METRICS_TOKEN", " 0123456789abcdef\n", "METRICS_TOKEN", "0123456789abcdef"),
    ],
)  # fmt: skip
def test_lists_are_read_as_they_are_meant(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, setting: str, wanted: Any
) -> None:
    """With spaces, capitals, the default port or a dot at the end: as a browser sends it."""
    monkeypatch.setenv(name, value)
    assert load()[setting] == wanted


def test_a_dollar_sign_is_a_dollar_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """One random key in fifty begins with one; nothing is interpolated, in no variable."""
    monkeypatch.setenv("OTHER", "something else")
    monkeypatch.setenv("SECRET_KEY", f"$OTHER{RANDOM}")
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", f"$SECRET_KEY{RANDOM}")
    monkeypatch.setenv("REDIS_URL", "redis://localhost:6379")
    monkeypatch.setenv("REDIS_PASSWORD", "$OTHER")
    monkeypatch.setenv("REDIS_ENCRYPTION_KEYS", f"$a{RANDOM}")
    monkeypatch.setenv("METRICS_TOKEN", "$OTHER0123456789")
    monkeypatch.setenv("DATABASE_URL", "postgres://todo:$OTHER@db/todo")
    found = load()
    layer = found["CHANNEL_LAYERS"]["default"]["CONFIG"]
    assert found["SECRET_KEY"] == f"$OTHER{RANDOM}"
    assert found["SECRET_KEY_FALLBACKS"] == [f"$SECRET_KEY{RANDOM}"]
    assert layer["symmetric_encryption_keys"] == [f"$a{RANDOM}"]
    assert layer["hosts"][0]["password"] == "$OTHER"
    assert found["METRICS_TOKEN"] == "$OTHER0123456789"
    assert found["DATABASES"]["default"]["PASSWORD"] == "$OTHER"
