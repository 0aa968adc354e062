"""What `manage.py check_redis` looks at, from the name to the round trip: findings, each with what to do about it."""

import asyncio
from typing import Any

from channels_redis.utils import _consistent_hash

from realtime.broker.diagnose.findings import Finding, Report
from realtime.broker.diagnose.looking import look
from realtime.broker.diagnose.reaching import reach
from realtime.broker.diagnose.rights import try_rights
from realtime.broker.diagnose.sentinels import find_primary
from realtime.broker.diagnose.target import Target, sentinels_of, target_of
from realtime.broker.layer import channel_name

LONGEST = 60.0
"""Seconds after which a check ends, whatever it waits for."""

WATCHED = channel_name("all")


async def check(config: dict[str, Any], seconds: float) -> list[Finding]:
    """`config` is the channel layer's CONFIG; each single step gets so many `seconds`. Raises nothing."""
    report = Report()
    try:
        async with asyncio.timeout(LONGEST):
            await _check(config, seconds, report)
    except TimeoutError:
        report.failed("all", "time", f"not through after {LONGEST:g} s", "See what was found until then.")
    return report.findings


async def _check(config: dict[str, Any], seconds: float, report: Report) -> None:
    hosts, cluster = config["hosts"], config["cluster"]
    if "sentinels" in hosts[0]:
        address = await find_primary(sentinels_of(hosts[0]), hosts[0]["master_name"], seconds, report)
        targets = [target_of(hosts[0], address)] if address else []
    else:
        targets = [target_of(host) for host in hosts]
    # Streams are spread over several hosts; of a cluster each node may have subscribers.
    watched = targets if cluster else targets[_consistent_hash(WATCHED, len(targets) or 1) :][:1]
    reports = [Report() for _ in targets]
    await asyncio.gather(
        *(
            _check_host(target, seconds, one, cluster=cluster, alone=len(targets) == 1, watched=target in watched)
            for target, one in zip(targets, reports, strict=True)
        )
    )
    for one in reports:
        report.findings += one.findings


async def _check_host(
    target: Target, seconds: float, report: Report, *, cluster: bool, alone: bool, watched: bool
) -> None:
    link = await reach(target, seconds, report)
    if link is None:
        return
    try:
        if await try_rights(target, link, seconds, report, cluster=cluster, alone=alone):
            await look(target, link, report, WATCHED if watched else None)
    finally:
        link.close()
