"""Daphne's access log, without the secrets that a query string may hold."""

import re
from typing import Any
from urllib.parse import unquote

from daphne.access import AccessLogGenerator

_PARAMETER = re.compile(r"([?&;])([^=&;\s]+)=([^&;\s]*)")
_SECRET = re.compile("token|ticket|password|secret|code|key", re.IGNORECASE)


def without_secrets(request: str) -> str:
    """The request line with the value of each parameter that sounds like a secret replaced by an ellipsis."""

    def hide(found: re.Match[str]) -> str:
        separator, name, value = found.groups()
        return f"{separator}{name}={'…' if _SECRET.search(unquote(name)) else value}"

    return _PARAMETER.sub(hide, request)


class AccessLog(AccessLogGenerator):
    """Writes a line in NCSA's format for each request and each WebSocket."""

    def write_entry(self, host: Any, date: Any, request: str, *details: Any, **named: Any) -> None:
        super().write_entry(host, date, without_secrets(request), *details, **named)
