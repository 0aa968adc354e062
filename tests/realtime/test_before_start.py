"""What `manage.py serve` says at its start of a situation that an operator should know."""

import json
from pathlib import Path

import pytest

from tests.servers import Serve, wait_until

PENDING = "Migrations are pending: run manage.py migrate."
SEPARATE = "2 workers and no Redis: a change reaches the clients of another worker within a second, not at once."
DEBUGGING = "DEBUG is on behind a proxy"


def test_pending_migrations_are_named_first(tmp_path: Path) -> None:
    """Once, and no job that meets a missing table logs a traceback."""
    with Serve(tmp_path, env={"DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3"}) as serve:
        wait_until(lambda: "Old events could not be deleted" in _log(serve), timeout=20, what="a try to prune")
        log = _log(serve)
    assert PENDING in log.splitlines()[0]
    assert log.count(PENDING) == 1
    assert "Traceback" not in log


def test_workers_without_redis(tmp_path: Path, sqlite_database: dict[str, str]) -> None:
    """One line of the parent. A migrated database is not mentioned."""
    with Serve(tmp_path, "--workers", "2", env=sqlite_database) as serve:
        log = _log(serve)
    assert log.count(SEPARATE) == 1
    assert "Migrations" not in log
    with Serve(tmp_path, env=sqlite_database) as serve:
        assert "no Redis" not in _log(serve)


def test_debug_behind_a_proxy(tmp_path: Path) -> None:
    """Error pages would show the code to everybody."""
    env = {"DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3", "DEBUG": "true"}
    with Serve(tmp_path, "--proxy-headers", env=env) as serve:
        assert _log(serve).count(DEBUGGING) == 1
    with Serve(tmp_path, env=env) as serve:
        assert DEBUGGING not in _log(serve)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_warnings_of_checks(tmp_path: Path, sqlite_database: dict[str, str], log_format: str) -> None:
    """One line each, with what to do, in the log's format; once for all workers."""
    env = {**sqlite_database, "ALLOWED_HOSTS": "*", "DEBUG": "false", "LOG_FORMAT": log_format}
    with Serve(tmp_path, "--workers", "2", env=env) as serve:
        lines = _log(serve).splitlines()
    said = [json.loads(line) for line in lines] if log_format == "json" else [{"event": line} for line in lines]
    (warning,) = [line for line in said if "ALLOWED_HOSTS" in line["event"]]
    assert warning["event"].startswith("(todo_project.W002) ALLOWED_HOSTS allows every host. HINT: Name the hosts")
    assert warning.get("level", "warning") == "warning"
    assert "System check" not in str(said)


def test_an_error_of_a_check_prevents_the_start(tmp_path: Path) -> None:
    """As Django says it."""
    serve = Serve(tmp_path, env={"DATABASE_URL": f"sqlite:///{tmp_path}/nowhere/db.sqlite3"})
    with pytest.raises(AssertionError, match="SystemCheckError"), serve:
        pass


def _log(serve: Serve) -> str:
    return serve.log.read_text()
