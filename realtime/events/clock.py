"""The clock for deleting old rows and sending reminders: the database's, not this machine's."""

import logging
from datetime import datetime, timedelta

from django.db import connections
from django.db.models import Max
from django.utils import timezone

from realtime.events.database import log_alias
from realtime.models import Event, PeriodicRun

logger = logging.getLogger(__name__)

DOUBT = timedelta(days=1)
"""With SQLite: the longest step between two readings that is believed, and for how long a longer one is not."""

_TRUSTED, _DOUBTED = "the clock", "the clock, doubted"
"""Rows beside those of the periodic tasks: the last time that was trusted, and since when a later one is doubted."""


def database_now() -> datetime:
    """The time of the database with the event log. SQLite has none but this machine's."""
    connection = connections[log_alias()]
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def deletion_now() -> datetime | None:
    """The time from which the age of rows is counted before they are pruned; None if nothing may be pruned now.

    A clock that has jumped ahead would delete everything. So on SQLite a jump of a day is doubted for a day, in which
    somebody can put it right; a server that was off for so long looks the same, and deletes a day later.
    """
    now = database_now()
    if connections[log_alias()].vendor == "postgresql":
        return now
    known = dict(PeriodicRun.objects.filter(pk__in=[_TRUSTED, _DOUBTED]).values_list("name", "began_at"))
    trusted = known.get(_TRUSTED) or Event.objects.aggregate(newest=Max("at"))["newest"] or now
    if now > trusted + DOUBT:
        since = known.get(_DOUBTED)
        if since is None or now < since:
            since = _note(_DOUBTED, now)
        if now < since + DOUBT:
            text = (
                "The clock says %s, and was at %s when it was looked at last: nothing old is deleted before %s. "
                "Check the clock of this machine."
            )
            logger.warning(text, *(f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (now, trusted, since + DOUBT)))
            return None
    if _DOUBTED in known:
        PeriodicRun.objects.filter(pk=_DOUBTED).delete()
    return _note(_TRUSTED, now)


def _note(name: str, moment: datetime) -> datetime:
    PeriodicRun.objects.update_or_create(pk=name, defaults={"began_at": moment})
    return moment
