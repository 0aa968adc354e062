"""Whatever a client sends down the socket, it gets a clear answer, and the others notice nothing."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import websockets
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.clients import Client, get
from tests.servers import Replica
from tests.system.cluster import Cluster, on_both

pytestmark = on_both

Connect = Callable[..., Awaitable[Client]]

MIB = 1024 * 1024


def ping_of(size: int) -> str:
    """A frame of so many bytes that is none too wrong otherwise."""
    frame = '{"type":"ping","filler":"%s"}'
    return frame % ("x" * (size - len(frame) + 2))


FRAMES: dict[str, tuple[str | bytes, str]] = {
    "broken JSON": ('{"type":', "JSON"),
    "no JSON": ("hello", "JSON"),
    "an empty frame": ("", "JSON"),
    "a list": ("[]", "object"),
    "a string": ('"ping"', "object"),
    "no type": ("{}", "type"),
    "an unknown type": ('{"type":"subscribe"}', "type"),
    "a type that is a list": ('{"type":["ping"]}', "type"),
    "an event": ('{"type":"task.created","stream":"all","seq":1}', "type"),
    "an unknown field": ('{"type":"ping","color":"red"}', "color"),
    "a field of another kind": ('{"type":"auth","token":7}', "token"),
    "a second hello": ('{"type":"hello"}', "hello"),
    "half a million brackets": ("[" * 500_000, ""),
    "a hundred thousand brackets": ("[" * 100_000, "JSON"),
    "a binary frame": (b'{"type":"ping"}', "text"),
    "a MiB": (ping_of(MIB), "at most"),
    "a number without end": ('{"type":"ping","n":' + "9" * 50_000 + "}", ""),
}


@pytest.mark.parametrize("kind", FRAMES)
async def test_a_bad_frame(cluster: Cluster, connect: Connect, kind: str) -> None:
    """`error` says what is wrong, then 4400; a neighbour on the same replica goes on."""
    frame, word = FRAMES[kind]
    neighbour = await connect(cluster.first, token=cluster.alice.token)
    client = await connect(cluster.first, token=cluster.bob.token)
    await client.send(frame)
    assert word in await refused(client, 4400)
    await cluster.fence(neighbour)


async def refused(client: Client, code: int) -> str:
    """Why the server closed with `code`, as it said before."""
    assert await client.closed() == code, client.frames
    said = client.frames[-1]
    assert (said["type"], said["code"]) == ("error", code), client.frames
    detail: str = said["detail"]
    assert detail
    assert len(detail) < 200
    return detail


HELLOS: dict[str, Any] = {
    "another frame": {"type": "ping"},
    "a binary frame": b"{}",
    "broken JSON": "{",
    "positions that are a list": {"positions": [1]},
    "a negative position": {"positions": {"all": -1}},
    "a position that is true": {"positions": {"all": True}},
    "a position with a fraction": {"positions": {"all": 1.5}},
    "a position that is no number": '{"type":"hello","positions":{"all":NaN}}',
    "a position that is null": {"positions": {"all": None}},
    "an unknown field": {"position": {"all": 1}},
    "an epoch that is a number": {"epoch": 7},
    "a token that is null": {"token": None},
    "a stream without a name": {"positions": {"": 1}},
    "a stream with too long a name": {"positions": {"x" * 5000: 1}},
    "a stream's name with a null": {"positions": {"\x00": 1}},
    "half a surrogate pair for a stream": {"positions": {"\ud800": 1}},
    "half a surrogate pair for an epoch": {"epoch": "\ud800"},
}


@pytest.mark.parametrize("kind", HELLOS)
async def test_a_bad_hello(cluster: Cluster, connect: Connect, kind: str) -> None:
    """`error` says what is wrong, then 4400; the next one gets in."""
    frame = HELLOS[kind]
    if isinstance(frame, dict):
        frame = json.dumps({"type": "hello", "token": cluster.bob.token, **frame} if "type" not in frame else frame)
    client = await connect(cluster.first, greeted=False)
    await client.send(frame)
    await refused(client, 4400)
    await cluster.fence(await connect(cluster.first, token=cluster.bob.token))


async def test_a_frame_of_more_than_a_mib(cluster: Cluster, connect: Connect) -> None:
    """The server closes before it has read all of it, with the protocol's own code; a neighbour goes on."""
    neighbour = await connect(cluster.first, token=cluster.alice.token)
    client = await connect(cluster.first, token=cluster.bob.token)
    await client.send(ping_of(MIB + 1))
    assert await client.closed() in (1009, 1006, None)
    await cluster.fence(neighbour)


async def test_text_that_is_no_text(cluster: Cluster, connect: Connect) -> None:
    """A text frame that isn't UTF-8 is closed with the protocol's own code; a neighbour goes on."""
    neighbour = await connect(cluster.first, token=cluster.alice.token)
    client = await connect(cluster.first, token=cluster.bob.token)
    await client.send(b'{"type":"\xff"}', text=True)
    assert await client.closed() in ((1007,) if cluster.kind == "serve" else (1007, 1006))  # Daphne just hangs up
    await cluster.fence(neighbour)


async def test_a_hello_that_never_comes(cluster: Cluster, connect: Connect) -> None:
    """Connected and silent: after 5 s `error` and 4408; others get in meanwhile."""
    began = time.monotonic()
    client = await connect(cluster.first, greeted=False)
    await cluster.fence(await connect(cluster.first, token=cluster.bob.token))
    await refused(client, 4408)
    assert 4.5 < time.monotonic() - began < 30


async def test_too_many_frames(cluster: Cluster, connect: Connect) -> None:
    """After 60 in a minute, 4429; what came before is answered, and a neighbour goes on."""
    neighbour = await connect(cluster.first, token=cluster.alice.token)
    client = await connect(cluster.first, token=cluster.bob.token)
    for _ in range(100):
        await client.send({"type": "ping"})
    assert "60" in await refused(client, 4429)
    pongs = [frame for frame in client.frames if frame["type"] == "pong"]
    assert 60 <= len(pongs) <= 65
    await cluster.fence(neighbour)


async def test_too_many_connections_of_one_person(cluster: Cluster, strict: Replica, connect: Connect) -> None:
    """One more than WS_MAX_CONNECTIONS_PER_USER is closed with 4429; others get in, and the person when one is gone."""
    mine = [await connect(strict, token=cluster.bob.token) for _ in range(2)]
    await refused(await connect(strict, token=cluster.bob.token, greeted=False), 4429)
    other = await connect(strict, token=cluster.alice.token)
    await mine[0].close()
    again = await connect(strict, token=cluster.bob.token)
    await cluster.fence(mine[1], other, again)


async def test_an_unknown_address(cluster: Cluster, connect: Connect) -> None:
    """A socket opened anywhere else is refused in the handshake; with or without a slash /ws/tasks is the same."""
    with pytest.raises(InvalidStatus):
        await Client.connect(cluster.first.ws_url + "/of-mine")
    async with await Client.connect(cluster.first.ws_url + "/", token=cluster.bob.token) as client:
        await client.until("ready")
        await cluster.fence(client)


async def test_a_socket_without_upgrade_is_told_so(cluster: Cluster) -> None:
    """A proxy that removed the header gets 426 and a sentence, and not 404; on our own server also for half of it."""
    half: list[dict[str, str]] = [{"Upgrade": "websocket"}] if cluster.kind == "serve" else []
    for headers in ({}, *half):
        answer = get(f"{cluster.first.url}/ws/tasks", headers=headers)
        assert answer.status_code == 426
        assert answer.headers["Upgrade"] == "websocket"
        assert "proxy" in answer.text
        assert "Upgrade" in answer.text


async def test_an_offered_subprotocol_is_chosen(cluster: Cluster) -> None:
    """The first one; clients such as ws and Chromium refuse an answer without any. Without an offer there is none."""
    for offered, chosen in (([Subprotocol("todo.v1"), Subprotocol("other")], "todo.v1"), (None, None)):
        address = f"{cluster.first.ws_url}?token={cluster.alice.token}"
        async with websockets.connect(address, subprotocols=offered) as client:
            assert client.subprotocol == chosen
            assert "ready" in str(await client.recv())


async def test_clients_that_vanish_while_they_come_in(cluster: Cluster, connect: Connect) -> None:
    """Cut off at every stage of the sign-in, they disturb nobody. (The cluster's end looks for tracebacks.)"""
    neighbour = await connect(cluster.first, token=cluster.alice.token)
    for number in range(20):
        hello = {"token": cluster.bob.token, "epoch": neighbour.epoch, "positions": {"all": 0}} if number % 2 else None
        client = await connect(cluster.first, hello=hello, greeted=False)
        await client.drop()
    await cluster.fence(neighbour)
