"""The channel layer that a REDIS_URL stands for, on a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
import redis.asyncio
from channels.layers import get_channel_layer

from realtime.broker.layer import BroadcastLayer, channel_layers
from tests.cast import ALICE
from tests.clients import Client
from tests.realtime.layers import TIMES, config_of
from tests.servers import RedisServer, Replica, wait_until


async def test_groups_are_channels_that_operators_know(redis_server: RedisServer, settings: Any) -> None:
    """The stream `all` is `websocket:broadcast:all`, and what is sent there comes out."""
    settings.CHANNEL_LAYERS = channel_layers(redis_server.url, **TIMES)
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add("all", channel)
    await layer.group_add("list.4", channel)
    try:
        found = [name for name in redis_server.run("PUBSUB", "CHANNELS") if "broadcast" in name]
        assert sorted(found) == ["websocket:broadcast:all", "websocket:broadcast:list.4"]
        await layer.group_send("list.4", {"type": "x", "text": "ü"})
        async with asyncio.timeout(5):
            assert await layer.receive(channel) == {"type": "x", "text": "ü"}
        await layer.group_discard("all", channel)
        assert "websocket:broadcast:all" not in redis_server.run("PUBSUB", "CHANNELS")
    finally:
        await layer.flush()


async def test_a_socket_opens_no_channel(
    redis_server: RedisServer,
    sqlite_database: dict[str, str],
    start_replica: Callable[..., Replica],
    sign_in: Callable[..., Any],
    connect: Callable[..., Awaitable[Client]],
) -> None:
    """Twenty more clients cost Redis nothing: a replica has one channel of its own and one for each stream."""
    replica = start_replica({**sqlite_database, "REDIS_URL": redis_server.url})
    token = sign_in(replica, ALICE).token

    def channels() -> list[str]:
        return sorted(redis_server.run("PUBSUB", "CHANNELS"))

    def connections() -> int:
        return len(redis_server.run("CLIENT", "LIST").splitlines())

    first = await connect(replica, token=token)
    listening = len([*first.positions, "the replica's own", "realtime.people"])
    wait_until(lambda: len(channels()) == listening, what="the replica to listen to Redis")
    before, connected = channels(), connections()
    assert "websocket:broadcast:all" in before
    for _ in range(20):
        await connect(replica, token=token)
    assert channels() == before
    assert connections() < connected + 5


@pytest_asyncio.fixture
async def open_layer() -> AsyncIterator[Callable[..., BroadcastLayer]]:
    """open_layer(url, keys=...): a layer, closed in the end."""
    layers: list[BroadcastLayer] = []

    def open_layer(url: str, **more: Any) -> BroadcastLayer:
        layers.append(BroadcastLayer(**config_of(url, **more)))
        return layers[-1]

    yield open_layer
    for layer in layers:
        await layer.flush()


async def test_replicas_in_the_middle_of_a_rotation_understand_each_other(
    redis_server: RedisServer, open_layer: Callable[..., BroadcastLayer]
) -> None:
    """Old alone, old and new, new and old, new alone: each step understands the one before it and the one after."""
    old, new = "old" * 20, "new" * 20
    steps = [(old,), (old, new), (new, old), (new,)]
    layers = [open_layer(redis_server.url, keys=",".join(keys)) for keys in steps]
    channels = [await heard(layer) for layer in layers]
    for number, sender in enumerate(layers):
        await sender.group_send("all", {"type": "x", "number": number})
    for number, (layer, channel) in enumerate(zip(layers, channels, strict=True)):
        understood = [sender for sender, keys in enumerate(steps) if keys[0] in steps[number]]
        assert {number - 1, number, number + 1} & {0, 1, 2, 3} <= set(understood)
        async with asyncio.timeout(5):
            assert [(await layer.receive(channel))["number"] for _ in understood] == understood


async def test_what_goes_through_redis_can_be_encrypted(
    redis_server: RedisServer, open_layer: Callable[..., BroadcastLayer]
) -> None:
    """Who may subscribe reads nothing."""
    layer = open_layer(redis_server.url, keys="k" * 32)
    plain = redis.asyncio.Redis.from_url(redis_server.url, protocol=2)
    async with plain, plain.pubsub() as listener:
        await listener.subscribe("websocket:broadcast:all")
        assert await listener.get_message(timeout=5)
        await layer.group_send("all", {"type": "x", "text": "a plain word"})
        message = await listener.get_message(timeout=5)
    assert message is not None
    assert b"a plain word" not in message["data"]


async def test_what_cannot_be_read_is_passed_over(
    redis_server: RedisServer, open_layer: Callable[..., BroadcastLayer], caplog: pytest.LogCaptureFixture
) -> None:
    """Another key's, an operator's PUBLISH and other nonsense: one line in the log, and the next message comes."""
    layer = open_layer(redis_server.url, keys="k" * 32)
    channel = await heard(layer)
    await open_layer(redis_server.url, keys="z" * 32).group_send("all", {"type": "x"})
    for nonsense in ("hello", "1", ""):
        redis_server.run("PUBLISH", "websocket:broadcast:all", nonsense)
    await layer.group_send("all", {"type": "x", "text": "sense"})
    async with asyncio.timeout(5):
        assert (await layer.receive(channel))["text"] == "sense"
    assert [record.getMessage() for record in caplog.records] == [
        "A message from Redis can't be read. Have all replicas the same REDIS_ENCRYPTION_KEYS?"
    ]


async def test_an_ordinary_layer_sends_once(
    start_redis: Callable[..., RedisServer], open_layer: Callable[..., BroadcastLayer]
) -> None:
    """With several hosts a message arrives once, by the host that its channel belongs to."""
    servers = [start_redis(), start_redis()]
    layer = open_layer(",".join(server.url for server in servers))
    for number in range(8):  # channels of both hosts, as good as certainly
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "one", "number": number})
        await layer.send(channel, {"type": "two", "number": number})
        async with asyncio.timeout(5):
            assert [(await layer.receive(channel))["type"] for _ in range(2)] == ["one", "two"]


async def test_a_worker_receives_on_a_channel_of_its_own_name(
    redis_server: RedisServer, open_layer: Callable[..., BroadcastLayer]
) -> None:
    """`runworker` receives on channels that it has not asked the layer for."""
    layer = open_layer(redis_server.url)
    receiving = asyncio.create_task(layer.receive("thumbnails"))
    is_listening = partial(redis_server.run, "PUBSUB", "CHANNELS", "thumbnails")
    await asyncio.to_thread(wait_until, is_listening, what="the worker to listen")
    async with asyncio.timeout(5):
        await layer.send("thumbnails", {"type": "make", "id": 7})
        assert await receiving == {"type": "make", "id": 7}


async def test_a_renewed_layer_leaves_a_hung_redis_at_once(
    start_redis: Callable[..., RedisServer], open_layer: Callable[..., BroadcastLayer]
) -> None:
    """And goes to the next node of a cluster."""
    servers = [start_redis(), start_redis()]
    layer = open_layer(",".join(server.url for server in servers), cluster=True)
    await heard(layer)
    first = next(server for server in servers if server.run("PUBSUB", "CHANNELS"))
    first.pause()
    layer.renew()
    async with asyncio.timeout(20):
        channel = await heard(layer)
        await layer.group_send("all", {"type": "x"})
        assert await layer.receive(channel) == {"type": "x"}
    first.resume()


async def heard(layer: BroadcastLayer) -> str:
    """A channel that is in the group `all`, once Redis knows it."""
    channel: str = await layer.new_channel()
    await layer.group_add("all", channel)
    await layer.send(channel, {"type": "ready"})
    async with asyncio.timeout(5):
        assert (await layer.receive(channel))["type"] == "ready"
    return channel
