"""A connection ends on the streams that its person may read at last, whatever changes while that is being found out."""

import asyncio
import gc
import itertools
import json
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from realtime import events
from realtime.delivery.connection import Connection
from realtime.delivery.hub import Hub
from realtime.delivery.outlet import AsgiOutlet
from realtime.delivery.subscriptions import PAGES_AT_ONCE, PORTION_CHARACTERS
from realtime.events import StoredEvent
from realtime.protocol.messages import Hello
from realtime.protocol.payload import Payload
from tests.realtime.hubs import until

pytestmark = pytest.mark.django_db(transaction=True)

ALICE = 1


class Reader:
    """An outlet that keeps what it is given, and has always something left to read."""

    sqe_header = 0
    pending = 1

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.code: int | None = None
        self.on_drained: Callable[[], None] = lambda: None

    def write(self, data: Payload, /) -> None:
        self.frames += [json.loads(text) for text in data.texts]

    def close(self, code: int, /) -> None:
        self.code = code

    async def drained(self) -> None:
        self.on_drained()

    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]


@pytest_asyncio.fixture
async def hub() -> AsyncIterator[Hub]:
    """One that is not started: it receives nothing, as a replica that is behind does."""
    hub = Hub()
    yield hub
    await hub.stop()


@pytest.fixture
def may_read(settings: Any) -> Callable[..., None]:
    """may_read(answer, answer, ...): what STREAMS_OF says each time it is asked; the last answer stands."""

    def may_read(*answers: Callable[[], set[str]]) -> None:
        left = list(answers)
        settings.REALTIME = {"STREAMS_OF": lambda user_ids: {ALICE: (left.pop(0) if len(left) > 1 else left[0])()}}

    return may_read


def publish(stream: str, *titles: str) -> None:
    for title in titles:
        events.publish(stream, "task.created", title)


async def settled(hub: Hub, hello: Hello) -> tuple[Connection, Reader]:
    reader = Reader()
    connection = Connection(user_id=ALICE, expires_at=None, outlet=reader, hello=hello)
    hub.admit(connection)
    await finished(connection)
    return connection, reader


async def finished(connection: Connection) -> None:
    async with asyncio.timeout(10):
        while connection.sync_task is not None:
            await connection.sync_task


async def test_a_removal_before_the_stream_is_listened_to(hub: Hub, may_read: Callable[..., None]) -> None:
    """A right that ends between the question and the beginning of the feed, whose head then has the removal behind it
    already: no event tells of it any more, so the question is asked again."""

    def a_moment_too_early() -> set[str]:
        events.publish("list", "member.deleted", {}, leave=[ALICE])
        return {"mine", "list"}

    may_read(a_moment_too_early, lambda: {"mine"})
    connection, _ = await settled(hub, Hello())
    assert connection.streams == {"mine"}


async def test_an_invitation_before_the_stream_is_listened_to(hub: Hub, may_read: Callable[..., None]) -> None:
    """A right that is given between the question and the beginning of one's own feed is not missed either."""

    def a_moment_too_early() -> set[str]:
        events.publish("mine", "list.joined", {}, refresh=[ALICE])
        return {"mine"}

    may_read(a_moment_too_early, lambda: {"mine", "list"})
    connection, _ = await settled(hub, Hello())
    assert connection.streams == {"mine", "list"}


async def test_streams_that_are_known_need_one_question(hub: Hub, may_read: Callable[..., None]) -> None:
    """A second connection costs one question: its feeds have been listened to since before."""
    asked = 0

    def ask() -> set[str]:
        nonlocal asked
        asked += 1
        return {"mine", "list"}

    may_read(ask)
    await settled(hub, Hello())
    before = asked
    await settled(hub, Hello())
    assert asked == before + 1


async def test_many_are_asked_for_together(hub: Hub, settings: Any) -> None:
    """Each has streams of their own, and yet the database is asked a few times and not a hundred times."""
    asked: list[list[int]] = []

    def streams_of(user_ids: Collection[int]) -> dict[int, set[str]]:
        asked.append(list(user_ids))
        return {user_id: {"all", f"user.{user_id}"} for user_id in user_ids}

    settings.REALTIME = {"STREAMS_OF": streams_of, "OWN_STREAM": "user.{}".format}
    connections = [
        Connection(user_id=number, expires_at=None, outlet=Reader(), hello=Hello(), number=number)
        for number in range(100)
    ]
    for connection in connections:
        hub.admit(connection)
    for connection in connections:
        await finished(connection)
    assert all(connection.streams == {"all", f"user.{connection.user_id}"} for connection in connections)
    assert len(asked) <= 4


async def test_a_stream_that_is_lost_while_it_is_replayed(hub: Hub, may_read: Callable[..., None]) -> None:
    """The client is told `left` for a stream of its positions although it never came to follow it."""
    await hub.query(publish, "list", "x" * PORTION_CHARACTERS, "second")
    epoch = await hub.query(events.epoch)
    answers = [{"mine", "list"}]
    may_read(lambda: answers[0])
    reader = Reader()
    hello = Hello(epoch=epoch, positions={"list": 0, "mine": 0})
    connection = Connection(user_id=ALICE, expires_at=None, outlet=reader, hello=hello)

    def remove() -> None:
        answers[0] = {"mine"}
        connection.needs_resync = True

    reader.on_drained = remove
    hub.admit(connection)
    await finished(connection)
    assert reader.types() == ["ready", "task.created", "left", "caught_up"]
    assert connection.streams == {"mine"}


async def test_a_replay_waits_for_its_reader(hub: Hub, may_read: Callable[..., None]) -> None:
    """No more than a portion is written before the client has read what was written before."""
    titles = ["x" * 10_000] * 20
    await hub.query(publish, "list", *titles)
    epoch = await hub.query(events.epoch)
    may_read(lambda: {"list"})
    reader = Reader()
    sizes = [0]
    reader.on_drained = lambda: sizes.append(len(json.dumps(reader.frames)))
    connection = Connection(
        user_id=ALICE, expires_at=None, outlet=reader, hello=Hello(epoch=epoch, positions={"list": 0})
    )
    hub.admit(connection)
    await finished(connection)
    assert [frame["data"] for frame in reader.frames if frame["type"] == "task.created"] == titles
    assert max(after - before for before, after in itertools.pairwise(sizes)) < PORTION_CHARACTERS + 12_000


class StuckReader(Reader):
    """One that reads nothing until it `goes_on`."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = asyncio.Event()
        self.is_waited_for = asyncio.Event()

    async def drained(self) -> None:
        self.is_waited_for.set()
        await self.goes_on.wait()


async def test_no_page_waits_for_a_slow_reader(hub: Hub, may_read: Callable[..., None]) -> None:
    """More readers that are stuck in their replay than pages may be in memory: none of them keeps an event, or keeps
    others from theirs, and each gets all in the end."""
    titles = ["stuck" * 2000] * 20
    await hub.query(publish, "list", *titles)
    hello = Hello(epoch=await hub.query(events.epoch), positions={"list": 0})
    may_read(lambda: {"list"})
    readers = [StuckReader() for _ in range(PAGES_AT_ONCE + 2)]
    async with asyncio.timeout(10):
        for reader in readers:
            hub.admit(
                Connection(user_id=ALICE, expires_at=None, outlet=reader, hello=replace(hello, positions={"list": 0}))
            )
        for reader in readers:
            await reader.is_waited_for.wait()
    await until(lambda: not any(type(one) is StoredEvent and titles[0] in one.text for one in gc.get_objects()))
    connection, quick = await settled(hub, hello)
    for reader in readers:
        reader.goes_on.set()
    await asyncio.gather(*(finished(other) for other in hub.roster.connections))
    for each in [*readers, quick]:
        assert [frame["data"] for frame in each.frames if frame["type"] == "task.created"] == titles
    assert connection.streams == {"list"}


async def test_a_peer_that_is_gone_is_no_error() -> None:
    """An ASGI server raises when the peer has hung up: what was still to be sent is dropped, and nobody is told."""

    async def send(message: dict[str, Any]) -> None:
        raise RuntimeError("the peer is gone")

    outlet = AsgiOutlet(send)
    outlet.write(Payload(["one", "two"]))
    await outlet.drained()
    outlet.write(Payload(["three"]))
    outlet.close(1000)
    await outlet.drained()
