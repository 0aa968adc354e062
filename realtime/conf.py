"""The settings of this app: `settings.REALTIME`, a dict whose keys are `Config`'s in capitals, all with a default."""

from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, fields
from functools import cache
from inspect import isawaitable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from realtime.identity import Identity, Refused

StreamsOfUser = Collection[str] | Mapping[str, int]
"""The names of streams; as a mapping each with the number of the first event that the person may read (0 or 1: all)."""


PEOPLE_STREAM = "realtime.people"
"""Events of this stream only close sockets, see `realtime.auth.revocation`. Every hub follows it, no client can."""


MOST = 2**31 - 1

NUMBERS: Mapping[str, tuple[type[int] | type[float], float, float]] = {
    "max_connections_per_user": (int, 1, MOST),
    "send_buffer_bytes": (int, 1, MOST),
    "max_body_bytes": (int, 1, MOST),
    "hello_seconds": (float, 0.1, 3_600),
    "heartbeat_seconds": (float, 1, 3_600),
    "poll_seconds": (float, 0.05, 3_600),
    "gap_seconds": (float, 0, 60),
    "idle_feed_seconds": (float, 0, 86_400),
    "event_days": (float, 0, 36_500),
    "history_size": (int, 1, 1_000_000),
}
"""The settings that are numbers, each with its least and its greatest value."""


class WrongAnswerError(Exception):
    """A function of the project has returned something else than `Config` says. Names the setting and the function."""

    def __init__(self, setting: str, function: Any, problem: str) -> None:
        name = f"{getattr(function, '__module__', '?')}.{getattr(function, '__qualname__', function)}"
        super().__init__(f"REALTIME[{setting!r}] ({name}) {problem}")


def own_stream_only(user_ids: Collection[Any]) -> dict[Any, StreamsOfUser]:
    """The default of STREAMS_OF: each active user may read their own stream."""
    active = get_user_model().objects.filter(pk__in=user_ids, is_active=True).values_list("pk", flat=True)
    return {user_id: {f"user.{user_id}"} for user_id in active}


@dataclass(frozen=True, slots=True)
class Config:
    """The keys of `settings.REALTIME`, in lower case. Each function may be given as a dotted path.

    `streams_of(user_ids)` returns a mapping from user id to the streams that this person may read. A person who is left
    out, or has none, may not connect (any more), so the function must look up whether a user is still active.
    The streams are a collection of names, or a mapping from each name to the **number of the first event that the
    person may read** (0 or 1: all of them). Where a right to read began later than the stream, give that number: the
    number of the event that let the person in, stored with the membership when it is made, and again after each return.
    A replay never goes below it; a client whose position is below it gets `reset` and fetches a snapshot. Example:
    `{7: {"user.7": 0, "list.a": 41}}`.

    `identities_of(tokens)` returns a mapping from each token to an `Identity`, or to a `Refused` with the reason.

    Both are called with many keys at once, in a thread that may use the database, and should need one query. They are
    plain functions (not `async def`). A wrong answer for one key concerns that key alone; an exception concerns all.
    """

    streams_of: Callable[[Collection[Any]], Mapping[Any, StreamsOfUser]] = own_stream_only
    own_stream: Callable[[Any], str] | None = None
    """`own_stream(user_id)` names the stream that is this person's alone; saves each sign-in a second query."""
    identities_of: Callable[[Collection[str]], Mapping[str, Identity | Refused]] | None = None
    pinned_streams: tuple[str, ...] = (PEOPLE_STREAM,)
    """Streams that every replica subscribes to, also while nobody is connected."""
    max_connections_per_user: int = 100
    send_buffer_bytes: int = 1024 * 1024
    """A connection with more than this unsent is closed; the client comes back and resumes."""
    max_body_bytes: int = 10 * 1024 * 1024
    """The largest body of a request that `manage.py serve` accepts."""
    io_uring: bool = True
    """Whether `manage.py serve` writes to many sockets with one system call, where the kernel allows it."""
    hello_seconds: float = 5.0
    heartbeat_seconds: float = 25.0
    poll_seconds: float = 1.0
    """How often the positions are compared with the log: the longest that an event takes which the broker has lost."""
    gap_seconds: float = 0.05
    """How long an event may wait for the ones before it, until the log is read."""
    idle_feed_seconds: float = 60.0
    """How long a stream without connections stays subscribed."""
    event_days: float = 7.0
    """How many days `manage.py serve` keeps events; a client that was away for longer fetches a snapshot. 0: all."""
    history_size: int = 256
    """How many recent events of a stream are kept in memory for clients that come back."""

    def __post_init__(self) -> None:
        for name, (kind, least, most) in NUMBERS.items():
            value: Any = getattr(self, name)
            is_number = isinstance(value, (int, kind)) and not isinstance(value, bool)
            if not is_number or not least <= value <= most:
                wanted = "whole number" if kind is int else "number"
                raise ImproperlyConfigured(
                    f"REALTIME[{name.upper()!r}] can't be {value!r}: it must be a {wanted} from {least:g} to {most}."
                )


@cache
def config() -> Config:
    """The settings as they are; raises ImproperlyConfigured for an unknown key, and for a number out of its range."""
    given = {key.lower(): value for key, value in getattr(settings, "REALTIME", {}).items()}
    unknown = given.keys() - {field.name for field in fields(Config)}
    if unknown:
        raise ImproperlyConfigured(f"REALTIME has no setting {', '.join(sorted(unknown)).upper()}")
    for key in ("streams_of", "own_stream", "identities_of"):
        if isinstance(given.get(key), str):
            given[key] = import_string(given[key])
    given["pinned_streams"] = (PEOPLE_STREAM, *given.get("pinned_streams", ()))
    return Config(**given)


def _forget(*, setting: str, **kwargs: Any) -> None:
    if setting == "REALTIME":
        config.cache_clear()


setting_changed.connect(_forget)


def ask(setting: str, function: Callable[[Collection[Any]], Any], keys: Collection[Any]) -> Mapping[Any, Any]:
    """What a function of the project returns for these keys. Raises WrongAnswerError where that is no mapping."""
    answer = function(keys)
    if isawaitable(answer):
        if isinstance(answer, Coroutine):
            answer.close()
        raise WrongAnswerError(setting, function, "is async, but is called in a thread: use a plain function")
    if not isinstance(answer, Mapping):
        raise WrongAnswerError(setting, function, f"returned {type(answer).__name__} instead of a mapping")
    return answer
