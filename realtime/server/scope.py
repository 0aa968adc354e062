"""What ASGI's scopes say of a request, and of the client behind a proxy."""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote

from realtime.server.interfaces import Scope
from realtime.server.request_parser import Head, Refusal

Address = tuple[str, int]


class Ends(NamedTuple):
    """The two ends of a connection; None for a Unix socket."""

    client: Address | None
    server: Address | None
    scheme: str

    @property
    def client_name(self) -> str | None:
        """For logs."""
        return f"{self.client[0]}:{self.client[1]}" if self.client else None


def forwarded(ends: Ends, head: Head) -> Ends:
    """The ends as the proxy in front tells them in X-Forwarded-For, -Port and -Proto. Raises Refusal."""
    told = head.get(b"x-forwarded-for")
    if told is None:
        return ends
    if not told.isascii():
        raise Refusal(HTTPStatus.BAD_REQUEST, "Malformed X-Forwarded-For header")
    port = (head.get(b"x-forwarded-port") or b"").strip()
    scheme = (head.get(b"x-forwarded-proto") or b"").strip().lower().decode("latin-1")
    return Ends(
        client=(told.decode().split(",")[0].strip(), int(port) if port.isdigit() and len(port) < 6 else 0),
        server=ends.server,
        scheme=scheme if scheme in ("http", "https") else ends.scheme,
    )


def scope_of(kind: str, head: Head, ends: Ends) -> Scope:
    """The keys that HTTP and WebSocket share. The root path is empty: no header of a client can set it."""
    path, _, query = head.target.partition(b"?")
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": head.version,
        "path": unquote(path.decode()),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "client": list(ends.client) if ends.client else None,
        "server": list(ends.server) if ends.server else None,
    }


def http_scope(head: Head, ends: Ends) -> Scope:
    return {
        **scope_of("http", head, ends),
        "method": head.method,
        "scheme": ends.scheme,
        "headers": head.headers,
    }


def websocket_scope(head: Head, ends: Ends) -> Scope:
    headers: dict[bytes, bytes] = {}
    for name, value in head.headers:
        separator = b"; " if name == b"cookie" else b", "
        headers[name] = headers[name] + separator + value if name in headers else value
    offered = headers.get(b"sec-websocket-protocol", b"").decode("latin-1")
    return {
        **scope_of("websocket", head, ends),
        "scheme": "wss" if ends.scheme == "https" else "ws",
        "headers": list(headers.items()),
        "subprotocols": [stripped for one in offered.split(",") if (stripped := one.strip())],
    }
