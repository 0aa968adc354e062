"""`ENGINE = "realtime.backends.sqlite3"`: Django's SQLite backend, with numbering before the commit."""

from django.db.backends.sqlite3 import base

from realtime.backends.event_log import EventLogMixin


class DatabaseWrapper(EventLogMixin, base.DatabaseWrapper):
    def _set_autocommit(self, autocommit: bool) -> None:
        if autocommit and self.pending_events and self.connection.in_transaction:
            self._commit()  # the driver would commit without asking, and the events would have no numbers
        super()._set_autocommit(autocommit)
