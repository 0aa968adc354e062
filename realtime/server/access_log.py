"""The access log: a line for each request and each WebSocket, in NCSA's format or JSON, bounded and without secrets."""

import contextlib
import json
import os
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import unquote

from realtime.log_context import get_contextvars

_PARAMETER = re.compile(r"([?&;])([^=&;\s]+)=([^&;\s]*)")
_SECRET = re.compile(
    "token|ticket|secret|code|key|access|refresh|auth|cred|session|sig$|signature|jwt|otp|pass|pwd|^pw$", re.IGNORECASE
)
_JWT = re.compile(r"eyJ[\w-]*(?:\.|%2[Ee])[\w-]+(?:\.|%2[Ee])?[\w-]*")
"""Three parts in base64, of which the first begins with `{"`."""

LONGEST = 2000
"""Characters of an address that are logged; clients may send thirty times as many."""

LONGEST_CLIENT = 100
"""Of what a proxy says the client is. An IPv6 address with its zone and port has 70 at most."""


def without_secrets(request: str) -> str:
    """The text with an ellipsis for the value of each parameter that sounds like a secret, and for each JWT."""

    def hide(found: re.Match[str]) -> str:
        separator, name, value = found.groups()
        return f"{separator}{name}={'…' if _SECRET.search(unquote(name)) else value}"

    return _JWT.sub("…", _PARAMETER.sub(hide, request))


LOOK_SECONDS = 1.0
"""How long lines may go on into a file that was renamed or removed."""


class ReopenedFile:
    """A file to append lines to. After a rotation by renaming, the next line goes to a new file of the same name."""

    def __init__(self, path: Path) -> None:
        """Raises OSError where the file can't be opened."""
        self._path = path
        self._look_at = 0.0
        self._open()

    def write(self, text: str) -> None:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            if not self._is_in_place():
                with contextlib.suppress(OSError):  # the folder is gone: on with the old file
                    old = self._file
                    self._open()
                    old.close()
        self._file.write(text)

    def close(self) -> None:
        self._file.close()

    def _open(self) -> None:
        self._file = self._path.open("a", buffering=1)
        self._opened = os.fstat(self._file.fileno())
        self._look_at = time.monotonic() + LOOK_SECONDS

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), self._opened)
        except OSError:
            return False


class AccessLog:
    """Where an identity would be stands the id of the request, or of the connection, if it is known. A line is at most
    some 2 KiB."""

    def __init__(self, stream: TextIO | ReopenedFile, *, as_json: bool = False) -> None:
        self._stream = stream
        self._as_json = as_json

    def http(self, *, client: str | None, method: str, target: str, status: int, size: int) -> None:
        self._write(client, method, target, status, size)

    def websocket(self, action: str, *, client: str | None, target: str) -> None:
        word = {"connecting": "WSCONNECTING", "connected": "WSCONNECT", "rejected": "WSREJECT"}[action]
        self._write(client, word, target.partition("?")[0])

    def _write(
        self, client: str | None, method: str, target: str, status: int | None = None, size: int | None = None
    ) -> None:
        known, when = get_contextvars(), datetime.now().astimezone()
        target = _cut(without_secrets(target[: 2 * LONGEST]), LONGEST)  # the first cut may fall into a secret
        client = client and _cut(client, LONGEST_CLIENT)
        if self._as_json:
            line: dict[str, Any] = {"timestamp": when.isoformat(timespec="milliseconds"), "client": client, **known}
            line |= {"method": method, "target": target, "status": status, "bytes": size}
            text = json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False)
        else:
            ident = known.get("request_id") or known.get("connection_id") or "-"
            request = f"{method} {target}".replace("\\", "\\\\").replace('"', '\\"')
            text = f'{client} {ident} - [{when:%d/%b/%Y:%H:%M:%S}] "{request}" {status or "-"} {size or "-"}'
        self._stream.write(f"{text}\n")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
