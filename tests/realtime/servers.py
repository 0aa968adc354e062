"""Servers for the tests of the server itself."""

import os
import sys
from pathlib import Path
from typing import Any

from tests.servers import ROOT, Server


class Standin(Server):
    """The stand-in application on the real server. `arguments`: a certificate and its key; `variables`: times."""

    name = "standin"

    def __init__(self, folder: Path, *arguments: str, unix: bool = False, **variables: str) -> None:
        super().__init__(folder)
        self.variables = {"CLOSE_SECONDS": "1", **variables}
        self.arguments = arguments
        self.address: int | str = str(self.folder / "socket") if unix else self.port

    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.realtime.standin", str(self.address), *self.arguments]

    def popen_options(self) -> dict[str, Any]:
        return {"cwd": ROOT, "env": {**os.environ, "PYTHONUNBUFFERED": "1", **self.variables}}

    def is_ready(self, log: str) -> bool:
        return "listening" in log
