"""Redis as operators see it, the application without it, and the statistics of all replicas."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.clients import Client, Session, get, ok
from tests.servers import RedisServer, Replica, manage
from tests.system.cluster import KINDS, Cluster, Shared, about, stats, titled, together
from tests.waiting import eventually

Connect = Callable[..., Awaitable[Client]]
SignIn = Callable[..., Session]
Show = Callable[[str], None]

FIVE_TASKS = """
import time
from tasks.models import EVERYONE_ID, Task
for number in range(5):
    Task.objects.create(list_id=EVERYONE_ID, title=f"from elsewhere {number}")
    time.sleep(0.37)
"""


async def settled(replica: Replica, timeout: float = 5, **wanted: Any) -> dict[str, Any]:
    """The statistics, once they say what is `wanted`."""
    found: dict[str, Any] = {}

    def say() -> bool:
        found.update(stats(replica))
        return wanted.items() <= found.items()

    await eventually(lambda: asyncio.to_thread(say), timeout=timeout, what=f"{wanted} in the statistics")
    return found


async def logged(replica: Replica, text: str) -> str:
    """The line of the log that has `text` in it, once it is there."""
    line: str = await eventually(
        lambda: next((line for line in replica.log.read_text().splitlines() if text in line), None),
        what=f"{text!r} in the log",
    )
    return line


def numsub(redis: RedisServer, channel: str) -> int:
    name, count = redis.run("PUBSUB", "NUMSUB", channel)
    assert name == channel
    return int(count)


# With Redis


async def test_operators_find_the_channels_by_name(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """`PUBSUB CHANNELS` names the streams; each replica subscribes once, however many clients follow."""
    channel = f"websocket:broadcast:{shared.stream}"
    for _ in range(2):
        await connect(cluster.second, token=cluster.alice.token)
    assert {"websocket:broadcast:all", channel} <= set(cluster.redis.run("PUBSUB", "CHANNELS"))
    assert numsub(cluster.redis, "websocket:broadcast:all") == stats(cluster.first)["total_instances"]
    assert numsub(cluster.redis, channel) == 1
    await connect(cluster.first, token=cluster.alice.token)
    assert numsub(cluster.redis, channel) == 2


async def test_the_log_says_that_redis_is_in_use(cluster: Cluster) -> None:
    """In the guide's words, and without the password. (The cluster's end looks through the whole log for that.)"""
    log = cluster.first.log.read_text()
    assert cluster.redis.password
    assert f"✅ Redis WebSocket manager enabled: redis://127.0.0.1:{cluster.redis.port}" in log
    assert "✅ Redis pub/sub initialized successfully" in log


async def test_statistics_count_people_and_connections(cluster: Cluster, connect: Connect) -> None:
    """`/ws/stats` has exactly its five keys; connections and people come and go in it, on all replicas."""
    instances = (await settled(cluster.first, total_connections=0))["total_instances"]
    clients = [
        await connect(cluster.first, token=cluster.alice.token),
        await connect(cluster.first, token=cluster.alice.token),
        await connect(cluster.second, token=cluster.bob.token),
    ]
    for replica, connections in ((cluster.first, 2), (cluster.second, 1)):
        found = await settled(replica, total_connections=3)
        assert found == {
            "local_connections": connections,
            "local_users": 1,
            "redis_enabled": True,
            "total_instances": instances,
            "total_connections": 3,
        }
    await clients[0].close()
    await clients[1].drop()
    await settled(cluster.second, total_connections=1)
    await settled(cluster.first, local_connections=0, local_users=0)


async def test_a_killed_instance_is_forgotten(
    sqlite_database: dict[str, str], tmp_path: Path, sign_in: SignIn, connect: Connect, show: Show
) -> None:
    """One that ends in order is gone from the statistics at once, a killed one within 15 s, with its connections."""
    staying, stopped = (Replica(tmp_path, env=sqlite_database) for _ in range(2))
    killed = Replica(tmp_path, env=sqlite_database, server="daphne")
    with together(staying, stopped, killed):
        await connect(killed, token=sign_in(staying).token)
        await settled(staying, total_instances=3, total_connections=1)
        killed.kill()
        began = time.monotonic()
        assert await asyncio.to_thread(stopped.stop) == 0
        await settled(staying, timeout=4, total_instances=2)
        await settled(staying, timeout=30, total_instances=1, total_connections=0)
        seconds = time.monotonic() - began
    show(f"a killed instance was gone from the statistics after {seconds:.1f} s")
    assert 5 < seconds < 30


# Without


async def test_without_redis_it_is_a_single_instance(
    sqlite_database: dict[str, str],
    start_replica: Callable[..., Replica],
    sign_in: SignIn,
    connect: Connect,
    show: Show,
) -> None:
    """No REDIS_URL: clients get the server's own events at once, and by the log, within a second and a half, those of
    another process; the statistics say that Redis is off, the log says nothing of it."""
    replica = start_replica(sqlite_database)
    alice = sign_in(replica)
    client = await connect(replica, token=alice.token)
    task = ok(alice.post("/api/tasks", json={"title": "From here"}))
    await client.until(about(task), timeout=10)
    found = stats(replica)
    assert (found["redis_enabled"], found["total_instances"]) == (False, 1)
    assert ok(get(f"{replica.url}/readyz"))["status"] == "ok"
    assert "Redis" not in replica.log.read_text()

    writing = asyncio.create_task(
        asyncio.to_thread(manage, "shell", "--verbosity", "0", "--command", FIVE_TASKS, env=sqlite_database)
    )
    slowest = 0.0
    for number in range(5):
        event = await client.until(titled(f"from elsewhere {number}"), timeout=15)
        written = datetime.fromisoformat(event["at"])
        slowest = max(slowest, (datetime.now(UTC) - written).total_seconds())
    await writing
    show(f"without Redis, from a command's write to the client at most {slowest:.2f} s")
    assert slowest < 5


async def test_a_wrong_password_is_told_and_not_fatal(
    sqlite_database: dict[str, str], start_redis: Callable[..., RedisServer], start_replica: Callable[..., Replica]
) -> None:
    """The application serves without Redis, and its log says why."""
    redis = start_redis(password="right")
    replica = start_replica(sqlite_database, REDIS_URL=redis.url.replace("right", "not-right"))
    said = await logged(replica, "❌ Failed to initialize Redis: ")
    assert "password" in said
    assert "not-right" not in replica.log.read_text()
    assert stats(replica)["redis_enabled"] is False


async def test_a_redis_that_comes_later_is_taken_up(
    tmp_path: Path, postgres_database: dict[str, str], sign_in: SignIn, connect: Connect, show: Show
) -> None:
    """Dead at the start: a replica on each server serves all the same, by the log; both find Redis when it starts."""
    redis = RedisServer(tmp_path)
    env = {**postgres_database, "REDIS_URL": f"redis://localhost:{redis.port}"}
    first, second = (Replica(tmp_path, env=env, server=kind) for kind in KINDS)
    with together(first, second):
        said = await logged(first, "Failed to initialize Redis")
        assert f"❌ Failed to initialize Redis: Error 111 connecting to localhost:{redis.port}" in said
        alice = sign_in(first)
        client = await connect(second, token=alice.token)

        began = time.monotonic()
        task = ok(alice.post("/api/tasks", json={"title": "By the log"}))
        assert time.monotonic() - began < 5
        await client.until(about(task), timeout=10)
        assert stats(first)["redis_enabled"] is False
        assert ok(get(f"{first.url}/readyz"))["status"] == "degraded"

        with redis:
            began = time.monotonic()
            for replica in (first, second):
                await settled(replica, timeout=15, redis_enabled=True)
            show(f"a Redis that started late was taken up after {time.monotonic() - began:.1f} s")
            await logged(first, "✅ Redis pub/sub initialized successfully")
            for _ in range(2):  # of which one at most can come by the log's poll, which is every 5 s
                task = ok(alice.post("/api/tasks", json={"title": "By Redis"}))
                await client.until(about(task), timeout=4)
        last = client.positions["all"]
        assert client.numbers("all") == [last - 2, last - 1, last]
