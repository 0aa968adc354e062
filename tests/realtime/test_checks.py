"""`manage.py check` finds what would otherwise be found by the first connection."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.db import connection
from django.test.utils import override_settings

from realtime.checks import check_settings


def ids() -> list[str]:
    return [str(message.id) for message in check_settings(None)]


def test_this_project_is_in_order() -> None:
    """And Django asks for it."""
    assert ids() == []
    with override_settings(REALTIME={"TYPO": 1}):
        assert "realtime.E001" in [message.id for message in run_checks()]


@pytest.mark.parametrize(
    ("realtime", "named"),
    [
        ({"RINGS": 1}, "RINGS"),
        ({"STREAMS_OF": "tasks.lists.access.streams_off"}, "streams_off"),
        ({"STREAMS_OF": "nowhere.streams_of"}, "nowhere"),
        ({"IDENTITIES_OF": "no_dot"}, "no_dot"),
        ({"PINNED_STREAMS": 5}, "int"),
        ({5: 6}, "int"),
        (["STREAMS_OF"], "list"),
    ],
    ids=str,
)
def test_a_mistake_in_the_setting_is_an_error(realtime: Any, named: str) -> None:
    """It says which, and where the keys are listed."""
    with override_settings(REALTIME=realtime):
        (error,) = check_settings(None)
    assert error.id == "realtime.E001"
    assert named in error.msg
    assert error.hint is not None
    assert "realtime/conf.py" in error.hint


def test_another_database_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that can't number events in one statement."""
    monkeypatch.setattr(type(connection._connections["default"]), "vendor", "oracle")  # type: ignore[attr-defined]
    assert ids() == ["realtime.E002"]


def test_without_streams_there_is_a_warning() -> None:
    """It works, but is hardly what is wanted."""
    given: Mapping[str, Any] = django_settings.REALTIME
    with override_settings(REALTIME={key: value for key, value in given.items() if key != "STREAMS_OF"}):
        assert ids() == ["realtime.W001"]


def test_sqlite_that_begins_late_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two writers at once would fail now and then."""
    options = {key: value for key, value in connection.settings_dict["OPTIONS"].items() if key != "transaction_mode"}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    assert ids() == ["realtime.W002"]


def test_a_missing_middleware_is_a_warning() -> None:
    """Events would not say who caused them."""
    others = [name for name in django_settings.MIDDLEWARE if "Attribution" not in name]
    with override_settings(MIDDLEWARE=others):
        assert ids() == ["realtime.W003"]
