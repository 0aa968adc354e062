"""Who sees what, while connected: nobody gets an event of a list from the moment on that they leave it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from tests.cast import BOB, CAROL, Person
from tests.clients import Client, Session, ok
from tests.clients.admin_site import AdminSite
from tests.system.cluster import Cluster, Shared, about, on_both, short_lived, titled

Connect = Callable[..., Awaitable[Client]]

REMOVE_AND_ADD = """
from django.db import transaction
from tasks.models import Membership, Task
with transaction.atomic():
    Membership.objects.get(pk="{member}").delete()
    Task.objects.create(list_id="{list}", title="a secret")
"""


async def test_a_removed_member_sees_nothing_more(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """On both replicas the removal is the last that the removed one is told of the list; the others go on."""
    member = shared.invite(BOB)
    removed = [await connect(replica, token=cluster.bob.token) for replica in cluster.replicas]
    staying = [await connect(replica, token=cluster.alice.token) for replica in cluster.replicas]
    before = shared.add("before")
    shared.expel(member)
    after = shared.add("a secret")
    for client in staying:
        await client.until(about(after))
    await cluster.fence(*removed)
    for client in removed:
        created, deleted = client.events(shared.stream)
        assert created["data"] == before
        assert about(member, "member.deleted")(deleted)
        assert client.frames[client.frames.index(deleted) + 1] == {"type": "left", "stream": shared.stream}
        assert shared.stream not in client.positions
    assert cluster.bob.get(f"/api/lists/{shared.id}").status_code == 404


async def test_not_even_the_very_next_event(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """A removal and a task that commit together: the task is news for the others alone."""
    member = shared.invite(BOB)
    removed = [await connect(replica, token=cluster.bob.token) for replica in cluster.replicas]
    staying = [await connect(replica, token=cluster.alice.token) for replica in cluster.replicas]
    await asyncio.to_thread(cluster.python, REMOVE_AND_ADD.format(member=member["id"], list=shared.id))
    for client in staying:
        await client.until(titled("a secret"))
    await cluster.fence(*removed)
    for client in removed:
        assert [event["type"] for event in client.events(shared.stream)] == ["member.deleted"]


async def test_who_leaves_by_themself_sees_nothing_more(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Leaving is like being removed."""
    member = shared.invite(BOB)
    client = await connect(cluster.second, token=cluster.bob.token)
    assert cluster.bob.delete(f"/api/lists/{shared.id}/members/{member['id']}").status_code == 204
    shared.add("a secret")
    await client.until("left")
    await cluster.fence(client)
    assert [event["type"] for event in client.events(shared.stream)] == ["member.deleted"]


async def test_who_is_added_again_joins_again(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """`joined` says from where the list's events come; those of the time between are for a snapshot to show."""
    client = await connect(cluster.second, token=cluster.bob.token)
    member = shared.invite(BOB)
    await client.until("joined")
    shared.expel(member)
    await client.until("left")
    between = shared.add("between")
    seen = len(client.frames)
    shared.invite(BOB)
    joined = await client.until("joined", after=seen)
    assert joined["stream"] == shared.stream
    later = shared.add("later")
    event = await client.until(about(later))
    numbers = [number for number in client.numbers(shared.stream) if number > joined["seq"]]
    assert numbers == list(range(joined["seq"] + 1, event["seq"] + 1))
    assert not any(about(between)(frame) for frame in client.frames)
    snapshot = ok(cluster.bob.get("/api/sync", params={"stream": shared.stream}))
    assert between in snapshot["tasks"]


@pytest.mark.parametrize("stays", [False, True])
async def test_a_quick_back_and_forth_ends_right(
    cluster: Cluster, shared: Shared, connect: Connect, stays: bool
) -> None:
    """Removed and added many times at once: nothing of the times outside comes through, and the end is what counts."""
    clients = [await connect(replica, token=cluster.bob.token) for replica in cluster.replicas]
    watcher = await connect(cluster.second, token=cluster.alice.token)

    def back_and_forth() -> None:
        for _ in range(6):
            member = shared.invite(BOB)
            shared.add("inside")
            shared.expel(member)
            shared.add("outside")
        if stays:
            shared.invite(BOB)

    await asyncio.to_thread(back_and_forth)
    last = shared.add("last")
    seq = (await watcher.until(about(last)))["seq"]
    for client in clients:
        if stays:
            # Who joins only after the last event finds it in the snapshot from which `joined` tells to go on.
            await client.until(lambda frame: about(last)(frame) or (frame["type"] == "joined" and frame["seq"] >= seq))
        else:
            await cluster.fence(client)
            assert shared.stream not in client.positions
        titles = {frame["data"]["title"] for frame in client.events(shared.stream) if frame["type"] == "task.created"}
        assert titles <= ({"inside", "last"} if stays else {"inside"})


async def test_a_deleted_list_is_left_by_all(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Its members are told that it is deleted, once, not of each task; nobody finds it any more."""
    shared.invite(BOB)
    clients = [
        await connect(replica, token=session.token)
        for replica in cluster.replicas
        for session in (cluster.alice, cluster.bob)
    ]
    shared.add("goes along")
    assert cluster.alice.delete(f"/api/lists/{shared.id}").status_code == 204
    for client in clients:
        await client.until(lambda frame: frame == {"type": "left", "stream": shared.stream})
    await cluster.fence(*clients)
    for client in clients:
        assert [event["type"] for event in client.events(shared.stream)] == ["task.created", "list.deleted"]
        assert client.is_open
    assert cluster.alice.get(f"/api/lists/{shared.id}").status_code == 404


async def test_a_stranger_sees_nothing(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Who is no member gets 404 for the list and all that is in it, and no event, however they ask."""
    member = shared.invite(BOB)
    task = shared.add("a secret")
    stranger = cluster.carol
    client = await connect(cluster.first, token=stranger.token)
    hello = {"token": stranger.token, "epoch": client.epoch, "positions": {**client.positions, shared.stream: 0}}
    asking = await connect(cluster.first, hello=hello)
    await asking.until("caught_up")
    assert {"type": "left", "stream": shared.stream} in asking.frames

    for method, path in (
        ("GET", f"/api/lists/{shared.id}"),
        ("PATCH", f"/api/lists/{shared.id}"),
        ("DELETE", f"/api/lists/{shared.id}"),
        ("GET", f"/api/lists/{shared.id}/members"),
        ("POST", f"/api/lists/{shared.id}/members"),
        ("DELETE", f"/api/lists/{shared.id}/members/{member['id']}"),
        ("GET", f"/api/tasks/{task['id']}"),
        ("PATCH", f"/api/tasks/{task['id']}"),
        ("DELETE", f"/api/tasks/{task['id']}"),
        ("GET", f"/api/sync?stream={shared.stream}"),
    ):
        body = {"user": "carol"} if method == "POST" else {"title": "mine now"} if method == "PATCH" else None
        answer = stranger.request(method, path, json=body)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
    assert shared.id not in stranger.get("/api/sync").text

    watcher = await connect(cluster.first, token=cluster.bob.token)
    later = shared.add("another secret")
    await watcher.until(about(later))
    await cluster.fence(client, asking)
    for mine in (client, asking):
        assert mine.events(shared.stream) == []
        assert shared.stream not in mine.positions


async def test_a_viewer_reads_and_does_not_write(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Events come, changes are refused with 403; made an editor, the viewer may write at once."""
    member = shared.invite(CAROL, "viewer")
    client = await connect(cluster.second, token=cluster.carol.token)
    task = shared.add("look at me")
    await client.until(about(task))
    address = f"/api/tasks/{task['id']}"
    assert cluster.carol.get(address).json() == task
    assert cluster.carol.post("/api/tasks", json={"list": shared.id, "title": "no"}).status_code == 403
    assert cluster.carol.patch(address, json={"title": "no"}).status_code == 403
    assert cluster.carol.delete(address).status_code == 403
    shared.owner.patch(f"/api/lists/{shared.id}/members/{member['id']}", json={"role": "editor"})
    await client.until(about(member, "member.updated"))
    assert ok(cluster.carol.patch(address, json={"title": "yes"}))["title"] == "yes"
    await client.until(about(task, "task.updated"))
    assert [event["type"] for event in client.events(shared.stream)] == [
        "task.created", "member.updated", "task.updated"
    ]  # fmt: skip


async def test_a_deactivated_person_is_out(
    cluster: Cluster, admin_site: AdminSite, newcomer: Person, connect: Connect
) -> None:
    """Deactivated in the admin: the sockets on both replicas close with 4403, and no way leads back in."""
    with Session(cluster.second.url, newcomer) as session:
        user = ok(session.get("/api/me"))
        ticket = ok(session.post("/ws/ticket"))["ticket"]
        clients = [await connect(replica, token=session.token) for replica in cluster.replicas]
        admin_site.submit(f"/admin/tasks/user/{user['id']}/change/", is_active=None)
        secret = ok(cluster.alice.post("/api/tasks", json={"title": "a secret"}))
        for client in clients:
            assert await client.closed() == 4403
            assert client.frames[-1]["code"] == 4403
            assert not any(about(secret)(frame) for frame in client.frames)
        assert session.get("/api/me").status_code == 401
        assert session.post("/ws/ticket").status_code == 401
        for replica in cluster.replicas:
            back = await connect(replica, token=session.token, greeted=False)
            assert await back.closed() in (4401, 4403)
        by_ticket = await connect(cluster.first, hello={"ticket": ticket}, greeted=False)
        assert await by_ticket.closed() in (4401, 4403)
        credentials = {"username": newcomer.username, "password": newcomer.password}
        assert session.post("/api/token", json=credentials).status_code == 401


async def test_a_deleted_person_is_out(
    cluster: Cluster, admin_site: AdminSite, newcomer: Person, connect: Connect
) -> None:
    """Deleted in the admin: the socket closes with 4403."""
    with Session(cluster.second.url, newcomer) as session:
        user = ok(session.get("/api/me"))
        client = await connect(cluster.second, token=session.token)
        admin_site.submit(f"/admin/tasks/user/{user['id']}/delete/")
        assert await client.closed() == 4403


@on_both
async def test_signing_out_reaches_the_sockets(cluster: Cluster, connect: Connect) -> None:
    """The person's sockets close with 4503: who is still signed in comes back and resumes, the others get 4401."""
    with Session(cluster.second.url, CAROL) as leaving:
        ending = await connect(cluster.first, token=leaving.token)
        staying = await connect(cluster.second, token=cluster.carol.token)
        bystander = await connect(cluster.first, token=cluster.bob.token)
        assert leaving.post("/api/token/blacklist", json={"refresh": leaving.refresh}).is_success
        for client in (ending, staying):
            assert await client.closed() == 4503
        back = await connect(cluster.first, token=leaving.token, greeted=False)
        assert await back.closed() == 4401
        again = await connect(cluster.first, hello={**staying.hello, "token": cluster.carol.token})
        await cluster.fence(again, bystander)


async def test_a_new_password_reaches_the_sockets(
    cluster: Cluster, admin_site: AdminSite, newcomer: Person, connect: Connect
) -> None:
    """Sockets that were opened under the old one close with 4503, and its tokens open no new one."""
    with Session(cluster.first.url, newcomer) as session:
        user = ok(session.get("/api/me"))
        client = await connect(cluster.second, token=session.token)
        password = "an even longer password"
        admin_site.submit(f"/admin/tasks/user/{user['id']}/password/", password1=password, password2=password)
        assert await client.closed() == 4503
        back = await connect(cluster.second, token=session.token, greeted=False)
        assert await back.closed() == 4401
        with Session(cluster.first.url, newcomer._replace(password=password)) as renewed:
            await connect(cluster.second, hello={**client.hello, "token": renewed.token})


async def test_an_expired_token_closes_the_socket(cluster: Cluster, connect: Connect) -> None:
    """4401 when the token runs out; a fresh one in `auth`, sent before, and the socket lives on."""
    token = short_lived(cluster.bob.token, 5)
    began = time.monotonic()
    ending = await connect(cluster.first, token=token)
    renewed = await connect(cluster.first, hello={"token": token})
    await renewed.send({"type": "auth", "token": cluster.bob.token})
    assert await ending.closed() == 4401
    assert time.monotonic() - began > 3
    assert ending.frames[-1]["type"] == "error"
    assert "expired" in ending.frames[-1]["detail"]
    await cluster.fence(renewed)
    await renewed.send({"type": "ping"})
    await renewed.until("pong")


@pytest.mark.parametrize("whose", ["another's", "expired", "refresh", "nobody's"])
async def test_a_wrong_token_renews_nothing(cluster: Cluster, connect: Connect, whose: str) -> None:
    """`auth` with another person's token, or one that would not let in, closes with 4401."""
    token = {
        "another's": cluster.alice.token,
        "expired": short_lived(cluster.bob.token, -1),
        "refresh": cluster.bob.refresh,
        "nobody's": "",
    }[whose]
    client = await connect(cluster.second, token=cluster.bob.token)
    await client.send({"type": "auth", "token": token})
    assert await client.closed() == 4401
    assert client.frames[-1]["type"] == "error"
    assert client.frames[-1]["code"] == 4401
