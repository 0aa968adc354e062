"""What `manage.py serve` says of the situation that it starts in, one line each."""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.core.checks import CheckMessage
from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from realtime.events.clock import database_now
from realtime.events.database import log_alias

logger = logging.getLogger("realtime.server.start")

CLOCK_SECONDS = 10.0
"""How much the clocks may differ."""


def log_checks(found: Iterable[CheckMessage]) -> None:
    """One line for each, with its hint and its id."""
    for message in found:
        logger.log(message.level, "%s", " ".join(str(message).removeprefix("?: ").split()))


def warn(*, workers: int, proxy_headers: bool) -> None:
    """Logs warnings; called once, by the process that the operator has started."""
    if _are_migrations_pending():
        logger.warning("Migrations are pending: run manage.py migrate.")
    if abs(ahead := _seconds_ahead()) > CLOCK_SECONDS:
        text = "The clock of this machine is %.0f seconds %s that of the database: tokens, reminders and ages go wrong."
        logger.warning(text, abs(ahead), "ahead of" if ahead > 0 else "behind")
    if workers > 1 and _is_alone():
        logger.warning(
            "%d workers and no Redis: a change reaches the clients of another worker within a second, not at once. "
            "Set REDIS_URL.",
            workers,
        )
    if settings.DEBUG and proxy_headers:
        logger.warning("DEBUG is on behind a proxy: error pages show code and settings. Set DEBUG=false.")


def _seconds_ahead() -> float:
    """0 where the database can't be asked, or has no clock of its own."""
    try:
        return (timezone.now() - database_now()).total_seconds()
    except Error:
        return 0.0
    finally:
        connections[log_alias()].close()


def close_databases() -> None:
    """Ends the connections of this process, with the threads of their pools."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if getattr(connection, "pool", None) is not None:
            connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL


def _is_alone() -> bool:
    """By the settings, since a channel layer belongs to a worker."""
    backend: str = settings.CHANNEL_LAYERS.get("default", {}).get("BACKEND", "InMemoryChannelLayer")
    return backend.endswith("InMemoryChannelLayer")


def _are_migrations_pending() -> bool:
    """False where the database can't be asked: the jobs of the server report that."""
    connection = connections[log_alias()]
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error:
        return False
    finally:
        connection.close()
