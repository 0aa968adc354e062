"""The signed-in connections of this process, in all and by person. Event loop only."""

from collections.abc import Collection
from typing import Any

from realtime import metrics
from realtime.delivery.connection import Connection, person_key


class Roster:
    def __init__(self) -> None:
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

    def _count(self) -> None:
        metrics.connections.set(len(self.connections))
        metrics.users.set(len(self.people))
