"""One host of Redis, or the primary that Sentinels name: a pool to publish with, a subscription. Event loop only."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from channels_redis.utils import create_pool
from redis.asyncio import Redis
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool
from redis.exceptions import RedisError

from realtime.broker.reason import reason
from realtime.broker.subscription import Subscription

Address = tuple[str, int]

CLOSE_SECONDS = 10.0


class Shard:
    """Opened once; after a fault another one takes its place."""

    def __init__(self, host: dict[str, Any], subscription: Subscription) -> None:
        self.subscription = subscription
        self._pool = pool_of(host)
        self._redis = Redis(connection_pool=self._pool)

    async def open(self) -> None:
        """Raises redis-py's errors."""
        await self.subscription.open(self._pool)

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Sends messages to channels, in order, with one way to Redis and back for all of them."""
        if len(messages) == 1:
            await self._redis.publish(*messages[0])
        elif messages:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for channel, data in messages:
                    pipeline.publish(channel, data)
                await pipeline.execute()

    async def close(self) -> None:
        """The subscription at once; the pool within some seconds, since a Redis that hangs does not answer a QUIT."""
        self.subscription.close()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.disconnect()


def pool_of(host: dict[str, Any]) -> ConnectionPool:
    """The pool for a host of the settings; it connects when it is used."""
    if "sentinels" not in host:
        pool: ConnectionPool = create_pool(host)
        return pool
    options = dict(host)
    addresses, sentinel_options = options.pop("sentinels"), options.pop("sentinel_kwargs")
    sentinels = AllSentinels(addresses, sentinel_kwargs=sentinel_options)  # type: ignore[no-untyped-call]
    return SentinelConnectionPool(options.pop("master_name"), sentinels, **options)  # type: ignore[no-untyped-call]


class AllSentinels(Sentinel):
    """Asks all Sentinels at once, and takes the first answer: the dead machine of a primary often has a Sentinel too,
    and asking one after the other would wait for that one."""

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
            troubles.append(reason(error))
        finally:
            with contextlib.suppress(RedisError):
                await sentinel.connection_pool.disconnect()
        return None
