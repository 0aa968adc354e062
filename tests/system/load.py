"""Writers over HTTP that go on while something is done to the servers."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from tests.waiting import eventually

PAUSE = 0.05
"""Seconds between two writes of one writer: three of them make some 50 writes a second."""


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


class Load:
    """Within the block a thread for each of `posts` writes without end:

    async with Load([session.post, ...]) as load:
        await load.writes(20)
    """

    def __init__(self, posts: Sequence[Callable[[], httpx.Response]], *, pause: float = PAUSE) -> None:
        self.writers = [Writer(post, pause) for post in posts]

    @property
    def count(self) -> int:
        return sum(len(writer.seconds) for writer in self.writers)

    async def writes(self, each: int, *, timeout: float = 120) -> None:
        """Returns after so many more writes of each writer, on average: that takes at least so many pauses."""
        wanted = self.count + each * len(self.writers)
        await eventually(lambda: self.count >= wanted, timeout=timeout, what=f"{each} more writes of each writer")

    @property
    def slowest(self) -> float:
        """Seconds that the slowest write took."""
        return max(max(writer.seconds) for writer in self.writers)

    @property
    def failures(self) -> list[Any]:
        return [failure for writer in self.writers for failure in writer.failures]

    async def __aenter__(self) -> Self:
        for writer in self.writers:
            writer.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        for writer in self.writers:
            writer.stopped.set()
        for writer in self.writers:
            await asyncio.to_thread(writer.join, 30)
