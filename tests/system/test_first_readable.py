"""A new member gets what there is, and what comes; never what was there before them."""

import json
from collections.abc import Awaitable, Callable

from tests.cast import ALICE, BOB
from tests.clients import Client, Session, ok
from tests.servers import Replica


async def test_a_replay_begins_with_ones_own_right(
    database: dict[str, str],
    start_replica: Callable[..., Replica],
    sign_in: Callable[..., Session],
    connect: Callable[..., Awaitable[Client]],
) -> None:
    """For a position from before it the client is sent to the snapshot."""
    replica = start_replica(database)
    alice, bob = sign_in(replica, ALICE), sign_in(replica, BOB)
    made = ok(alice.post("/api/lists", json={"name": "Private"}))
    stream = f"list.{made['id']}"
    secret = ok(alice.post("/api/tasks", json={"title": "A secret", "list": made["id"]}))
    assert alice.delete(f"/api/tasks/{secret['id']}").status_code == 204
    ok(alice.post(f"/api/lists/{made['id']}/members", json={"user": BOB.username}))
    snapshot = ok(bob.get("/api/sync"))
    hello = {"epoch": snapshot["epoch"], "positions": {**snapshot["positions"], stream: 0}}
    client = await connect(replica, hello={**hello, "token": bob.token})
    ok(alice.post("/api/tasks", json={"title": "The next one", "list": made["id"]}))
    event = await client.until("task.created")
    assert event["data"]["title"] == "The next one"
    assert "A secret" not in json.dumps(client.frames)
    assert any(frame["type"] == "reset" and frame["stream"] == stream for frame in client.frames)
