"""`manage.py check_redis` where Sentinels say which Redis is the primary."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers import RedisServer, wait_until
from tests.servers.redis_forms import MASTER, Guarded, SentinelServer
from tests.system.check_redis import PASSWORD, Look

StartRedis = Callable[..., RedisServer]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    with Guarded(tmp_path, password=PASSWORD, sentinel_password=f"{PASSWORD}-either") as guarded:
        yield guarded


def test_behind_sentinels(guarded: Guarded, look: Look) -> None:
    """In order, with one of them dead, without that primary, with a wrong password, and mistaken for a Redis."""
    given = {
        "sentinels": guarded.env["REDIS_SENTINELS"],
        "sentinel_master": MASTER,
        "password": PASSWORD,
        "sentinel_password": f"{PASSWORD}-either",
    }
    found = look(**given)
    assert found.status == 0
    assert f"by {len(guarded.sentinels)} of {len(guarded.sentinels)}" in found.named("ok")["primary"]
    assert "round trip" in found.named("ok")

    look(**given | {"sentinel_master": "mymaster"}).fails("primary", "knows no 'mymaster'", f"but: {MASTER}")
    refused = look(**given | {"sentinel_password": "wrong"})
    assert set(refused.named("failed")) == {"sign-in", "primary"}
    address = guarded.env["REDIS_SENTINELS"].partition(",")[0]
    look(f"redis://{address}", password=f"{PASSWORD}-either").fails("role", "as a Sentinel")
    guarded.sentinels[0].kill()
    found = look(**given)
    assert found.status == 0
    assert "Error 111" in found.named("warning")["connection"]


def test_a_primary_that_is_down(start_redis: StartRedis, tmp_path: Path, look: Look) -> None:
    """Its Sentinel knows, and there is no stand-by."""
    primary = start_redis()
    with SentinelServer(tmp_path, primary) as sentinel:
        primary.kill()
        wait_until(lambda: sentinel.state()["is_sdown"], what="the Sentinel to notice")
        look(sentinels=f"127.0.0.1:{sentinel.port}", sentinel_master=MASTER).fails("primary", f"{MASTER!r} is down")


def test_advice_names_the_setting_that_is_wrong(redis_server: RedisServer, look: Look) -> None:
    """For a Sentinel that is not REDIS_URL, also where a Redis stands in its place."""
    look(sentinels=f"127.0.0.1:{redis_server.port}").fails("primary")
    found = look(sentinels="127.0.0.1:1")
    advice = next(one["advice"] for one in found.findings if one["check"] == "connection")
    assert "REDIS_SENTINELS" in advice
    assert "REDIS_URL" not in advice
