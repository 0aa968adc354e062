"""Redis in its other forms, for tests: over TLS with the smallest ACL, behind Sentinels, and as a cluster."""

import contextlib
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import redis

from tests.certificates import Authority
from tests.servers import RedisServer, Server, program, wait_until

CONNECTION_RIGHTS = ("+auth", "+hello", "+ping", "+select", "+client|setname")
SMALLEST_ACL = ("resetchannels", "&websocket:*", "-@all", *CONNECTION_RIGHTS, "+publish", "+subscribe", "+unsubscribe")
MASTER = "todo"
SENTINELS = 3


def tls_arguments(authority: Authority, *, clients: str = "yes") -> list[str]:
    """For RedisServer: TLS alone, and with `clients` "yes" only for clients that have a certificate too."""
    certificate, key = authority.issue("redis")
    return [
        *("--port", "0", "--tls-port", "{port}", "--tls-cert-file", str(certificate), "--tls-key-file", str(key)),
        *("--tls-ca-cert-file", str(authority.certificate), "--tls-auth-clients", clients),
    ]


def acl_user(name: str, password: str, *rules: str) -> list[str]:
    """For RedisServer: a user with `rules`, the smallest ones where none are given."""
    return ["--user", name, "on", f">{password}", *(rules or SMALLEST_ACL)]


class SentinelServer(Server):
    """One Sentinel. It keeps what it learns in its own file."""

    name = "sentinel"

    def __init__(self, folder: Path, primary: RedisServer, *, password: str = "") -> None:
        super().__init__(folder)
        self.configuration = self.folder / "sentinel.conf"
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self.folder}",
            f"sentinel monitor {MASTER} 127.0.0.1 {primary.port} 2",
            f"sentinel down-after-milliseconds {MASTER} 1500",
            f"sentinel failover-timeout {MASTER} 6000",
            *([f"sentinel auth-pass {MASTER} {primary.password}"] if primary.password else []),
            *([f"requirepass {password}", f"sentinel sentinel-pass {password}"] if password else []),
        ]
        self.configuration.write_text("\n".join(lines) + "\n")
        self.password = password

    def command(self) -> list[str]:
        return [program("redis-server"), str(self.configuration), "--sentinel"]

    def is_ready(self, log: str) -> bool:
        return "+monitor" in log

    def state(self) -> dict[str, Any]:
        """What it knows of the primary."""
        with redis.Redis(port=self.port, password=self.password or None) as connection:
            found: dict[str, Any] = connection.sentinel_master(MASTER)
            return found


class Guarded:
    """A primary, one that stands by, and three Sentinels."""

    def __init__(self, folder: Path, *, password: str = "", sentinel_password: str = "") -> None:
        self.password = password
        self.servers = [
            RedisServer(
                folder,
                password=password,
                arguments=["--repl-diskless-sync-delay", "0", *(["--masterauth", password] if password else [])],
            )
            for _ in range(2)
        ]
        self.sentinels = [SentinelServer(folder, self.servers[0], password=sentinel_password) for _ in range(SENTINELS)]
        self.sentinel_password = sentinel_password
        self._stack = contextlib.ExitStack()

    @property
    def env(self) -> dict[str, str]:
        return {
            "REDIS_SENTINELS": ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels),
            "REDIS_SENTINEL_MASTER": MASTER,
            "REDIS_SENTINEL_PASSWORD": self.sentinel_password,
            "REDIS_PASSWORD": self.password,
        }

    @property
    def primary(self) -> RedisServer:
        """The one that the Sentinels name now."""
        port = self.sentinels[0].state()["port"]
        return next(server for server in self.servers if server.port == port)

    def await_other_than(
        self, old: RedisServer, *, sentinels: Sequence[SentinelServer] = (), timeout: float = 40
    ) -> None:
        """Returns when these Sentinels, or all, name another primary than `old`."""
        wait_until(
            lambda: all(sentinel.state()["port"] != old.port for sentinel in sentinels or self.sentinels),
            timeout=timeout,
            what="another primary",
        )

    def await_standby(self, server: RedisServer, timeout: float = 40) -> None:
        """Returns when `server` follows another one."""

        def stands_by() -> bool:
            # A Sentinel that demotes a primary cuts all who are connected to it.
            with contextlib.suppress(redis.ConnectionError):
                return bool(_replication(server)["role"] == "slave")
            return False

        wait_until(stands_by, timeout=timeout, what="the old primary to stand by")

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            for server in (*self.servers, *self.sentinels):
                stack.callback(server.close)
            primary, standby = self.servers
            primary.start()
            standby.start()
            standby.run("REPLICAOF", "127.0.0.1", str(primary.port))
            wait_until(lambda: _replication(standby)["master_link_status"] == "up", what="the replication")
            with ThreadPoolExecutor(SENTINELS) as pool:
                list(pool.map(Server.start, self.sentinels))
            wait_until(self._all_know_each_other, timeout=20, what="the Sentinels to know each other")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def _all_know_each_other(self) -> bool:
        known = [sentinel.state() for sentinel in self.sentinels]
        return all(one["num-other-sentinels"] == SENTINELS - 1 and one["num-slaves"] == 1 for one in known)


class ClusterNode(RedisServer):
    """With a second port for the talk between nodes: the usual one, 10,000 higher, may not exist here."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._bus = socket.socket()
        self._bus.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._bus.bind(("127.0.0.1", 0))
        self.bus_port: int = self._bus.getsockname()[1]
        self.arguments = [
            *("--cluster-enabled", "yes", "--cluster-port", str(self.bus_port)),
            *("--cluster-node-timeout", "2000"),
        ]

    def close(self) -> None:
        super().close()
        self._bus.close()


@contextlib.contextmanager
def redis_cluster(folder: Path, size: int = 3) -> Iterator[Sequence[ClusterNode]]:
    """The nodes of a cluster, all of them primaries."""
    nodes = [ClusterNode(folder) for _ in range(size)]
    with contextlib.ExitStack() as stack:
        for node in nodes:
            stack.enter_context(node)
        share = 16384 // size
        for number, node in enumerate(nodes):
            last = 16383 if number == size - 1 else (number + 1) * share - 1
            node.run("CLUSTER", "ADDSLOTSRANGE", str(number * share), str(last))
            node.run("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
            if number:
                node.run("CLUSTER", "MEET", "127.0.0.1", str(nodes[0].port), str(nodes[0].bus_port))
        wait_until(lambda: all(_is_whole(node, size) for node in nodes), timeout=30, what="the cluster to be whole")
        yield nodes


def _is_whole(node: ClusterNode, size: int) -> bool:
    lines = node.run("CLUSTER", "INFO").splitlines()
    return {"cluster_state:ok", f"cluster_known_nodes:{size}"} <= set(lines)


def _replication(server: RedisServer) -> dict[str, Any]:
    found: dict[str, Any] = server.run("INFO", "replication")
    return found
