"""What the servers stand on: a Redis, a database with people in it, and their tokens; on the clients' core."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.machine import say
from tests.servers import PostgresServer, RedisServer, manage

POSTGRESQL, SQLITE = "PostgreSQL", "SQLite"

ADD_PEOPLE = """
import sys
from django.contrib.auth.hashers import make_password
from django.db import transaction
from tasks.models import User
from tasks.accounts.tokens import sign_in
password = make_password("a long password for everybody")
with transaction.atomic():
    people = User.objects.bulk_create(
        User(username=f"person-{number}", email=f"person-{number}@example.com", password=password)
        for number in range(%d)
    )
    tokens = [sign_in(person)["access"] for person in people]
open(%r, "w").write("\\n".join(tokens))
"""


class TimingPostgres(PostgresServer):
    """Notes when each transaction was committed."""

    options = (*PostgresServer.options, "track_commit_timestamp=on")


class CountingPostgres(PostgresServer):
    """Counts what it is asked, in pg_stat_statements."""

    options = (*PostgresServer.options, "shared_preload_libraries=pg_stat_statements")


@dataclass(frozen=True)
class Surroundings:
    folder: Path
    redis: RedisServer
    database: str
    """PostgreSQL or SQLite."""
    environment: dict[str, str]
    """For the application and for all that publishes through it."""
    tokens: list[str]
    """One access token for each person."""
    counts_queries: bool = False


@contextlib.contextmanager
def surroundings(*, database: str, people: int, count_queries: bool = False) -> Iterator[Surroundings]:
    """A fresh Redis and a fresh, migrated database ("PostgreSQL" or "SQLite") with so many people signed in.

    `count_queries`: PostgreSQL counts statements, which SQLite can't."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="todo-bench-")))
        say(f"Starting Redis and {database}, signing in {people} people")
        redis = stack.enter_context(RedisServer(folder))
        url = f"sqlite:///{folder / 'db.sqlite3'}"
        counts = count_queries and database == POSTGRESQL
        if database == POSTGRESQL:
            postgres = stack.enter_context((CountingPostgres if counts else TimingPostgres)(folder))
            url = postgres.url(postgres.create_database())
        environment = {
            "DATABASE_URL": url,
            "REDIS_URL": redis.url,
            "ENV_FILE": os.devnull,
            "SECRET_KEY": "only-for-the-benchmark-and-long-enough-to-sign-tokens-with-it",
            "ACCESS_TOKEN_MINUTES": "1440",
            "WS_MAX_CONNECTIONS_PER_USER": "100000",
            "LOG_LEVEL": "WARNING",
        }
        manage("migrate", "--verbosity", "0", env=environment)
        tokens = folder / "tokens"
        manage(
            "shell", "--verbosity", "0", "--command", ADD_PEOPLE % (people, str(tokens)), env=environment, timeout=600
        )
        yield Surroundings(folder, redis, database, environment, tokens.read_text().split(), counts)
