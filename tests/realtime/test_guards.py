"""Private things of other packages: all are there in the installed versions, and a missing one is named."""

import itertools
import subprocess
import sys
from asyncio.sslproto import SSLProtocol
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db.backends.base.base import BaseDatabaseWrapper

from realtime.guards import EVERYWHERE, SERVER, Guard, assigned_in, faults, present, takes
from tests.servers import ROOT


class Borrowed:
    """Stands for another package's class."""

    kept = 1

    def __init__(self) -> None:
        self._inside = 2

    def method(self, group: str, more: int = 0) -> None: ...

    def demanding(self, group: str, timeout: float) -> None: ...

    @property
    def computed(self) -> int:
        return 3


def guard(name: str, shape: Any, *, owner: str = f"{__name__}:Borrowed") -> Guard:
    return Guard("django", "5.2.19", owner, name, shape, "realtime.somewhere")


def faults_of(one: Guard, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or __import__(__name__))
    monkeypatch.setattr(sys.modules[__name__], "Borrowed", Borrowed, raising=False)
    fault = one.fault()
    return [fault] if fault else []


@pytest.mark.parametrize("one", EVERYWHERE, ids=lambda one: f"{one.owner}.{one.name}")
def test_what_any_process_uses_is_there(one: Guard) -> None:
    """In the versions that are installed."""
    assert one.fault() is None


def test_what_the_server_uses_is_there() -> None:
    """In a process of its own, as `serve` looks at it."""
    code = "from realtime import guards; print([error.msg for error in guards.faults(guards.SERVER)])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
    assert SERVER


@pytest.mark.parametrize(
    ("name", "shape", "wrong"),
    [
        ("kept", present, None),
        ("computed", present, None),
        ("gone", present, "is not there"),
        ("method", takes("group"), None),
        ("method", takes("group", "more"), None),
        ("method", takes("channel"), "takes (group, more) instead of (channel)"),
        ("demanding", takes("group"), "takes (group, timeout) instead of (group)"),
        ("kept", takes(), "is not a function"),
        ("_inside", assigned_in("__init__", "_inside"), None),
        ("_other", assigned_in("__init__", "_other"), "is no longer set in __init__()"),
        ("_other", assigned_in("absent", "_other"), "is no longer set in absent()"),
    ],
    ids=map(str, itertools.count()),
)
def test_a_shape_is_looked_at(name: str, shape: Any, wrong: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what differs is said."""
    found = faults_of(guard(name, shape), monkeypatch)
    assert found == ([f"{__name__}:Borrowed.{name} {wrong}"] if wrong else [])


@pytest.mark.parametrize("owner", ["django.nowhere", "django.db:Nobody"])
def test_an_owner_that_is_gone_is_named(owner: str) -> None:
    """A module or a class."""
    fault = guard("x", present, owner=owner).fault()
    assert fault is not None
    assert fault.startswith(f"{owner} is not there")


def test_the_message_names_versions_and_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """`manage.py check` has it, and says what to install."""
    monkeypatch.delattr(BaseDatabaseWrapper, "_savepoint_commit")
    (error,) = [message for message in run_checks() if message.id == "realtime.E003"]
    assert error.msg.startswith("django 5.")
    assert "_savepoint_commit is not there" in error.msg
    assert "realtime.backends.event_log" in error.msg
    assert "django==5.2.19" in str(error.hint)


def test_a_package_that_is_not_installed_is_not_looked_at() -> None:
    """Without it, what uses it is not used."""
    assert faults([guard("x", present, owner="no_such_package.module:Class")]) == []


def test_serve_refuses_before_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, with status 2."""
    monkeypatch.delattr(SSLProtocol, "max_size")
    with pytest.raises(CommandError, match=r"python.*max_size.*realtime\.E003") as refused:
        call_command("serve", port=0, skip_checks=True)
    assert refused.value.returncode == 2
