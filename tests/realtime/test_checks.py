"""`manage.py check` finds what would otherwise be found by the first connection."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections, models
from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper as SqliteWrapper
from django.test.utils import isolate_apps, override_settings

from realtime.checks import check_isolation, check_settings
from realtime.consumers import EventConsumer
from realtime.events.live import LiveManager, LiveModel, LiveQuerySet
from realtime.events.live_checks import check_live_model


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
        *(({name: value}, f"REALTIME['{name}'] can't be {value!r}: it must be a {wanted}") for name, value, wanted in [
            ("HISTORY_SIZE", 0, "whole number from 1 to 1000000."),
            ("HISTORY_SIZE", 2.5, "whole number"),
            ("EVENT_DAYS", -1, "number from 0 to 36500."),
            ("EVENT_DAYS", float("inf"), "number"),
            ("POLL_SECONDS", 0, "number from 0.05 to 3600."),
            ("HELLO_SECONDS", float("nan"), "number"),
            ("GAP_SECONDS", "0.05", "number"),
            ("HEARTBEAT_SECONDS", True, "number"),
            ("IDLE_FEED_SECONDS", None, "number"),
            ("MAX_CONNECTIONS_PER_USER", 0, "whole number"),
            ("SEND_BUFFER_BYTES", -1, "whole number"),
            ("MAX_BODY_BYTES", 2**31, "whole number"),
        ]),
        (["STREAMS_OF"], "list"),
    ],
    ids=str,
)  # fmt: skip
def test_a_mistake_in_the_setting_is_an_error(realtime: Any, named: str) -> None:
    """It says which, and where the keys are listed. No server starts with it."""
    with override_settings(REALTIME=realtime):
        (error,) = check_settings(None)
        with pytest.raises((ImproperlyConfigured, ImportError, TypeError, AttributeError), match=re.escape(named)):
            EventConsumer()
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


def test_an_ordinary_backend_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint is the line to write."""
    plain = {"sqlite": SqliteWrapper, "postgresql": PostgresWrapper}[connection.vendor]
    monkeypatch.setattr(connections["default"], "__class__", plain)
    (error,) = check_settings(None)
    assert error.id == "realtime.E004"
    assert "realtime.backends." in str(error.hint)


@pytest.mark.parametrize(
    "options",
    [
        {"isolation_level": 3},
        {"isolation_level": 4},
        {"options": "-c default_transaction_isolation=serializable"},
        {"options": "-c statement_timeout=5 -c default_transaction_isolation=repeatable\\ read"},
        {"options": "-c DEFAULT_TRANSACTION_ISOLATION='Serializable'"},
    ],
    ids=str,
)
def test_a_strict_isolation_level_is_an_error(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]) -> None:
    """Of two writers to one stream at a time one would fail."""
    monkeypatch.setattr(type(connections["default"]), "vendor", "postgresql")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    assert ids() == ["realtime.E008"]


@pytest.mark.parametrize("options", [{"isolation_level": 2}, {"options": "-c statement_timeout=5"}], ids=str)
def test_an_ordinary_isolation_level_is_in_order(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]) -> None:
    """Also where it is named."""
    monkeypatch.setattr(type(connections["default"]), "vendor", "postgresql")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    assert ids() == []


@pytest.mark.databases
@pytest.mark.django_db
def test_the_servers_own_isolation_level_is_asked_for() -> None:
    """A role or a database can have one; only where the database is named may it be asked."""
    assert check_isolation(None) == check_isolation(None, databases=["default"]) == []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL default_transaction_isolation = 'serializable'")
        assert [error.id for error in check_isolation(None, databases=["default"])] == ["realtime.E008"]


class ElsewhereRouter:
    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return "elsewhere" if model.__name__ == "Checked" else None


class HiddenManager(LiveManager):
    def get_queryset(self) -> Any:
        return super().get_queryset().exclude(version=0)


class PlainBase(models.Model):
    class Meta:
        abstract = True


def live_model_ids(*bases: type[Any], **attributes: Any) -> list[str]:
    """What is found of a live model with these attributes."""
    with isolate_apps("realtime"):
        meta = type("Meta", (), {"app_label": "realtime", **attributes.pop("meta", {})})
        model = type("Checked", bases or (LiveModel,), {"__module__": __name__, "Meta": meta, **attributes})
        return [str(message.id) for message in check_live_model(model)]


def test_a_live_model_is_in_order() -> None:
    """With managers of its own, too, if these are live."""
    assert live_model_ids() == []
    assert live_model_ids(objects=LiveManager(), shown=HiddenManager()) == []
    assert live_model_ids(objects=LiveQuerySet.as_manager()) == []


@pytest.mark.parametrize(
    "attributes",
    [
        {"objects": models.Manager()},
        {"plain": models.Manager()},
        {"objects": HiddenManager()},
        {"shown": HiddenManager(), "meta": {"base_manager_name": "shown"}},
        {"plain": models.Manager(), "meta": {"base_manager_name": "plain"}},
    ],
    ids=["silent objects", "silent beside objects", "hiding objects", "hiding base", "silent base"],
)
def test_a_manager_that_is_silent_or_hides_rows_is_an_error(attributes: dict[str, Any]) -> None:
    """Its bulk writes would be told to nobody."""
    assert set(live_model_ids(**attributes)) == {"realtime.E005"}


def test_a_base_manager_of_another_parent_is_an_error() -> None:
    """Django takes that of the first parent; on_delete=SET_NULL writes by it."""
    assert live_model_ids(PlainBase, LiveModel) == ["realtime.E005"]
    assert live_model_ids(LiveModel, PlainBase) == []


def test_an_inherited_table_is_an_error() -> None:
    """A proxy has none of its own."""
    with isolate_apps("realtime"):
        meta = {"Meta": type("Meta", (), {"app_label": "realtime"}), "__module__": __name__}
        parent = type("Parent", (LiveModel,), dict(meta))
        child = type("Child", (parent,), dict(meta))
        proxy_meta = type("Meta", (), {"app_label": "realtime", "proxy": True})
        proxy = type("Proxy", (parent,), {"Meta": proxy_meta, "__module__": __name__})
        assert [message.id for message in check_live_model(child)] == ["realtime.E007"]
        assert list(check_live_model(proxy)) == []


def test_another_database_than_the_logs_is_an_error() -> None:
    """A change and its event have to commit together."""
    with override_settings(DATABASE_ROUTERS=[ElsewhereRouter()]):
        assert live_model_ids() == ["realtime.E006"]


def test_a_many_to_many_field_is_a_warning() -> None:
    """Its rows are in a table that nobody watches; a live `through` has its own events, a silent field needs none."""
    assert live_model_ids(others=models.ManyToManyField("auth.Group")) == ["realtime.W004"]
    silent = {"others": models.ManyToManyField("auth.Group"), "silent_fields": frozenset({"others"})}
    assert live_model_ids(**silent) == []


@pytest.mark.parametrize(
    "on_delete",
    [models.SET_DEFAULT, models.SET(lambda: None), models.SET_NULL, models.SET(None)],
    ids=["SET_DEFAULT", "SET callable", "SET_NULL", "SET value"],
)
def test_an_on_delete_that_is_silent_is_an_error(on_delete: Any) -> None:
    """Django updates by the manager where it has not read the rows, and past it where it has."""
    relation = models.ForeignKey("auth.Group", on_delete=on_delete, null=True, default=None)
    is_told = getattr(on_delete, "lazy_sub_objs", False)
    assert live_model_ids(group=relation) == ([] if is_told else ["realtime.E009"])
