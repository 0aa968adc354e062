"""What the commands `backup` and `restore` have in common."""

from pathlib import Path

from django.core.management.base import CommandError
from django.db import connections

from realtime.events.database import log_alias


def database_file(*, otherwise: str) -> Path:
    """The file of the database with the event log, closed in this process. CommandError where it is no SQLite."""
    connection = connections[log_alias()]
    if connection.vendor != "sqlite":
        raise CommandError(f"This is for SQLite. With PostgreSQL use {otherwise}: see docs/operations.md.")
    connection.close()
    return Path(connection.settings_dict["NAME"])
