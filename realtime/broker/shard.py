"""The connections to one host, or to the primary that Sentinels name."""

import asyncio
import contextlib
import logging
from typing import Any

from channels_redis.pubsub import RedisSingleShardConnection
from channels_redis.utils import create_pool
from redis.asyncio import Redis
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

Address = tuple[str, int]

UNSUBSCRIBED_SECONDS = 0.1
FAILED_SECONDS = 1.0
"""How long the receiver waits while there is nothing to listen to, and after a failure."""


class Shard(RedisSingleShardConnection):
    """One host of the channel layer."""

    _redis: Any

    def _ensure_redis(self) -> None:
        if self._redis is None:
            self._redis = Redis(connection_pool=pool_of(self.host))
            self._pubsub = self._redis.pubsub()

    async def _do_receiving(self) -> None:
        """Channels' own looks ten times a second whether something has come, which costs each message a timer.

        It ends by being cancelled. Of a connection that is broken nothing comes, which is the wire's to notice.
        """
        while True:
            try:
                if self._pubsub.subscribed:
                    self._receive_message(await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=None))
                else:
                    await asyncio.sleep(UNSUBSCRIBED_SECONDS)
            except (RedisError, OSError) as error:
                logger.debug("The connection to Redis is broken: %s", error)
                await asyncio.sleep(FAILED_SECONDS)
            except Exception:
                logger.exception("What came from Redis could not be received")
                await asyncio.sleep(FAILED_SECONDS)

    async def subscribe(self, *channels: str) -> None:
        """Channels' own takes one at a time."""
        async with self._lock:
            if new := [channel for channel in channels if channel not in self._subscribed_to]:
                self._ensure_redis()
                await self._pubsub.subscribe(*new)
                self._ensure_receiver()
                self._subscribed_to.update(new)


def pool_of(host: dict[str, Any]) -> ConnectionPool:
    """The pool for a host of the settings; it connects when it is used."""
    if "sentinels" not in host:
        pool: ConnectionPool = create_pool(host)
        return pool
    options = dict(host)
    places, sentinel_options = options.pop("sentinels"), options.pop("sentinel_kwargs")
    sentinels = AllSentinels(places, sentinel_kwargs=sentinel_options)  # type: ignore[no-untyped-call]
    return SentinelConnectionPool(options.pop("master_name"), sentinels, **options)  # type: ignore[no-untyped-call]


class AllSentinels(Sentinel):
    """Asks all Sentinels at once, and takes the first answer: the dead machine of a primary often has a Sentinel too,
    and whoever asks one after the other waits for that one."""

    async def discover_master(self, service_name: str) -> Address:
        troubles: list[str] = []
        asking = [asyncio.create_task(self._ask(sentinel, service_name, troubles)) for sentinel in self.sentinels]
        try:
            for answer in asyncio.as_completed(asking):
                if address := await answer:
                    return address
        finally:
            for task in asking:
                task.cancel()
        raise MasterNotFoundError(f"no Sentinel names a living primary of {service_name!r} ({'; '.join(troubles)})")

    async def _ask(self, sentinel: Any, name: str, troubles: list[str]) -> Address | None:
        try:
            state = (await sentinel.sentinel_masters()).get(name)
            if state and self.check_master_state(state, name):
                return state["ip"], state["port"]
            troubles.append("it is down" if state else "not known to one of them")
        except RedisError as error:
            troubles.append(str(error))
        finally:
            with contextlib.suppress(RedisError):
                await sentinel.connection_pool.disconnect()
        return None
