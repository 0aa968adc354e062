"""One question for many."""

import asyncio
import contextvars
from collections.abc import Collection

import pytest

from realtime.delivery import batch_loader
from realtime.delivery.batch_loader import CROWD, MAX_AT_ONCE, BatchLoader

asker = contextvars.ContextVar("asker", default="nobody")


class Oracle:
    """Knows the square of a number, once it may speak."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.is_asked = asyncio.Event()
        self.may_speak = asyncio.Event()
        self.error: Exception | None = None

    async def squares(self, numbers: Collection[int]) -> dict[int, int]:
        self.asked.append(list(numbers))
        self.is_asked.set()
        await self.may_speak.wait()
        if self.error is not None:
            raise self.error
        return {number: number**2 for number in numbers if number >= 0}


async def test_who_comes_first_does_not_wait_for_others() -> None:
    """And those who come meanwhile share the next question, each with an answer of their own."""
    oracle = Oracle()
    loader = BatchLoader(oracle.squares)
    first = asyncio.create_task(loader.load(3))
    await oracle.is_asked.wait()
    others = asyncio.gather(*(loader.load(number) for number in (4, 5, 4, -1, 3)))
    for _ in range(3):  # turns of the loop, in which a second question would be put
        await asyncio.sleep(0)
    assert oracle.asked == [[3]]
    oracle.may_speak.set()
    assert (await first, await others) == (9, [16, 25, 16, None, 9])
    assert oracle.asked == [[3], [4, 5, -1, 3]]  # 3 again: what the first answer says may be true no more


async def test_a_crowd_gathers() -> None:
    """After a question of many the next one waits for more; after one of a few it is put at once."""
    oracle = Oracle()
    oracle.may_speak.set()
    loader = BatchLoader(oracle.squares, gather_seconds=0.1)
    for number in range(3):
        await loader.load(number)
    crowd = list(range(10, 10 + CROWD))
    await asyncio.gather(*map(loader.load, crowd))
    late = []
    for number in range(3):
        late.append(asyncio.create_task(loader.load(number)))
        await asyncio.sleep(0)
    assert oracle.asked == [[0], [1], [2], crowd]
    await asyncio.gather(*late)
    assert oracle.asked[4:] == [[0, 1, 2]]


async def test_a_full_batch_does_not_wait() -> None:
    """In the largest crowds there is nothing to gain."""
    oracle = Oracle()
    oracle.may_speak.set()
    loader = BatchLoader(oracle.squares, gather_seconds=3600)
    crowd = asyncio.gather(*map(loader.load, range(2 * MAX_AT_ONCE)))
    assert len(await asyncio.wait_for(crowd, timeout=30)) == 2 * MAX_AT_ONCE
    await loader.stop()


async def test_a_question_has_a_size() -> None:
    """Many keys are asked for in several batches."""
    oracle = Oracle()
    oracle.may_speak.set()
    loader = BatchLoader(oracle.squares, gather_seconds=0)
    numbers = range(2 * MAX_AT_ONCE + 1)
    assert await asyncio.gather(*map(loader.load, numbers)) == [number**2 for number in numbers]
    assert list(map(len, oracle.asked)) == [MAX_AT_ONCE, MAX_AT_ONCE, 1]


async def test_a_failure_is_theirs_who_asked() -> None:
    """The next question is put all the same."""
    oracle = Oracle()
    oracle.error = LookupError("no")
    oracle.may_speak.set()
    loader = BatchLoader(oracle.squares)
    results = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert list(results) == [oracle.error, oracle.error]
    oracle.error = None
    assert await loader.load(2) == 4


async def test_who_goes_away_takes_nobody_along() -> None:
    """The others of the same question are answered, whether it succeeds or fails."""
    for error in (None, LookupError("no")):
        oracle = Oracle()
        oracle.error = error
        loader = BatchLoader(oracle.squares)
        leaving, staying = asyncio.create_task(loader.load(1)), asyncio.create_task(loader.load(2))
        await oracle.is_asked.wait()
        leaving.cancel()
        oracle.may_speak.set()
        await asyncio.wait([leaving, staying], timeout=10)
        assert leaving.cancelled()
        assert staying.exception() is error
        oracle.error = None
        assert await loader.load(3) == 9


async def test_a_question_is_nobodys_own() -> None:
    """It is put in the context in which the loader was made, for the log would take it for the first one's."""
    told = []

    async def listen(numbers: Collection[int]) -> dict[int, int]:
        told.append(asker.get())
        return {}

    loader = BatchLoader(listen)
    asker.set("somebody")
    await loader.load(1)
    assert told == ["nobody"]


async def test_an_end_in_the_middle_of_a_question() -> None:
    """It is not waited for."""
    oracle = Oracle()
    loader = BatchLoader(oracle.squares)
    await loader.stop()
    waiting = asyncio.create_task(loader.load(1))
    await oracle.is_asked.wait()
    await loader.stop()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_end_in_the_turn_in_which_a_question_begins() -> None:
    """Later questions are asked."""
    oracle = Oracle()
    oracle.may_speak.set()
    loader = BatchLoader(oracle.squares)
    first, stopping = asyncio.create_task(loader.load(1)), asyncio.create_task(loader.stop())
    await asyncio.wait([first, stopping], timeout=10)
    assert first.cancelled()
    async with asyncio.timeout(10):
        assert await loader.load(3) == 9


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that is not answered fails for all who wait for it, and the next one is put."""
    monkeypatch.setattr(batch_loader, "SECONDS", 0.05)
    oracle = Oracle()
    loader = BatchLoader(oracle.squares)
    first = asyncio.create_task(loader.load(1))
    await oracle.is_asked.wait()
    results = await asyncio.gather(first, loader.load(2), return_exceptions=True)
    assert list(map(type, results)) == [TimeoutError, TimeoutError]
    oracle.may_speak.set()
    monkeypatch.undo()
    assert await loader.load(3) == 9
