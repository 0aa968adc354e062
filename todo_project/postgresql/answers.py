"""Connections to PostgreSQL that end when it does not answer, though its machine is there: it hangs, or was stopped."""

from typing import Any, ClassVar, Self

import psycopg
from psycopg.errors import _WaitTimeout

SECONDS = 15.0


class Connection(psycopg.Connection[Any]):
    """Waits `limit` seconds for the answer to a statement; then it is closed, and OperationalError is raised.

    The server may have carried out the statement, as where the network fails.
    """

    limit: ClassVar[float | None] = None
    """For all connections of this process. None: for ever, as a migration may take."""

    @classmethod
    def connect(cls, conninfo: str = "", **options: Any) -> Self:
        """As psycopg does, and closes what it gives up: there an error keeps the half-open connection alive until the
        garbage collector runs, and with it a process of the server, which waits for this client.
        """
        try:
            return super().connect(conninfo, **options)
        except psycopg.Error as error:
            raise error.with_traceback(None) from None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Each statement, also a commit, goes through here."""
        if timeout is not None or self.limit is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.limit)
        except _WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"PostgreSQL has not answered within {self.limit:g} seconds") from None


def limit_answers() -> None:
    """To be called where requests are served: their threads are few, and come back."""
    Connection.limit = SECONDS
