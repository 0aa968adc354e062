"""Replicas behind nginx are restarted one after the other under load: nobody notices more than a reconnect."""

import asyncio
import contextlib
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest

from tests.cast import ALICE, BOB, CAROL
from tests.clients import Session, ok
from tests.clients.returning import ReturningClient
from tests.deploy.nginx import Nginx
from tests.servers import Serve
from tests.system.cluster import together
from tests.system.load import Load
from tests.waiting import eventually

REPLICAS = 2
FOLLOWERS = 18
PAUSE = 0.1
"""Seconds between two writes of a writer."""

PRE_STOP_WRITES = 10
"""For how many writes a replica that is to end still serves: at least a second."""

DRAIN_SECONDS = 2.0

TASK = {"title": "while they restart"}

ALONE = {"Connection": "close"}
"""A kept connection ends with the worker of nginx that has it, perhaps at the moment of the next request."""


async def roll(replicas: list[Serve], nginx: Nginx, load: Load, *, tells: bool) -> None:
    """As a Deployment does it where `tells`; as Docker Compose does it, whose nginx is told nothing, where not."""
    for replica in replicas:
        if tells:
            await asyncio.to_thread(nginx.tell, down=[replica.port])
            await load.writes(PRE_STOP_WRITES)
        assert await asyncio.to_thread(replica.stop, DRAIN_SECONDS + 30) == 0
        await asyncio.to_thread(replica.start)
        if tells:
            await asyncio.to_thread(nginx.tell, down=[])
        await load.writes(PRE_STOP_WRITES)


@contextlib.asynccontextmanager
async def running(followers: list[ReturningClient]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Their tasks, once all of them are live."""
    tasks = [asyncio.create_task(follower.run()) for follower in followers]
    try:
        await until(lambda: all(follower.start for follower in followers), tasks)
        yield tasks
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for follower in followers:
            if follower.client:
                await follower.client.close()


async def until(condition: Callable[[], bool], tasks: list[asyncio.Task[None]]) -> None:
    def holds() -> bool:
        for task in tasks:
            assert not task.done(), task.exception()
        return condition()

    await eventually(holds, timeout=30)


@pytest.mark.parametrize("tells", [True, False], ids=["nginx-is-told", "nginx-is-not-told"])
async def test_a_rolling_restart(tmp_path, postgres_database, redis_server, show, tells):
    """No request fails; each client has each event once and in order, and comes back at most once for each replica."""
    began = time.monotonic()
    env = {**postgres_database, "REDIS_URL": redis_server.url}
    options = ("--proxy-headers", "--drain-seconds", str(DRAIN_SECONDS))
    replicas = [Serve(tmp_path, *options, env=env) for _ in range(REPLICAS)]
    with together(*replicas), Nginx(tmp_path, "http.conf", [one.port for one in replicas]) as nginx:
        url = f"http://127.0.0.1:{nginx.port}"
        with contextlib.ExitStack() as stack:
            sessions = [stack.enter_context(Session(url, person)) for person in (ALICE, BOB, CAROL)]
            followers = [
                ReturningClient(f"ws://127.0.0.1:{nginx.port}/ws/tasks", sessions[number % 3].token)
                for number in range(FOLLOWERS)
            ]
            async with running(followers) as tasks:
                posts = [
                    lambda session=session: session.post("/api/tasks", json=TASK, headers=ALONE) for session in sessions
                ]
                async with Load(posts, pause=PAUSE) as load:
                    await roll(replicas, nginx, load, tells=tells)
                head = ok(sessions[0].get("/api/sync"))["positions"]["all"]
                await until(lambda: all(follower.numbers("all")[-1:] == [head] for follower in followers), tasks)
            report(followers, load, time.monotonic() - began, show)
            assert load.failures == []
            for follower in followers:
                assert follower.numbers("all") == list(range(follower.start + 1, head + 1))
                assert not [frame for frame in follower.frames if frame["type"] == "reset"]
            assert max(len(follower.closes) for follower in followers) <= REPLICAS
            for replica in replicas:
                assert "Traceback" not in replica.log.read_text()


def report(followers, load, seconds, show):
    closes = Counter(code for follower in followers for code in follower.closes)
    times = Counter(len(follower.closes) for follower in followers)
    away = [seconds for follower in followers for seconds in follower.away]
    took = [seconds for writer in load.writers for seconds in writer.seconds]
    show(
        f"{len(took)} writes, slowest {max(took):.2f} s, failed {len(load.failures)}; "
        f"reconnects per client {dict(sorted(times.items()))}, closed with {dict(closes)}; "
        f"away {statistics.median(away):.2f} s (median), {max(away):.2f} s (longest); all in {seconds:.0f} s"
    )
