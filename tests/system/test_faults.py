"""Redis dies, dies for longer, and hangs, all under load: the changes go on, and nobody misses one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from tests.cast import ALICE
from tests.clients import Client, Session
from tests.clients.http import PLAIN
from tests.servers import RedisServer, Replica, manage
from tests.system.load import Load

CLIENTS = 4
WRITERS = 3
PAUSE = 0.2
"""Seconds between two writes of a writer."""

HANGING = 5.0
"""Seconds; a write that waited for Redis would take longer. What it really takes is printed."""

SHORT, LONG = 5, 20
"""How many writes of each writer an outage lasts: at least one second, and four."""

COMMAND_WRITER = """
import pathlib, time
from tasks.models import EVERYONE_ID, Task
slowest = 0.0
while not pathlib.Path({stop!r}).exists():
    began = time.monotonic()
    Task.objects.create(list_id=EVERYONE_ID, title="by a command")
    slowest = max(slowest, time.monotonic() - began)
    time.sleep(0.1)
print(f"slowest {{slowest:.3f}}")
"""


async def torment(redis: RedisServer, load: Load) -> None:
    """Killed for a second, killed for some six seconds, then hung for as long, and well for a while in between."""
    await load.writes(SHORT)
    for writes in (SHORT, LONG):
        await asyncio.to_thread(redis.kill)
        await load.writes(writes)
        await asyncio.to_thread(redis.start)
        await load.writes(2 * SHORT)
    redis.pause()
    await load.writes(LONG)
    redis.resume()
    await load.writes(2 * SHORT)


class Control(Replica):
    """The control in the place of the application."""

    def command(self) -> list[str]:
        return [*super().command()[:-1], "tests.system.control:application"]


@pytest.mark.timeout(420)
async def test_nothing_is_lost_while_redis_dies_and_hangs(
    postgres_database: dict[str, str],
    redis_server: RedisServer,
    start_replica: Callable[..., Replica],
    sign_in: Callable[..., Session],
    connect: Callable[..., Awaitable[Client]],
    tmp_path: Path,
    show: Callable[[str], None],
) -> None:
    """No write fails or waits for Redis; each client gets each event once, in order, over the connection that it has.

    One replica is served by `serve`, one by Daphne itself. The control beside them does lose events, and is seen to.
    """
    env = {**postgres_database, "REDIS_URL": redis_server.url}
    replicas = [start_replica(env, server="serve"), start_replica(env, server="daphne")]
    sessions = [sign_in(replicas[number % 2], ALICE) for number in range(WRITERS)]
    clients = [await connect(replicas[number % 2], token=sessions[0].token) for number in range(CLIENTS)]
    start = clients[0].positions["all"]
    assert {client.positions["all"] for client in clients} == {start}

    with (
        Control(tmp_path, env={"REDIS_URL": redis_server.url}, server="daphne") as control,
        httpx.Client(base_url=control.url, **PLAIN) as control_http,
    ):
        control_client = await connect(control, greeted=False)
        posts = [
            *(lambda session=session: session.post("/api/tasks", json={"title": "under load"}) for session in sessions),
            lambda: control_http.post("/"),
        ]
        stop = tmp_path / "stop"
        script = COMMAND_WRITER.format(stop=str(stop))
        command = asyncio.create_task(
            asyncio.to_thread(manage, "shell", "--verbosity", "0", "--command", script, env=env, timeout=90)
        )
        async with Load(posts, pause=PAUSE) as load:
            await torment(redis_server, load)
        stop.touch()
        slowest_command = float((await command).split()[-1])

        head = sessions[0].get("/api/sync?stream=all").json()["positions"]["all"]
        for client in clients:
            await client.until_position("all", head)
            assert client.numbers("all") == list(range(start + 1, head + 1))
            assert client.is_open

        total = control_http.post("/").json()["seq"]
        await control_client.until_position("all", total)
        lost = total - len(set(control_client.numbers("all")))

    *own, _ = load.writers
    slowest = max(max(writer.seconds) for writer in own)
    show(
        f"Redis killed twice and hung: {head - start} events, none lost (of the control's {total}: {lost}); "
        f"slowest POST {slowest:.3f} s, slowest write of a command {slowest_command:.3f} s"
    )
    assert [writer.failures for writer in own] == [[]] * WRITERS
    assert lost > 0
    assert max(slowest, slowest_command) < HANGING
