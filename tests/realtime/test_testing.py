"""What a project's tests get: a hub for each loop, sockets in this process, and the events of a block."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from realtime import events
from realtime.auth.revocation import revoke
from realtime.consumers import EventConsumer
from realtime.testing import ClosedError, captured_events, connect, running_hub

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def plain(settings: Any) -> None:
    """Everybody has a stream of their own, as by default."""
    settings.REALTIME = {}


@pytest.mark.parametrize("time", ["first", "second", "third"])
async def test_each_test_has_a_hub_and_sockets(alice: Any, time: str) -> None:
    """Also the second and the third: each runs in a loop of its own."""
    stream = f"user.{alice.pk}"
    async with running_hub() as hub, connect(EventConsumer(), alice) as socket:
        await events.apublish(stream, "thing.made", {"time": time})
        frame = await socket.until("thing.made")
        assert (frame["stream"], frame["data"]) == (stream, {"time": time})
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
        assert len(hub.connections) == 1
    assert not hub.is_running


async def test_a_socket_that_the_server_closes(alice: Any) -> None:
    """Its code is in the exception."""
    async with running_hub(), connect(EventConsumer(), alice) as socket:
        await sync_to_async(revoke)([alice.pk])
        with pytest.raises(ClosedError) as closed:
            await socket.until("never")
        assert closed.value.code == 4503


async def test_a_socket_may_begin_in_the_past(alice: Any) -> None:
    """With a hello of its own."""
    stream = f"user.{alice.pk}"
    position = await sync_to_async(events.positions)([stream])
    await events.apublish(stream, "thing.made", 1)
    async with running_hub(), connect(EventConsumer(), alice, hello=position) as socket:
        assert (await socket.until("thing.made"))["seq"] == position["positions"][stream] + 1


@pytest.mark.django_db(transaction=False)
def test_the_events_of_a_block() -> None:
    """In any kind of test, stream by stream."""
    events.publish("b", "before", 1)
    with captured_events() as found:
        events.publish("b", "thing", 2)
        events.publish("a", "thing", 3)
    events.publish("b", "after", 4)
    assert [(each["stream"], each["seq"], each["data"]) for each in found] == [("a", 1, 3), ("b", 2, 2)]
