"""What an operator would look up in Redis. What the user may not see is no fault."""

import time
from functools import partial

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from realtime.broker.diagnose.probe import Probe

FULL = 0.9
RECENT_SECONDS = 3600
SLOW_ENTRIES = 32
MEBIBYTE = 1024 * 1024


async def look(client: Redis, probe: Probe, watched: str | None) -> None:
    """`watched` is a channel to which every replica subscribes, None where it belongs to another host."""
    checks = {"memory": _memory, "persistence": _persistence, "slow log": _slow_log}
    if watched:
        checks["listeners"] = partial(_listeners, channel=watched)
    for check, tell in checks.items():
        try:
            await tell(client, probe)
        except ResponseError:
            probe.unseen(check)


async def _memory(client: Redis, probe: Probe) -> None:
    info = await client.info("memory")
    used, limit, policy = info["used_memory"], info.get("maxmemory", 0), info.get("maxmemory_policy")
    said = f"{used / MEBIBYTE:.1f} MiB of {limit / MEBIBYTE:.1f} MiB used, policy {policy}"
    if not limit:
        advice = "Set maxmemory; without it Redis may use all memory of the machine."
        probe.warning("memory", f"{used / MEBIBYTE:.1f} MiB used, without a limit", advice)
    elif used > FULL * limit and policy == "noeviction":
        advice = "Publishing still works, other writes fail: raise maxmemory, or set maxmemory-policy allkeys-lru."
        probe.warning("memory", f"{said}: {'it is' if used > limit else 'nearly'} full", advice)
    else:
        probe.ok("memory", said)


async def _persistence(client: Redis, probe: Probe) -> None:
    info = await client.info("persistence")
    if bad := [name for name in ("rdb_last_bgsave_status", "aof_last_write_status") if info.get(name, "ok") != "ok"]:
        advice = "Is the disk full or not writable? Until it is fixed, Redis may refuse writes (MISCONF)."
        probe.warning("persistence", f"{', '.join(bad)}: failed", advice)
    else:
        append_only = "on" if info.get("aof_enabled") else "off"
        probe.ok("persistence", f"append-only file {append_only}; nothing permanent is stored in Redis")


async def _slow_log(client: Redis, probe: Probe) -> None:
    entries = await client.slowlog_get(SLOW_ENTRIES)
    recent = [entry for entry in entries if entry["start_time"] > time.time() - RECENT_SECONDS]
    if recent:
        slowest = max(recent, key=lambda entry: int(entry["duration"]))
        # Only the command's name: its arguments may be private.
        name = slowest["command"].partition(b" ")[0].decode(errors="replace").upper()
        said = (
            f"{len(recent)} slow commands in the last hour, the slowest {name} with {slowest['duration'] / 1000:.0f} ms"
        )
        probe.warning("slow log", said, "While one runs, no other client is served: SLOWLOG GET shows which they are.")
    else:
        probe.ok("slow log", "no slow command in the last hour")


async def _listeners(client: Redis, probe: Probe, channel: str) -> None:
    ((_, count),) = await client.pubsub_numsub(channel)
    if count:
        probe.ok("listeners", f"{count} on {channel}, one for each server process")
    else:
        probe.warning("listeners", f"none on {channel}", "No server process is running, or they use another Redis.")
