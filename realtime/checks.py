"""Mistakes in a project's settings, found before the first connection does."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.checks import register as register_check
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from realtime.conf import config, own_stream_only


def register() -> None:
    register_check(check_settings, "realtime")


def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    try:
        conf = config()
    except (ImproperlyConfigured, ImportError, TypeError, AttributeError) as error:
        return [
            Error(str(error), hint="Mend the setting REALTIME; realtime/conf.py lists its keys.", id="realtime.E001")
        ]
    if connection.vendor not in ("postgresql", "sqlite"):
        found.append(
            Error(
                f"The event log needs INSERT … ON CONFLICT … RETURNING, which {connection.vendor} lacks.",
                hint="Use PostgreSQL or SQLite.",
                id="realtime.E002",
            )
        )
    if conf.streams_of is own_stream_only:
        found.append(
            Warning(
                "REALTIME has no STREAMS_OF: everybody may follow their own stream and no other.",
                hint='Name a function that takes ids of users: REALTIME = {"STREAMS_OF": "app.access.streams_of"}.',
                id="realtime.W001",
            )
        )
    if connection.vendor == "sqlite" and connection.settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
        found.append(
            Warning(
                "SQLite without transaction_mode IMMEDIATE: two writers at once can fail with 'database is locked'.",
                hint='DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}',
                id="realtime.W002",
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
