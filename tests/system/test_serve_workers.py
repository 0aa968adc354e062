"""`serve --workers`: several processes behind one socket, and their parent."""

import asyncio
import os
import signal
from collections import Counter

import pytest

from tests.cast import ALICE
from tests.clients import Client, get
from tests.processes import is_alive
from tests.servers import Serve, wait_until

pytestmark = pytest.mark.timeout(300)  # three processes at a time, each of which loads Django


def instances(serve: Serve) -> int:
    return int(get(f"{serve.url}/ws/stats").json()["total_instances"])


async def test_workers_share_the_work_and_the_events(tmp_path, sqlite_database, sign_in):
    """Each has its part of the clients; all hear a change, without Redis; one that dies is replaced; SIGTERM drains."""
    with Serve(tmp_path, "--workers", "2", env=sqlite_database) as serve:
        wait_until(lambda: instances(serve) == 2, timeout=60, what="two instances")
        alice = sign_in(serve, ALICE)
        clients: list[Client] = []
        for _ in range(40):
            clients.append(await Client.connect(serve.ws_url, token=alice.token))
            await clients[-1].until("ready")
        shares = Counter(client.frames[0]["instance"] for client in clients)
        assert len(shares) == 2
        alice.post("/api/tasks", json={"title": "for everybody"})
        for client in clients:
            await client.until("task.created")

        victim, other = serve.processes()
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(serve.processes()) == 2 and victim not in serve.processes(), what="a new worker")
        assert other in serve.processes()
        assert get(f"{serve.url}/livez").status_code == 200
        assert "status -9" in serve.log.read_text()

        workers = serve.processes()
        serve.send_signal(signal.SIGTERM)
        codes = Counter([await client.closed(20) for client in clients])
        assert codes.keys() == {4503, 1006}
        assert set(codes.values()) == set(shares.values())
        assert await asyncio.to_thread(serve.status, 20) == 0
        assert not any(is_alive(pid) for pid in workers)


def test_ends_that_are_not_in_order(tmp_path, sqlite_database):
    """A killed parent takes its workers with it and frees the port, and the next one removes its folder of metrics; a
    worker that hangs is killed by a second SIGTERM."""
    with Serve(tmp_path, "--workers", "2", env=sqlite_database) as serve:
        workers = serve.processes()
        serve.kill()
        wait_until(lambda: not any(is_alive(pid) for pid in workers), what="the workers to end")
        (left,) = serve.folder.glob("realtime-metrics-*")

        serve.start()
        assert not left.exists()
        assert len(list(serve.folder.glob("realtime-metrics-*"))) == 1
        wait_until(lambda: instances(serve) >= 2, timeout=60, what="two instances")
        workers = serve.processes()
        os.kill(workers[0], signal.SIGSTOP)
        serve.send_signal(signal.SIGTERM)
        wait_until(lambda: serve.processes() == workers[:1], what="the worker that can to end")
        assert serve.is_alive()
        serve.send_signal(signal.SIGTERM)
        assert serve.status(5) == 1
        assert not any(is_alive(pid) for pid in workers)
        assert "is killed: a second signal arrived" in serve.log.read_text()
