"""What is to be reached, as the application would reach it."""

import ssl
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio.connection import SSLConnection

from realtime.broker.shard import Address, AllSentinels, pool_of


@dataclass(frozen=True)
class Target:
    host: str
    port: int
    path: str = ""
    """Of a Unix socket; then there is no host."""
    tls: ssl.SSLContext | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    kind: str = ""

    def __str__(self) -> str:
        place = self.path or (f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}")
        return f"{self.kind} {place}".strip()


def target_of(host: dict[str, Any], address: Address | None = None) -> Target:
    """`address` is where Sentinels say that the primary is."""
    connection: Any = pool_of(host).make_connection()  # type: ignore[no-untyped-call]
    name, port = address or (getattr(connection, "host", ""), getattr(connection, "port", 0))
    return Target(
        name,
        port,
        path=getattr(connection, "path", ""),
        tls=_tls(connection),
        username=host.get("username", ""),
        password=host.get("password", ""),
    )


def sentinels_of(host: dict[str, Any]) -> list[Target]:
    options = host["sentinel_kwargs"]
    clients = AllSentinels(host["sentinels"], sentinel_kwargs=options).sentinels  # type: ignore[no-untyped-call]
    connections = [client.connection_pool.make_connection() for client in clients]  # type: ignore[no-untyped-call]
    return [
        Target(name, port, tls=_tls(connection), password=options["password"] or "", kind="sentinel")
        for (name, port), connection in zip(host["sentinels"], connections, strict=True)
    ]


def _tls(connection: Any) -> ssl.SSLContext | None:
    return connection.ssl_context.get() if isinstance(connection, SSLConnection) else None
