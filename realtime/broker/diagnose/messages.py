"""Whether a server of Redis can carry the application's messages, and whether its user may do more than that."""

import secrets
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ClusterDownError, MovedError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from realtime.broker.diagnose.probe import Probe
from realtime.broker.layer import CHANNEL_PREFIX, channel_name

GRANT = (
    "ACL SETUSER {user} "
    f"resetchannels &{CHANNEL_PREFIX}* -@all +auth +hello +ping +select +client|setname "
    "+publish +subscribe +unsubscribe"
)
"""Not +@connection, which contains CLIENT PAUSE and CLIENT KILL."""

ROUNDS = 20
SLOW_MILLISECONDS = 100.0
"""A sender gives up after 250 ms."""


async def try_messages(client: Redis, probe: Probe, *, is_node: bool, watched: str | None) -> None:
    """`is_node` of a cluster of several nodes. To `watched` every replica subscribes that uses this server."""
    if not await _has_role(client, probe, is_node=is_node):
        return
    mark = secrets.token_hex(8)
    channels = [channel_name(f"check-redis.{mark}"), f"{CHANNEL_PREFIX}specific.check-redis.{mark}"]
    listener = client.pubsub()

    async def confirmed(command: Callable[[str], Awaitable[None]], channel: str) -> None:
        await command(channel)
        await _next(listener, probe)

    subscribed = await _try(probe, "subscribe", partial(confirmed, listener.subscribe), channels)
    published = await _try(probe, "publish", partial(client.publish, message=""), channels)
    if subscribed and published:
        await _round_trip(client, listener, channels, probe)
        await _try(probe, "unsubscribe", partial(confirmed, listener.unsubscribe), channels)
    await _try_more_than_needed(client, probe)
    if watched and not probe.has_failed():
        await _listeners(client, probe, watched)


async def _has_role(client: Redis, probe: Probe, *, is_node: bool) -> bool:
    try:
        words = iter(await client.execute_command("HELLO", 2))  # type: ignore[no-untyped-call]
    except ResponseError:
        probe.unseen("role")
        return True
    known = dict(zip(words, words, strict=False))
    mode, role, version = known.get("mode"), known.get("role"), f"Redis {known.get('version')}"
    if mode == "sentinel":
        said = f"{version} as a Sentinel, which carries no messages"
        probe.failed("role", said, "Name it in REDIS_SENTINELS instead of in REDIS_URL.")
    elif is_node and mode != "cluster":
        said = f"{version}, not a node of a cluster: one of several independent ones"
        probe.failed("role", said, "Remove REDIS_CLUSTER: then each stream belongs to one of them.")
    elif role in ("replica", "slave") and mode != "cluster":
        said = f"{version}, a read-only replica: what is published here never reaches the primary"
        probe.failed("role", said, "Name its primary in REDIS_URL (INFO replication), or use REDIS_SENTINELS.")
    else:
        probe.ok("role", f"{version}, {mode} {role}")
    return not probe.has_failed()


async def _try(probe: Probe, right: str, action: Callable[[str], Awaitable[Any]], channels: list[str]) -> bool:
    try:
        for channel in channels:
            await action(channel)
    except ResponseError as error:
        probe.refused(right, error, GRANT.format(user=probe.user))
        return False
    probe.ok(right, f"allowed on {CHANNEL_PREFIX}*")
    return True


async def _next(listener: PubSub, probe: Probe) -> None:
    if await listener.get_message(timeout=probe.seconds) is None:
        raise RedisTimeoutError("what is published is not received: is there a proxy without pub/sub?")


async def _round_trip(client: Redis, listener: PubSub, channels: list[str], probe: Probe) -> None:
    """Publishes and receives one message after the other."""
    for _ in channels:
        await _next(listener, probe)
    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await client.publish(channels[0], "a round")
        await _next(listener, probe)
        took.append((time.perf_counter() - began) * 1000)
    median = statistics.median(took)
    said = f"published and received in {median:.2f} ms (median of {ROUNDS}, longest {max(took):.2f} ms)"
    if median > SLOW_MILLISECONDS:
        probe.warning("round trip", said, "It is far away or overloaded: see SLOWLOG GET, machine and network.")
    else:
        probe.ok("round trip", said)


async def _try_more_than_needed(client: Redis, probe: Probe) -> None:
    """Only harmless commands; whether the user may empty Redis is asked, not tried."""
    name = f"check-redis.{secrets.token_hex(8)}"
    tries: dict[str, tuple[str, ...]] = {
        "publish on any channel": ("PUBLISH", name, ""),
        "read any key": ("EXISTS", name),
        "read the configuration": ("CONFIG", "GET", "maxmemory"),
        "disconnect others": ("CLIENT", "KILL", "ADDR", "0.0.0.0:0"),  # an address that nobody has
        "delete everything": ("ACL", "DRYRUN", probe.user, "FLUSHALL"),
    }
    if allowed := [what for what, words in tries.items() if await _may(client, *words)]:
        # The default user stays as it is: administrators need it.
        user = "todo on >PASSWORD" if probe.user == "default" else probe.user
        probe.warning("more rights", f"it may also {', '.join(allowed)}", f"Enough are: {GRANT.format(user=user)}")
    else:
        probe.ok("more rights", "none that the application does not need")


async def _may(client: Redis, *words: str) -> bool:
    try:
        reply: Any = await client.execute_command(*words)  # type: ignore[no-untyped-call]
    except ResponseError as error:
        return isinstance(error, MovedError | ClusterDownError)
    return words[0] != "ACL" or reply == "OK"


async def _listeners(client: Redis, probe: Probe, channel: str) -> None:
    try:
        ((_, count),) = await client.pubsub_numsub(channel)
    except ResponseError:
        probe.unseen("listeners")
        return
    if count:
        probe.ok("listeners", f"{count} on {channel}, one for each server process")
    else:
        probe.warning("listeners", f"none on {channel}", "No server process is running, or they use another Redis.")
