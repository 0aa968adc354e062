"""A cache shared by all replicas, in Redis. Everything works without it, too.

Imported by settings, so nothing here may need them.
"""

import json
import logging
import time
from typing import Any, ClassVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from realtime.broker.hosts import hosts_of

logger = logging.getLogger(__name__)

KEY_PREFIX = "websocket:cache"
"""Prefix of all keys; the application's Redis user needs rights on these only."""

ANSWER_SECONDS = 0.25
REST_SECONDS = 5.0
"""How long Redis is not asked again after a failure."""

SESSION_SECONDS = 60
"""How long a cached session stays valid that was ended while Redis could not be reached."""


def caches(url: str, *, sessions: bool, **options: str) -> dict[str, dict[str, Any]]:
    """The value for CACHES: Redis at `url`, or each process's own memory where that is empty.

    `options`: username, password, ssl_ca_certs, ssl_certfile and ssl_keyfile, empty ones left out; what the URL says
    itself wins. Raises ImproperlyConfigured for values that can't be used.
    """
    if not url:
        if sessions:
            raise ImproperlyConfigured("CACHE_SESSIONS can't be used: it needs a CACHE_URL.")
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    given = {
        name: value for name, value in options.items() if value and (url.startswith("rediss:") or name[:3] != "ssl")
    }
    _check(url, given)
    times = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS, "retry": Retry(NoBackoff(), 1)}
    shared = {"LOCATION": url, "KEY_PREFIX": KEY_PREFIX, "OPTIONS": {"serializer": JSONSerializer, **times, **given}}
    kinds = {"default": "SharedCache", **({"sessions": "SessionCache"} if sessions else {})}
    return {alias: {"BACKEND": f"todo_project.cache.{kind}", **shared} for alias, kind in kinds.items()}


def _check(url: str, options: dict[str, Any]) -> None:
    """Validates the address as that of the channel layer is."""
    if "," in url:
        raise ImproperlyConfigured("CACHE_URL can't be used: it must be one address.")
    times = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
    try:
        hosts_of(url, sentinels="", sentinel_master="", sentinel_password="", options={**times, **options})
    except ImproperlyConfigured as error:
        raise ImproperlyConfigured(str(error).replace("REDIS_URL", "CACHE_URL")) from None


class JSONSerializer:
    """Instead of pickle: with that, a client that may write to Redis could execute code here."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class SharedCache(BaseCache):
    """Redis, or this process's own memory while Redis fails. The two have different contents.

    Never raises because of Redis, and waits for it half a second at most, then not at all for a while.
    """

    _redis: ClassVar[dict[str, RedisCache]] = {}
    """By address. Django creates a cache for each request; the connections are shared."""
    _resting_until: ClassVar[float] = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._shared = self._redis.setdefault(server, RedisCache(server, params))
        self._spare = self._make_spare({**params, "OPTIONS": {}})

    def _make_spare(self, params: dict[str, Any]) -> BaseCache:
        return LocMemCache("spare", params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask("get", key, default, version=version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask("set", key, value, timeout, version=version)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask("add", key, value, timeout, version=version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask("touch", key, timeout, version=version))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._ask("delete", key, version=version))

    def clear(self) -> None:
        raise NotImplementedError("Other applications may use this Redis, too.")

    def _ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= SharedCache._resting_until:
            try:
                return getattr(self._shared, name)(*args, **kwargs)
            except (
                RedisError,
                OSError,
                ValueError,
            ) as error:  # ValueError: not JSON
                SharedCache._resting_until = time.monotonic() + REST_SECONDS
                logger.warning("The shared cache fails, it is left alone for %d s: %s", REST_SECONDS, error)
        return getattr(self._spare, name)(*args, **kwargs)


class SessionCache(SharedCache):
    """For copies of sessions; the originals are in the database. Without Redis there are no copies."""

    def _make_spare(self, params: dict[str, Any]) -> BaseCache:
        return DummyCache("spare", params)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        super().set(key, value, min(timeout, SESSION_SECONDS), version=version)
