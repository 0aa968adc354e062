"""Variables as people mistype them: each is named, with what is expected, before anything starts."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.environment import SETTINGS
from tests.servers import manage
from tests.test_settings import DEFAULTS, load

SECRET = "s3cr3t-that-nobody-may-see"
RANDOM = "wq3R-a7uEoxLzVtJk0_hYbTn2sPdGmCi"
SECRETS = [
    "SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "REDIS_URL", "REDIS_USERNAME", "REDIS_PASSWORD",
    "REDIS_SENTINEL_PASSWORD", "REDIS_ENCRYPTION_KEYS", "CACHE_URL", "METRICS_TOKEN", "SENTRY_DSN",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but what a test sets, and afterwards nothing that a file has added."""
    for name in [*DEFAULTS, *(f"{name}_FILE" for name in SECRETS)]:
        monkeypatch.setenv(name, "")  # so that it is put back, whatever a file adds
        monkeypatch.delenv(name)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    """The one line with which the start is refused."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as error:
        load()
    said = str(error.value)
    assert "\n" not in said
    assert SECRET not in f"{said}{error.value.__cause__ or ''}"
    return said


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


def from_file(monkeypatch: pytest.MonkeyPatch, path: Path, text: str) -> dict[str, Any]:
    path.write_bytes(text.encode())
    monkeypatch.setenv("ENV_FILE", str(path))
    return load()


@pytest.mark.parametrize(
    ("line", "password"),
    [
        ("REDIS_PASSWORD=abc #def", "abc"),
        ("REDIS_PASSWORD=abc#def  # a note", "abc#def"),
        ("REDIS_PASSWORD='abc #def'  # a note", "abc #def"),
        ('REDIS_PASSWORD="abc #def"', "abc #def"),
        ("REDIS_PASSWORD=#abc", "#abc"),
        ("REDIS_PASSWORD=$abc", "$abc"),
        ("REDIS_PASSWORD='${abc}'", "${abc}"),
        ("export REDIS_PASSWORD = abc\r", "abc"),
        ("REDIS_PASSWORD=  # to be filled in", None),
    ],
)
def test_comments_in_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, password: str) -> None:
    """` #` begins one, as the guide prints it; a value that holds it is written in quotes."""
    url = "REDIS_URL=rediss://redis.example.com:6380  # Note: two s"
    layer = from_file(monkeypatch, tmp_path / ".env", f"# a line\n{url}\n{line}\n")["CHANNEL_LAYERS"]["default"]
    assert layer["CONFIG"]["name"] == "rediss://redis.example.com:6380"
    assert layer["CONFIG"]["hosts"][0].get("password") == password


def test_the_last_of_two_lines_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As a shell and Compose have it, so that a line can be appended; the environment still wins."""
    file = tmp_path / ".env"
    text = "TIME_ZONE=UTC\nLOG_FORMAT=text\nTIME_ZONE=Europe/Berlin\nLOG_FORMAT=json\n"
    monkeypatch.setenv("TIME_ZONE", "Asia/Tokyo")
    monkeypatch.delenv("LOG_FORMAT", raising=False)
    assert from_file(monkeypatch, file, text)["TIME_ZONE"] == "Asia/Tokyo"
    monkeypatch.delenv("TIME_ZONE")
    assert load()["TIME_ZONE"] == "Europe/Berlin"


def test_a_doubled_variable_is_told(tmp_path: Path) -> None:
    """With both lines, without a value. A line that a template left empty is not one of them."""
    file = tmp_path / ".env"
    file.write_text(f"SECRET_KEY=\n# a line\nSECRET_KEY={RANDOM}\nREDIS_PASSWORD={SECRET}1\nREDIS_PASSWORD={SECRET}2\n")
    output = _check({"ENV_FILE": str(file)})
    assert f"{file}: REDIS_PASSWORD is set in lines 4 and 5; the last one counts." in output
    assert "SECRET_KEY is set" not in output
    assert SECRET not in output
    file.write_text("TIME_ZONE=UTC\nTIME_ZONE=\nTIME_ZONE=UTC\nTIME_ZONE=UTC\n")
    assert "TIME_ZONE is set in lines 1, 2, 3 and 4;" in _check({"ENV_FILE": str(file)})


@pytest.mark.parametrize("line", ["REDIS_URL redis://:SECRET@one", "REDIS_URL", "REDIS_PASSWORD='SECRET", "a b=SECRET"])
def test_a_line_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str) -> None:
    """By its number, without what it holds."""
    with pytest.raises(ImproperlyConfigured, match=r"\.env, line 2, can't be used: .*NAME=value") as error:
        from_file(monkeypatch, tmp_path / ".env", f"LOG_LEVEL=INFO\n{line.replace('SECRET', SECRET)}\n")
    assert SECRET not in str(error.value)


def test_a_file_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And be a file."""
    assert refusal(monkeypatch, ENV_FILE=str(tmp_path / "none")).startswith("ENV_FILE can't be used: ")
    assert str(tmp_path) in refusal(monkeypatch, ENV_FILE=str(tmp_path))


VALUES = {
    "SECRET_KEY": RANDOM,
    "SECRET_KEY_FALLBACKS": RANDOM,
    "DATABASE_URL": "postgres://todo:word@db/todo",
    "REDIS_URL": "redis://:word@localhost:6379",
    "REDIS_ENCRYPTION_KEYS": RANDOM,
    "CACHE_URL": "redis://:word@localhost:6379",
    "METRICS_TOKEN": RANDOM,
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """As from the variable, without the line break at its end; never from both, and a bad file is named."""
    value = VALUES.get(name, "a word")
    if name == "SENTRY_DSN":
        value = "https://key@sentry.example.com/1"
        monkeypatch.setattr("todo_project.telemetry._is_here", lambda module: True)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///db.sqlite3")
    if name != "REDIS_URL":
        monkeypatch.setenv("REDIS_URL", "redis://localhost:6379")
    monkeypatch.setenv(name, value)
    given = load()
    file = tmp_path / name
    for content in (f"{value}\n", value, f"{value}\r\n"):
        file.write_text(content)
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{name}_FILE", str(file))
        assert {**load(), "LOGGING": 0} == {**given, "LOGGING": 0}
    monkeypatch.setenv(name, " ")
    assert {**load(), "LOGGING": 0} == {**given, "LOGGING": 0}
    monkeypatch.setenv(name, value)
    said = refusal(monkeypatch)
    assert f"{name} can't be used: {name}_FILE is set too" in said
    assert value not in said
    monkeypatch.delenv(name)
    file.write_text("\n")
    assert refusal(monkeypatch).startswith(f"{name}_FILE can't be used: {file} is empty")
    for path, why in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        monkeypatch.setenv(f"{name}_FILE", str(path))
        said = refusal(monkeypatch)
        assert said.startswith(f"{name}_FILE can't be used: {path}: {why}")


def test_a_password_in_a_file_may_be_anything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Quotes, spaces, dollars and all."""
    password = """ "it's $a #word" """
    (tmp_path / "password").write_text(f"{password}\n")
    monkeypatch.setenv("REDIS_URL", "redis://localhost:6379")
    monkeypatch.setenv("REDIS_PASSWORD_FILE", str(tmp_path / "password"))
    assert load()["CHANNEL_LAYERS"]["default"]["CONFIG"]["hosts"][0]["password"] == password


def test_a_variable_that_nobody_reads_is_told() -> None:
    """By `check`, as a warning, without its value."""
    meant = {
        "REDIS_URLS": "REDIS_URL",
        "REDIS_PASWORD": "REDIS_PASSWORD",
        "REDIS_TLS": None,
        "DATABSE_URL": "DATABASE_URL",
        "ALOWED_HOSTS": "ALLOWED_HOSTS",
        "SECRET_KEY_FILES": "SECRET_KEY_FILE",
        "redis_url": "REDIS_URL",
    }
    output = _check(dict.fromkeys(meant, SECRET))
    for name, other in meant.items():
        hint = f"\n\tHINT: Did you mean {other}?" if other else ""
        assert f" {name} is set, and nothing reads it.{hint}" in output, output
    assert SECRET not in output


def test_variables_of_others_are_no_business_of_ours() -> None:
    """Those that Kubernetes adds for a Service named redis, and those of compose.yaml."""
    service = {"REDIS_PORT": "tcp://10.0.0.1:6379", "REDIS_SERVICE_HOST": "10.0.0.1", "REDIS_PORT_6379_TCP_ADDR": "x"}
    assert "W001" not in _check({**service, "REDIS_APP_PASSWORD": "x", "POSTGRES_PASSWORD": "x", "LOGNAME": "x"})


def test_what_is_risky_or_without_effect_is_told() -> None:
    """As a warning."""
    output = _check({"ALLOWED_HOSTS": "*", "REDIS_PASSWORD": "x"})
    assert "ALLOWED_HOSTS allows every host" in output
    assert "REDIS_PASSWORD is set, and no Redis is" in output
    assert "DEBUG is on" not in output


@pytest.mark.parametrize(
    ("hosts", "is_told"),
    [
        ("localhost,127.0.0.1,127.0.1.1,[::1],todo.localhost", False),
        ("localhost,todo.lan", True),
        ("192.168.0.2", True),
    ],
)
def test_debug_is_for_this_machine(hosts: str, is_told: bool) -> None:
    """Its error pages show the code."""
    assert ("DEBUG is on" in _check({"DEBUG": "true", "ALLOWED_HOSTS": hosts})) is is_told


def test_mail_without_a_link_or_a_sender_is_told():
    """With a mail server both are wanted."""
    told = _check({"EMAIL_HOST": "mail.example.com"})
    assert "mails have no link" in told
    assert "DEFAULT_FROM_EMAIL is not" in told
    complete = {"PUBLIC_URL": "https://todo.example.com", "DEFAULT_FROM_EMAIL": "todo@example.com"}
    assert "EMAIL_HOST" not in _check({"EMAIL_HOST": "mail.example.com", **complete})


def test_a_database_file_needs_its_folder(tmp_path: Path) -> None:
    """Else each request would fail, and the server would say that all is well."""
    with pytest.raises(AssertionError, match=r"DATABASE_URL can't be used: .*nowhere is not a folder"):
        manage("check", env={"DATABASE_URL": f"sqlite:///{tmp_path}/nowhere/db.sqlite3"})


@pytest.mark.parametrize(
    ("command", "variables"),
    [
        (("check",), {"SECRET_KEY": "a"}),
        (("check",), {"REDIS_SOCKET_TIMEOUT": "500ms"}),
        (("serve", "--port", "0"), {"REDIS_URL": ","}),
        (("serve", "--port", "0"), {"ALLOWED_HOSTS": "a:8000"}),
    ],
)
def test_neither_check_nor_the_server_starts(variables: dict[str, str], command: tuple[str, ...]) -> None:
    """One line, no traceback."""
    (name,) = variables
    with pytest.raises(AssertionError) as error:
        manage(*command, env=variables)
    lines = str(error.value).splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"manage.py: {name}")


def _check(variables: dict[str, str]) -> str:
    """What `manage.py check` prints, warnings included."""
    try:
        manage("check", "--fail-level", "WARNING", env=variables)
    except AssertionError as error:
        return str(error)
    return ""
