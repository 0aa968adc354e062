"""The application under `manage.py serve`, with options."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.servers import Replica


class Serve(Replica):
    """Serve(folder, "--workers", "2", env=...). It takes the options in the place of --bind and --port, if any of them
    says where to listen."""

    start_timeout = 60.0

    def __init__(self, folder: Path, *options: str, env: Mapping[str, str]) -> None:
        super().__init__(folder, env=env)
        self.options = options

    def command(self) -> list[str]:
        listens = {"--port", "--unix-socket"} & set(self.options)
        usual = super().command()
        return [*(usual[: usual.index("serve") + 1] if listens else usual), *self.options]

    def is_ready(self, log: str) -> bool:
        found = re.search(r'Listening on (http://[^\s"]+)', log)
        if found is None:
            return "Listening on" in log
        self.url = found[1]
        return super().is_ready(log)

    def status(self, timeout: float = 10) -> int:
        """Its exit status, once it has ended by itself."""
        assert self.process
        return self.process.wait(timeout)

    def processes(self) -> list[int]:
        """The workers' process ids."""
        assert self.process
        return children(self.process.pid)


def children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    """Whether the process is there, and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
