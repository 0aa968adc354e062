"""The control: fan-out as Channels' tutorial has it, a consumer for each socket and a group_send for each change.

It has no log. The fault tests run it through the same harness as the real application, and it must lose events there:
otherwise the harness would prove nothing.
"""

import contextlib
import itertools
import json
import os
from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

settings.configure(
    SECRET_KEY="only-for-tests",
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": 0.25}]},
        }
    },
)

numbers = itertools.count(1)


class Consumer(AsyncJsonWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add("all", self.channel_name)
        await self.accept()

    async def news(self, message: dict[str, Any]) -> None:
        await self.send_json({"type": "task.created", "stream": "all", "seq": message["seq"]})


async def http(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Each POST is a change that has happened, and told to all as far as Redis will."""
    seq = None
    if scope["method"] == "POST":
        seq = next(numbers)
        # A change that is written is no error because nobody hears of it.
        with contextlib.suppress(Exception):
            await get_channel_layer().group_send("all", {"type": "news", "seq": seq})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps({"seq": seq}).encode()})


application = ProtocolTypeRouter({"http": http, "websocket": Consumer.as_asgi()})
