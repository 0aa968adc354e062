"""A hub in the test's own loop, with connections that keep what they are given."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from realtime.delivery.connection import Connection
from realtime.delivery.hub import Hub
from realtime.protocol.messages import Hello
from realtime.protocol.payload import Payload

Frame = dict[str, Any]


class Reader:
    """An outlet that keeps what it is given. `fails`: what its next write raises."""

    sqe_header = 0
    pending = 0

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.code: int | None = None
        self.fails: Exception | None = None
        self.on_write: Callable[[], None] = lambda: None

    def write(self, data: Payload, /) -> None:
        if self.fails is not None:
            raise self.fails
        self.frames += [json.loads(text) for text in data.texts]
        self.on_write()

    def close(self, code: int, /) -> None:
        self.code = int(code)

    async def drained(self) -> None: ...

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == kind]

    def seqs(self, stream: str) -> list[int]:
        """The numbers of the stream's events, as they came."""
        return [frame["seq"] for frame in self.frames if "data" in frame and frame["stream"] == stream]


def connect(hub: Hub, user_id: Any, *, hello: Hello | None = None, expires_at: float | None = None) -> Reader:
    """A signed-in socket; it is ready a little later."""
    reader = Reader()
    connection = Connection(user_id=user_id, expires_at=expires_at, outlet=reader, hello=hello or Hello())
    hub.admit(connection)
    return reader


async def ready(hub: Hub, user_id: Any, **options: Any) -> Reader:
    """The same, once it is `ready`."""
    reader = connect(hub, user_id, **options)
    await until(lambda: reader.of("ready"))
    return reader


async def until(condition: Callable[[], Any], timeout: float = 10) -> float:
    """Returns how many seconds it took until the condition held."""
    began = time.monotonic()
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 -- conditions of several parties
            await asyncio.sleep(0.005)
    return time.monotonic() - began
