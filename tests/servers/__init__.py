"""Real servers for tests, each on a port and in a folder of its own: Redis, PostgreSQL, and the application.

    with RedisServer(folder) as redis, Replica(folder, env={...}) as replica:
        redis.kill()
        redis.start()           # on the same port, so that clients find it again

A program that is not installed skips the test, or fails it with CI set. Every wait has a deadline, and says what it
waited for.
"""

from tests.servers.application import Replica, Serve, manage, prepare
from tests.servers.base import Server, program
from tests.servers.postgres import PostgresServer
from tests.servers.process import ROOT
from tests.servers.redis import RedisServer
from tests.waiting import wait_until

__all__ = [
    "ROOT",
    "PostgresServer",
    "RedisServer",
    "Replica",
    "Serve",
    "Server",
    "manage",
    "prepare",
    "program",
    "wait_until",
]
