"""One question to the database for all who need an answer at the same time. Event loop only."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MAX_AT_ONCE = 100
"""Keys of one question. A thread that handles more of them at a time would hold up the loop."""


CROWD = 10
"""Keys of a question after which the next one waits for more of them: a question costs as much as twenty keys."""

GATHER_SECONDS = 0.0025

SECONDS = 10.0
"""How long a caller waits at most."""


class _Caller(NamedTuple):
    key: Any
    answer: "asyncio.Future[Any]"
    since: float
    """Loop time."""


class BatchLoader(Generic[K, V]):
    """The first key is loaded immediately; keys that arrive meanwhile form the next batch.

    The more there are, the less each of them costs. Only in a crowd do callers wait for others: after a batch of CROWD
    keys the next ones gather for a moment. As with a query of the caller's own, the answer was true after `load()` was
    called.
    """

    def __init__(
        self,
        question: Callable[[Collection[K]], Awaitable[Mapping[K, V | Exception]]],
        *,
        gather_seconds: float = GATHER_SECONDS,
    ) -> None:
        """`question(keys)` is awaited by one task at a time, and cancelled when one of its callers has waited for
        SECONDS. An exception among the values is raised to its callers."""
        self._question = question
        self._gather_seconds = gather_seconds
        self._waiting: list[_Caller] = []
        self._loading: asyncio.Task[None] | None = None
        self._context = contextvars.copy_context()  # not that of the first caller, whom the log would name

    async def load(self, key: K) -> V | None:
        """What the answer has for `key`, or None. Raises what the question raised, or TimeoutError."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[V | None] = loop.create_future()
        self._waiting.append(_Caller(key, answer, loop.time()))
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._load_all(), context=self._context)
        return await answer

    async def stop(self) -> None:
        """Callers that still wait are cancelled."""
        waiting, self._waiting = self._waiting, []
        for caller in waiting:
            caller.answer.cancel()
        loading, self._loading = self._loading, None  # a later load() begins another task
        if loading is not None:
            loading.cancel()
            await asyncio.wait([loading])

    async def _load_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_AT_ONCE], self._waiting[MAX_AT_ONCE:]
            await self._load(batch)
            if len(batch) >= CROWD and len(self._waiting) < MAX_AT_ONCE:
                await asyncio.sleep(self._gather_seconds)

    async def _load(self, batch: list[_Caller]) -> None:
        """Whatever goes wrong is told to the callers of this batch, and the next batch is loaded."""
        try:
            # The first of them has waited longest: one timer serves all.
            async with asyncio.timeout_at(batch[0].since + SECONDS):
                answers = await self._question(dict.fromkeys(caller.key for caller in batch).keys())
            values = [answers.get(caller.key) for caller in batch]
        except asyncio.CancelledError:
            for caller in batch:
                caller.answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 -- raised to the callers
            values = [error] * len(batch)
        for (_, answer, _), value in zip(batch, values, strict=True):
            if answer.done():  # its caller was cancelled
                continue
            if isinstance(value, Exception):
                answer.set_exception(value)
            else:
                answer.set_result(value)
