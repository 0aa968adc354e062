"""HTTP by hand, at a stand-in for the application."""

import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.realtime.servers import Standin
from tests.realtime.test_handshake import read

MIB = 1024 * 1024


@contextlib.contextmanager
def impatient(folder: Path) -> Iterator[Standin]:
    """A stand-in in which times are short."""
    times: dict[str, Any] = {"HEAD_SECONDS": "1.5", "BODY_SECONDS": "1.5", "FIRST_BYTE_SECONDS": "30"}
    with Standin(folder, **times, BODY_BYTES=str(MIB)) as server:
        yield server


def connect(standin: Standin) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", standin.port), timeout=10)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def get(path: str = "/http/length", *lines: str, method: str = "GET", version: str = "1.1") -> bytes:
    host = [] if any(line.lower().startswith("host:") for line in lines) else ["Host: 127.0.0.1"]
    return "\r\n".join([f"{method} {path} HTTP/{version}", *host, *lines, "", ""]).encode("latin-1")


def answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The next answer, which must have a Content-Length or end the connection: status, headers, body."""
    head = read(client, b"\r\n\r\n").decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    size = int(headers.get("content-length", 0))
    body = b""
    while len(body) < size:
        body += client.recv(size - len(body))
    return int(head[0].split()[1]), headers, body


def status(said: bytes) -> int:
    return int(said.split()[1])


def scope(client: socket.socket, sent: bytes) -> dict[str, Any]:
    client.sendall(sent)
    code, _, body = answer(client)
    assert code == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


def memory(standin: Standin) -> int:
    """The private memory of the process, in bytes."""
    assert standin.process
    rollup = Path(f"/proc/{standin.process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Private_Dirty"))
