"""Variables from files: .env, and one file for each secret."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.settings_of import RANDOM, SECRET, SECRETS, clean, load, refusal


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


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


@pytest.mark.parametrize(("here", "there"), [("SECRET_KEY", "SECRET_KEY_FILE"), ("SECRET_KEY_FILE", "SECRET_KEY")])
def test_the_environment_wins_in_either_form(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, here: str, there: str
) -> None:
    """A secret and the file that has it are one setting. Both in one place are a mistake, and both are named."""
    values = {"SECRET_KEY": RANDOM, "SECRET_KEY_FILE": str(tmp_path / "key")}
    other = {"SECRET_KEY": RANDOM[::-1], "SECRET_KEY_FILE": str(tmp_path / "none")}
    (tmp_path / "key").write_text(RANDOM)
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv(here, values[here])
    assert from_file(monkeypatch, tmp_path / ".env", f"{there}={other[there]}\n")["SECRET_KEY"] == RANDOM
    monkeypatch.delenv(here)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    said = refusal(monkeypatch)
    assert said.endswith("SECRET_KEY_FILE is set too: keep SECRET_KEY or SECRET_KEY_FILE, and remove the other one.")
