"""What a shared cache has to be allowed, tried out on a key of its own."""

import secrets
from typing import Any

from realtime.broker.diagnose.findings import Report
from realtime.broker.diagnose.link import Link, NotRedisError, RefusedError
from realtime.broker.diagnose.reaching import reach
from realtime.broker.diagnose.rights import RULES
from realtime.broker.diagnose.target import target_of
from realtime.broker.hosts import hosts_of

REDIS = ("redis://", "rediss://", "unix://")


async def check_cache(cache: dict[str, Any], seconds: float) -> Report:
    """`cache` is an entry of CACHES whose LOCATION is one of `REDIS`; each step gets so many `seconds`."""
    report = Report()
    options = {
        name: value
        for name, value in cache.get("OPTIONS", {}).items()
        if name in {"username", "password", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
    }
    times = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
    found = hosts_of(
        cache["LOCATION"], sentinels="", sentinel_master="", sentinel_password="", options={**times, **options}
    )
    target = target_of(found.hosts[0])
    link = await reach(target, seconds, report)
    if link is not None:
        try:
            await _try_keys(f"{target}", link, cache.get("KEY_PREFIX", ""), report)
        finally:
            link.close()
    return report


async def _try_keys(where: str, link: Link, prefix: str, report: Report) -> None:
    key, keys = f"{prefix}:check-redis.{secrets.token_hex(8)}", f"~{prefix}:*"
    tries = [("SET", key, "", "EX", "10"), ("GET", key), ("EXPIRE", key, "10"), ("PERSIST", key), ("DEL", key)]
    missing = []
    try:
        for words in tries:
            try:
                await link.call(*words)
            except RefusedError as error:
                missing.append(words[0].lower() if error.code == "NOPERM" else f"{words[0].lower()} ({error})")
    except (OSError, NotRedisError):
        report.failed(where, "cache", "the connection was lost", "Redis hangs, was restarted, or cuts its clients.")
        return
    if missing:
        rules = f"{RULES} {keys} {' '.join(f'+{words[0].lower()}' for words in tries)}"
        report.failed(where, "cache", f"not allowed on {keys}: {', '.join(missing)}", f"ACL SETUSER …  {rules}")
    else:
        report.ok(where, "cache", f"allowed on {keys}")
