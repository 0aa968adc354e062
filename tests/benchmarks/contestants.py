"""The servers to compare: how each is started, connected to and published to."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

from tests.benchmarks.machine import children, file_limit, pinned, version_of
from tests.benchmarks.opening import Door
from tests.benchmarks.surroundings import Surroundings
from tests.servers import ROOT, Server

PEERS = Path(__file__).parent / "peers"
CACHE = ROOT / ".bench"
NCHAN = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


class Contestant(Server):
    """A server under test, on a core of its own."""

    title: ClassVar[str]
    kind: ClassVar[str]
    """How events are published to it; see `publisher`."""
    greeting: ClassVar[bytes | None] = None
    ready: ClassVar[str]
    """What its log says when it takes work."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around.folder)
        self.around = around

    @classmethod
    def versions(cls) -> str:
        raise NotImplementedError

    def doors(self, count: int) -> list[Door]:
        """How each of so many clients comes in."""
        raise NotImplementedError

    def is_ready(self, log: str) -> bool:
        return self.ready in log

    def environment(self) -> dict[str, str]:
        return {**self.around.environment, "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}

    def popen_options(self) -> dict[str, Any]:
        return {"cwd": ROOT, "env": {**os.environ, **self.environment()}}

    def publisher(self) -> list[str]:
        return [sys.executable, "-m", "tests.benchmarks.publisher", self.kind]

    @property
    def pid(self) -> int:
        """The process that does the work."""
        assert self.process is not None
        return self.process.pid


class Todo(Contestant):
    name = "todo"
    title = "this application"
    kind = "todo"
    greeting = b'"type":"ready"'
    ready = "Listening on"

    @classmethod
    def versions(cls) -> str:
        return f"manage.py serve, Django {_installed('django')}"

    def command(self) -> list[str]:
        return pinned([sys.executable, "manage.py", "serve", "--port", str(self.port)])

    def doors(self, count: int) -> list[Door]:
        tokens = self.around.tokens
        return [Door(f"/ws/tasks?token={tokens[number % len(tokens)]}") for number in range(count)]


class TodoBySend(Todo):
    name = "send"
    title = "this application without io_uring"

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "WS_IO_URING": "false"}


class Bare(Contestant):
    name = "bare"
    title = "io_uring and nothing else"
    kind = "redis"
    ready = "ready"

    @classmethod
    def versions(cls) -> str:
        return f"redis {_installed('redis')}"

    def command(self) -> list[str]:
        return pinned([sys.executable, "-m", "tests.benchmarks.peers.bare"])

    def doors(self, count: int) -> list[Door]:
        return [Door("/")] * count


class Channels(Contestant):
    name = "channels"
    title = "Channels as its tutorial has it"
    kind = "channels"
    ready = "Listening on TCP"

    @classmethod
    def versions(cls) -> str:
        return f"Channels {_installed('channels')}, channels_redis {_installed('channels_redis')}"

    def command(self) -> list[str]:
        where = ["-b", "127.0.0.1", "-p", str(self.port), "--verbosity", "1", "--access-log", os.devnull]
        return pinned([sys.executable, "-m", "daphne", *where, "tests.benchmarks.peers.channels_chat:application"])

    def doors(self, count: int) -> list[Door]:
        return [Door("/ws/chat/lobby/")] * count


class Starlette(Contestant):
    name = "starlette"
    title = "Starlette, uvicorn"
    kind = "redis"
    ready = "Uvicorn running on"

    @classmethod
    def versions(cls) -> str:
        names = ("starlette", "uvicorn", "uvloop", "httptools", "websockets")
        return ", ".join(f"{name} {_installed(name)}" for name in names)

    def command(self) -> list[str]:
        fast = "--loop uvloop --http httptools --ws websockets-sansio --ws-per-message-deflate false --no-access-log"
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--backlog", "1024"]
        return pinned(
            [sys.executable, "-m", "uvicorn", *where, *fast.split(), "tests.benchmarks.peers.starlette_app:app"]
        )

    def doors(self, count: int) -> list[Door]:
        return [Door("/ws")] * count


class Node(Contestant):
    name = "node"
    title = "Node, ws + ioredis"
    kind = "redis"
    ready = "ready"

    @classmethod
    def versions(cls) -> str:
        return f"Node {version_of('node', '--version')}, ws 8, ioredis 6"

    def command(self) -> list[str]:
        return pinned(["node", str(node_modules() / "server.js")])

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "NODE_ENV": "production"}

    def doors(self, count: int) -> list[Door]:
        return [Door("/")] * count


class Bun(Contestant):
    name = "bun"
    title = "uWebSockets, by Bun (C++)"
    kind = "redis"
    ready = "ready"

    @classmethod
    def versions(cls) -> str:
        return f"Bun {version_of(str(_bun()), '--version')}"

    def command(self) -> list[str]:
        return pinned([str(_bun()), str(node_modules() / "bun.js")])

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "NODE_ENV": "production"}

    def doors(self, count: int) -> list[Door]:
        return [Door("/")] * count


class Nchan(Contestant):
    name = "nchan"
    title = "nginx with nchan (C)"
    kind = "nchan"

    @classmethod
    def versions(cls) -> str:
        package = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan"], capture_output=True, text=True, check=False
        )
        return f"{version_of('nginx', '-v')}, nchan {package.stdout}"

    def command(self) -> list[str]:
        files = file_limit()
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            (PEERS / "nchan.conf")
            .read_text()
            .format(folder=self.folder, port=self.port, files=files, connections=files - 100, module=NCHAN)
        )
        return pinned(["nginx", "-p", str(self.folder), "-c", str(configuration)])

    def is_ready(self, log: str) -> bool:
        return bool(children(super().pid))

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "PUBLISH_URL": f"http://127.0.0.1:{self.port}/publish"}

    def doors(self, count: int) -> list[Door]:
        return [Door("/ws")] * count

    def kill(self) -> None:
        workers = children(super().pid) if self.process and self.process.poll() is None else []
        super().kill()
        for worker in workers:  # which go on without their parent
            os.kill(worker, signal.SIGKILL)

    @property
    def pid(self) -> int:
        """The worker's; the parent does nothing."""
        return children(super().pid)[0]


ALL: dict[str, type[Contestant]] = {
    one.name: one for one in (Todo, TodoBySend, Bare, Channels, Starlette, Node, Bun, Nchan)
}


def node_modules() -> Path:
    """A folder with the servers in JavaScript and what they need, installed from the lock file once."""
    source, folder = PEERS / "node", CACHE / "node"
    lock = source / "package-lock.json"
    if not (folder / "node_modules").exists() or (folder / lock.name).read_bytes() != lock.read_bytes():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
    for server in source.glob("*.js"):
        shutil.copy(server, folder)
    return folder


def _bun() -> Path:
    return node_modules() / "node_modules" / "@oven" / "bun-linux-x64" / "bin" / "bun"


def _installed(package: str) -> str:
    from importlib.metadata import version

    return version(package)
