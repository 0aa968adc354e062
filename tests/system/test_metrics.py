"""What /metrics says of a server that works, and of one whose parts fail."""

import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cast import ALICE, BOB
from tests.clients import Client, get, post
from tests.servers import Serve, wait_until
from tests.system.figures import Figures, wait_for

TOKEN = "a-token-of-the-tests"


def folders(folder: Path) -> list[Path]:
    return list(folder.glob("realtime-metrics-*"))


def instances(serve: Serve) -> int:
    return int(get(f"{serve.url}/ws/stats").json()["total_instances"])


@pytest.mark.timeout(300)  # three processes at a time, each of which loads Django
async def test_any_worker_speaks_for_all(tmp_path, sqlite_database, sign_in):
    """Sums over the workers, whichever answers; a dead one's sockets count no more, what it did does. No file stays."""
    with Serve(
        tmp_path, "--workers", "2", "--drain-seconds", "0", env={**sqlite_database, "TMPDIR": str(tmp_path)}
    ) as serve:
        wait_until(lambda: instances(serve) == 2, timeout=60, what="two instances")
        alice = sign_in(serve, ALICE)
        clients: list[Client] = []
        shares: Counter[str] = Counter()
        while len(shares) < 2:
            clients.append(await Client.connect(serve.ws_url, token=alice.token))
            shares[(await clients[-1].until("ready"))["instance"]] += 1
        for number in range(3):
            alice.post("/api/tasks", json={"title": f"number {number}"})
        for client in clients:
            await client.until(lambda frame: frame.get("data", {}).get("title") == "number 2")

        for _ in range(10):
            found = Figures(serve.url)
            assert found("realtime_connections") == len(clients)
            assert found("realtime_events_published_total") == 3
            assert found("realtime_events_delivered_total") == 3 * len(clients)
            assert 2 <= found("realtime_publish_to_socket_seconds_count") <= 6
            assert found("todo_http_requests_total", method="POST", route="/api/tasks", status="201") == 3

        (pid,) = [pid for pid in serve.processes() if f"-{pid}-" in min(shares)]
        os.kill(pid, signal.SIGKILL)
        left = len(clients) - shares[min(shares)]
        found = wait_for(serve.url, lambda found: found("realtime_connections") == left, "the dead to be forgotten")
        assert found("realtime_events_published_total") == 3
        assert found("realtime_events_delivered_total") == 3 * len(clients)
        (folder,) = folders(tmp_path)
        wait_until(lambda: len(list(folder.glob("gauge_livesum_*"))) == 2, timeout=60, what="its successor")
        assert {path.name for path in folder.glob("counter_*")} == {"counter_1.db", "counter_2.db"}
        assert serve.stop(30) == 0
    assert not folders(tmp_path)


async def test_a_day_of_a_server(start_replica, postgres_database, redis_server, sign_in, connect):
    """Redis, the pool, sockets, sign-ins, refusals, replays: all of it is counted."""
    replica = start_replica(postgres_database, REDIS_URL=redis_server.url)
    wait_for(replica.url, lambda found: found("realtime_redis_up"), "Redis to be up")
    # Sampled once a second, so it can show the moment before.
    found = wait_for(replica.url, lambda found: not found("realtime_breaker_open"), "the breaker to be closed")
    assert found("realtime_redis_configured") == 1
    assert 0 < found("realtime_redis_round_trip_seconds") < 5
    assert found("todo_database_pool_size_max") == 20
    assert found.total("todo_database_pool_connections") >= 1
    assert found.total("todo_build_info") == 1

    alice = sign_in(replica, ALICE)
    one = await connect(replica, token=alice.token)
    await connect(replica, token=sign_in(replica, BOB).token)
    found = Figures(replica.url)
    assert (found("realtime_connections"), found("realtime_users")) == (2, 2)

    await one.close()
    for title in ("one", "two"):
        alice.post("/api/tasks", json={"title": title})
    again = await connect(replica, hello={**one.hello, "token": alice.token})
    await again.until("caught_up")
    other = await connect(replica, hello={"token": alice.token, "epoch": "another", "positions": {"all": 1}})
    await other.until("reset")
    refused = await connect(replica, token="wrong", greeted=False)
    assert await refused.closed() == 4401
    post(f"{replica.url}/api/token", json={"username": "alice", "password": "wrong"})
    get(f"{replica.url}/no/such/page")

    found = wait_for(replica.url, lambda found: found("realtime_hub_lag_seconds_count"), "the lag to be measured")
    assert found("realtime_replay_events_sum") == 2
    assert found("realtime_resets_total", reason="epoch") == 1
    assert found("realtime_sign_in_failures_total", code="4401") == 1
    assert found("realtime_closes_total", code="4401") == 1
    assert found("todo_sign_in_failures_total") == 1
    assert found("todo_http_requests_total", method="GET", route="unmatched", status="404") == 1
    assert found("todo_http_request_seconds_count", method="POST", route="/api/token") == 3


async def test_a_redis_that_is_gone_shows(start_replica, sqlite_database, redis_server, sign_in, connect):
    """And so does what was not sent, and that the log was read instead."""
    replicas = [start_replica(sqlite_database, REDIS_URL=redis_server.url) for _ in range(2)]
    for replica in replicas:
        wait_for(replica.url, lambda found: found("realtime_redis_up"), "Redis to be up")
    alice = sign_in(replicas[0], ALICE)
    far = await connect(replicas[1], token=alice.token)
    redis_server.kill()
    wait_for(replicas[0].url, lambda found: not found("realtime_redis_up"), "Redis to be down")
    seq = far.positions["all"]

    def write(found: Figures) -> Any:
        nonlocal seq
        alice.post("/api/tasks", json={"title": "not heard of"}).raise_for_status()
        seq += 1
        return found("realtime_news_dropped_total") > 1 and found("realtime_breaker_open")

    wait_for(replicas[0].url, write, "news to be dropped")
    await far.until_position("all", seq)
    found = Figures(replicas[1].url)
    assert found("realtime_log_reads_total", reason="poll") >= 1
    assert found("realtime_log_errors_total") == 0


@pytest.mark.parametrize("believed", [True, False], ids=["--proxy-headers", "no proxy is believed"])
def test_who_may_ask_a_server(tmp_path, sqlite_database, believed):
    """By TCP who is near, behind a proxy only where it is believed, and over a Unix socket who has the token."""
    path = str(tmp_path / "todo.sock")
    env = {**sqlite_database, "METRICS_TOKEN": TOKEN, "METRICS_ALLOWED_ADDRESSES": "127.0.0.0/8,10.0.0.0/8"}
    options = ["--unix-socket", path, "--port", "0", *(["--proxy-headers"] if believed else [])]
    with Serve(tmp_path, *options, env=env) as serve:
        ways = {"tcp": httpx.HTTPTransport(verify=False), "unix": httpx.HTTPTransport(verify=False, uds=path)}

        def status(way: str, **headers: str) -> int:
            with httpx.Client(base_url=serve.url, transport=ways[way]) as client:
                sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Host": "10.9.8.7:8000"}
                return client.get("/metrics", headers=sent).status_code

        expected = 200 if believed else 403
        assert status("tcp") == 200
        assert status("unix") == 403
        for way in ways:
            assert status(way, Authorization=f"Bearer {TOKEN}", X_Forwarded_For="6.6.6.6") == 200
            assert status(way, X_Forwarded_For="10.0.0.1") == expected
            assert status(way, X_Forwarded_For="10.0.0.1, 6.6.6.6") == 403
            assert status(way, X_Forwarded_For="127.0.0.1") == 403
            assert status(way, X_Real_IP="10.0.0.1") == 403
