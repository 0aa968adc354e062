"""The broker link over other layers of channels_redis than the one that it knows, against a real Redis."""

import asyncio
from typing import Any

import pytest
from django.utils.module_loading import import_string

from realtime.broker.layer_broker import LayerBroker
from realtime.broker.link import BrokerLink
from realtime.broker.message import messages
from tests.realtime.hubs import until
from tests.realtime.links import Listener, event, send
from tests.servers import RedisServer


async def test_groups_that_expire_are_joined_again(redis_server: RedisServer, settings: Any) -> None:
    """The core layer of channels_redis forgets a group's members after `group_expiry` seconds."""
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [redis_server.url], "group_expiry": 3},
        }
    }
    listener = Listener(BrokerLink())
    listener.link.start(on_events=listener.on_events, on_change=listener.on_change)
    try:
        await until(lambda: listener.link.is_healthy)
        await listener.link.subscribe(["a"])
        for seq in range(1, 4):
            await asyncio.sleep(2)
            await send("a", seq)
            await until(lambda: len(listener.seqs("a")) == seq, 30)  # noqa: B023 -- awaited here
        assert listener.link.is_healthy
    finally:
        await listener.link.stop()


@pytest.mark.parametrize("backend", ["core.RedisChannelLayer", "pubsub.RedisPubSubChannelLayer"])
async def test_a_broker_that_closes_leaves_the_layer_to_others(redis_server: RedisServer, backend: str) -> None:
    """Another replica's groups stay, and those of the project in this process; its own are left."""

    def new_layer() -> Any:
        layer: Any = import_string(f"channels_redis.{backend}")(hosts=[redis_server.url])
        return layer

    layer, other_layer = new_layer(), new_layer()
    hearing: asyncio.Task[Any] | None = None
    link, other_link = Listener(BrokerLink()), Listener(BrokerLink())
    broker, other = LayerBroker(layer, link.link, close_seconds=30), LayerBroker(other_layer, other_link.link)
    other_link.link._on_events = other_link.on_events
    try:
        chat = await layer.new_channel()
        await layer.group_add("chat", chat)
        await broker.open(["all"])
        await other.open(["all"])
        broker.close()
        await broker.closed()
        hearing = asyncio.create_task(layer.receive(chat))
        async with asyncio.timeout(10):
            while not (hearing.done() and other_link.seqs("all")):  # the pubsub layer's subscriptions take a moment
                await layer.group_send("chat", {"type": "hello"})
                for message in messages("all", [event(1)]):
                    await layer.group_send("all", message)
                await asyncio.sleep(0.02)
        assert hearing.result() == {"type": "hello"}
        if backend.startswith("core"):
            assert redis_server.run("ZCARD", "asgi:group:all") == 1
        else:
            assert list(layer.groups) == ["asgi__group__chat"]
    finally:
        if hearing is not None:
            hearing.cancel()
        other.close()
        await other.closed()
        await layer.flush()
        await other_layer.flush()
