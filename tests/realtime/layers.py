"""Channel layers as settings have them."""

from typing import Any

from realtime.broker.layer import channel_layers
from realtime.broker.shard import pool_of as pool_of_host

TIMES: dict[str, Any] = {"max_connections": 7, "connect_timeout": 0.5, "socket_timeout": 0.75}


def pool_of(url: str) -> Any:
    """The pool of connections that the layer makes; it is not connected."""
    (host,) = channel_layers(url, **TIMES)["default"]["CONFIG"]["hosts"]
    return pool_of_host(host)


def config_of(url: str = "", **more: Any) -> dict[str, Any]:
    config: dict[str, Any] = channel_layers(url, **TIMES, **more)["default"]["CONFIG"]
    return config
