"""Clients come, listen and go, again and again: what they took is given back.

`make test` does it for six seconds, `make soak` for half an hour; SOAK_MINUTES sets another time.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.cast import ALICE, BOB, CAROL
from tests.clients import Client, Session
from tests.servers import RedisServer, Replica, wait_until

SECONDS = 60 * float(os.environ.get("SOAK_MINUTES", "0.1"))
WARM = 1 / 2
"""The part of the time after which caches, threads and the allocator have what they will have."""

CLIENTS = 150
LEAST = 12 * CLIENTS
"""Connections, however slow the machine is; half of them to get warm."""

SLACK_KB = 1500
"""What the allocator, which grows in steps, may keep more."""


class Holdings(NamedTuple):
    """What a process has when nobody is connected to it."""

    memory_kb: int
    files: int
    """But for connections to the database, of which the pool keeps as many as were just needed."""
    tasks: int
    channels: list[str]


def look(replica: Replica, redis: RedisServer, session: Session) -> Holdings:
    assert replica.process is not None
    folder = Path(f"/proc/{replica.process.pid}")
    rollup = (folder / "smaps_rollup").read_text().splitlines()
    (memory,) = (int(line.split()[1]) for line in rollup if line.startswith("Private_Dirty"))
    samples = [one for family in text_string_to_metric_families(session.get("/metrics").text) for one in family.samples]

    def figure(name: str) -> int:
        found = [sample.value for sample in samples if sample.name == name]
        assert found, name
        return int(sum(found))

    files = len(list((folder / "fd").iterdir())) - figure("todo_database_pool_connections")
    return Holdings(memory, files, figure("realtime_tasks"), sorted(redis.run("PUBSUB", "CHANNELS")))


class OfItsOwn(Replica):
    """Shares no memory."""

    is_quick = False


@pytest.fixture
def replica(tmp_path: Path, postgres_database: dict[str, str], redis_server: RedisServer) -> Iterator[Replica]:
    env = {**postgres_database, "REDIS_URL": redis_server.url, "ACCESS_TOKEN_MINUTES": "600"}
    with OfItsOwn(tmp_path, env=env) as replica:
        yield replica


async def arrive(replica: Replica, session: Session) -> Client:
    """A client that nobody keeps, as the `connect` fixture would: collecting the garbage of them all takes seconds."""
    client = await Client.connect(replica.ws_url, token=session.token)
    await client.until("ready")
    return client


@pytest.mark.long
@pytest.mark.timeout(SECONDS + 120)
async def test_what_connections_took_is_given_back(
    replica: Replica,
    redis_server: RedisServer,
    sign_in: Callable[..., Session],
    show: Callable[[str], None],
) -> None:
    """Memory, open files, tasks and subscriptions are where they were, after thousands have come, listened and gone."""
    sessions = [sign_in(replica, person) for person in (ALICE, BOB, CAROL)]

    def at_rest() -> bool:
        return bool(sessions[0].get("/ws/stats").json()["local_connections"] == 0)

    began = time.monotonic()
    count = 0
    first: Holdings | None = None
    while (passed := time.monotonic() - began) < SECONDS or count < LEAST:
        clients = [await arrive(replica, sessions[place % 3]) for place in range(CLIENTS)]
        sessions[0].post("/api/tasks", json={"title": f"after {passed:.0f} s"}).raise_for_status()
        await asyncio.gather(*(client.until("task.created") for client in clients))
        for place, client in enumerate(clients):
            await (client.drop() if place % 2 else client.close())
        await asyncio.to_thread(wait_until, at_rest, what="all connections to be gone")
        count += CLIENTS
        if first is None and passed > WARM * SECONDS and count >= WARM * LEAST:
            first = look(replica, redis_server, sessions[0])
            warm_count = count
    assert first is not None
    last = look(replica, redis_server, sessions[0])
    show(
        f"{count} connections came and went in {SECONDS / 60:g} minutes; "
        f"after {warm_count} of them {first}, at the end {last}"
    )
    assert last.memory_kb < first.memory_kb + SLACK_KB
    assert last.files <= first.files + 2
    assert last.tasks <= first.tasks + 2
    assert last.channels == first.channels
