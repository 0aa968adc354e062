"""The access log: a line in NCSA's format for each request and each WebSocket, without secrets."""

import re
from datetime import datetime
from typing import TextIO
from urllib.parse import unquote

from realtime.log_context import get_contextvars

_PARAMETER = re.compile(r"([?&;])([^=&;\s]+)=([^&;\s]*)")
_SECRET = re.compile("token|ticket|password|secret|code|key", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]*(?:\.|%2[Ee])[\w-]+(?:\.|%2[Ee])?[\w-]*")
"""Three parts in base64, of which the first begins with `{"`."""


def without_secrets(request: str) -> str:
    """The text with an ellipsis for the value of each parameter that sounds like a secret, and for each JWT."""

    def hide(found: re.Match[str]) -> str:
        separator, name, value = found.groups()
        return f"{separator}{name}={'…' if _SECRET.search(unquote(name)) else value}"

    return _JWT.sub("…", _PARAMETER.sub(hide, request))


class AccessLog:
    """Where an identity would be stands the id of the request, or of the connection, if it is known."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def http(self, *, client: str | None, method: str, target: str, status: int, size: int) -> None:
        self._write(client, f"{method} {target}", str(status), str(size or "-"))

    def websocket(self, action: str, *, client: str | None, target: str) -> None:
        word = {"connecting": "WSCONNECTING", "connected": "WSCONNECT", "rejected": "WSREJECT"}[action]
        self._write(client, f"{word} {target.partition('?')[0]}", "-", "-")

    def _write(self, client: str | None, request: str, status: str, size: str) -> None:
        known = get_contextvars()
        ident = known.get("request_id") or known.get("connection_id") or "-"
        when = datetime.now().astimezone().strftime("%d/%b/%Y:%H:%M:%S")
        self._stream.write(f'{client} {ident} - [{when}] "{without_secrets(request)}" {status} {size}\n')
