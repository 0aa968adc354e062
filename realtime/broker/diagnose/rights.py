"""What the application needs to be allowed, by trying it; and the round trip of a message."""

import secrets
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ClusterDownError, MovedError, NoPermissionError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from realtime.broker.diagnose.probe import Probe
from realtime.broker.layer import CHANNEL_PREFIX, channel_name

GRANT = (
    "ACL SETUSER {user} "
    f"resetchannels &{CHANNEL_PREFIX}* -@all +auth +hello +ping +select +client|setname "
    "+publish +subscribe +unsubscribe"
)
"""Not +@connection, which contains CLIENT PAUSE and CLIENT KILL."""

NEW_USER = "todo on >PASSWORD"
"""In the place of the default user, which administrators need."""

ROUNDS = 50
ROUNDS_SECONDS = 5.0
SLOW_MILLISECONDS = 100.0
"""A sender gives up after 250 ms."""


async def try_rights(client: Redis, probe: Probe, *, cluster: bool, alone: bool) -> bool:
    """Whether the application can work with it."""
    if not await _has_the_right_role(client, probe, cluster=cluster, alone=alone):
        return False
    listener = client.pubsub()

    async def confirmed(command: Callable[[str], Awaitable[None]], channel: str) -> None:
        await command(channel)
        await _next(listener, probe)

    mark = secrets.token_hex(8)
    channels = [channel_name(f"check-redis.{mark}"), f"{CHANNEL_PREFIX}specific.check-redis.{mark}"]
    subscribed = await _try(probe, "subscribe", partial(confirmed, listener.subscribe), channels)
    published = await _try(probe, "publish", partial(client.publish, message=""), channels)
    if subscribed and published:
        for _ in channels:
            await _next(listener, probe)
        await _round_trip(client, listener, channels[0], probe)
        await _try(probe, "unsubscribe", partial(confirmed, listener.unsubscribe), channels)
    await _try_more_than_needed(client, probe)
    return not probe.has_failed()


async def _has_the_right_role(client: Redis, probe: Probe, *, cluster: bool, alone: bool) -> bool:
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
    elif cluster and mode != "cluster" and not alone:
        said = f"{version}, not a node of a cluster: one of several independent ones"
        probe.failed("role", said, "Remove REDIS_CLUSTER: then each stream belongs to one of them.")
    elif role in ("replica", "slave") and mode != "cluster":
        said = f"{version}, a read-only replica: what is published here never reaches the primary"
        probe.failed("role", said, "Name its primary in REDIS_URL (INFO replication), or use REDIS_SENTINELS.")
    else:
        probe.ok("role", f"{version}, {mode} {role}")
    return not probe.has_failed()


async def _try(probe: Probe, right: str, action: Callable[[str], Awaitable[Any]], channels: list[str]) -> bool:
    for channel in channels:
        try:
            await action(channel)
        except ResponseError as error:
            why = "not allowed" if isinstance(error, NoPermissionError) else f"refused: {error}"
            probe.failed(right, f"{why} on {channel}", GRANT.format(user=probe.user))
            return False
    probe.ok(right, f"allowed on {CHANNEL_PREFIX}*")
    return True


async def _next(listener: PubSub, probe: Probe) -> None:
    if await listener.get_message(timeout=probe.seconds) is None:
        raise RedisTimeoutError(f"Timeout reading from {probe.where}")


async def _round_trip(client: Redis, listener: PubSub, channel: str, probe: Probe) -> None:
    """Publishes and receives one message after the other."""
    took: list[float] = []
    end = time.monotonic() + ROUNDS_SECONDS
    while len(took) < ROUNDS and time.monotonic() < end:
        began = time.perf_counter()
        await client.publish(channel, "a round")
        if await listener.get_message(timeout=probe.seconds) is None:
            said = f"what is published is not received ({len(took)} of {ROUNDS} messages were)"
            probe.failed("round trip", said, "Is there a proxy without pub/sub in front of Redis?")
            return
        took.append((time.perf_counter() - began) * 1000)
    median, longest = statistics.median(took), max(took)
    said = f"published and received in {median:.2f} ms (median of {len(took)}, longest {longest:.2f} ms)"
    if median > SLOW_MILLISECONDS:
        probe.warning("round trip", said, "It is far away or overloaded: see slow log, machine and network.")
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
        probe.warning("more rights", f"it may also {', '.join(allowed)}", _narrow(probe.user))
    else:
        probe.ok("more rights", "none that the application does not need")


def _narrow(user: str) -> str:
    """Advice for a user with too many rights; the default user stays as it is."""
    if user == "default":
        return f"A user of its own is safer: {GRANT.format(user=NEW_USER)}"
    return f"These rights are enough: {GRANT.format(user=user)}"


async def _may(client: Redis, *words: str) -> bool:
    try:
        reply = await client.execute_command(*words)  # type: ignore[no-untyped-call]
    except ResponseError as error:
        return isinstance(error, MovedError | ClusterDownError)
    return words[0] != "ACL" or reply == "OK"
