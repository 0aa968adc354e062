"""The ASGI application: the socket at /ws/tasks, everything else to Django."""

import logging
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")

import django

from todo_project import telemetry

telemetry.start()
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 -- the apps must be loaded first

from realtime.consumers import EventConsumer  # noqa: E402
from realtime.delivery.hub import get_hub  # noqa: E402
from realtime.metrics import samplers  # noqa: E402
from todo_project import metrics, path_prefix, probes, under_daphne  # noqa: E402
from todo_project.postgresql.answers import limit_answers  # noqa: E402
from todo_project.request_handler import RequestHandler  # noqa: E402

logger = logging.getLogger("todo_project")

metrics.prepare()
limit_answers()

http_application = RequestHandler(liveness=probes.LIVENESS, probes=probes.PATHS)
samplers.append(http_application.sample)
sockets = {"/ws/tasks": EventConsumer()}

if redis := settings.CHANNEL_LAYERS["default"].get("CONFIG"):
    logger.info("✅ Redis WebSocket manager enabled: %s", redis["name"])


def start_hub() -> None:
    """Where the server has not done so: ASGI servers differ in lifespan."""
    hub = get_hub()
    if not hub.is_running:
        hub.start()


under_daphne.prepare(start_hub, lambda: get_hub().stop())


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    start_hub()
    if path_prefix.of(scope):
        await path_prefix.refuse(scope, receive, send)
    elif scope["type"] in ("http", "websocket") and (socket := sockets.get(scope["path"].rstrip("/"))):
        await socket(scope, receive, send)
    elif scope["type"] != "websocket":
        await http_application(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close"})
