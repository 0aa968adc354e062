"""One question to the database for all who ask it at the same time. Event loop only."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MAX_AT_ONCE = 100
"""Keys of one question. What a thread makes of them holds up the loop, so it may not be a whole crowd."""


class BatchLoader(Generic[K, V]):
    """Asks at once for whoever comes first; those who come while that is under way are asked for together, after it.

    So nobody waits for others to come, and the larger the crowd, the less each of them costs. As with one's own
    question, what an answer holds was true after `ask()` was called.
    """

    def __init__(self, question: Callable[[Collection[K]], Awaitable[Mapping[K, V]]]) -> None:
        """`question(keys)` is awaited by one task at a time."""
        self._question = question
        self._waiting: list[tuple[K, asyncio.Future[V | None]]] = []
        self._asking: asyncio.Task[None] | None = None
        self._context = contextvars.copy_context()  # none of those who ask is the one for whom the log has it

    async def ask(self, key: K) -> V | None:
        """What the answer has for `key`, or None. Raises what the question raised."""
        answer: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all(), context=self._context)
        return await answer

    async def stop(self) -> None:
        """Nobody who waits is answered any more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _ask_all(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:MAX_AT_ONCE], self._waiting[MAX_AT_ONCE:]
            try:
                answers = await self._question(dict(asked).keys())
            except Exception as error:  # noqa: BLE001 -- it is theirs who asked
                _fail([answer for _, answer in asked], error)
                continue
            for key, answer in asked:
                if not answer.done():  # who asked was cancelled
                    answer.set_result(answers.get(key))
        self._asking = None


def _fail(answers: list["asyncio.Future[V | None]"], error: Exception) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(error)
