"""Mistakes in a project's settings, found before the first connection."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning
from django.core.checks import register as register_check
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from realtime import guards
from realtime.backends.event_log import EventLogMixin
from realtime.conf import config, own_stream_only
from realtime.events import live_checks
from realtime.events.database import log_alias

STRICT_LEVELS = ("repeatable read", "serializable")
"""Isolation levels under which a transaction fails that waited for a stream's row."""

STRICT_LEVEL_NUMBERS = (3, 4)
"""The same, as psycopg's `IsolationLevel`."""


def register() -> None:
    register_check(check_settings, "realtime")
    register_check(live_checks.check_live_models, "realtime")
    register_check(guards.check_guards, "realtime")
    register_check(check_isolation, Tags.database)


def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    try:
        conf = config()
    except (ImproperlyConfigured, ImportError, TypeError, AttributeError) as error:
        return [
            Error(str(error), hint="Correct the setting REALTIME; realtime/conf.py lists its keys.", id="realtime.E001")
        ]
    found = list(_check_database(connections[log_alias()]))
    if conf.streams_of is own_stream_only:
        found.append(
            Warning(
                "REALTIME has no STREAMS_OF: everybody may follow their own stream and no other.",
                hint='Name a function that takes ids of users: REALTIME = {"STREAMS_OF": "app.access.streams_of"}.',
                id="realtime.W001",
            )
        )
    if "realtime.attribution.AttributionMiddleware" not in settings.MIDDLEWARE:
        found.append(
            Warning(
                "Without AttributionMiddleware events from HTTP requests name no actor and no request id.",
                hint='Put "realtime.attribution.AttributionMiddleware" first in MIDDLEWARE.',
                id="realtime.W003",
            )
        )
    return found


def check_isolation(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Asks the server, where a role or a database can have its own default. For `check --database` and `migrate`."""
    alias = log_alias()
    connection = connections[alias]
    if alias not in (databases or ()) or connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SHOW default_transaction_isolation")
        level = cursor.fetchone()[0]
    return [_too_strict(level)] if level in STRICT_LEVELS else []


def _check_database(connection: Any) -> Iterator[CheckMessage]:
    options = connection.settings_dict["OPTIONS"]
    if connection.vendor not in ("postgresql", "sqlite"):
        yield Error(
            f"The event log needs INSERT … ON CONFLICT … RETURNING, which {connection.vendor} lacks.",
            hint="Use PostgreSQL or SQLite.",
            id="realtime.E002",
        )
    elif not isinstance(connection, EventLogMixin):
        engine = "realtime.backends.postgresql" if connection.vendor == "postgresql" else "realtime.backends.sqlite3"
        yield Error(
            f"The database {connection.alias!r} has the event log, but its backend can't number events.",
            hint=f'DATABASES[{connection.alias!r}]["ENGINE"] = "{engine}"; a backend of your own inherits '
            "realtime.backends.event_log.EventLogMixin first.",
            id="realtime.E004",
        )
    if connection.vendor == "postgresql" and (level := _configured_level(options)):
        yield _too_strict(level)
    if connection.vendor == "sqlite" and options.get("transaction_mode") != "IMMEDIATE":
        yield Warning(
            "SQLite without transaction_mode IMMEDIATE: two writers at once can fail with 'database is locked'.",
            hint=f'DATABASES[{connection.alias!r}]["OPTIONS"] = {{"transaction_mode": "IMMEDIATE", "timeout": 20}}',
            id="realtime.W002",
        )


def _configured_level(options: dict[str, Any]) -> str | None:
    """The isolation level of a database's OPTIONS, where it is too strict."""
    if options.get("isolation_level") in STRICT_LEVEL_NUMBERS:
        return STRICT_LEVELS[STRICT_LEVEL_NUMBERS.index(options["isolation_level"])]
    given = str(options.get("options", "")).lower().replace("\\ ", " ")
    _, found, value = given.partition("default_transaction_isolation")
    value = value.lstrip(" ='\"")
    return next((level for level in STRICT_LEVELS if found and value.startswith(level)), None)


def _too_strict(level: str) -> Error:
    return Error(
        f"Under {level.upper()} most transactions that write to one stream at the same time fail.",
        hint="Use READ COMMITTED, PostgreSQL's default, for the database that has the event log.",
        id="realtime.E008",
    )
