"""`ENGINE = "realtime.backends.sqlite3"`: Django's SQLite backend, with numbering before the commit."""

import contextlib
import os
from typing import Any

from django.db.backends.sqlite3 import base

from realtime.backends.event_log import EventLogMixin


class DatabaseWrapper(EventLogMixin, base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A file that is made by it can be read by this user alone, and so can those that SQLite makes beside it."""
        name = str(conn_params["database"])
        if not name.startswith((":memory:", "file:")):
            with contextlib.suppress(OSError):  # it exists, or SQLite will say why it can't be made
                os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return super().get_new_connection(conn_params)

    def _set_autocommit(self, autocommit: bool) -> None:
        if autocommit and self.pending_events and self.connection.in_transaction:
            self._commit()  # the driver would commit without asking, and the events would have no numbers
        super()._set_autocommit(autocommit)
