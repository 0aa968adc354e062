"""What the application has to be allowed, tried out; and the round trip of what it publishes."""

import secrets
import statistics
import time

from realtime.broker.diagnose.findings import Report
from realtime.broker.diagnose.link import Link, NotRedisError, RefusedError
from realtime.broker.diagnose.reaching import another
from realtime.broker.diagnose.target import Target
from realtime.broker.layer import CHANNEL_PREFIX, channel_name

RULES = (
    f"resetchannels &{CHANNEL_PREFIX}* -@all +auth +hello +ping +select +client|setname "
    "+publish +subscribe +unsubscribe"
)
"""Not +@connection, which has CLIENT PAUSE and CLIENT KILL in it."""

ROUNDS = 50
ROUNDS_SECONDS = 5.0
SLOW_MILLISECONDS = 100.0
"""A sender gives up after 250 ms."""


async def try_rights(target: Target, link: Link, seconds: float, report: Report, *, cluster: bool, alone: bool) -> bool:
    """Whether the application can work with it; `link` is signed in."""
    where, before = str(target), len(report.findings)
    try:
        if not await _has_the_right_role(target, link, report, cluster=cluster, alone=alone):
            return False
        listener = await another(target, seconds)
        try:
            channels = await _try_channels(where, link, listener, report)
            if channels:
                await _round_trip(where, link, listener, channels[0], report)
                await _unsubscribe(where, listener, channels, report)
        finally:
            listener.close()
        await _try_more_than_needed(target, link, report)
    except (OSError, NotRedisError) as error:
        said = f"no answer within {seconds:g} s" if isinstance(error, TimeoutError) else "the connection was lost"
        report.failed(where, "answer", said, "Redis hangs, was restarted, or cuts its clients: look into its log.")
    return all(finding.status != "failed" for finding in report.findings[before:])


async def _has_the_right_role(target: Target, link: Link, report: Report, *, cluster: bool, alone: bool) -> bool:
    where = str(target)
    try:
        words = iter(await link.call("HELLO", "2"))
    except RefusedError:
        report.unseen(where, "role")
        return True
    known = dict(zip(words, words, strict=False))
    mode, role = known.get("mode"), known.get("role")
    version = f"Redis {known.get('version', '')}"
    if mode == "sentinel":
        said = f"{version} as a Sentinel, which carries no messages"
        report.failed(where, "role", said, "Name it in REDIS_SENTINELS instead of in REDIS_URL.")
    elif cluster and mode != "cluster" and not alone:
        said = f"{version}, not a node of a cluster: one of several independent ones"
        report.failed(where, "role", said, "Remove REDIS_CLUSTER: then each stream belongs to one of them.")
    elif role in ("replica", "slave") and mode != "cluster":
        said = f"{version}, a read-only replica: what is published here never reaches the primary"
        report.failed(where, "role", said, "Name its primary in REDIS_URL (INFO replication), or use REDIS_SENTINELS.")
    else:
        report.ok(where, "role", f"{version}, {mode} {role}")
        return True
    return False


async def _try_channels(where: str, link: Link, listener: Link, report: Report) -> list[str]:
    """The channels that could be subscribed to and published on; none where a right is missing."""
    mark = secrets.token_hex(8)
    channels = [channel_name(f"check-redis.{mark}"), f"{CHANNEL_PREFIX}specific.check-redis.{mark}"]
    missing = False
    for right, words, link_for in (("subscribe", (), listener), ("publish", ("",), link)):
        try:
            for channel in channels:
                await link_for.call(right.upper(), channel, *words)
            report.ok(where, right, f"allowed on {CHANNEL_PREFIX}*")
        except RefusedError as error:
            missing = True
            why = "not allowed" if error.code == "NOPERM" else f"refused: {error}"
            report.failed(where, right, f"{why} on {channel}", f"ACL SETUSER …  {RULES}")
    if missing:
        return []
    for _ in channels:
        await listener.next()
    return channels


async def _unsubscribe(where: str, listener: Link, channels: list[str], report: Report) -> None:
    try:
        for channel in channels:
            await listener.call("UNSUBSCRIBE", channel)
        report.ok(where, "unsubscribe", "allowed")
    except RefusedError:
        report.failed(where, "unsubscribe", "not allowed", f"ACL SETUSER …  {RULES}")


async def _round_trip(where: str, link: Link, listener: Link, channel: str, report: Report) -> None:
    """Publishes and receives messages, one after the other, until there are enough or the time is over."""
    took: list[float] = []
    end = time.monotonic() + ROUNDS_SECONDS
    while len(took) < ROUNDS and time.monotonic() < end:
        began = time.perf_counter()
        await link.call("PUBLISH", channel, "a round")
        try:
            await listener.next()
        except TimeoutError:
            said = f"what is published is not received ({len(took)} of {ROUNDS} messages were)"
            report.failed(where, "round trip", said, "Is there a proxy without pub/sub in front of Redis?")
            return
        took.append((time.perf_counter() - began) * 1000)
    median, longest = statistics.median(took), max(took)
    said = f"published and received in {median:.2f} ms (median of {len(took)}, longest {longest:.2f} ms)"
    if median > SLOW_MILLISECONDS:
        report.warning(where, "round trip", said, "It is far away or overloaded: see slow log, machine and network.")
    else:
        report.ok(where, "round trip", said)


async def _try_more_than_needed(target: Target, link: Link, report: Report) -> None:
    """Only harmless commands; whether it may empty Redis is asked, not tried."""
    where, name = str(target), f"check-redis.{secrets.token_hex(8)}"
    tries = {
        "publish on any channel": ("PUBLISH", name, ""),
        "read any key": ("EXISTS", name),
        "read the configuration": ("CONFIG", "GET", "maxmemory"),
        "disconnect others": ("CLIENT", "KILL", "ADDR", "0.0.0.0:0"),  # an address that nobody has
        "delete everything": ("ACL", "DRYRUN", target.username or "default", "FLUSHALL"),
    }
    allowed = [what for what, words in tries.items() if await _may(link, *words)]
    if allowed:
        advice = f"A user of its own is safer: ACL SETUSER …  {RULES}"
        report.warning(where, "more rights", f"it may also {', '.join(allowed)}", advice)
    else:
        report.ok(where, "more rights", "none that the application does not need")


async def _may(link: Link, *words: str) -> bool:
    try:
        reply = await link.call(*words)
    except RefusedError as error:
        return error.code in {"MOVED", "CLUSTERDOWN"}
    return words[0] != "ACL" or reply == "OK"
