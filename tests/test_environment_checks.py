"""What `manage.py check` and `serve` say of variables: as processes, and where only settings matter, in this one."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from tests.servers import manage
from tests.settings_of import RANDOM, SECRET


def test_a_doubled_variable_is_told(tmp_path: Path) -> None:
    """With all its lines, without a value. A line that a template left empty is not one of them."""
    file = tmp_path / ".env"
    secrets = f"SECRET_KEY=\n# a line\nSECRET_KEY={RANDOM}\nREDIS_PASSWORD={SECRET}1\nREDIS_PASSWORD={SECRET}2\n"
    file.write_text(f"{secrets}TIME_ZONE=UTC\nTIME_ZONE=\nTIME_ZONE=UTC\nTIME_ZONE=UTC\n")
    output = _check({"ENV_FILE": str(file)})
    assert f"{file}: REDIS_PASSWORD is set in lines 4 and 5; the last one counts." in output
    assert "TIME_ZONE is set in lines 6, 7, 8 and 9;" in output
    assert "SECRET_KEY is set" not in output
    assert SECRET not in output


def test_a_variable_that_nobody_reads_is_told() -> None:
    """As a warning, without its value; and so is what is risky or without effect. Variables that Kubernetes adds for a
    Service named redis, and those of compose.yaml, are not.
    """
    meant = {
        "REDIS_URLS": "REDIS_URL",
        "REDIS_PASWORD": "REDIS_PASSWORD",
        "REDIS_TLS": None,
        "DATABSE_URL": "DATABASE_URL",
        "ALOWED_HOSTS": "ALLOWED_HOSTS",
        "SECRET_KEY_FILES": "SECRET_KEY_FILE",
        "redis_url": "REDIS_URL",
    }
    others = [
        *("REDIS_PORT", "REDIS_SERVICE_HOST", "REDIS_PORT_6379_TCP_ADDR"),
        *("REDIS_APP_PASSWORD", "POSTGRES_PASSWORD", "LOGNAME"),
    ]
    risky = {"ALLOWED_HOSTS": "*", "REDIS_PASSWORD": SECRET}
    output = _check({**dict.fromkeys([*meant, *others], SECRET), **risky})
    for name, other in meant.items():
        hint = f"\n\tHINT: Did you mean {other}?" if other else ""
        assert f" {name} is set, and nothing reads it.{hint}" in output, output
    assert output.count("nothing reads it") == len(meant)
    assert "ALLOWED_HOSTS allows every host" in output
    assert "REDIS_PASSWORD is set, and no Redis is" in output
    assert "DEBUG is on" not in output
    assert SECRET not in output


@pytest.mark.parametrize(
    ("hosts", "named"),
    [
        ("localhost,127.0.0.1,127.0.1.1,[::1],todo.localhost", ""),
        ("localhost,todo.lan", ", and ALLOWED_HOSTS has todo.lan"),
        ("192.168.0.2", ", and ALLOWED_HOSTS has 192.168.0.2"),
    ],
)
def test_debug_is_told(settings: Any, hosts: str, named: str) -> None:
    """Its error pages show the code; hosts that are not this machine are named."""
    settings.DEBUG, settings.ALLOWED_HOSTS = True, hosts.split(",")
    assert f"DEBUG is on{named}: error pages show code" in _told()
    assert "Set DEBUG=false" in _told()
    settings.DEBUG = False
    assert "DEBUG is on" not in _told()


def test_mail_without_a_link_or_a_sender_is_told(settings: Any) -> None:
    """With a mail server both are wanted."""
    settings.EMAIL_HOST = "mail.example.com"
    assert "mails have no link" in _told()
    assert "DEFAULT_FROM_EMAIL is not" in _told()
    settings.PUBLIC_URL, settings.DEFAULT_FROM_EMAIL = "https://todo.example.com", "todo@example.com"
    assert "EMAIL_HOST" not in _told()


def test_a_database_file_needs_its_folder(tmp_path: Path) -> None:
    """Else each request would fail, and the server would say that all is well."""
    with pytest.raises(AssertionError, match=r"DATABASE_URL can't be used: .*nowhere is not a folder"):
        manage("check", env={"DATABASE_URL": f"sqlite:///{tmp_path}/nowhere/db.sqlite3"})


def test_what_is_secret_is_for_one_user(tmp_path: Path) -> None:
    """A database is made so, with the files beside it; what exists, and a .env, stays as it is, with a warning."""
    file, env_file = tmp_path / "db.sqlite3", tmp_path / ".env"
    env_file.touch(0o644)
    env = {"DATABASE_URL": f"sqlite:///{file}", "ENV_FILE": str(env_file)}
    look = "import os; from django.db import connection; connection.cursor().execute('CREATE TABLE a (b)')"
    show = f"[print(oct(os.stat('{file}' + end).st_mode)) for end in ('', '-wal', '-shm')]"
    assert manage("shell", "--verbosity", "0", "--command", f"{look}; {show}", env=env).split() == ["0o100600"] * 3
    assert f"can read {file}" not in _check(env)
    file.chmod(0o644)
    output = _check(env)
    assert [output.count(f"Every user of this machine can read {path}.") for path in (file, env_file)] == [1, 1]
    assert file.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("command", "variables"),
    [
        (("check",), {"SECRET_KEY": "a"}),
        (("check",), {"LOG_LEVEL": "loud"}),
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


def _told() -> str:
    """What the same checks say of this process's settings."""
    return "\n".join(str(message) for message in run_checks())
