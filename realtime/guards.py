"""Every private thing of another package that this one uses, with the version that it was seen in.

A version of a package that no longer has it is named at the start (`realtime.E003`), instead of failing where it is
used, perhaps much later and silently. Each further use adds a line here.

`manage.py check` looks at what is needed anywhere; `manage.py serve` also at what only the server needs, before it
listens. A package that is not installed is not looked at: without channels_redis there is no Redis to talk to.
"""

import inspect
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from types import CodeType
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

Shape = Callable[[Any], str | None]
"""Takes the owner's attribute (or, for `assigned_in`, the owner); returns what is wrong with it, or None."""


@dataclass(frozen=True, slots=True)
class Guard:
    """`owner` is a module or `module:Class` of the distribution `package`, `name` its attribute."""

    package: str
    version: str
    owner: str
    name: str
    shape: Shape
    used_by: str

    def fault(self) -> str | None:
        """What is not as expected, or None."""
        module, _, qualified = self.owner.partition(":")
        try:
            owner: Any = import_module(module)
            for part in qualified.split(".") if qualified else ():
                owner = getattr(owner, part)
        except (ImportError, AttributeError) as error:
            return f"{self.owner} is not there ({error})"
        wrong = self.shape(owner) if isinstance(self.shape, assigned_in) else _attribute_fault(self, owner)
        return wrong and f"{self.owner}.{self.name} {wrong}"


def _attribute_fault(guard: Guard, owner: Any) -> str | None:
    missing = object()
    found = inspect.getattr_static(owner, guard.name, missing)
    if found is missing:
        return "is not there"
    return guard.shape(getattr(owner, guard.name) if isinstance(found, staticmethod | classmethod) else found)


def present(found: Any) -> str | None:
    """Any attribute."""
    return None


def takes(*parameters: str) -> Shape:
    """A function or method whose first parameters have these names, `self` not counted; none after them is required."""

    def shape(found: Any) -> str | None:
        try:
            given = [one for one in inspect.signature(found).parameters.values() if one.name not in ("self", "cls")]
        except (TypeError, ValueError):
            return "is not a function"
        names = [one.name for one in given]
        required = [one.name for one in given[len(parameters) :] if _is_required(one)]
        fits = names[: len(parameters)] == list(parameters) and not required
        return None if fits else f"takes ({', '.join(names)}) instead of ({', '.join(parameters)})"

    return shape


def _is_required(parameter: inspect.Parameter) -> bool:
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return parameter.default is inspect.Parameter.empty and parameter.kind not in variadic


class assigned_in:  # noqa: N801 -- reads as a shape among the others
    """An attribute that instances get in this method."""

    def __init__(self, method: str, name: str) -> None:
        self._method, self._name = method, name

    def __call__(self, owner: Any) -> str | None:
        function = inspect.unwrap(getattr(owner, self._method, None) or (lambda: None))
        code: CodeType | None = getattr(function, "__code__", None)
        return None if code and self._name in code.co_names else f"is no longer set in {self._method}()"


def instances(package: str, version: str, owner: str, name: str, used_by: str, *, method: str = "__init__") -> Guard:
    """A guard of an attribute that instances get in `method`."""
    return Guard(package, version, owner, name, assigned_in(method, name), used_by)


DJANGO = ("django", "5.2.19")
CHANNELS_REDIS = ("channels_redis", "4.3.0")
REDIS = ("redis", "8.1.0")
PYTHON = ("python", "3.11")

_BASE = "django.db.backends.base.base:BaseDatabaseWrapper"
_SQLITE = "django.db.backends.sqlite3.base:DatabaseWrapper"
_PUBSUB = "channels_redis.pubsub:RedisPubSubChannelLayer"
_LOOP = "channels_redis.pubsub:RedisPubSubLoopLayer"
_SHARD = "channels_redis.pubsub:RedisSingleShardConnection"

_EVENT_LOG = "realtime.backends.event_log"
_LAYER = "realtime.broker.layer"
_BROKER = "realtime.broker.redis_broker"
_SUBSCRIPTION = "realtime.broker.subscription"
_PROBE = "realtime.broker.diagnose.probe"

EVERYWHERE: tuple[Guard, ...] = (
    Guard(*DJANGO, _BASE, "_commit", takes(), _EVENT_LOG),
    Guard(*DJANGO, _BASE, "_rollback", takes(), _EVENT_LOG),
    Guard(*DJANGO, _BASE, "_close", takes(), _EVENT_LOG),
    Guard(*DJANGO, _BASE, "_savepoint", takes("sid"), _EVENT_LOG),
    Guard(*DJANGO, _BASE, "_savepoint_rollback", takes("sid"), _EVENT_LOG),
    Guard(*DJANGO, _BASE, "_savepoint_commit", takes("sid"), _EVENT_LOG),
    Guard(*DJANGO, _BASE, "set_autocommit", takes("autocommit"), _EVENT_LOG),
    Guard(*DJANGO, _SQLITE, "_set_autocommit", takes("autocommit"), "realtime.backends.sqlite3.base"),
    instances(*DJANGO, "django.db.backends.utils:CursorWrapper", "cursor", "realtime.events.numbering"),
    instances(*DJANGO, "django.db.transaction:Atomic", "_from_testcase", "realtime.events.publishing"),
    Guard(*DJANGO, "django.db.models.deletion:SET_NULL", "lazy_sub_objs", present, "realtime.events.live_checks"),
    Guard(*CHANNELS_REDIS, _PUBSUB, "_get_layer", takes(), _LAYER),
    Guard(*CHANNELS_REDIS, _LOOP, "_get_group_channel_name", takes("group"), _LAYER),
    instances(*CHANNELS_REDIS, _LOOP, "_shards", _LAYER),
    instances(*CHANNELS_REDIS, _LOOP, "channels", _LAYER),
    instances(*CHANNELS_REDIS, _LOOP, "groups", _LAYER),
    instances(*CHANNELS_REDIS, _SHARD, "_redis", _LAYER),
    instances(*CHANNELS_REDIS, _SHARD, "_pubsub", _LAYER),
    Guard(*CHANNELS_REDIS, "channels_redis.utils", "_consistent_hash", takes("value", "ring_size"), _BROKER),
    instances(*REDIS, "redis.asyncio.connection:AbstractConnection", "_writer", f"{_SUBSCRIPTION}, {_PROBE}"),
    instances(*REDIS, "redis.asyncio.connection:AbstractConnection", "_reader", _SUBSCRIPTION),
    Guard(*REDIS, "redis.asyncio.connection:ConnectionPool", "make_connection", takes(), _SUBSCRIPTION),
)
"""What any process needs."""

SERVER: tuple[Guard, ...] = (
    Guard(*PYTHON, "asyncio.sslproto:SSLProtocol", "max_size", present, "realtime.server.tls"),
    Guard(
        *PYTHON,
        "asyncio.selector_events:BaseSelectorEventLoop",
        "_make_socket_transport",
        takes("sock", "protocol"),
        "realtime.server.acceptor",
    ),
)
"""What only `manage.py serve` needs."""


def _version(package: str) -> str:
    return platform.python_version() if package == "python" else metadata.version(package)


def faults(guards: Sequence[Guard]) -> list[Error]:
    """One message for each thing that is not as expected."""
    return [
        Error(
            f"{guard.package} {_version(guard.package)}: {fault}, which {guard.used_by} uses.",
            hint=f"Install {guard.package}=={guard.version}, with which this was tested.",
            id="realtime.E003",
        )
        for guard in guards
        if find_spec(guard.owner.partition(".")[0].partition(":")[0]) and (fault := guard.fault())
    ]


def check_guards(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """For `manage.py check`."""
    return list(faults(EVERYWHERE))
