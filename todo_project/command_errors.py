"""What goes wrong with the database under a command, in one line that says what to do."""

from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, Error, connections
from psycopg_pool import PoolTimeout

_NOT_MIGRATED = ("no such table", "no such column")
_MIGRATE = "The database lacks tables of this version: run manage.py migrate"


def reason_of(error: Error) -> str:
    """The cause, without the lines that explain the statement."""
    cause = error.__cause__
    if isinstance(cause, PoolTimeout):
        cause = _cause_of_no_connection() or cause
    text = " ".join(str(cause or error).partition("\nLINE ")[0].split())
    if _is_not_migrated(cause, text):
        return f"{_MIGRATE} ({text})."
    return f"The database can't be used: {text or type(error).__name__}"


def _is_not_migrated(cause: BaseException | None, text: str) -> bool:
    if state := getattr(cause, "sqlstate", None):
        return isinstance(state, str) and state in ("42P01", "42703")
    return text.startswith(_NOT_MIGRATED)


def _cause_of_no_connection() -> Exception | None:
    """The pool says only that there is none; one attempt says why."""
    try:
        parameters: dict[str, Any] = connections[DEFAULT_DB_ALIAS].get_connection_params()
        psycopg.connect(**parameters).close()
    except (psycopg.Error, ImproperlyConfigured) as error:
        return error
    return None
