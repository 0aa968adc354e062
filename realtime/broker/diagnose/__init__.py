"""What `manage.py check_redis` examines, from the name to the round trip: findings, each with what to do about it."""

import asyncio
import secrets
from typing import Any

from channels_redis.utils import _consistent_hash
from redis.exceptions import NoPermissionError, ResponseError

from realtime.broker.diagnose.looking import look
from realtime.broker.diagnose.probe import Finding, Probe
from realtime.broker.diagnose.reaching import reach
from realtime.broker.diagnose.rights import try_rights
from realtime.broker.diagnose.sentinels import find_primary
from realtime.broker.hosts import hosts_of
from realtime.broker.layer import channel_name

LONGEST = 60.0
"""Seconds after which a check ends, whatever it waits for."""

WATCHED = channel_name("all")

CACHE_OPTIONS = {"username", "password", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}


async def check(config: dict[str, Any], seconds: float) -> list[Finding]:
    """`config` is the channel layer's CONFIG; each step may take so many `seconds`. Raises nothing."""
    findings: list[Finding] = []
    probes: list[Probe] = []
    try:
        async with asyncio.timeout(LONGEST):
            await _check(config, seconds, findings, probes)
    except TimeoutError:
        said = f"not finished after {LONGEST:g} s"
        findings.append(Finding("all", "time", "failed", said, "See the other findings."))
    return [*findings, *(finding for probe in probes for finding in probe.findings)]


async def _check(config: dict[str, Any], seconds: float, findings: list[Finding], probes: list[Probe]) -> None:
    hosts, cluster = config["hosts"], config["cluster"]
    if "sentinels" in hosts[0]:
        sentinels = [
            Probe(hosts[0]["sentinel_kwargs"], seconds, place, kind="sentinel") for place in hosts[0]["sentinels"]
        ]
        address, asked = await find_primary(sentinels, hosts[0]["master_name"])
        findings += asked
        probes += [Probe(hosts[0], seconds, address)] if address else []
    else:
        probes += [Probe(host, seconds) for host in hosts]
    # Streams are distributed over several hosts; of a cluster each node may have subscribers.
    watched = probes if cluster else probes[_consistent_hash(WATCHED, len(probes) or 1) :][:1]

    async def check_host(probe: Probe) -> None:
        async with reach(probe) as client:
            if client and await try_rights(client, probe, cluster=cluster, alone=len(probes) == 1):
                await look(client, probe, WATCHED if probe in watched else None)

    await asyncio.gather(*map(check_host, probes))


async def check_cache(cache: dict[str, Any], seconds: float) -> list[Finding]:
    """`cache` is an entry of CACHES that is in Redis: each right that it needs, tried on a key of its own."""
    given = {name: value for name, value in cache.get("OPTIONS", {}).items() if name in CACHE_OPTIONS}
    found = hosts_of(cache["LOCATION"], sentinels="", sentinel_master="", sentinel_password="", options=given)
    probe, prefix = Probe(found.hosts[0], seconds, setting="CACHE_URL"), cache.get("KEY_PREFIX", "")
    key = f"{prefix}:check-redis.{secrets.token_hex(8)}"
    tries: dict[str, tuple[str, ...]] = {
        "set": ("", "EX", "10"), "get": (), "expire": ("10",), "persist": (), "del": (),
    }  # fmt: skip
    missing = []
    async with reach(probe) as client:
        if client is None:
            return probe.findings
        execute: Any = client.execute_command
        for name, words in tries.items():
            try:
                await execute(name.upper(), key, *words)
            except ResponseError as error:
                missing.append(name if isinstance(error, NoPermissionError) else f"{name} ({error})")
        if missing:
            advice = f"ACL SETUSER …  ~{prefix}:* {' '.join(f'+{name}' for name in tries)}"
            probe.failed("cache", f"not allowed on ~{prefix}:*: {', '.join(missing)}", advice)
        else:
            probe.ok("cache", f"allowed on ~{prefix}:*")
    return probe.findings
