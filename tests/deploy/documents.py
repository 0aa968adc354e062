"""A document's shell blocks, followed line by line in a folder of their own."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Self

from tests.servers import ROOT, program, wait_until
from tests.servers.quickly import AS_INSTALLED

ELSEWHERE = ("docker", "kubectl", "helm", "brew", "sudo", "make", "aws", "gcloud", "az", "#")
"""What begins so needs an engine, a cluster, an account or another system, or is a comment."""

ENDLESS = {
    "python manage.py serve": "Listening on",
    "python manage.py watch": "Live.",
    "redis-cli monitor": "OK",
    "redis-cli subscribe": "subscribe",
    "redis-cli --stat": "",  # for people: into a file it writes some 50 lines at a time
    "prometheus-redis-exporter": "Providing metrics at",
}
"""What begins so goes on until Ctrl-C, in a terminal of its own; it is there when it has printed this."""


class Block(NamedTuple):
    chapter: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The commands, each on one line."""
        return [line for line in self.text.replace("\\\n", " ").splitlines() if line.strip()]

    @property
    def is_elsewhere(self) -> bool:
        return all(line.startswith(ELSEWHERE) for line in self.lines)


def chapters(path: Path) -> dict[str, str]:
    """The text of each, by its heading, in order."""
    parts = re.split(r"^## (.*)\n", path.read_text(), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def blocks(path: Path) -> list[Block]:
    return [
        Block(chapter, *found)
        for chapter, text in chapters(path).items()
        for found in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]


class Terminal(NamedTuple):
    """A command that goes on, and what it prints."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def until(self, part: str) -> None:
        wait_until(lambda: part in self.text or self.process.poll() is not None, timeout=60, what=part)
        assert part in self.text, self.text

    def stop(self) -> None:
        """Ctrl-C, as a person would."""
        self.process.terminate()
        self.process.wait(30)


class Walk:
    """Somebody who types what stands there: in a copy of the application, with other ports, and no settings but `.env`.

    Variables of the shell live on from block to block.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder / "todo"
        self.folder.mkdir()
        for name in ("manage.py", "realtime", "tasks", "todo_project"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, self.folder / name)
        self.state = folder / "variables"
        self.state.touch()
        self._reserved = {name: _reserve() for name in ("6379", "8000", "8001", "8002", "9121")}
        self.ports = {name: str(one.getsockname()[1]) for name, one in self._reserved.items()}
        path = [str(folder), str(Path(sys.executable).parent), os.environ["PATH"]]
        self.env = {"PATH": ":".join(path), "HOME": str(folder), **AS_INSTALLED, **env}
        cli = folder / "redis-cli"
        cli.write_text(f'#!/bin/sh\nexec {program("redis-cli")} -p {self.ports["6379"]} "$@"\n')
        cli.chmod(0o755)
        self.terminals: list[Terminal] = []

    def run(self, block: Block, given: str = "") -> str:
        """What its lines print; AssertionError where one fails. `given` is typed where they read.

        Of a line that goes on, what it has printed when it was ready; it is the last of `terminals`.
        """
        printed = ""
        lines = [line for line in block.lines if not line.startswith(ELSEWHERE)]
        for line in lines:
            ready = next((sign for begin, sign in ENDLESS.items() if line.startswith(begin)), None)
            printed += self.type(line, given) if ready is None else self.start(line, ready).text
        return printed

    def type(self, line: str, given: str = "") -> str:
        script = f". {self.state}\n{self.here(line)}\ndeclare -p TOKEN PASSWORD > {self.state} 2>&- || true\n"
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.env,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if "--daemonize yes" in line:
            self.wait_for_redis()
        return done.stdout

    def wait_for_redis(self) -> None:
        """It goes into the background before it listens; a person types slower than that."""
        ping = ["redis-cli", "-p", self.ports["6379"], "ping"]
        wait_until(
            lambda: not subprocess.run(ping, capture_output=True, check=False).returncode, timeout=60, what="Redis"
        )

    def start(self, line: str, ready: str) -> Terminal:
        output = self.folder.parent / f"terminal-{len(self.terminals)}.txt"
        with output.open("wb") as out:
            process = subprocess.Popen(
                ["bash", "-eu", "-c", f". {self.state}\nexec {self.here(line)}"],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        terminal = Terminal(process, output)
        self.terminals.append(terminal)
        terminal.until(ready)
        return terminal

    def here(self, text: str) -> str:
        """With the ports that are this walk's own."""
        return re.sub(r"\b(6379|8000|8001|8002|9121)\b", lambda found: self.ports[found[0]], text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for terminal in self.terminals:
            if terminal.process.poll() is None:
                terminal.process.kill()
                terminal.process.wait()
        subprocess.run(["redis-cli", "-p", self.ports["6379"], "shutdown", "nosave"], capture_output=True, check=False)
        for one in self._reserved.values():
            one.close()


def _reserve() -> socket.socket:
    """A port that nobody else has or is given, at whatever address: Redis takes all of them. Who sets SO_REUSEADDR may
    listen on it.
    """
    dual = socket.has_dualstack_ipv6()
    reserved = socket.socket(socket.AF_INET6 if dual else socket.AF_INET)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if dual:
        reserved.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    reserved.bind(("", 0))
    return reserved
