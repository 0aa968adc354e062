"""Asks the Sentinels for the primary, as most of them know it."""

import asyncio
from collections import Counter
from typing import Any, cast

from redis.exceptions import ResponseError

from realtime.broker.diagnose.probe import Finding, Probe
from realtime.broker.hosts import Host
from realtime.broker.shard import Address


async def find_primary(host: Host, seconds: float) -> tuple[Address | None, list[Finding]]:
    """`host` is one of the channel layer behind Sentinels. Where one names a living primary, what failed with others is
    only a warning."""
    name, options = host["master_name"], host["sentinel_kwargs"]
    sentinels = [Probe(options, seconds, address, setting="REDIS_SENTINELS") for address in host["sentinels"]]
    answers = await asyncio.gather(*(_ask(sentinel, name) for sentinel in sentinels))
    votes = Counter(address for address in answers if address)
    findings = [finding for sentinel in sentinels for finding in sentinel.findings]
    if not votes:
        said = f"none names a living primary {name!r}"
        return None, [*findings, Finding("sentinels", "primary", "failed", said, "See the lines above.")]
    findings = [one._replace(status="warning") if one.status == "failed" else one for one in findings]
    [(address, count)] = votes.most_common(1)
    said = f"{name} is {address[0]}:{address[1]}, by {count} of {len(sentinels)}"
    status, advice = ("warning", "Others name another; they agree after a failover.") if len(votes) > 1 else ("ok", "")
    return address, [*findings, Finding("sentinels", "primary", status, said, advice)]


async def _ask(sentinel: Probe, name: str) -> Address | None:
    async with sentinel.client() as client:
        if client is None:
            return None
        try:
            known = cast(dict[str, Any], await client.sentinel_masters())
        except ResponseError as error:
            sentinel.refused("primary", error, "REDIS_SENTINELS names Sentinels, usually at port 26379.")
            return None
        if (state := known.get(name)) is None:
            said = f"it knows no {name!r} (but: {', '.join(known) or 'none'})"
            sentinel.failed("primary", said, "Correct REDIS_SENTINEL_MASTER.")
        elif state["is_sdown"] or state["is_odown"]:
            sentinel.failed("primary", f"it says that {name!r} is down", "Start it, or wait for the failover.")
        else:
            try:
                await client.sentinel_ckquorum(name)
            except ResponseError as error:
                sentinel.warning("quorum", str(error), "Start the other Sentinels: they are needed for a failover.")
            return state["ip"], state["port"]
    return None
