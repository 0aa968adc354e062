"""How late events come while the way to Redis is bad: what the broker loses, the log has within about a second."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from tests.clients import Client, Session, ok
from tests.faulty_link import TO_CLIENT, TO_SERVER, FaultyLink
from tests.servers import RedisServer, Replica, wait_until
from tests.system.cluster import hears_redis

WRITES = 30
PAUSE = 0.05
LATEST, LATEST_EVER = 1.5, 5.0
"""Seconds, wanted of the latest event of most faults, and of every fault, so that one pause of this machine is none."""

FAULTS: dict[str, Callable[[FaultyLink], Any]] = {
    "a delay of 200 ms each way": lambda link: link.delay(0.2),
    "a black hole to Redis": lambda link: link.black_hole(TO_SERVER),
    "a black hole from Redis": lambda link: link.black_hole(TO_CLIENT),
    "swallowed messages": lambda link: link.swallow_messages(b"broadcast"),
    "cut connections": lambda link: link.cut(),
    "refused connections": lambda link: link.refuse(),
}


async def lateness(client: Client, late: list[float]) -> None:
    """Notes of each event how long after its commit it was here."""
    seen = len(client.frames)
    while True:
        while seen < len(client.frames):
            frame = client.frames[seen]
            seen += 1
            if "at" in frame:
                late.append(time.time() - datetime.fromisoformat(frame["at"]).timestamp())
        await asyncio.sleep(0.005)


@pytest.mark.timeout(180)
async def test_events_are_late_by_little(
    postgres_database: dict[str, str],
    redis_server: RedisServer,
    start_replica: Callable[..., Replica],
    sign_in: Callable[..., Session],
    connect: Callable[..., Awaitable[Client]],
    show: Callable[[str], None],
) -> None:
    """Written on both replicas, one of which has the fault on its way to Redis, and read on both."""
    with FaultyLink(redis_server) as link:
        near = start_replica(postgres_database, REDIS_URL=redis_server.url)
        far = start_replica(postgres_database, REDIS_URL=link.url)
        sessions = [sign_in(near), sign_in(far)]
        clients = [await connect(replica, token=sessions[0].token) for replica in (near, far)]
        for replica in (near, far):
            await asyncio.to_thread(wait_until, partial(hears_redis, replica), what="Redis to be heard")
        worst: dict[str, float] = {}
        for fault, inflict in FAULTS.items():
            late: list[float] = []
            watching = [asyncio.create_task(lateness(client, late)) for client in clients]
            for number in range(WRITES):
                if number == WRITES // 6:
                    await asyncio.to_thread(inflict, link)
                post = partial(sessions[number % 2].post, "/api/tasks", json={"title": f"{fault} {number}"})
                ok(await asyncio.to_thread(post))
                await asyncio.sleep(PAUSE)
            head = ok(sessions[0].get("/api/sync?stream=all"))["positions"]["all"]
            for client in clients:
                await client.until_position("all", head)
            await asyncio.sleep(0.02)
            for task in watching:
                task.cancel()
            worst[fault] = max(late)
            await asyncio.to_thread(link.heal)
            for replica in (near, far):
                await asyncio.to_thread(wait_until, partial(hears_redis, replica), what="Redis to be heard again")
        show("latest event: " + ", ".join(f"{fault} {seconds:.2f} s" for fault, seconds in worst.items()))
        for client in clients:
            numbers = client.numbers("all")
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert statistics.median(worst.values()) < LATEST
        assert max(worst.values()) < LATEST_EVER
