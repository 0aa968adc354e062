"""What passes between processes: made and checked here alone.

    {"type": "realtime.events", "version": 1, "log": "<epoch>", "stream": "all",
     "events": [[seq, text, effect, committed at], ...]}

Replicas of different versions work side by side during an upgrade. So a reader ignores keys, and items of an event,
that it does not know; and only something that an older reader can ignore may be added within a version. A message that
can't be used is dropped, and the log has what it should have said.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from realtime.events.stored_event import StoredEvent

MESSAGE_TYPE = "realtime.events"
PING_TYPE = "realtime.ping"
VERSION = 1

MAX_CHARACTERS = 256_000
"""Text in one message, so that a shared Redis is not held up; a single event may be longer."""

PING_VALID_SECONDS = 60.0
"""A ping that was sent before this time says nothing about the present."""

_EFFECTS = ("leave", "refresh", "reconnect")


class MalformedError(Exception):
    """The message is not one of ours."""


class Ping(NamedTuple):
    host: int
    """Through which of the broker's hosts it was sent, from 0; in the message it is called `way`."""
    sent: float
    """When: by `time.monotonic()` of this process."""


class Message(NamedTuple):
    stream: str
    log: str
    """The epoch of the log that the events are from; "" where the sender did not know it."""
    events: list[StoredEvent]


def messages(stream: str, events: Sequence[StoredEvent], *, log: str = "") -> list[dict[str, Any]]:
    """The messages that carry `events`."""
    parts: list[list[StoredEvent]] = [[]]
    size = 0
    for event in events:
        size += len(event.text)
        if parts[-1] and size > MAX_CHARACTERS:
            parts.append([])
            size = len(event.text)
        parts[-1].append(event)
    head = {"type": MESSAGE_TYPE, "version": VERSION, "log": log, "stream": stream}
    return [{**head, "events": [list(event) for event in part]} for part in parts]


def parse(message: Any, *, stream: str | None = None) -> Message:
    """A received message, checked; about this `stream` if one is given. Raises MalformedError."""
    if not isinstance(message, dict) or message.get("type") != MESSAGE_TYPE:
        raise MalformedError("no message of this kind")
    about, log, events = message.get("stream"), message.get("log", ""), message.get("events")
    if not isinstance(about, str) or not isinstance(log, str) or not isinstance(events, (list, tuple)):
        raise MalformedError("without stream, log or events")
    if stream not in (None, about):
        raise MalformedError("about another stream")
    return Message(about, log, [_event(event) for event in events])


def ping_message(host: int, sent: float) -> dict[str, Any]:
    """The message that carries a `Ping`."""
    return {"type": PING_TYPE, "way": host, "sent": sent}


def parse_ping(message: Any, *, host_count: int, now: float) -> Ping:
    """A received ping of this process, checked. Raises MalformedError.

    `now`: `time.monotonic()`.
    """
    if not isinstance(message, dict) or message.get("type") != PING_TYPE:
        raise MalformedError("no ping")
    host, sent = message.get("way"), message.get("sent")
    if type(host) is not int or not 0 <= host < host_count:
        raise MalformedError("a ping's host is not valid")
    if type(sent) is not float or not 0 <= now - sent <= PING_VALID_SECONDS:  # not so for NaN either
        raise MalformedError("a ping's time is not valid")
    return Ping(host, sent)


def _event(value: Any) -> StoredEvent:
    if not isinstance(value, (list, tuple)) or len(value) < 3:
        raise MalformedError("an event is a list of number, text, effect and time")
    seq, text, effect = value[:3]
    at = value[3] if len(value) > 3 else 0.0
    if type(seq) is not int or not 0 < seq < 1 << 63:
        raise MalformedError("an event's number is not valid")
    if type(text) is not str or not text.startswith("{") or not text.endswith("}"):
        raise MalformedError("an event's text is not an object")
    if type(at) not in (float, int) or not math.isfinite(at):
        raise MalformedError("an event's time is not valid")
    return StoredEvent(seq, text, _effect(effect), at)


def _effect(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise MalformedError("an event's effect is not an object")
    effect = {name: value[name] for name in _EFFECTS if value.get(name)}
    for name, ids in effect.items():
        is_all = name == "leave" and ids == "*"
        if not is_all and not (isinstance(ids, (list, tuple)) and all(type(one) in (int, str) for one in ids)):
            raise MalformedError("an event's effect is not valid")
    return effect or None
