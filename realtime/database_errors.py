"""Which database errors are temporary, so that the same request may succeed a moment later."""

import sqlite3

from django.db import Error, InterfaceError, OperationalError

RETRY_SECONDS = 2
"""What Retry-After says."""

_TEMPORARY_CLASSES = ("08", "40", "53", "57P")
"""SQLSTATE: connection lost; deadlock or serialization failure; out of resources; the server stops or starts."""

_TEMPORARY_STATES = ("55P03", "25006")
"""A lock was not available; the server is still a read-only standby, as right after a failover."""

_TEMPORARY_SQLITE = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_CANTOPEN",
    "SQLITE_PROTOCOL",
)
"""Beginnings of names. A missing table is SQLITE_ERROR, as every mistake is."""


class RightsChangedError(OperationalError):
    """Somebody has lost a right between its check and the commit, so the transaction was rolled back. The same work
    again checks the rights that there are now.
    """


def is_temporary(error: BaseException | None) -> bool:
    """Whether `error` says that the database is away, locked, full or overloaded. A missing table is not temporary."""
    if not isinstance(error, Error):
        return False
    if isinstance(error, RightsChangedError):
        return True
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorname", "").startswith(_TEMPORARY_SQLITE)
    if state := getattr(cause, "sqlstate", None):
        return state.startswith(_TEMPORARY_CLASSES) or state in _TEMPORARY_STATES
    # psycopg has no state where there is no connection, or none to be had from the pool.
    return isinstance(error, OperationalError | InterfaceError)
