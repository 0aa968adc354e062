"""Daphne's access log, without the secrets of query strings, and with the ids by which the log has the rest."""

import re
from typing import Any
from urllib.parse import unquote

from daphne.access import AccessLogGenerator
from structlog.contextvars import get_contextvars

_PARAMETER = re.compile(r"([?&;])([^=&;\s]+)=([^&;\s]*)")
_SECRET = re.compile("token|ticket|password|secret|code|key", re.IGNORECASE)


def without_secrets(request: str) -> str:
    """The request line with the value of each parameter that sounds like a secret replaced by an ellipsis."""

    def hide(found: re.Match[str]) -> str:
        separator, name, value = found.groups()
        return f"{separator}{name}={'…' if _SECRET.search(unquote(name)) else value}"

    return _PARAMETER.sub(hide, request)


class AccessLog(AccessLogGenerator):
    """Writes a line in NCSA's format for each request and each WebSocket.

    In the place of an identity stands the id of the request, or of the connection, where it is known: not while a
    WebSocket is still connecting, nor when it is gone.
    """

    def write_entry(self, host: Any, date: Any, request: str, *details: Any, **named: Any) -> None:
        known = get_contextvars()
        ident = known.get("request_id") or known.get("connection_id")
        super().write_entry(host, date, without_secrets(request), *details, ident=ident, **named)
