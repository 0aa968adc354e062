"""Streams and people of the hub's tests, and ways to write."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async

from realtime import events
from realtime.delivery.hub import Hub
from realtime.events import StoredEvent
from realtime.models import Event, Stream

ALICE, BOB = 1, 2

rights: dict[Any, Any] = {}


def streams_of(user_ids: Any) -> dict[Any, Any]:
    return {user_id: rights[user_id] for user_id in user_ids if user_id in rights}


Start = Callable[..., Awaitable[Hub]]


async def publish(stream: str, data: Any = "x", **effect: Any) -> None:
    await sync_to_async(events.publish)(stream, "thing", data, **effect)


async def write_silently(stream: str, *seqs: int, head: int | None = None) -> None:
    """Events that no broker tells of."""

    def write() -> None:
        for seq in seqs:
            text = f'{{"type":"thing","stream":"{stream}","seq":{seq},"data":"silent"}}'
            Event.objects.create(stream=stream, seq=seq, at="2026-01-01T00:00:00Z", text=text)
        newest = head or max(seqs)
        Stream.objects.update_or_create(name=stream, defaults={"head": newest})

    await sync_to_async(write)()


def fake(stream: str, seq: int, **effect: Any) -> StoredEvent:
    text = f'{{"type":"thing","stream":"{stream}","seq":{seq},"data":"fake"}}'
    return StoredEvent(seq, text, effect or None, time.time())
