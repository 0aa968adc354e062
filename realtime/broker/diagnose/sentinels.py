"""Asks the Sentinels for the primary."""

import asyncio
from collections import Counter

from realtime.broker.diagnose.findings import Report
from realtime.broker.diagnose.link import Link, NotRedisError, RefusedError
from realtime.broker.diagnose.reaching import reach
from realtime.broker.diagnose.target import Target
from realtime.broker.shard import Address


async def find_primary(sentinels: list[Target], name: str, seconds: float, report: Report) -> Address | None:
    """Where most Sentinels say that the primary is, if any does."""
    reports = [Report() for _ in sentinels]
    found = await asyncio.gather(
        *(_ask(sentinel, name, seconds, one) for sentinel, one in zip(sentinels, reports, strict=True))
    )
    addresses = Counter(address for address in found if address)
    for one in reports:
        if addresses:
            one.soften()
        report.findings += one.findings
    if not addresses:
        report.failed("sentinels", "primary", f"none names a primary {name!r}", "See the lines above.")
        return None
    address = addresses.most_common(1)[0][0]
    said = f"{name} is {address[0]}:{address[1]}, by {addresses[address]} of {len(sentinels)}"
    if len(addresses) > 1:
        report.warning("sentinels", "primary", f"{said}; others name another", "They will agree after a failover.")
    else:
        report.ok("sentinels", "primary", said)
    return address


async def _ask(sentinel: Target, name: str, seconds: float, report: Report) -> Address | None:
    link = await reach(sentinel, seconds, report)
    if link is None:
        return None
    where = str(sentinel)
    try:
        reply = await link.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)
        if not reply:
            known = ", ".join(await _names(link)) or "none"
            report.failed(where, "primary", f"it knows no {name!r} (but: {known})", "Correct REDIS_SENTINEL_MASTER.")
            return None
        await _look_at_quorum(where, link, name, report)
        return str(reply[0]), int(reply[1])
    except RefusedError as error:
        unknown = "unknown command" in str(error).lower()
        said = "it is no Sentinel" if unknown else f"it refuses to tell: {error}"
        report.failed(where, "primary", said, "REDIS_SENTINELS names Sentinels, usually at port 26379.")
    except (OSError, NotRedisError):
        report.failed(where, "primary", "no answer", "The Sentinel hangs or was restarted: look into its log.")
    finally:
        link.close()
    return None


async def _names(link: Link) -> list[str]:
    """The primaries that a Sentinel knows; each is a flat list that begins with the name."""
    return [str(primary[1]) for primary in await link.call("SENTINEL", "MASTERS")]


async def _look_at_quorum(where: str, link: Link, name: str, report: Report) -> None:
    try:
        await link.call("SENTINEL", "CKQUORUM", name)
        report.ok(where, "quorum", "enough Sentinels for a failover")
    except RefusedError as error:
        if error.code != "NOQUORUM":
            report.unseen(where, "quorum")
            return
        said = "too few Sentinels reach each other for a failover"
        report.warning(where, "quorum", said, "Restart those that are down.")
