"""Calls to the database from an event loop."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from realtime.delivery.database_threads import DatabaseThreads
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

Start = Callable[[int], DatabaseThreads]

asker = contextvars.ContextVar("asker", default="nobody")


@pytest.fixture
def start() -> Iterator[Start]:
    """start(count): threads that are stopped with the test."""
    before = set(threading.enumerate())
    started = []

    def start(count: int) -> DatabaseThreads:
        started.append(DatabaseThreads(count))
        return started[-1]

    yield start
    for one in started:
        one.stop()
    wait_until(lambda: set(threading.enumerate()) <= before, what="the threads to end")


def number(value: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s + 0", [value])
        found: int = cursor.fetchone()[0]
        return found


def used_connection() -> BaseDatabaseWrapper:
    number(1)
    return connections["default"]


async def test_everybody_gets_an_answer_of_their_own(start: Start) -> None:
    """Many more callers than threads, among them some whose call fails."""
    threads = start(2)

    def call(value: int) -> int:
        if value % 7 == 0:
            raise LookupError(value)
        return number(value)

    calls = (threads.call(call, value) for value in range(200))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for value, answer in enumerate(answers):
        assert answer.args == (value,) if isinstance(answer, LookupError) else answer == value
        assert isinstance(answer, LookupError) == (value % 7 == 0)


async def test_there_are_no_more_threads_than_allowed(start: Start) -> None:
    """And none before they are needed."""
    threads = start(2)
    assert not [one for one in threading.enumerate() if one.name.startswith("realtime-db")]
    names = await asyncio.gather(*(threads.call(lambda: threading.current_thread().name) for _ in range(50)))
    assert 1 <= len(set(names)) <= 2


async def test_the_callers_context_is_there(start: Start) -> None:
    """A log line from the thread names whom it concerns."""
    asker.set("alice")
    assert await start(1).call(asker.get) == "alice"


async def test_a_caller_who_is_gone_disturbs_nobody(start: Start) -> None:
    """What came of its call is dropped."""
    threads = start(1)
    held = threading.Event()
    calls = [asyncio.create_task(call) for call in (threads.call(held.wait), threads.call(number, 1))]
    others = asyncio.gather(*(threads.call(number, value) for value in range(5)))
    await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    held.set()
    assert await others == list(range(5))
    assert all(call.cancelled() for call in calls)


async def test_a_connection_is_kept_while_there_is_work(start: Start) -> None:
    """A moment after the last call it goes back, so that a quiet process holds none."""
    threads = start(1)
    wrappers = await asyncio.gather(*(threads.call(used_connection) for _ in range(40)))
    first, *others = [(wrapper, wrapper.connection) for wrapper in wrappers]
    assert first[1] is not None
    assert all(one == first for one in others)
    await asyncio.to_thread(wait_until, lambda: first[0].connection is None, what="the connection to be given back")
    assert await threads.call(number, 3) == 3


async def test_a_broken_connection_is_replaced(start: Start) -> None:
    """The caller gets the error; the next caller does not."""
    threads = start(1)

    def break_it() -> None:
        connection.ensure_connection()
        connection.connection.close()
        number(1)

    with pytest.raises(DatabaseError):
        await threads.call(break_it)
    assert await threads.call(number, 2) == 2


async def test_a_connection_that_cannot_be_closed_ends_no_thread(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its server may be gone, or its pool: the next calls are made over another connection."""
    threads = start(1)

    def break_it() -> BaseDatabaseWrapper:
        wrapper = used_connection()
        monkeypatch.setattr(wrapper, "_close", fail)
        return wrapper

    def fail() -> None:
        raise RuntimeError("can't be closed")

    wrapper = await threads.call(break_it)
    await asyncio.to_thread(wait_until, lambda: wrapper.connection is None, what="the connection to be forgotten")
    for value in range(5):
        assert await threads.call(number, value) == value
    assert "could not be closed" in caplog.text
    monkeypatch.undo()


@pytest.mark.parametrize("error", [SystemExit, asyncio.CancelledError, StopIteration, KeyboardInterrupt, GeneratorExit])
async def test_nothing_that_a_call_raises_ends_a_thread(start: Start, error: type[BaseException]) -> None:
    """The caller is told of what a future can't raise as well."""
    threads = start(1)

    def fail() -> None:
        raise error("x")

    with pytest.raises(RuntimeError, match=error.__name__):
        await threads.call(fail)
    assert await threads.call(number, 2) == 2


async def test_threads_start_again_after_a_stop(start: Start) -> None:
    """A hub may be stopped and started."""
    threads = start(1)
    assert await threads.call(number, 1) == 1
    threads.stop()
    assert await threads.call(number, 2) == 2


async def test_a_call_that_nobody_waits_for_any_more_is_not_made(start: Start) -> None:
    """While a database hangs, calls that were given up do not pile up to be made when it is back."""
    threads = start(1)
    held = threading.Event()
    first = asyncio.create_task(threads.call(held.wait))
    made: list[int] = []
    given_up = [asyncio.create_task(threads.call(made.append, number)) for number in range(3)]
    await asyncio.sleep(0)
    for one in given_up:
        one.cancel()
    await asyncio.sleep(0)
    held.set()
    await first
    assert await threads.call(number, 3) == 3
    assert made == []


@pytest.mark.parametrize(("failures", "answer"), [(1, 7), (2, None)])
async def test_a_call_whose_connection_was_cut_is_repeated_once(
    start: Start, failures: int, answer: int | None
) -> None:
    """As after a failover: the pool has other connections."""
    left = failures

    def cut() -> int:
        nonlocal left
        if left:
            left -= 1
            raise OperationalError("server closed the connection unexpectedly")
        return number(7)

    if answer is None:
        with pytest.raises(OperationalError):
            await start(1).call(cut)
    else:
        assert await start(1).call(cut) == answer
