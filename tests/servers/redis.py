"""Redis."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import redis

from tests.servers.base import Server, program


class RedisServer(Server):
    """Nothing is kept over a restart. `arguments` come last; in them `{port}` stands for the port.

    TLS alone: arguments=["--port", "0", "--tls-port", "{port}", "--tls-cert-file", ...].
    """

    name = "redis"

    def __init__(self, folder: Path, *, password: str = "", arguments: Sequence[str] = ()) -> None:
        super().__init__(folder)
        self.password = password
        self.arguments = arguments
        self.url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        protection = ["--requirepass", self.password] if self.password else []
        return [
            *(program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)),
            *("--save", "", "--appendonly", "no"),
            *protection,
            *(argument.replace("{port}", str(self.port)) for argument in self.arguments),
        ]

    def is_ready(self, log: str) -> bool:
        return "Ready to accept connections" in log

    def run(self, *command: str) -> Any:
        """The reply to a Redis command, as in run("PUBSUB", "CHANNELS")."""
        with redis.Redis.from_url(self.url, decode_responses=True) as connection:
            return connection.execute_command(*command)
