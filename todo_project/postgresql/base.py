import select
import time
from typing import Any, ClassVar

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from realtime.backends.postgresql import base

AWAY_SECONDS = 1.0
"""After a wait in vain, requests fail at once for so long; then one of them tries again."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands out no connection that the server has closed while it was idle in the pool, and fails fast in an outage.

    CONN_HEALTH_CHECKS costs a round trip for each request, and after a restart of PostgreSQL the pool backs off for
    seconds after each dead connection that it finds. A closed socket is readable, which costs one system call to see.
    """

    _away_until: ClassVar[float] = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.pool is None:
            return super().get_new_connection(conn_params)
        if time.monotonic() < DatabaseWrapper._away_until:
            raise psycopg.OperationalError("PostgreSQL could not be reached a moment ago")
        before = self.pool.get_stats()
        try:
            connection = self._usable_connection(self.pool, conn_params)
        except PoolTimeout:
            if is_away(before, self.pool.get_stats()):
                DatabaseWrapper._away_until = time.monotonic() + AWAY_SECONDS
            raise
        DatabaseWrapper._away_until = 0.0  # one that waited longer than another has got a connection: it is back
        return connection

    def _usable_connection(self, pool: Any, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        while was_closed(connection):
            connection.close()
            pool.putconn(connection)  # which replaces it
            connection = super().get_new_connection(conn_params)
        return connection


def was_closed(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the other side has ended an idle connection. What it says besides, as a changed setting, is no end."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return False
    try:
        ConnectionPool.check_connection(connection)
    except psycopg.Error:
        return True
    return False


def is_away(before: dict[str, int], after: dict[str, int]) -> bool:
    """Whether all attempts to connect between two `get_stats()` failed; with none the pool was busy, not cut off."""
    failed = after.get("connections_errors", 0) - before.get("connections_errors", 0)
    made = after.get("connections_num", 0) - before.get("connections_num", 0)
    return 0 < made <= failed
