"""The channel layer: Redis pub/sub, or this process's memory where there is no Redis.

Imported by settings, so nothing here may need them.
"""

import asyncio
import contextlib
import logging
import random
import time
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING or find_spec("channels_redis"):
    from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    from realtime.broker.hosts import encryption_keys, hosts_of
    from realtime.broker.shard import pool_of
else:
    RedisPubSubChannelLayer = RedisSingleShardConnection = object

logger = logging.getLogger(__name__)

CHANNEL_PREFIX = "websocket:"

IN_MEMORY = {"BACKEND": "channels.layers.InMemoryChannelLayer"}

CLOSE_SECONDS = 10.0
COMPLAINT_SECONDS = 60.0


class LayerShard(RedisSingleShardConnection):
    """One host of the channel layer, as Channels has it, but for the pool: Sentinels are asked all at once."""

    _redis: Any

    def _ensure_redis(self) -> None:
        if self._redis is None:
            self._redis = Redis(connection_pool=pool_of(self.host))
            self._pubsub = self._redis.pubsub()


class BroadcastLayer(RedisPubSubChannelLayer):
    """Channels' Redis pub/sub layer with channels that an operator can name, and all forms of Redis.

    A project may use it as its ordinary channel layer. The broker link of a hub has connections of its own
    (`RedisBroker`) to the same hosts and channels. A stream belongs to one of the hosts, by its name. In a cluster any
    node does for all channels, so one is in use at a time, and another one after each `renew()`.
    """

    def __init__(self, *, hosts: list[dict[str, Any]], cluster: bool = False, name: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.hosts = hosts
        self.name = name
        self.prefix: str = options.get("prefix", CHANNEL_PREFIX)
        self.cluster = cluster
        self.turn = random.randrange(len(hosts))  # noqa: S311 -- spreads the processes over the nodes, no more
        self._closing: set[asyncio.Task[None]] = set()
        self._complained = -COMPLAINT_SECONDS

    def hosts_in_use(self) -> list[dict[str, Any]]:
        return [self.hosts[self.turn % len(self.hosts)]] if self.cluster else self.hosts

    def _get_layer(self) -> "RedisPubSubLoopLayer":
        layer = super()._get_layer()
        if not layer._shards or not isinstance(layer._shards[0], LayerShard):
            layer._get_group_channel_name = partial(channel_name, prefix=self.prefix)
            layer._shards = self._new_shards(layer)
        return layer

    def _new_shards(self, layer: "RedisPubSubLoopLayer") -> list[LayerShard]:
        return [LayerShard(host, layer) for host in self.hosts_in_use()]

    async def receive(self, channel: str) -> dict[str, Any]:
        """The next message. What can't be read is passed over: anybody who may publish can send it."""
        while True:
            try:
                message = await self._get_layer().receive(channel)
            except (asyncio.CancelledError, RuntimeError):
                raise
            except Exception:  # noqa: BLE001 -- msgpack's and cryptography's errors have nothing in common
                message = None
            if isinstance(message, dict) and "type" in message:
                return message
            self._complain()

    def _complain(self) -> None:
        if time.monotonic() - self._complained > COMPLAINT_SECONDS:
            self._complained = time.monotonic()
            logger.warning(UNREADABLE)

    def renew(self) -> None:
        """The next use of the layer takes new connections; channels and groups are forgotten. Event loop only.

        The old connections are closed in the background, since they may lead to a Redis that never answers.
        """
        layer = self._get_layer()
        old = layer._shards
        self.turn += 1
        layer._shards = self._new_shards(layer)
        layer.channels, layer.groups = {}, {}
        closing = asyncio.create_task(_close(old))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def flush(self) -> None:
        await self._get_layer().flush()
        if self._closing:
            await asyncio.wait(self._closing)


UNREADABLE = "A message from Redis can't be read. Have all replicas the same REDIS_ENCRYPTION_KEYS?"


async def _close(shards: list[LayerShard]) -> None:
    for shard in shards:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await shard.flush()


def channel_name(stream: str, *, prefix: str = CHANNEL_PREFIX) -> str:
    """The Redis channel of a stream."""
    return f"{prefix}broadcast:{stream}"


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
    prefix: str = CHANNEL_PREFIX,
) -> dict[str, dict[str, Any]]:
    """The value for CHANNEL_LAYERS. `url` and `sentinels` are empty for no Redis; timeouts are in seconds; what a URL
    says itself wins. All channels begin with `prefix`: installations that share a Redis have different ones.
    Raises ImproperlyConfigured for values that can't be used."""
    if cluster and (sentinels or not url):
        raise ImproperlyConfigured("REDIS_CLUSTER can't be used: it needs a REDIS_URL, and no REDIS_SENTINELS.")
    if not _can_use_redis(bool(url or sentinels), keys):
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
            # One more try at once, for a connection that Redis closed while it was idle; the hub does the waiting.
            "retry": Retry(NoBackoff(), 1),
            # With RESP3 redis-py takes a maintenance push for life and no longer notices a stale connection.
            "protocol": 2,
        },
    )
    options = {
        "hosts": hosts,
        "cluster": cluster,
        "name": f"{name} (cluster)" if cluster else name,
        "prefix": prefix,
        "symmetric_encryption_keys": encryption_keys(keys),
    }
    return {"default": {"BACKEND": "realtime.broker.layer.BroadcastLayer", "CONFIG": options}}


def _can_use_redis(is_wanted: bool, keys: str) -> bool:
    """Whether there is an address and the package; bad keys are told even where there is no address."""
    has_package = find_spec("channels_redis") is not None
    if keys and has_package:
        encryption_keys(keys)
    if is_wanted and not has_package:
        logger.warning("⚠️  redis package not installed. Running in single-instance mode.")
    return is_wanted and has_package
