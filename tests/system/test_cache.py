"""The cache that replicas share: copies of sessions, on which nothing depends; and guesses, counted without it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.cast import ALICE, BOB
from tests.clients.http import PLAIN, post
from tests.servers import RedisServer, Replica
from tests.servers.redis_forms import SMALLEST_ACL, acl_user

Start = Callable[..., Replica]

ALLOWED = (*SMALLEST_ACL, "~websocket:cache:*", "+get", "+set", "+del", "+expire", "+persist")


@pytest.fixture
def redis(start_redis: Callable[..., RedisServer]) -> RedisServer:
    """With a user who may do what docs/redis.md has for it, and nothing else."""
    return start_redis(arguments=acl_user("todo", "secret", *ALLOWED))


@pytest.fixture
def replicas(postgres_database: dict[str, str], redis: RedisServer, start_replica: Start) -> Iterator[list[Replica]]:
    env = {
        **postgres_database,
        "REDIS_URL": redis.url,
        "CACHE_URL": redis.url,
        "CACHE_SESSIONS": "true",
        "REDIS_USERNAME": "todo",
        "REDIS_PASSWORD": "secret",
    }
    started = [start_replica(env) for _ in range(2)]
    yield started
    for replica in started:
        assert "Traceback" not in replica.log.read_text()


def try_password(replica: Replica, password: str, name: str = ALICE.username) -> int:
    answer = post(f"{replica.url}/api/token", json={"username": name, "password": password}, timeout=10)
    return answer.status_code


def open_page(replica: Replica, cookies: httpx.Cookies) -> int:
    """200 where one is signed in, 302 to the sign-in where not."""
    with httpx.Client(cookies=cookies, **PLAIN) as client:
        return client.get(replica.url).status_code


@contextmanager
def signed_in(replica: Replica) -> Iterator[httpx.Client]:
    """A browser, with the session that the page's form gave."""
    with httpx.Client(base_url=replica.url, **PLAIN) as client:
        client.get("/login")
        form = {"username": BOB.username, "password": BOB.password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        assert client.post("/login", data=form).status_code == 302
        yield client


def test_wrong_passwords_are_counted_together(replicas: list[Replica]) -> None:
    """Five at each are ten: then no replica takes another, were it the right one; other names go on."""
    assert [try_password(replica, "x") for replica in replicas * 5] == [401] * 10
    assert [try_password(replica, ALICE.password) for replica in replicas] == [429, 429]
    assert try_password(replicas[0], BOB.password, BOB.username) == 200


def test_redis_is_emptied_and_nobody_is_signed_out(replicas: list[Replica], redis: RedisServer) -> None:
    """Sessions are in the database; what is in Redis are copies, and who signs out is out everywhere at once."""
    with signed_in(replicas[0]) as browser:
        assert [open_page(replica, browser.cookies) for replica in replicas] == [200, 200]
        keys = redis.run("KEYS", "*")
        assert keys
        assert all(key.startswith("websocket:cache:") for key in keys)
        assert all(0 < redis.run("TTL", key) <= 60 for key in keys)
        redis.run("FLUSHALL")
        assert [open_page(replica, browser.cookies) for replica in replicas] == [200, 200]
        cookies = httpx.Cookies(browser.cookies)
        token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        assert browser.post("/logout", data=token).status_code == 302
        assert [open_page(replica, cookies) for replica in replicas] == [302, 302]


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_people_sign_in_while_redis_is_away(replicas: list[Replica], redis: RedisServer, how: str) -> None:
    """By password and with a session, without a wait. Guesses are still counted by all together."""
    first, second = replicas
    with signed_in(first) as browser:
        getattr(redis, how)()
        began = time.monotonic()
        assert try_password(first, ALICE.password) == 200
        assert open_page(second, browser.cookies) == 200
        assert time.monotonic() - began < 5
    with signed_in(second):
        pass
    assert [try_password(first, "x") for _ in range(11)] == [401] * 10 + [429]
    assert try_password(second, ALICE.password) == 429
    assert try_password(second, BOB.password, BOB.username) == 200
    assert "The shared cache fails" in first.log.read_text() + second.log.read_text()
