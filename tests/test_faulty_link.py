"""The faulty link does to a connection what it says, in front of Redis and of PostgreSQL."""

import time
from collections.abc import Iterator

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.faulty_link import OUTAGES, TO_CLIENT, TO_SERVER, FaultyLink, end_of_reply, outage, without
from tests.servers import PostgresServer, RedisServer, wait_until


@pytest.fixture
def link(redis_server: RedisServer) -> Iterator[FaultyLink]:
    with FaultyLink(redis_server) as link:
        yield link


@pytest.fixture
def client(link: FaultyLink) -> Iterator[redis.Redis]:
    """One that gives up after 0.3 s, and at the first error."""
    with redis.Redis.from_url(link.url, socket_timeout=0.3, retry=Retry(NoBackoff(), 0)) as client:
        client.ping()
        yield client


@pytest.mark.parametrize("kind", [kind for kind in OUTAGES if kind not in ("delayed", "messages swallowed")])
def test_nothing_is_answered_in_an_outage(
    kind: str, redis_server: RedisServer, link: FaultyLink, client: redis.Redis
) -> None:
    """A client fails while it lasts, and gets answers afterwards."""
    with outage(kind, redis_server, link), pytest.raises((redis.ConnectionError, redis.TimeoutError)):
        client.ping()
    assert wait_until(lambda: pings(client), what="an answer after the outage")


def pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False


def test_a_delay_is_that_of_one_way(link: FaultyLink, client: redis.Redis) -> None:
    """0.1 s there and 0.1 s back; commands in a row do not add up."""
    link.delay(0.1)
    began = time.monotonic()
    with client.pipeline(transaction=False) as pipeline:
        for _ in range(100):
            pipeline.ping()
        assert pipeline.execute() == [True] * 100
    assert 0.2 <= time.monotonic() - began < 10
    link.heal()
    link.delay(0.1, TO_CLIENT)
    began = time.monotonic()
    client.ping()
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("way", [TO_SERVER, TO_CLIENT])
def test_what_a_black_hole_held_arrives_later(
    way: str, redis_server: RedisServer, link: FaultyLink, client: redis.Redis
) -> None:
    """A command is done once it is healed, or has been done although nobody was answered."""
    link.black_hole(way)
    with pytest.raises(redis.TimeoutError):
        client.set("key", "value")
    assert redis_server.run("GET", "key") == (None if way == TO_SERVER else "value")
    link.heal()
    wait_until(lambda: redis_server.run("GET", "key") == "value", what="the command")


def test_what_is_swallowed_never_arrives(redis_server: RedisServer, link: FaultyLink, client: redis.Redis) -> None:
    link.swallow(TO_SERVER)
    with pytest.raises(redis.TimeoutError):
        client.set("key", "value")
    link.heal()
    assert client.ping()
    assert redis_server.run("GET", "key") is None


@pytest.mark.parametrize("protocol", [2, 3])
def test_messages_are_swallowed_and_nothing_else(protocol: int, redis_server: RedisServer, link: FaultyLink) -> None:
    """A subscriber misses those of the channel alone; its subscriptions and pings are answered."""
    with redis.Redis.from_url(link.url, protocol=protocol) as client, client.pubsub() as subscriber:
        subscriber.subscribe("one", "two")
        link.swallow_messages(b"one")
        for _ in range(100):
            redis_server.run("PUBLISH", "one", "*3\r\n$7\r\nmessage\r\n")
        redis_server.run("PUBLISH", "two", "heard")
        subscriber.ping()
        found = [subscriber.get_message(timeout=5) for _ in range(4)]
    assert [message["type"] for message in found if message] == ["subscribe", "subscribe", "message", "pong"]


def test_a_cut_connection_can_be_made_again(link: FaultyLink, client: redis.Redis) -> None:
    """A cut ends those that there are, once; a refusal lasts."""
    link.cut()
    assert client.ping()
    assert (link.accepted, link.connections) == (2, 1)
    link.refuse()
    with pytest.raises(redis.ConnectionError):
        client.ping()
    with pytest.raises(redis.ConnectionError):
        client.ping()
    link.heal()
    assert client.ping()


def test_in_front_of_postgresql(postgres: PostgresServer) -> None:
    """The same link: a statement waits in a black hole, and ends with an error when it is cut."""
    with FaultyLink(postgres) as link, psycopg.connect(link.through(postgres.url()), autocommit=True) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        link.cut()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_replies_are_told_apart_wherever_they_are_torn() -> None:
    """A message that comes in pieces is swallowed whole; what is not whole waits."""
    message = b"*3\r\n$7\r\nmessage\r\n$3\r\none\r\n$4\r\na\r\nb\r\n"
    other = b">2\r\n+pong\r\n%1\r\n:1\r\n$-1\r\n"
    for cut in range(len(message)):
        assert end_of_reply(message[:cut], 0) is None
    everything = other + message + message + other
    for size in range(1, 30):
        passed, rest = b"", b""
        for start in range(0, len(everything), size):
            more, rest = without(lambda reply: b"message" in reply, rest + everything[start : start + size])
            passed += more
        assert (passed, rest) == (other * 2, b"")
