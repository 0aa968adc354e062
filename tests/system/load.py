"""Writers over HTTP that go on while something is done to Redis."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

PAUSE = 0.02
"""Between two writes of one writer: some 100 a second of three of them."""


@dataclass
class Writer(threading.Thread):
    """Posts one after the other until told to stop."""

    post: Callable[[], httpx.Response]
    pause: float = PAUSE
    seconds: list[float] = field(default_factory=list)
    failures: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        while not self.stopped.wait(self.pause):
            began = time.monotonic()
            try:
                answer = self.post()
                if not answer.is_success:
                    self.failures.append(answer.text)
            except httpx.HTTPError as error:
                self.failures.append(repr(error))
            self.seconds.append(time.monotonic() - began)


async def write_through(
    trouble: Awaitable[None], posts: Sequence[Callable[[], httpx.Response]], *, pause: float = PAUSE
) -> list[Writer]:
    """The writers, after they have written all through the trouble."""
    writers = [Writer(post, pause) for post in posts]
    for writer in writers:
        writer.start()
    try:
        await trouble
    finally:
        for writer in writers:
            writer.stopped.set()
        for writer in writers:
            await asyncio.to_thread(writer.join, 10)
    return writers
