"""Redis over TLS with the smallest ACL, behind Sentinels, as a cluster, and as several hosts: each breaks under load,
and every client gets every event once, in order."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.clients import Client, Session, ok
from tests.servers import RedisServer, Replica
from tests.servers.redis_forms import Guarded, acl_user, redis_cluster, tls_arguments
from tests.system.cluster import KINDS, about, stats, together
from tests.system.load import Load
from tests.waiting import eventually

Environment = dict[str, str]
Connect = Callable[..., Awaitable[Client]]
SignIn = Callable[..., Session]
Show = Callable[[str], None]
Trouble = Callable[[Sequence[Replica], Load], Awaitable[None]]
Try = Callable[[Sequence[Environment], Trouble], Awaitable[str]]

CLIENTS = 4
PAUSE = 0.2
"""Seconds between two writes of a writer."""

A_WHILE = 5
"""Writes of each writer: at least one second."""

SLOW = 5.0
"""Seconds; a write that waited for a hung Redis would take longer. What it really takes is printed."""

PROMPT = 4.0
"""Seconds; the log is polled every 5 s while Redis is well, so of two events in a row only one may come by it."""

OLD, NEW = "the-old-key-which-is-long-enough-to-be-one", "the-new-key-which-is-long-enough-to-be-one"


class Links:
    """Whether replicas hear Redis: by what they say, and by their logs, which tell of a moment without it as well."""

    def __init__(self) -> None:
        self.losses: dict[str, int] = {}

    def note(self, replicas: Sequence[Replica]) -> None:
        """What is lost from now on counts for `lost`."""
        self.losses |= {replica.url: _losses(replica) for replica in replicas}

    async def lost(self, replicas: Sequence[Replica]) -> None:
        """Returns when each does not hear it, or has missed it since the last note."""

        def they_say() -> bool:
            return all(_losses(one) > self.losses[one.url] or not stats(one)["redis_enabled"] for one in replicas)

        await eventually(lambda: asyncio.to_thread(they_say), timeout=60, what="Redis to be missed")

    async def well(self, replicas: Sequence[Replica]) -> float:
        """Seconds until all hear it; notes that they do."""
        began = time.monotonic()

        def they_say() -> bool:
            return all(stats(replica)["redis_enabled"] for replica in replicas)

        await eventually(lambda: asyncio.to_thread(they_say), timeout=60, what="Redis to be heard")
        self.note(replicas)
        return time.monotonic() - began


def _losses(replica: Replica) -> int:
    return replica.log.read_text().count("Redis is failing (")


@pytest.fixture
def links() -> Links:
    return Links()


@pytest.fixture
def try_out(postgres_database: Environment, tmp_path: Path, sign_in: SignIn, connect: Connect, links: Links) -> Try:
    """try_out([variables, variables], trouble): two replicas under load while `trouble` is made, and what came of it.

    One replica is served by `serve`, one by Daphne itself. Fails unless each client has got each event once, in order,
    over the connection that it has, and new ones come by Redis in the end. Returns a line with figures.
    """

    async def try_out(variables: Sequence[Environment], trouble: Trouble) -> str:
        replicas = [
            Replica(tmp_path, env={**postgres_database, **more}, server=server, name=server)
            for more, server in zip(variables, KINDS, strict=True)
        ]
        with together(*replicas):
            await links.well(replicas)
            sessions = [sign_in(replica) for replica in replicas]
            clients = [
                await connect(replicas[number % 2], token=sessions[0].token, hello=None) for number in range(CLIENTS)
            ]
            start = clients[0].positions["all"]
            posts = [
                lambda session=session: session.post("/api/tasks", json={"title": "under load"}) for session in sessions
            ]
            async with Load(posts, pause=PAUSE) as load:
                await trouble(replicas, load)
            head = ok(sessions[0].get("/api/sync?stream=all"))["positions"]["all"]
            for client in clients:
                await client.until_position("all", head)
                assert client.numbers("all") == list(range(start + 1, head + 1))
            assert load.failures == []
            await links.well(replicas)
            await prompt(sessions, clients)
            assert all(client.is_open for client in clients)
            assert load.slowest < SLOW
            for replica in replicas:
                assert "Traceback" not in replica.log.read_text()
            return f"{head - start} events, none lost; slowest POST {load.slowest:.3f} s"

    return try_out


async def prompt(sessions: Sequence[Session], clients: Sequence[Client]) -> None:
    """New events reach all clients by Redis, whichever replica they are written on."""
    for session in [*sessions] * 2:
        task = ok(await asyncio.to_thread(session.post, "/api/tasks", json={"title": "a prompt one"}))
        for client in clients:
            await client.until(about(task), timeout=PROMPT)


# TLS, an ACL user, encryption


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[RedisServer, Environment]]:
    """A Redis that wants TLS, a client's certificate, and a user who may do next to nothing; and how to get in."""
    authority = Authority(tmp_path)
    certificate, key = authority.issue("client")
    redis = RedisServer(
        tmp_path, arguments=[*tls_arguments(authority), *acl_user("todo", "s:e/c@ret"), "--user", "default", "off"]
    )
    with redis:
        yield (
            redis,
            {
                "REDIS_URL": f"rediss://127.0.0.1:{redis.port}/0",
                "REDIS_USERNAME": "todo",
                "REDIS_PASSWORD": "s:e/c@ret",
                "REDIS_CA_FILE": str(authority.certificate),
                "REDIS_CERT_FILE": str(certificate),
                "REDIS_KEY_FILE": str(key),
            },
        )


@pytest.mark.timeout(180)
async def test_over_tls_with_the_smallest_acl_and_keys_in_rotation(
    secured: tuple[RedisServer, Environment], try_out: Try, links: Links, show: Show
) -> None:
    """One replica encrypts with the new key already, the other with the old one; Redis is killed, and then hangs."""
    redis, env = secured

    async def trouble(replicas: Sequence[Replica], load: Load) -> None:
        log = replicas[0].log.read_text()
        assert f"✅ Redis WebSocket manager enabled: rediss://127.0.0.1:{redis.port}/0" in log
        await load.writes(A_WHILE)
        await asyncio.to_thread(redis.restart)
        await links.well(replicas)
        redis.pause()
        await links.lost(replicas)
        await load.writes(4 * A_WHILE)  # hung for longer than the broker link waits for its echo
        redis.resume()
        await links.well(replicas)

    keys = [{"REDIS_ENCRYPTION_KEYS": f"{OLD},{NEW}"}, {"REDIS_ENCRYPTION_KEYS": f"{NEW},{OLD}"}]
    show(f"TLS, ACL, two keys: {await try_out([env | keys[0], env | keys[1]], trouble)}")


# Sentinel


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    with Guarded(tmp_path, password="for-redis", sentinel_password="for-sentinels") as guarded:
        yield guarded


@pytest.mark.timeout(240)
@pytest.mark.parametrize("how", ["killed", "hung"])
async def test_a_primary_behind_sentinels_is_lost(
    how: str, guarded: Guarded, try_out: Try, links: Links, show: Show
) -> None:
    """Killed, or hung and later awake again as a stand-by: the replicas follow the new primary, with its Sentinel dead
    as well, and nobody stays deaf."""
    figures: list[str] = []

    async def trouble(replicas: Sequence[Replica], load: Load) -> None:
        log = replicas[0].log.read_text()
        assert "✅ Redis WebSocket manager enabled: redis://todo (Sentinels: 127.0.0.1:" in log
        assert "for-redis" not in log
        assert "for-sentinels" not in log
        old, beside = guarded.primary, guarded.sentinels[0]
        await load.writes(A_WHILE)
        for server in (old, beside):
            server.kill() if how == "killed" else server.pause()
        began = time.monotonic()
        await links.lost(replicas)
        others = guarded.sentinels[1:]
        await asyncio.to_thread(guarded.await_other_than, old, sentinels=others)
        elected = time.monotonic() - began
        await links.well(replicas)
        figures.append(f"a new primary after {elected:.1f} s, followed after {time.monotonic() - began:.1f} s")
        await load.writes(A_WHILE)
        for server in (old, beside):
            server.start() if how == "killed" else server.resume()
        await asyncio.to_thread(guarded.await_standby, old)
        await links.well(replicas)
        await load.writes(A_WHILE)

    found = await try_out([guarded.env, guarded.env], trouble)
    show(f"Sentinel, primary {how}: {found}; {figures[0]}")


# Cluster, and several hosts


@pytest.mark.timeout(180)
@pytest.mark.parametrize("how", ["killed", "hung"])
async def test_a_node_of_a_cluster_is_lost(how: str, tmp_path: Path, try_out: Try, links: Links, show: Show) -> None:
    """Replicas at different nodes hear each other. Those at a lost node go on at another, while it is away."""
    figures: list[str] = []
    with redis_cluster(tmp_path) as nodes:
        first, second, third = nodes
        env = {"REDIS_CLUSTER": "true", "REDIS_URL": ",".join(node.url for node in (first, second))}

        async def trouble(replicas: Sequence[Replica], load: Load) -> None:
            roaming = replicas[:1]
            assert f"127.0.0.1:{second.port}/0 (cluster)" in replicas[0].log.read_text()
            await load.writes(A_WHILE)
            lost = first if first.run("PUBSUB", "CHANNELS", "*:all") else second
            lost.kill() if how == "killed" else lost.pause()
            await links.lost(roaming)
            seconds = await links.well(roaming)
            figures.append(f"at another node {seconds:.1f} s after it was missed")
            await load.writes(A_WHILE)
            lost.start() if how == "killed" else lost.resume()
            links.note(roaming)
            (second if lost is first else first).kill()
            await links.lost(roaming)
            await links.well(roaming)

        # The second replica knows one node alone, and loses nothing either.
        found = await try_out([env, {"REDIS_URL": third.url}], trouble)
    show(f"Cluster, a node {how}: {found}; {figures[0]}")


@pytest.mark.timeout(180)
async def test_one_of_several_hosts_is_lost(
    start_redis: Callable[..., RedisServer], try_out: Try, links: Links, show: Show
) -> None:
    """Each stream belongs to one host, by its name. While one is away all go by the log."""
    servers = [start_redis(password="secret"), start_redis(password="secret")]
    env = {"REDIS_URL": ",".join(server.url for server in servers)}

    async def trouble(replicas: Sequence[Replica], load: Load) -> None:
        shown = ", ".join(server.url.replace(":secret@", "") for server in servers)
        assert f"✅ Redis WebSocket manager enabled: {shown}" in replicas[0].log.read_text()
        for server in servers:
            await load.writes(A_WHILE)
            server.pause()
            await links.lost(replicas)
            server.resume()
            await links.well(replicas)

    show(f"Two hosts: {await try_out([env, env], trouble)}")
