"""The database that has the event log."""

from django.core.exceptions import ImproperlyConfigured
from django.db import router

from realtime.models import Event


def log_alias() -> str:
    """The alias of the database in which the log is written. It is read there too: a read replica lags behind."""
    return router.db_for_write(Event)


def require_log_alias(alias: str, what: str) -> None:
    """Raises ImproperlyConfigured where `what` is written to a database that does not have the log.

    A change and its event could not commit together there: the event of a change that is rolled back would go out.
    """
    if alias != (expected := log_alias()):
        raise ImproperlyConfigured(
            f"{what} is written to the database {alias!r}, but the event log is in {expected!r}. Both must be in one "
            "database: let the router's db_for_write() name the same one for the app 'realtime'."
        )
