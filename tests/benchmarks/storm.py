"""The reconnect storm: a replica is killed, and all its clients come to another one at once, to go on."""

import json
from dataclasses import dataclass

import psycopg

from tests.benchmarks import event
from tests.benchmarks.broadcast import Publisher, broadcast
from tests.benchmarks.contestants import Todo
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.machine import cpu_seconds
from tests.benchmarks.opening import CrowdError, Door
from tests.benchmarks.surroundings import Surroundings
from tests.servers import manage

MISSED = 20
"""Events that each client has missed when it comes back."""

COUNT_QUERIES = """
SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
WHERE query ~* '^(select|insert|update|delete|with)' AND query !~* 'pg_stat_statements'
"""


@dataclass(frozen=True)
class Storm:
    clients: int
    seconds: float
    """Until the last of them had all that it missed."""
    cpu_seconds: float
    queries_per_client: float | None
    """None where the database does not count."""


POSITIONS = "import json; from realtime import events; print(json.dumps(events.positions(['all'])))"


def run(around: Surroundings, *, clients: int) -> Storm:
    with Todo(around) as leaving, Todo(around) as staying, Crowd(leaving.port, greeting=leaving.greeting) as crowd:
        crowd.connect(leaving.doors(clients))
        where = json.loads(manage("shell", "--verbosity", "0", "--command", POSITIONS, env=around.environment))
        with Publisher(
            leaving.publisher(), env=leaving.environment(), log=leaving.folder / "publisher.txt"
        ) as publisher:
            broadcast(crowd, publisher, pid=leaving.pid, in_flight=MISSED, seconds=0)
        crowd.check(event.number_of, MISSED)
        leaving.kill()
        hellos = [json.dumps({"type": "hello", "token": token, **where}) for token in around.tokens]
        doors = [Door("/ws/tasks", hellos[number % len(hellos)]) for number in range(clients)]
        return _come_back(around, staying, doors)


def _come_back(around: Surroundings, server: Todo, doors: list[Door]) -> Storm:
    clients = len(doors)
    with Crowd(server.port, greeting=b'"type":"caught_up"') as crowd:
        queries, cpu = count_queries(around), cpu_seconds(server.pid)
        seconds = crowd.connect(doors, at_once=clients)
        used = cpu_seconds(server.pid) - cpu
        more = count_queries(around) - queries
        if any(count != MISSED + 1 for count in crowd.counts):  # `ready` is as long as an event
            raise CrowdError(
                f"clients got {min(crowd.counts) - 1} to {max(crowd.counts) - 1} of {MISSED} missed events"
            )
    return Storm(
        clients=clients,
        seconds=seconds,
        cpu_seconds=used,
        queries_per_client=more / clients if around.counts_queries else None,
    )


def count_queries(around: Surroundings) -> int:
    """How many statements the database has run so far; 0 where it does not count."""
    if not around.counts_queries:
        return 0
    with psycopg.connect(around.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        row = connection.execute(COUNT_QUERIES).fetchone()
        return int(row[0]) if row else 0
