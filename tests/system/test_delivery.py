"""A change made anywhere reaches every client of every replica, soon, and the last one before a silence too."""

import asyncio
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable

from tests.clients import Client, ok
from tests.clients.admin_site import AdminSite
from tests.servers import Replica
from tests.system.cluster import Cluster, Shared, about, on_both, titled

Connect = Callable[..., Awaitable[Client]]

POLL_SECONDS = 5
"""How often a replica compares heads with the log while Redis is well."""

DIE_BEFORE_THE_NEWS = """
import os, signal
from realtime.events import listeners
from tasks.models import Task
listeners.register(lambda batches: os.kill(os.getpid(), signal.SIGKILL))
print("writing", flush=True)
Task.objects.create(list_id="{list}", title="the last words")
print("survived", flush=True)
"""


@on_both
async def test_a_post_reaches_the_clients_of_both_replicas(cluster: Cluster, connect: Connect) -> None:
    """Each client gets what the API answered, with who did it, how, and under which request id."""
    near = await connect(cluster.first, token=cluster.alice.token)
    far = await connect(cluster.second, token=cluster.bob.token)
    request_id = uuid.uuid4().hex
    answer = cluster.alice.post(
        "/api/tasks", json={"title": "Buy milk", "priority": "high"}, headers={"X-Request-ID": request_id}
    )
    task = ok(answer)
    assert answer.headers["X-Request-ID"] == request_id
    for client in (near, far):
        event = await client.until(about(task))
        assert event["data"] == task
        assert event["actor"]["username"] == "alice"
        assert (event["source"], event["request_id"]) == ("api", request_id)
    assert near.events()[-1] == far.events()[-1]


async def test_a_change_over_the_api_reaches_both_replicas(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """What is edited and then deleted on the second replica is so for the first one's clients, in that order."""
    clients = [await connect(replica, token=cluster.alice.token) for replica in cluster.replicas]
    task = shared.add("Buy milk")
    address = f"{cluster.second.url}/api/tasks/{task['id']}"
    changed = ok(cluster.alice.patch(address, json={"title": "Buy oat milk", "completed": True}))
    assert cluster.alice.delete(address).status_code == 204
    for client in clients:
        await client.until(about(task, "task.deleted"))
        created, updated, deleted = client.events(shared.stream)[-3:]
        assert created["data"] == task
        assert (updated["type"], updated["data"]) == ("task.updated", changed)
        assert deleted["data"]["version"] >= changed["version"]


async def test_a_change_in_the_admin_reaches_both_replicas(
    cluster: Cluster, shared: Shared, admin_site: AdminSite, connect: Connect
) -> None:
    """An edit and a deletion by the admin's forms arrive, and name the admin."""
    clients = [await connect(replica, token=cluster.alice.token) for replica in cluster.replicas]
    task = shared.add("Buy milk")
    admin_site.submit(f"/admin/tasks/task/{task['id']}/change/", title="Changed by hand")
    admin_site.submit(f"/admin/tasks/task/{task['id']}/delete/")
    for client in clients:
        updated = await client.until(about(task, "task.updated"))
        assert updated["data"]["title"] == "Changed by hand"
        deleted = await client.until(about(task, "task.deleted"))
        for event in (updated, deleted):
            assert (event["source"], event["actor"]["username"]) == ("admin", "admin")


async def test_a_command_reaches_both_replicas(cluster: Cluster, connect: Connect) -> None:
    """What is typed in a terminal, on a machine that serves nobody, arrives too."""
    clients = [await connect(replica, token=cluster.alice.token) for replica in cluster.replicas]
    title = f"Typed {uuid.uuid4()}"
    await asyncio.to_thread(cluster.manage, "task", "add", title)
    for client in clients:
        event = await client.until(titled(title))
        assert event["source"] == "command"


@on_both
async def test_each_client_gets_each_event_once_and_in_order(
    cluster: Cluster, shared: Shared, connect: Connect
) -> None:
    """Whichever replica took the writes, several at once, all clients see the same numbers without a gap."""
    clients = [await connect(cluster.replicas[number % 2], token=cluster.alice.token) for number in range(4)]
    start = clients[0].positions[shared.stream]

    def write(replica: Replica) -> None:
        for number in range(15):
            ok(cluster.alice.post(f"{replica.url}/api/tasks", json={"list": shared.id, "title": str(number)}))

    await asyncio.gather(*(asyncio.to_thread(write, cluster.replicas[number % 2]) for number in range(4)))
    for client in clients:
        await client.until_position(shared.stream, start + 60)
        assert client.numbers(shared.stream) == list(range(start + 1, start + 61))


async def test_the_way_to_the_other_replica_is_short(
    cluster: Cluster, shared: Shared, connect: Connect, show: Callable[[str], None]
) -> None:
    """From the POST on one replica to the client of the other takes some milliseconds."""
    client = await connect(cluster.second, token=cluster.alice.token)
    seconds = []
    for number in range(40):
        seen = len(client.frames)
        began = time.perf_counter()
        writing = asyncio.create_task(asyncio.to_thread(shared.add, f"number {number}"))
        await client.until("task.created", after=seen)
        seconds.append(time.perf_counter() - began)
        await writing
    median, slowest = (1000 * value for value in (statistics.median(seconds), max(seconds)))
    show(f"{cluster.kind}: from POST to the other replica's client {median:.1f} ms (median), at most {slowest:.1f} ms")
    assert median < 1000 * POLL_SECONDS / 3


async def test_the_last_event_of_a_killed_writer_arrives(
    cluster: Cluster, shared: Shared, connect: Connect, show: Callable[[str], None]
) -> None:
    """A writer killed after the commit and before the news: within one poll the log tells every replica."""
    clients = [await connect(replica, token=cluster.alice.token) for replica in cluster.replicas]
    code = DIE_BEFORE_THE_NEWS.format(list=shared.id)
    said = await asyncio.to_thread(cluster.python, code, check=False)
    assert said == "writing\n", "the process was not killed where it should be"
    died = time.monotonic()
    for client in clients:
        event = await client.until("task.created", timeout=POLL_SECONDS + 3)
        assert event["data"]["title"] == "the last words"
    show(f"{cluster.kind}: the event of a killed writer arrived after {time.monotonic() - died:.1f} s")


async def test_the_next_event_brings_a_lost_one_along(cluster: Cluster, shared: Shared, connect: Connect) -> None:
    """Where the news of one event are lost, the next one shows the hole, and both arrive in order and at once."""
    clients = [await connect(replica, token=cluster.alice.token) for replica in cluster.replicas]
    await asyncio.to_thread(cluster.python, DIE_BEFORE_THE_NEWS.format(list=shared.id), check=False)
    task = shared.add("the next words")
    for client in clients:
        await client.until(about(task), timeout=POLL_SECONDS - 1)
        titles = [event["data"]["title"] for event in client.events(shared.stream) if event["type"] == "task.created"]
        assert titles == ["the last words", "the next words"]
