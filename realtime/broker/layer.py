"""The channel layer: Redis pub/sub, or this process's memory where there is no Redis.

Imported by settings, so nothing here may need them.
"""

import asyncio
import contextlib
import logging
import random
import time
import uuid
from collections.abc import Iterable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING or find_spec("channels_redis"):
    from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    from realtime.broker.hosts import encryption_keys, hosts_of
    from realtime.broker.shard import Shard
else:
    RedisPubSubChannelLayer = object

logger = logging.getLogger(__name__)

CHANNEL_PREFIX = "websocket:"

IN_MEMORY = {"BACKEND": "channels.layers.InMemoryChannelLayer"}

CLOSE_SECONDS = 10.0
COMPLAINT_SECONDS = 60.0


class BroadcastLayer(RedisPubSubChannelLayer):
    """Redis pub/sub with channels that an operator can name, and connections that can be made anew at any time.

    A stream belongs to one of the hosts, by its name; a channel of one's own is heard by way of all of them. In a
    cluster any node does for all, so there is one at a time, and another one after each `renew()`.
    """

    def __init__(self, *, hosts: list[dict[str, Any]], cluster: bool = False, name: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.hosts = hosts
        self.name = name
        self._cluster = cluster
        self._turn = random.randrange(len(hosts))  # noqa: S311 -- spreads the processes over the nodes, no more
        self._closing: set[asyncio.Task[None]] = set()
        self._complained = -COMPLAINT_SECONDS

    def _get_layer(self) -> "RedisPubSubLoopLayer":
        layer = super()._get_layer()
        if layer._get_group_channel_name is not channel_name:
            layer._get_group_channel_name = channel_name
            layer._shards = self._new_shards(layer)
        return layer

    def _new_shards(self, layer: "RedisPubSubLoopLayer") -> list["Shard"]:
        hosts = [self.hosts[self._turn % len(self.hosts)]] if self._cluster else self.hosts
        return [Shard(host, layer) for host in hosts]

    @property
    def ways(self) -> int:
        """How many hosts are in use at a time; a message to a channel of one's own comes back once by each."""
        return 1 if self._cluster else len(self.hosts)

    async def new_channel(self, prefix: str = "specific.") -> str:
        layer = self._get_layer()
        channel = f"{layer.prefix}{prefix}{uuid.uuid4().hex}"
        layer.channels[channel] = asyncio.Queue()
        for shard in layer._shards:
            await shard.subscribe(channel)
        return channel

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """By way of each host; `way` in what arrives is its number."""
        shards = enumerate(self._get_layer()._shards)
        await asyncio.gather(
            *(shard.publish(channel, self.serialize({**message, "way": way})) for way, shard in shards)
        )

    async def receive(self, channel: str) -> dict[str, Any]:
        """The next message. Being cancelled costs nothing; Channels' own would talk to Redis then, which may hang.

        What can't be read is passed over: anybody who may publish can send it, and the log has what it should be.
        """
        queue = self._get_layer().channels[channel]
        while True:
            data = await queue.get()
            try:
                message = self.deserialize(data)
            except Exception:  # noqa: BLE001 -- msgpack's and cryptography's errors have nothing in common
                message = None
            if isinstance(message, dict) and "type" in message:
                return message
            self._complain()

    def _complain(self) -> None:
        if time.monotonic() - self._complained > COMPLAINT_SECONDS:
            self._complained = time.monotonic()
            logger.warning(
                "What somebody publishes through Redis can't be read. Have all replicas the same REDIS_ENCRYPTION_KEYS?"
            )

    async def add_to_groups(self, groups: Iterable[str], channel: str) -> None:
        """`group_add()` for many, in one message to each host."""
        layer = self._get_layer()
        names: dict[Shard, list[str]] = {}
        for name in map(channel_name, groups):
            layer.groups.setdefault(name, set()).add(channel)
            names.setdefault(layer._get_shard(name), []).append(name)
        for shard, some in names.items():
            await shard.subscribe(*some)

    def renew(self) -> None:
        """Whoever uses the layer next does so over new connections; channels and groups are forgotten.

        The old connections are closed on the side, since they may lead to a Redis that never answers. To be called on
        the event loop.
        """
        layer = self._get_layer()
        old = layer._shards
        self._turn += 1
        layer._shards = self._new_shards(layer)
        layer.channels, layer.groups = {}, {}
        closing = asyncio.create_task(_close(old))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def flush(self) -> None:
        await self._get_layer().flush()
        if self._closing:
            await asyncio.wait(self._closing)


async def _close(shards: "list[Shard]") -> None:
    for shard in shards:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await shard.flush()


def channel_name(stream: str) -> str:
    """The Redis channel of a stream."""
    return f"{CHANNEL_PREFIX}broadcast:{stream}"


def channel_layers(
    url: str,
    *,
    max_connections: int,
    connect_timeout: float,
    socket_timeout: float,
    username: str = "",
    password: str = "",
    ca_file: str = "",
    cert_file: str = "",
    key_file: str = "",
    sentinels: str = "",
    sentinel_master: str = "mymaster",
    sentinel_password: str = "",
    cluster: bool = False,
    keys: str = "",
) -> dict[str, dict[str, Any]]:
    """The value for CHANNEL_LAYERS. `url` and `sentinels` are empty for no Redis; timeouts are seconds; what a URL says
    itself wins. Raises ImproperlyConfigured for values that can't be used."""
    if cluster and (sentinels or not url):
        raise ImproperlyConfigured("REDIS_CLUSTER can't be used: it needs a REDIS_URL, and no REDIS_SENTINELS.")
    if keys and find_spec("channels_redis"):
        encryption_keys(keys)  # a bad one is told even while there is no Redis
    if not url and not sentinels:
        return {"default": IN_MEMORY}
    if not find_spec("channels_redis"):
        logger.warning("⚠️  redis package not installed. Running in single-instance mode.")
        return {"default": IN_MEMORY}
    hosts, name = hosts_of(
        url,
        sentinels=sentinels,
        sentinel_master=sentinel_master,
        sentinel_password=sentinel_password,
        options={
            "username": username,
            "password": password,
            "ssl_ca_certs": ca_file,
            "ssl_certfile": cert_file,
            "ssl_keyfile": key_file,
            "max_connections": max_connections,
            "socket_connect_timeout": connect_timeout,
            "socket_timeout": socket_timeout,
            # One more try at once, for a connection that Redis closed while it lay idle; the hub does the waiting.
            "retry": Retry(NoBackoff(), 1),
            # With RESP3 redis-py takes a maintenance push for life and no longer notices a stale connection.
            "protocol": 2,
        },
    )
    return {
        "default": {
            "BACKEND": "realtime.broker.layer.BroadcastLayer",
            "CONFIG": {
                "hosts": hosts,
                "cluster": cluster,
                "name": f"{name} (cluster)" if cluster else name,
                "prefix": CHANNEL_PREFIX,
                "symmetric_encryption_keys": encryption_keys(keys),
            },
        }
    }
