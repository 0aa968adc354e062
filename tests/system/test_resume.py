"""A client that was away gets what it missed, no more and no less; where that can't be, it is told so."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.cast import BOB
from tests.clients import Client, Session, ok
from tests.servers import Replica
from tests.system.cluster import Cluster, Shared, about, on_both

Connect = Callable[..., Awaitable[Client]]

MANY = 400
"""More than the 256 events that a replica keeps in memory for each stream."""

ADD_MANY = f"""
from tasks.models import Task
Task.objects.bulk_create(
    Task(list_id="{{list}}", title=str(number), notes="€" * 8000) for number in range({MANY})
)
"""
"""Some 9.5 MiB of events: more than the kernel takes for a client that does not read."""


async def resume(connect: Connect, replica: Replica, token: str, hello: dict[str, Any]) -> Client:
    """A client that goes on from where `hello` says, and has caught up."""
    client = await connect(replica, hello={**hello, "token": token})
    await client.until("caught_up", timeout=20)
    return client


def stand(client: Client, stream: str, seq: int) -> dict[str, Any]:
    """A hello as the client's, but for the position in one stream."""
    return {"epoch": client.epoch, "positions": {**client.positions, stream: seq}}


def types(client: Client) -> list[str]:
    return [frame["type"] for frame in client.frames if frame["type"] != "heartbeat"]


async def test_what_was_missed_comes_once_and_in_order(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """After a drop, over the other replica: ready, exactly the missed events, caught_up, and then live."""
    client = await connect(cluster.first, token=cluster.alice.token)
    seen = shared.add("seen")
    await client.until(about(seen))
    hello = client.hello
    await client.drop()
    missed = [shared.add(f"missed {number}") for number in range(5)]

    client = await resume(connect, cluster.second, cluster.alice.token, hello)
    assert types(client) == ["ready", *["task.created"] * 5, "caught_up"]
    assert [event["data"] for event in client.events()] == missed
    assert client.frames[-1]["positions"] == client.positions
    live = shared.add("live")
    await client.until(about(live))
    start = hello["positions"][shared.stream]
    assert client.numbers(shared.stream) == list(range(start + 1, start + 7))


async def test_nothing_missed_is_nothing_sent(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Who is at the head of every stream gets ready and caught_up alone."""
    shared.add("seen")
    snapshot = ok(cluster.alice.get("/api/sync"))
    client = await resume(connect, cluster.second, cluster.alice.token, snapshot_hello(snapshot))
    assert types(client) == ["ready", "caught_up"]
    assert client.frames[0]["epoch"] == snapshot["epoch"]


def snapshot_hello(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {"epoch": snapshot["epoch"], "positions": snapshot["positions"]}


async def test_a_snapshot_and_what_follows_leave_no_gap(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """From the snapshot's positions on come just the changes that it does not show."""
    shared.add("in the snapshot")
    snapshot = ok(cluster.alice.get("/api/sync"))
    later = shared.add("after the snapshot")
    client = await resume(connect, cluster.first, cluster.alice.token, snapshot_hello(snapshot))
    assert [task["title"] for task in snapshot["tasks"] if task["list"] == shared.id] == ["in the snapshot"]
    assert [event["data"] for event in client.events(shared.stream)] == [later]


@on_both
async def test_many_drops_while_others_write(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """A client that is cut off again and again, and comes back to one replica or the other, sees each event once."""
    client = await connect(cluster.first, token=cluster.alice.token)
    start = client.positions[shared.stream]
    writer = threading.Thread(target=lambda: [shared.add(str(number)) for number in range(80)])
    writer.start()
    numbers: list[int] = []
    for turn in range(12):
        seen = client.positions[shared.stream]
        await client.until_position(shared.stream, min(seen + 3, start + 80), timeout=60)
        await client.drop()
        numbers += client.numbers(shared.stream)
        replica = cluster.replicas[turn % 2]
        client = await connect(replica, hello={**client.hello, "token": cluster.alice.token})
    await client.until_position(shared.stream, start + 80, timeout=60)
    writer.join()
    numbers += client.numbers(shared.stream)
    assert numbers == list(range(start + 1, start + 81))


async def test_megabytes_are_caught_up_with(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """From the log (a replica that nobody was on), from memory (200 events back), or first the one, then the other."""
    watcher = await connect(cluster.second, token=cluster.alice.token)  # may be closed as too slow for such a burst
    start = watcher.positions[shared.stream]
    head = start + MANY
    await asyncio.to_thread(cluster.python, ADD_MANY.format(list=shared.id))
    await heard(connect, cluster.second, cluster.alice, shared.stream, head)
    client = await resume(connect, cluster.first, cluster.alice.token, stand(watcher, shared.stream, start))
    assert client.numbers(shared.stream) == list(range(start + 1, head + 1))
    assert [event["data"]["title"] for event in client.events(shared.stream)] == [str(number) for number in range(MANY)]
    missed = client.events(shared.stream)
    for back in (200, MANY):
        client = await resume(connect, cluster.second, cluster.alice.token, stand(watcher, shared.stream, head - back))
        assert client.events(shared.stream) == missed[-back:]
    last = shared.add("live")
    await client.until(about(last))
    assert client.events(shared.stream)[:-1] == missed


async def heard(connect: Connect, replica: Replica, session: Session, stream: str, seq: int) -> None:
    """Returns when the replica has sent event `seq` to those who follow the stream there."""
    async with asyncio.timeout(15):
        while True:
            client = await connect(replica, token=session.token)
            if client.positions[stream] >= seq:
                return
            await client.close()


@on_both
async def test_slow_readers_catch_up_with_megabytes(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """A replay waits for its reader while all streams move on: nothing is lost, and nothing comes twice. Who is removed
    meanwhile is told `left`, and gets nothing from behind the removal."""
    member = shared.invite(BOB)
    hellos = [
        {**snapshot_hello(ok(session.get("/api/sync"))), "token": session.token}
        for session in (cluster.alice, cluster.bob)
    ]
    start = hellos[0]["positions"][shared.stream]
    await asyncio.to_thread(cluster.python, ADD_MANY.format(list=shared.id))
    staying, removed = [await connect(cluster.first, hello=hello) for hello in hellos]
    for client in (staying, removed):
        client.pause()
    for number in range(20):
        shared.add(f"meanwhile {number}")
        ok(cluster.alice.post("/api/tasks", json={"title": f"meanwhile {number}", "notes": "€" * 8000}))
    removal = start + MANY + 21
    shared.expel(member)
    shared.add("a secret")
    for client in (staying, removed):
        client.resume()
        await client.until("caught_up", timeout=20)
    await staying.until_position(shared.stream, removal + 1)
    assert staying.numbers(shared.stream) == list(range(start + 1, removal + 2))
    assert about(member, "member.deleted")(staying.events(shared.stream)[-2])
    await removed.until(lambda frame: frame == {"type": "left", "stream": shared.stream})
    await cluster.fence(removed)
    numbers = removed.numbers(shared.stream)
    assert numbers == list(range(start + 1, start + 1 + len(numbers)))
    assert numbers[-1] <= removal


async def test_a_pruned_position_is_reset(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Where the log no longer reaches back: `reset`, then live. From the log's floor on nothing is missing."""
    client = await connect(cluster.first, token=cluster.bob.token)  # bob is not in the list: nobody here follows it
    for number in range(3):
        shared.add(f"pruned {number}")
    head = shared.head()
    await asyncio.to_thread(cluster.manage, "prune_events", "--days", "0")
    kept = [shared.add("kept 1"), shared.add("kept 2")]
    hello = snapshot_hello(ok(cluster.alice.get("/api/sync")))

    hello["positions"][shared.stream] = head
    client = await resume(connect, cluster.first, cluster.alice.token, hello)
    assert [event["data"] for event in client.events(shared.stream)] == kept

    hello["positions"][shared.stream] = head - 1
    client = await resume(connect, cluster.second, cluster.alice.token, hello)
    assert (await client.until("reset")).items() >= {
        "stream": shared.stream, "reason": "pruned", "seq": head + 2
    }.items()  # fmt: skip
    assert client.events(shared.stream) == []
    live = shared.add("live")
    assert (await client.until(about(live)))["seq"] == head + 3


@pytest.mark.parametrize("too_far", [1, 10**30])
async def test_a_position_ahead_of_the_log_is_reset(
    cluster: Cluster, shared: Shared, connect: Connect, too_far: int
) -> None:
    """As after a restored back-up, or a client that makes numbers up: `reset`, then live; other streams go on."""
    client = await connect(cluster.first, token=cluster.alice.token)
    head = client.positions[shared.stream]
    client = await resume(connect, cluster.second, cluster.alice.token, stand(client, shared.stream, head + too_far))
    resets = [frame for frame in client.frames if frame["type"] == "reset"]
    assert resets == [{"type": "reset", "stream": shared.stream, "reason": "ahead", "seq": head}]
    live = shared.add("live")
    assert (await client.until(about(live)))["seq"] == head + 1


async def test_positions_of_another_epoch_are_reset(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Numbers of another log mean nothing: every stream is reset, then live."""
    shared.add("seen")
    client = await connect(cluster.first, token=cluster.alice.token)
    hello = {**client.hello, "epoch": "of-yesterday", "token": cluster.alice.token}
    again = await connect(cluster.second, hello=hello)
    await again.until("caught_up")
    resets = {frame["stream"]: frame for frame in again.frames if frame["type"] == "reset"}
    assert resets.keys() == client.positions.keys()
    assert {frame["reason"] for frame in resets.values()} == {"epoch"}
    assert again.events() == []
    live = shared.add("live")
    assert (await again.until(about(live)))["seq"] == resets[shared.stream]["seq"] + 1


async def test_a_new_epoch_sends_everybody_to_a_snapshot(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """After `new_epoch` connected clients are closed with 4503 within a poll; what they knew is reset, then live."""
    clients = [await connect(replica, token=cluster.alice.token) for replica in cluster.replicas]
    shared.add("seen")
    said = await asyncio.to_thread(cluster.manage, "new_epoch")
    for replica, client in zip(cluster.replicas, clients, strict=True):
        assert await client.closed(timeout=8) == 4503
        again = await resume(connect, replica, cluster.alice.token, client.hello)
        assert again.epoch != client.epoch
        assert str(again.epoch) in said
        assert {frame["reason"] for frame in again.frames if frame["type"] == "reset"} == {"epoch"}
        live = shared.add("live")
        await again.until(about(live))


async def test_a_stream_lost_meanwhile_is_left(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Who was removed while away is told `left` and gets nothing of what was missed."""
    member = shared.invite(BOB)
    client = await connect(cluster.first, token=cluster.bob.token)
    assert shared.stream in client.positions
    hello = client.hello
    await client.drop()
    shared.add("a secret")
    shared.expel(member)
    shared.add("another secret")
    client = await resume(connect, cluster.second, cluster.bob.token, hello)
    assert {"type": "left", "stream": shared.stream} in client.frames
    assert client.events(shared.stream) == []
    assert shared.stream not in client.frames[-1]["positions"]


async def test_a_stream_gained_meanwhile_is_joined(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Who was added while away is told `joined`, and from there the snapshot and the events are all there is."""
    client = await connect(cluster.first, token=cluster.bob.token)
    hello = client.hello
    await client.drop()
    shared.add("before")
    shared.invite(BOB)
    client = await resume(connect, cluster.second, cluster.bob.token, hello)
    joined = await client.until("joined")
    assert joined["stream"] == shared.stream
    later = shared.add("after")
    assert (await client.until(about(later)))["seq"] == joined["seq"] + 1
    snapshot = ok(cluster.bob.get("/api/sync", params={"stream": shared.stream}))
    assert [task["title"] for task in snapshot["tasks"]] == ["before", "after"]


@pytest.mark.parametrize("name", ["list.6a1e9c0e-6f0e-4f43-9f0b-0d7f5a2f9d11", "user.0", "nonsense"])
async def test_streams_that_one_may_not_read_are_left(cluster: Cluster, connect: Connect, name: str) -> None:
    """A made-up name in the positions is answered like a list that one is no member of any more."""
    known = ok(cluster.bob.get("/api/sync"))
    hello = {"epoch": known["epoch"], "positions": {**known["positions"], name: 0}, "token": cluster.bob.token}
    client = await connect(cluster.first, hello=hello)
    await client.until("caught_up")
    assert {"type": "left", "stream": name} in client.frames
    assert client.events() == []
    await cluster.fence(client)
