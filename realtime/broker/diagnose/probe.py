"""One address of Redis: how it is reached, and what was found there."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partialmethod
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.asyncio.connection import SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import InvalidResponse, NoPermissionError, RedisError

from realtime.broker.diagnose.advice import advice_on
from realtime.broker.hosts import Host
from realtime.broker.shard import Address, pool_of

SIGNS = {"ok": "✅", "warning": "⚠️ ", "failed": "❌", "not allowed to look": "·"}
"""By status. What the user may not look at is no fault."""

AFTER_HANDSHAKE = ("Error while reading", "Error while writing", "Connection closed by server")
"""How redis-py's errors begin when the connection ends after it was made: over TLS 1.3 a server that wants a client
certificate refuses only then, and its alert may be lost."""

OF_SENTINELS = {"master_name", "sentinels", "sentinel_kwargs", "ssl"}
OF_THE_USER = {"username", "password", "credential_provider", "client_name", "db"}


class TLSConnection(SSLConnection):
    """TLS ends with a close_notify from each side; a silent server would keep the socket open for 30 s."""

    async def disconnect(self, *args: Any, **options: Any) -> None:
        transport = self._writer.transport if self._writer else None
        try:
            await super().disconnect(*args, **options)
        finally:
            if transport:
                transport.abort()


WITHOUT_TRUST = {"connection_class": TLSConnection, "ssl_cert_reqs": "none", "ssl_check_hostname": False}


MAY_WANT_A_CERTIFICATE = "Redis may require a client certificate: REDIS_CERT_FILE, REDIS_KEY_FILE."


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
    may take `seconds`. `setting` is the variable that has the address. The options hold the password."""

    def __init__(
        self, host: Host, seconds: float, address: Address | None = None, *, setting: str = "REDIS_URL"
    ) -> None:
        options: Host = {name: value for name, value in host.items() if name not in OF_SENTINELS}
        self.tls = bool(host.get("ssl")) or options.get("connection_class") is SSLConnection
        if self.tls:
            options["connection_class"] = TLSConnection
        name, port = address or (options.get("host", "localhost"), options.get("port", 6379))
        if "path" not in options:
            options |= {"host": name, "port": port}
        times = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "retry": Retry(NoBackoff(), 0)}
        self.options: Host = {**options, **times, "decode_responses": True, "encoding_errors": "replace"}
        self.seconds, self.setting = seconds, setting
        self.user: str = options.get("username") or "default"
        self.where = options.get("path") or (f"[{name}]:{port}" if ":" in name else f"{name}:{port}")
        self.findings: list[Finding] = []

    def add(self, status: str, check: str, said: str, advice: str = "") -> None:
        self.findings.append(Finding(self.where, check, status, said, advice))

    ok = partialmethod(add, "ok")
    warning = partialmethod(add, "warning")
    failed = partialmethod(add, "failed")
    unseen = partialmethod(add, "not allowed to look", said="not allowed to look")

    def refused(self, check: str, error: RedisError, advice: str = "") -> None:
        """What redis-py says. A server may repeat the password in its answer; it is not repeated here.

        `advice` is for what the words leave open."""
        text = str(error).replace(str(self.options.get("password") or "\n"), "…")
        otherwise = advice or f"{self.setting} has the address; docs/redis.md explains each message."
        self.failed(check, text, advice_on(text, self.setting) or otherwise)

    def has_failed(self) -> bool:
        return any(finding.status == "failed" for finding in self.findings)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Redis | None]:
        """A client that is signed in, or None; an error of Redis while it is in use becomes a finding."""
        async with _client(self.options) as client:
            try:
                yield client if await self._answers() and await self._signs_in(client) else None
            except RedisError as error:
                self.refused("connection", error)

    async def _answers(self) -> bool:
        """Whether it answers as Redis does. It is not shown the password before that."""
        bare = {name: value for name, value in self.options.items() if name not in OF_THE_USER} | {"driver_info": None}
        if (error := await _ping(bare)) is None:
            self.ok("connection", f"Redis answers{', its certificate is good' if self.tls else ''}")
            return True
        if error.status_code or "path" in bare:
            self.refused("connection", error)
            return False
        # What no exception says: that the other of TLS and no TLS is spoken there.
        plain = {name: value for name, value in bare.items() if name != "connection_class" and name[:4] != "ssl_"}
        other = await _ping(plain if self.tls else plain | WITHOUT_TRUST)
        if other is None and self.tls:
            advice = f"Write redis:// in {self.setting}, or turn on TLS in Redis (tls-port)."
            self.failed("connection", "Redis answers there, but without TLS", advice)
        elif not self.tls and (other is None or "ALERT" in str(other) or str(other).startswith(AFTER_HANDSHAKE)):
            self.failed("connection", "it speaks TLS", f"Write rediss:// in {self.setting}, with two s.")
        else:
            # Over TLS 1.3 the server's alert comes after the handshake, and may be lost with the connection.
            is_cut = self.tls and "ssl_certfile" not in bare and any(word in str(error) for word in ("reset", "closed"))
            self.refused("connection", error, MAY_WANT_A_CERTIFICATE if is_cut else "")
        return False

    async def _signs_in(self, client: Redis) -> bool:
        try:
            with contextlib.suppress(NoPermissionError):
                await client.ping()  # before this redis-py signs in, and selects the database
        except RedisError as error:
            self.refused("sign-in", error, f"Correct user and password in REDIS_… or {self.setting}.")
            return False
        if self.options.get("username") or self.options.get("password"):
            self.ok("sign-in", f"as user {self.user!r}")
        else:
            self.warning("sign-in", "it requires no password", "Any client that reaches it has all rights: set one.")
        return True


@asynccontextmanager
async def _client(options: Host) -> AsyncIterator[Redis]:
    pool = pool_of(options)
    try:
        yield Redis(connection_pool=pool)
    finally:
        with contextlib.suppress(RedisError):
            await pool.disconnect()


async def _ping(options: Host) -> RedisError | None:
    """What is wrong; nothing where Redis answers, or wants a sign-in first."""
    try:
        async with _client(options) as client:
            return None if await client.ping() else InvalidResponse("Protocol error: no PONG")
    except RedisError as error:
        return None if error.status_code in {"NOAUTH", "NOPERM"} else error
