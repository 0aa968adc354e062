"""Asks the Sentinels for the primary."""

import asyncio
from collections import Counter
from typing import Any, cast

from redis.exceptions import ResponseError

from realtime.broker.diagnose.probe import Finding, Probe
from realtime.broker.diagnose.reaching import reach
from realtime.broker.shard import Address


async def find_primary(sentinels: list[Probe], name: str) -> tuple[Address | None, list[Finding]]:
    """Where most Sentinels say that the primary is, if any does; then what failed with others is only a warning."""
    answers = await asyncio.gather(*(_ask(sentinel, name) for sentinel in sentinels))
    addresses = Counter(address for address in answers if address)
    findings = [finding for sentinel in sentinels for finding in sentinel.findings]
    if not addresses:
        said = f"none names a living primary {name!r}"
        return None, [*findings, Finding("sentinels", "primary", "failed", said, "See the lines above.")]
    findings = [one._replace(status="warning") if one.status == "failed" else one for one in findings]
    address, votes = addresses.most_common(1)[0]
    said = f"{name} is {address[0]}:{address[1]}, by {votes} of {len(sentinels)}"
    unclear = ("warning", f"{said}; others name another", "They agree after a failover.")
    return address, [*findings, Finding("sentinels", "primary", *(unclear if len(addresses) > 1 else ("ok", said)))]


async def _ask(sentinel: Probe, name: str) -> Address | None:
    async with reach(sentinel) as client:
        if client is None:
            return None
        try:
            known = cast(dict[str, Any], await client.sentinel_masters())
        except ResponseError as error:
            said = "it is no Sentinel" if "unknown command" in str(error).lower() else f"it refuses to tell: {error}"
            sentinel.failed("primary", said, "REDIS_SENTINELS names Sentinels, usually at port 26379.")
            return None
        if (state := known.get(name)) is None:
            said = f"it knows no {name!r} (but: {', '.join(known) or 'none'})"
            sentinel.failed("primary", said, "Correct REDIS_SENTINEL_MASTER.")
        elif state["is_sdown"] or state["is_odown"]:
            sentinel.failed("primary", f"it says that {name!r} is down", "Start it, or wait for the failover.")
        else:
            try:
                await client.sentinel_ckquorum(name)
                sentinel.ok("quorum", "enough Sentinels for a failover")
            except ResponseError as error:
                if str(error).startswith("NOQUORUM"):
                    sentinel.warning("quorum", "too few Sentinels reach each other for a failover", "Start the others.")
                else:
                    sentinel.unseen("quorum")
            return state["ip"], state["port"]
    return None
