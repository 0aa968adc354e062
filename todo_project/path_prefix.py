"""The application needs a host name of its own: under a path such as /todo/ it refuses to work, and says so.

The page, its cookies, the static files and the WebSocket have addresses that begin at the root. Half of that working
under a prefix is worse than none.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from todo_project.refusals import send_problem

logger = logging.getLogger(__name__)

DETAIL = (
    "This application can't be served under a path prefix such as /todo/. Give it a host name of its own: let the "
    "proxy forward /, and remove --root-path, X-Forwarded-Prefix and the like."
)
CLOSE_CODE = 4403

_HEADERS = (b"x-forwarded-prefix", b"x-script-name")

_told: set[str] = set()
_MOST_TOLD = 10


def of(scope: dict[str, Any]) -> str:
    """The prefix that the server or a proxy names, "" for none."""
    header = next((value for name, value in scope["headers"] if name in _HEADERS), b"").decode("latin-1")
    return (scope.get("root_path") or header).strip("/ ")


async def refuse(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Any]) -> None:
    """Answers with the reason; the log has it once for each prefix."""
    prefix = of(scope)[:80]
    if prefix not in _told and len(_told) < _MOST_TOLD:
        _told.add(prefix)
        logger.error("A request came under the path prefix %r. %s", prefix, DETAIL)
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": CLOSE_CODE, "reason": "No path prefix, please: see the log."})
        return
    await send_problem(scope, send, 421, DETAIL)
