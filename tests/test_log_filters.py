"""What the log leaves out, by the filters that the settings name."""

import logging
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError, ProgrammingError

from todo_project.log_filters import REPEAT_SECONDS, ExpectedRefusals, Outages, RefusedHosts


def record(name: str, message: str, *args: Any, error: BaseException | None = None, **extra: Any) -> logging.LogRecord:
    exc_info = (type(error), error, None) if error else None
    made = logging.LogRecord(name, logging.ERROR, "file.py", 1, message, args, exc_info)
    vars(made).update(extra)
    return made


def away() -> OperationalError:
    error = OperationalError("connection refused\n\tIs the server running?")
    error.__cause__ = psycopg.OperationalError()
    return error


def test_a_wrong_host_is_one_line() -> None:
    """At WARNING, without a traceback, however long the name is; the line of the answer is left out."""
    request = SimpleNamespace()
    line = record(
        "django.security.DisallowedHost", "Invalid %s", "x" * 5000, error=DisallowedHost("x"), request=request
    )
    assert RefusedHosts().filter(line)
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    assert len(line.getMessage()) <= 300
    assert not RefusedHosts().filter(record("django.request", "%s: %s", "Bad Request", "/login", request=request))
    assert RefusedHosts().filter(record("django.request", "%s: %s", "Not Found", "/", request=SimpleNamespace()))


def test_wrong_hosts_are_one_line_a_minute() -> None:
    """With the number of those left out; their answers have no line of their own. Other kinds are told each time."""
    now = 1000.0
    hosts = RefusedHosts(clock=lambda: now)

    def refused(kind: str, number: int) -> tuple[logging.LogRecord, SimpleNamespace]:
        request = SimpleNamespace()
        return record(f"django.security.{kind}", "Invalid %s", number, request=request, status_code=400), request

    made = [refused("DisallowedHost", number) for number in range(100)]
    assert [hosts.filter(line) for line, _ in made] == [True] + [False] * 99
    for _, request in made:
        assert not hosts.filter(record("django.request", "Bad Request", request=request, status_code=400))
    assert all(hosts.filter(refused("SuspiciousOperation", number)[0]) for number in range(2))
    now += REPEAT_SECONDS
    last, _ = refused("DisallowedHost", 100)
    assert hosts.filter(last)
    assert last.getMessage() == "Invalid 100 (99 more of these lines since the last one)"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 429])
def test_what_is_refused_as_it_should_be_is_no_warning(status: int) -> None:
    """Scanners cause it all day. What no view has seen, what fails, and the cause of a 400 stay as they are."""

    def level(name: str, **extra: Any) -> str:
        line = record(name, "Refused", **extra)
        assert ExpectedRefusals().filter(line)
        return line.levelname

    request = SimpleNamespace()
    assert level("django.request", request=request, status_code=status) == "INFO"
    assert level("django.security.csrf", request=request, status_code=status) == "INFO"
    assert level("django.request", request=None, status_code=status) == "ERROR"
    assert level("django.request", request=request, status_code=500) == "ERROR"
    failed = level("django.request", request=request, status_code=status, error=ValueError())
    assert failed == ("ERROR" if status == 400 else "INFO")
    assert level("another", request=request, status_code=status) == "ERROR"


def test_what_is_no_warning_is_left_out_where_the_log_has_warnings_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """LOG_LEVEL counts for it, although Django has logged it at a higher level."""
    monkeypatch.setattr(logging.getLogger(), "level", logging.WARNING)
    assert not ExpectedRefusals().filter(
        record("django.request", "Not Found", request=SimpleNamespace(), status_code=404)
    )


def test_an_outage_is_told_once_and_then_counted() -> None:
    """One line with the reason, then nothing for a while, then a line that says how many there were."""
    now = 1000.0
    outages = Outages(clock=lambda: now)
    lines = [record("realtime.delivery.hub", "The event log could not be read", error=away()) for _ in range(100)]
    assert [outages.filter(line) for line in lines] == [True] + [False] * 99
    assert lines[0].getMessage() == "The event log could not be read: connection refused Is the server running?"
    assert (lines[0].levelname, lines[0].exc_info) == ("WARNING", None)
    now += REPEAT_SECONDS
    last = record("realtime.delivery.hub", "The event log could not be read", error=away())
    assert outages.filter(last)
    assert last.getMessage().endswith(" (99 more of these lines since the last one)")


def test_kinds_of_lines_are_counted_by_themselves() -> None:
    """By their logger and template, whatever they say of; the pool's lines and answers with 503 too."""
    outages = Outages()
    for kind in (
        lambda number: record("psycopg.pool", "error connecting in %r: %s", "pool-1", number),
        lambda number: record("django.request", "%s: %s", "Service Unavailable", f"/{number}", status_code=503),
        lambda number: record("tasks", "The database is unavailable", error=away()),
    ):
        assert [outages.filter(kind(number)) for number in range(3)] == [True, False, False]


@pytest.mark.parametrize("error", [ProgrammingError("no such column"), OperationalError("no such table"), ValueError()])
def test_an_error_of_our_own_keeps_its_traceback(error: Exception) -> None:
    """Each time."""
    if isinstance(error, OperationalError):
        import sqlite3

        error.__cause__ = sqlite3.OperationalError("no such table")
    outages = Outages()
    for _ in range(2):
        line = record("django.request", "%s: %s", "Internal Server Error", "/", error=error, status_code=500)
        assert outages.filter(line)
        assert line.exc_info
        assert line.levelname == "ERROR"


def test_a_percent_sign_in_a_reason() -> None:
    """Is no placeholder."""
    error = InterfaceError("100%s full")
    line = record("x", "It failed", error=error)
    assert Outages().filter(line)
    assert line.getMessage() == "It failed: 100%s full"
