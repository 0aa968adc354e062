"""nginx with the files of deploy/nginx, in front of servers of this machine."""

import contextlib
import os
import re
import signal
import socket
from collections.abc import Collection, Sequence
from pathlib import Path

from tests.processes import children
from tests.servers import ROOT, Server, program, wait_until

FOLDER = ROOT / "deploy/nginx"
UPSTREAM = re.compile(r"server backend-(?P<number>\d):8000(?P<options>.*);")


class Nginx(Server):
    """nginx with one of the files, whose ports, paths and upstreams are made those of this machine.

    `upstreams`: the ports of backend-1 and backend-2.
    """

    name = "nginx"

    def __init__(self, folder: Path, conf: str, upstreams: Sequence[int]) -> None:
        super().__init__(folder)
        self.conf = conf
        self.upstreams = upstreams
        # The one of https.conf that redirects; reserved as Server reserves its own.
        self.plain = socket.socket()
        self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.plain.bind(("127.0.0.1", 0))
        self._write()

    def _write(self, down: Collection[int] = ()) -> None:
        main = ("8443", "8080") if self.conf == "https.conf" else ("8080", "8443")
        replacements = {
            f"listen {main[0]}": f"listen 127.0.0.1:{self.port}",
            f"listen {main[1]}": f"listen 127.0.0.1:{self.plain.getsockname()[1]}",
            " /tmp/": f" {self.folder}/",
            "/etc/nginx/tls/": f"{self.folder}/",
            "worker_processes auto": "worker_processes 1",
        }

        def server(found: re.Match[str]) -> str:
            port = self.upstreams[int(found["number"]) - 1]
            return f"server 127.0.0.1:{port}{found['options']}{' down' * (port in down)};"

        for path in FOLDER.iterdir():
            text = path.read_text()
            for old, new in replacements.items():
                text = text.replace(old, new)
            (self.folder / path.name).write_text(UPSTREAM.sub(server, text))

    def tell(self, *, down: Collection[int]) -> None:
        """Takes these ports out, and returns when the workers that used them take no more connections.

        Those live on with the connections that they have, as with `nginx -s reload`.
        """
        assert self.process
        before = set(children(self.process.pid))
        self._write(down)
        self.send_signal(signal.SIGHUP)
        wait_until(lambda: all(map(_is_leaving, before)), what="nginx to read its settings")

    def command(self) -> list[str]:
        # As root its workers could not enter the folder otherwise.
        user = "user root;" if os.geteuid() == 0 else ""
        return [program("nginx"), "-c", str(self.folder / self.conf), "-g", f"daemon off; {user}"]

    def is_ready(self, log: str) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def close(self) -> None:
        # On SIGKILL its workers would live on.
        with contextlib.suppress(AssertionError):
            self.stop(10)
        super().close()
        self.plain.close()


def _is_leaving(pid: int) -> bool:
    try:
        return b"shutting down" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True
