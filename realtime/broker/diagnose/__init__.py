"""What `manage.py check_redis` tells beside the text of redis-py's exceptions: the step that fails, the role of the
server, missing and needless rights, the round trip, and whether any replica listens."""

import asyncio
import secrets
from typing import Any

from channels_redis.utils import _consistent_hash
from redis.exceptions import NoPermissionError, ResponseError

from realtime.broker.diagnose.messages import try_messages
from realtime.broker.diagnose.probe import Finding, Probe
from realtime.broker.diagnose.sentinels import find_primary
from realtime.broker.hosts import hosts_of
from realtime.broker.layer import channel_name

WATCHED = channel_name("all")

CACHE_OPTIONS = {"username", "password", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}


async def check(config: dict[str, Any], seconds: float) -> list[Finding]:
    """`config` is the channel layer's CONFIG; each step may take `seconds`. Raises nothing."""
    hosts, cluster = config["hosts"], config["cluster"]
    findings: list[Finding] = []
    probes = [Probe(host, seconds) for host in hosts]
    if "sentinels" in hosts[0]:
        address, findings = await find_primary(hosts[0], seconds)
        probes = [Probe(hosts[0], seconds, address)] if address else []
    # Streams are distributed over several hosts; of a cluster each node may have subscribers.
    watched = probes if cluster else probes[_consistent_hash(WATCHED, len(probes) or 1) :][:1]

    async def check_host(probe: Probe) -> None:
        async with probe.client() as client:
            if client:
                is_node = cluster and len(probes) > 1
                await try_messages(client, probe, is_node=is_node, watched=WATCHED if probe in watched else None)

    await asyncio.gather(*map(check_host, probes))
    return [*findings, *(finding for probe in probes for finding in probe.findings)]


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
    async with probe.client() as client:
        if client is None:
            return probe.findings
        execute: Any = client.execute_command
        for name, words in tries.items():
            try:
                await execute(name.upper(), key, *words)
            except NoPermissionError:
                missing.append(name)
            except ResponseError as error:
                probe.refused("cache", error)
                return probe.findings
        if missing:
            advice = f"ACL SETUSER …  ~{prefix}:* {' '.join(f'+{name}' for name in tries)}"
            probe.failed("cache", f"not allowed on ~{prefix}:*: {', '.join(missing)}", advice)
        else:
            probe.ok("cache", f"allowed on ~{prefix}:*")
    return probe.findings
