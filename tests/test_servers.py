"""The servers that tests start do what their tests count on."""

import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers import PostgresServer, RedisServer, Server, wait_until

NO_RETRY = Retry(NoBackoff(), 0)


def test_redis_comes_back_on_its_port(redis_server: RedisServer) -> None:
    """A killed Redis refuses connections; started again it is empty, and where it was."""
    port = redis_server.port
    redis_server.run("SET", "key", "value")
    redis_server.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    redis_server.start()
    assert redis_server.port == port
    assert redis_server.run("GET", "key") is None


def test_a_paused_redis_answers_when_it_goes_on(redis_server: RedisServer) -> None:
    """Paused, it takes connections and says nothing."""
    redis_server.pause()
    impatient = redis.Redis(port=redis_server.port, socket_timeout=0.2, retry=NO_RETRY)
    with pytest.raises(redis.TimeoutError):
        impatient.ping()
    impatient.close()
    redis_server.resume()
    assert redis_server.run("PING") is True


def test_a_redis_with_a_password(start_redis: Callable[..., RedisServer]) -> None:
    """The password is in the URL, and needed."""
    server = start_redis(password="secret")
    assert server.run("PING") is True
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=server.port, retry=NO_RETRY) as stranger:
        stranger.ping()


def test_servers_share_no_port(tmp_path: Path) -> None:
    """A port is reserved before its server listens, and free again after the end."""
    servers = [RedisServer(tmp_path) for _ in range(50)]
    assert len({server.port for server in servers}) == 50
    for server in servers:
        server.close()


def test_a_server_that_cannot_start_says_why(start_redis: Callable[..., RedisServer], tmp_path: Path) -> None:
    """The end of its log is in the error, and it is closed."""
    with pytest.raises(AssertionError, match="FATAL CONFIG FILE ERROR"):
        start_redis(arguments=["--maxmemory:", "256mb"])
    assert not any(server.folder.is_relative_to(tmp_path) for server in Server.running)


def test_a_new_postgresql_database_is_a_copy_of_its_template(postgres: PostgresServer) -> None:
    """The copy has what the template has, and a life of its own."""
    template = postgres.create_database()
    with psycopg.connect(postgres.url(template)) as connection:
        connection.execute("CREATE TABLE word (text text)")
    copy = postgres.create_database(template=template)
    with psycopg.connect(postgres.url(copy)) as connection:
        connection.execute("INSERT INTO word VALUES ('hello')")
    with psycopg.connect(postgres.url(template)) as connection:
        assert connection.execute("SELECT count(*) FROM word").fetchone() == (0,)


def test_waiting_has_an_end() -> None:
    """What never comes true is named."""
    with pytest.raises(AssertionError, match=r"waited 0\.05 s for rain"):
        wait_until(lambda: False, timeout=0.05, what="rain")
