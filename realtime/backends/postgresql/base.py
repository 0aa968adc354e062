"""`ENGINE = "realtime.backends.postgresql"`: Django's PostgreSQL backend, with numbering before the commit."""

from django.db.backends.postgresql import base

from realtime.backends.event_log import EventLogMixin


class DatabaseWrapper(EventLogMixin, base.DatabaseWrapper):
    pass
