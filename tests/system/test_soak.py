"""Clients come, listen and go, again and again: what they took is given back."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.cast import ALICE, BOB, CAROL
from tests.client import Client, Session
from tests.servers import RedisServer, Replica, wait_until

CLIENTS = 150
ROUNDS = 36
WARM = 24
"""Rounds until caches, threads and the allocator have what they will have."""

SLACK_KB = 1500
"""What the allocator, which grows in steps, may keep more; 0.8 KB for each connection of the rest of the rounds."""


def resident_kb(pid: int) -> int:
    (line,) = (
        line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Private_D")
    )
    return int(line.split()[1])


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.timeout(240)
async def test_what_connections_took_is_given_back(
    postgres_database: dict[str, str],
    redis_server: RedisServer,
    start_replica: Callable[..., Replica],
    sign_in: Callable[..., Session],
    connect: Callable[..., Awaitable[Client]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Memory, open files and subscriptions are where they were, after clients have come and gone thousands of times."""
    replica = start_replica({**postgres_database, "REDIS_URL": redis_server.url})
    assert replica.process is not None
    pid = replica.process.pid
    sessions = [sign_in(replica, person) for person in (ALICE, BOB, CAROL)]

    def at_rest() -> bool:
        return bool(sessions[0].get("/ws/stats").json()["local_connections"] == 0)

    seen = []
    for number in range(ROUNDS):
        clients = [await connect(replica, token=sessions[place % 3].token) for place in range(CLIENTS)]
        sessions[0].post("/api/tasks", json={"title": f"round {number}"}).raise_for_status()
        await asyncio.gather(*(client.until("task.created") for client in clients))
        for place, client in enumerate(clients):
            await (client.drop() if place % 2 else client.close())
        await asyncio.to_thread(wait_until, at_rest, what="all connections to be gone")
        seen.append((resident_kb(pid), open_files(pid), subscriptions(redis_server)))

    with capsys.disabled():
        print(f"\n{ROUNDS * CLIENTS} connections came and went; private memory", end=" ")
        print(f"{seen[WARM][0]} KB after {WARM} rounds, {seen[-1][0]} KB at the end")
    assert seen[-1][0] < seen[WARM][0] + SLACK_KB
    assert seen[-1][1] <= seen[WARM][1] + 2
    assert seen[-1][2] == seen[WARM][2]


def subscriptions(redis: RedisServer) -> list[str]:
    return sorted(redis.run("PUBSUB", "CHANNELS"))
