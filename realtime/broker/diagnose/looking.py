"""How Redis is: what an operator would look up. Whatever the user may not see is no fault."""

import time
from collections.abc import Callable
from typing import Any

from realtime.broker.diagnose.findings import Report
from realtime.broker.diagnose.link import Link, NotRedisError, RefusedError
from realtime.broker.diagnose.target import Target

FULL = 0.9
RECENT_SECONDS = 3600
SLOW_ENTRIES = 32

Tell = Callable[[str, Any, Report], None]


async def look(target: Target, link: Link, report: Report, watched: str | None) -> None:
    """`watched` is a channel on which every replica listens, None where it belongs to another host."""
    where = str(target)
    questions: list[tuple[str, tuple[str, ...], Tell]] = [
        ("memory", ("INFO", "memory"), _tell_memory),
        ("persistence", ("INFO", "persistence"), _tell_persistence),
        ("slow log", ("SLOWLOG", "GET", str(SLOW_ENTRIES)), _tell_slow_log),
    ]
    if watched:
        questions.append(("listeners", ("PUBSUB", "NUMSUB", watched), _tell_listeners))
    for check, words, tell in questions:
        try:
            reply = await link.call(*words)
            tell(where, _fields(reply) if words[0] == "INFO" else reply, report)
        except RefusedError:
            report.unseen(where, check)
        except (OSError, NotRedisError):
            report.failed(where, check, "no answer", "Redis hangs or was restarted: look into its log.")
            return


def _fields(text: str) -> dict[str, str]:
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def _tell_memory(where: str, info: dict[str, str], report: Report) -> None:
    used, limit = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    policy = info.get("maxmemory_policy", "unknown")
    if not limit:
        said = f"{_size(used)} used, without a limit"
        report.warning(where, "memory", said, "Set maxmemory; without it Redis may use all memory of the machine.")
        return
    said = f"{_size(used)} of {_size(limit)} used, policy {policy}"
    if used > FULL * limit and policy == "noeviction":
        advice = "Publishing still works, other writes fail: raise maxmemory, or set maxmemory-policy allkeys-lru."
        report.warning(where, "memory", f"{said}: it is full" if used > limit else f"{said}: nearly full", advice)
    else:
        report.ok(where, "memory", said)


def _tell_persistence(where: str, info: dict[str, str], report: Report) -> None:
    ill = [name for name in ("rdb_last_bgsave_status", "aof_last_write_status") if info.get(name, "ok") != "ok"]
    if ill:
        advice = "Is the disk full or not writable? Until it is fixed, Redis may refuse writes (MISCONF)."
        report.warning(where, "persistence", f"{', '.join(ill)}: failed", advice)
    else:
        append_only = "on" if info.get("aof_enabled") == "1" else "off"
        report.ok(where, "persistence", f"append-only file {append_only}; nothing that must last lives in Redis")


def _tell_slow_log(where: str, entries: list[list[Any]], report: Report) -> None:
    recent = [entry for entry in entries if entry[1] > time.time() - RECENT_SECONDS]
    if not recent:
        report.ok(where, "slow log", "no slow command in the last hour")
        return
    slowest = max(recent, key=lambda entry: int(entry[2]))
    # The command's name alone: its arguments are somebody's data.
    name = str(slowest[3][0]).upper() if slowest[3] else "?"
    said = f"{len(recent)} slow commands in the last hour, the slowest {name} with {slowest[2] / 1000:.0f} ms"
    report.warning(where, "slow log", said, "While one runs nobody is served: SLOWLOG GET tells which they are.")


def _tell_listeners(where: str, reply: list[Any], report: Report) -> None:
    channel, count = reply[0], int(reply[1])
    if count:
        report.ok(where, "listeners", f"{count} on {channel}, one for each process that serves")
    else:
        advice = "No server process is running, or they use another Redis."
        report.warning(where, "listeners", f"nobody on {channel}", advice)


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MiB"
