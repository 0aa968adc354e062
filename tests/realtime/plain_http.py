"""HTTP and the opening handshake by hand, at a stand-in for the application."""

import json
import socket
from pathlib import Path
from typing import Any

from tests.realtime.servers import Standin

MIB = 1024 * 1024
UPGRADE = {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def connect(standin: Standin) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", standin.port), timeout=10)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def get(path: str = "/http/length", *lines: str, method: str = "GET", version: str = "1.1") -> bytes:
    host = [] if any(line.lower().startswith("host:") for line in lines) else ["Host: 127.0.0.1"]
    return "\r\n".join([f"{method} {path} HTTP/{version}", *host, *lines, "", ""]).encode("latin-1")


def request(path: str = "/echo", *, start: str = "GET {} HTTP/1.1", **headers: str | None) -> bytes:
    """A handshake; `Sec_WebSocket_Key=None` leaves a header out."""
    fields = UPGRADE | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [start.format(path), *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def read_to_end(client: socket.socket) -> bytes:
    said = b""
    while data := client.recv(1 << 16):
        said += data
    return said


def read(client: socket.socket, end: bytes) -> bytes:
    """What comes, up to and with `end`."""
    said = b""
    while not said.endswith(end):
        data = client.recv(1)  # no byte more than that
        assert data, said
        said += data
    return said


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
