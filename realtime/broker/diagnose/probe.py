"""One address of Redis: what to connect with, and what was found there."""

from functools import partialmethod
from typing import NamedTuple

from redis.asyncio.connection import SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from realtime.broker.hosts import Host
from realtime.broker.shard import Address

SIGNS = {"ok": "✅", "warning": "⚠️ ", "failed": "❌", "not allowed to look": "·"}
"""By status. What the user may not look at is no fault."""

OF_SENTINELS = {"master_name", "sentinels", "sentinel_kwargs", "ssl"}


class Finding(NamedTuple):
    where: str
    check: str
    status: str
    said: str
    advice: str = ""

    def __str__(self) -> str:
        text = f"{SIGNS[self.status]} {self.where}  {self.check}: {self.said}"
        return f"{text} → {self.advice}" if self.advice else text


class Probe:
    """`host` is one of the channel layer; `address` is needed where it has none of its own, but Sentinels. Each step
    may take so many `seconds`. `setting` is the variable that has the URL. The options hold the password."""

    def __init__(
        self, host: Host, seconds: float, address: Address | None = None, *, kind: str = "", setting: str = "REDIS_URL"
    ) -> None:
        options: Host = {name: value for name, value in host.items() if name not in OF_SENTINELS}
        if host.get("ssl"):
            options["connection_class"] = SSLConnection
        self.host: str
        self.host, port = address or (options.get("host", "localhost"), options.get("port", 6379))
        if "path" not in options:
            options |= {"host": self.host, "port": port}
        times = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "retry": Retry(NoBackoff(), 0)}
        self.options: Host = {**options, **times, "decode_responses": True, "encoding_errors": "replace"}
        self.seconds = seconds
        self.tls = options.get("connection_class") is SSLConnection
        self.user: str = options.get("username") or "default"
        self.who = "the default user" if self.user == "default" else f"user {self.user!r}"
        place = options.get("path") or (f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}")
        self.where = f"{kind} {place}".strip()
        self.place_setting, self.password_setting = setting, f"REDIS_PASSWORD or {setting}"
        """What to correct where the address, or the password, is wrong."""
        if kind == "sentinel":
            self.place_setting, self.password_setting = "REDIS_SENTINELS", "REDIS_SENTINEL_PASSWORD"
        elif address:
            self.place_setting = "the configuration of the Sentinels, which name this primary"
        self.findings: list[Finding] = []

    def add(self, status: str, check: str, said: str, advice: str = "") -> None:
        self.findings.append(Finding(self.where, check, status, said, advice))

    ok = partialmethod(add, "ok")
    warning = partialmethod(add, "warning")
    failed = partialmethod(add, "failed")
    unseen = partialmethod(add, "not allowed to look", said="not allowed to look")

    def has_failed(self) -> bool:
        return any(finding.status == "failed" for finding in self.findings)
