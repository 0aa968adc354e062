"""One process's hub: who may read a stream, who may no longer, and who may again."""

import uuid
from typing import Any

import pytest

from realtime import events
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.messages import Hello
from tests.realtime.hub_worlds import ALICE, BOB, Start, publish, rights, streams_of, write_silently
from tests.realtime.hubs import Reader, connect, ready, until

pytestmark = pytest.mark.django_db(transaction=True)


async def test_nothing_comes_after_left(start: Start) -> None:
    """Also where a batch is on its way in chunks when the connection is detached."""
    hub = await start()
    hub._fan_out.chunk = 1
    readers = [await ready(hub, ALICE) for _ in range(6)]
    removed: list[Reader] = []

    def detach_the_others(first: Reader) -> None:
        if removed or not first.seqs("list"):
            return
        for connection in list(hub.connections):
            reader = connection.outlet
            if isinstance(reader, Reader) and not reader.seqs("list"):
                removed.append(reader)
                hub.subscriptions._leave(connection, "list")

    for reader in readers:
        reader.on_write = lambda reader=reader: detach_the_others(reader)  # type: ignore[misc]
    await publish("list")
    await until(lambda: sum(bool(reader.seqs("list")) for reader in readers) + len(removed) == 6)
    await publish("user.1")
    await until(lambda: all(reader.seqs("user.1") for reader in readers))
    assert removed
    for reader in removed:
        assert reader.of("left") == [{"type": "left", "stream": "list"}]
        assert reader.seqs("list") == []


async def test_a_replay_begins_where_the_right_began(start: Start) -> None:
    """What happened in the list before the person was let in is not for them, though the log has it."""
    hub = await start()
    for title in ("secret", "deleted", "joined", "public"):
        await publish("list", title)
    epoch = await hub.query(events.epoch)
    rights[ALICE] = {"list": 3, "user.1": 0}
    early = await ready(hub, ALICE, hello=Hello(epoch=epoch, positions={"list": 0, "user.1": 0}))
    await until(lambda: early.of("caught_up"))
    assert early.of("reset") == [{"type": "reset", "stream": "list", "reason": "access", "seq": 4}]
    assert early.seqs("list") == []
    right = await ready(hub, ALICE, hello=Hello(epoch=epoch, positions={"list": 2}))
    await until(lambda: right.of("caught_up"))
    assert [frame["data"] for frame in right.of("thing")] == ["joined", "public"]
    assert right.of("reset") == []


async def test_a_feed_that_is_behind_shows_nothing_from_before_the_right(start: Start) -> None:
    """The broker has told nothing yet of what was before: it goes to the others, and not to the newcomer."""
    hub = await start(poll_seconds=60)
    other = await ready(hub, BOB)
    await write_silently("list", 1, 2, 3)
    rights[ALICE] = {"list": 3}
    newcomer = await ready(hub, ALICE)
    await publish("list")
    await until(lambda: other.seqs("list") == [1, 2, 3, 4] and newcomer.seqs("list") == [4])
    assert newcomer.of("ready")[0]["positions"]["list"] == 3


async def test_user_ids_that_are_uuids(start: Start) -> None:
    """In an event they are text; both are the same person."""
    key = uuid.uuid4()
    rights[key] = {"list"}
    hub = await start()
    reader = await ready(hub, key)
    assert reader.of("ready")[0]["user"] == str(key)
    rights[key] = {"list", "more"}
    await publish("list", refresh=[key])
    await until(lambda: reader.of("joined"))
    await publish("list", leave=[str(key)])
    await until(lambda: {"type": "left", "stream": "list"} in reader.frames)
    await publish("more", reconnect=[key])
    await until(lambda: reader.code == CloseCode.GOING_AWAY)


async def test_a_sign_in_that_ends_gets_no_event_any_more(start: Start) -> None:
    """Closed with 4503, to show again who it is; one who may not connect any more is closed with 4403."""
    hub = await start()
    alice, bob = await ready(hub, ALICE), await ready(hub, BOB)
    del rights[BOB]
    await publish("user.1", reconnect=[ALICE, BOB], refresh=[ALICE, BOB])
    await publish("list", "a secret")
    await until(lambda: alice.code and bob.code)
    assert (alice.code, bob.code) == (CloseCode.GOING_AWAY, CloseCode.FORBIDDEN)
    assert bob.of("error")[0]["reason"] == "account"
    assert alice.seqs("list") == bob.seqs("list") == []


@pytest.mark.parametrize("answer", [None, ["list"], "list", 7], ids=repr)
async def test_a_wrong_answer_of_streams_of_ends_nothing(
    start: Start, settings: Any, caplog: pytest.LogCaptureFixture, answer: Any
) -> None:
    """Its clients are told and come back, the log names the function, and the next ones sign in."""
    answers: list[Any] = [answer]

    def what_people_may_read(user_ids: Any) -> Any:
        return answers.pop() if answers else streams_of(user_ids)

    hub = await start(streams_of=what_people_may_read)
    reader = connect(hub, ALICE)
    await until(lambda: reader.code == CloseCode.GOING_AWAY)
    assert "STREAMS_OF" in caplog.text
    assert "what_people_may_read" in caplog.text
    assert "Traceback" not in caplog.text
    await ready(hub, ALICE)


async def test_an_async_streams_of_is_named(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """It is called in a thread, where nobody awaits it."""

    async def what_people_may_read(user_ids: Any) -> Any:
        return {}

    hub = await start(streams_of=what_people_may_read)
    reader = connect(hub, ALICE)
    await until(lambda: reader.code == CloseCode.GOING_AWAY)
    assert "what_people_may_read) is async" in caplog.text


@pytest.mark.parametrize(
    "streams", ["user.1", b"user.1", 7, {"list": "1"}, {"list": -1}, {"list": True}, ["a b"], [7], [None]], ids=repr
)
async def test_a_wrong_answer_about_one_person_concerns_that_person(
    start: Start, caplog: pytest.LogCaptureFixture, streams: Any
) -> None:
    """A string is no collection of streams: it would be one for each letter."""
    rights[ALICE] = streams
    hub = await start()
    wrong, right = connect(hub, ALICE), connect(hub, BOB)
    await until(lambda: right.of("ready") and wrong.code == CloseCode.GOING_AWAY)
    assert "streams_of) returned for user 1" in caplog.text
    assert not wrong.of("ready")


async def test_a_wrong_own_stream_is_named(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """The same for OWN_STREAM."""

    def own(user_id: Any) -> Any:
        return None if user_id == ALICE else f"user.{user_id}"

    hub = await start(own_stream=own)
    wrong, right = connect(hub, ALICE), connect(hub, BOB)
    await until(lambda: right.of("ready") and wrong.code == CloseCode.GOING_AWAY)
    assert "OWN_STREAM" in caplog.text
