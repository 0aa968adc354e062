"""The signed-in connections of this process, in all and by person. Event loop only."""

import logging
from collections.abc import Callable, Collection, Iterable
from typing import Any

from realtime import metrics
from realtime.delivery.connection import Connection, person_key

logger = logging.getLogger(__name__)


class Roster:
    """Who is connected to this process. Event loop only."""

    def __init__(self) -> None:
        self.on_failed: Callable[[Connection], None] = lambda connection: None
        """Called for a connection that could not be written to, or may have missed something: it is to be closed."""
        self.connections: set[Connection] = set()
        self.people: dict[str, set[Connection]] = {}
        """By `person_key()`; a person without connections is not in it."""

    def add(self, connection: Connection) -> None:
        self.connections.add(connection)
        self.people.setdefault(person_key(connection.user_id), set()).add(connection)
        self._count()

    def remove(self, connection: Connection) -> None:
        self.connections.discard(connection)
        key = person_key(connection.user_id)
        if (own := self.people.get(key)) is not None:
            own.discard(connection)
            if not own:
                del self.people[key]
        self._count()

    def of(self, user_id: Any) -> Collection[Connection]:
        """The connections of one person; a copy, which stays as it is while connections come and go."""
        return list(self.people.get(person_key(user_id), ()))

    def each(self, act: Callable[[Connection], None], some: Iterable[Connection] | None = None) -> None:
        """Calls `act` for `some` connections, or for all. One for which it raises is closed, and the others follow."""
        for connection in list(self.connections if some is None else some):
            try:
                act(connection)
            except Exception:
                logger.exception("A connection could not be written to, and is closed")
                self.fail(connection)

    def fail(self, connection: Connection) -> None:
        """Closes the connection, as `on_failed` does it. Never raises."""
        try:
            self.on_failed(connection)
        except Exception:
            logger.exception("A connection could not be closed")

    def _count(self) -> None:
        metrics.connections.set(len(self.connections))
        metrics.users.set(len(self.people))
