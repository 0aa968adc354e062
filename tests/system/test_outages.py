"""The database is away, cut or locked: nothing answers 500, everything answers soon, and it comes back by itself."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.cast import ALICE
from tests.clients import Session, get, post
from tests.faulty_link import FaultyLink
from tests.servers import PostgresServer, Replica, wait_until

Start = Callable[..., Replica]


@pytest.fixture(scope="module")
def postgres_alone(postgres_dump: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One that may be killed."""
    with PostgresServer(tmp_path_factory.mktemp("alone")) as server:
        server.load(postgres_dump)
        yield server


@pytest.fixture
def replica(postgres_alone: PostgresServer, start_replica: Start) -> Replica:
    return start_replica({"DATABASE_URL": postgres_alone.url("postgres")})


def timed(ask: Callable[[], httpx.Response]) -> tuple[int, float, httpx.Response]:
    began = time.monotonic()
    response = ask()
    return response.status_code, time.monotonic() - began, response


def assert_unavailable(replica: Replica, session: Session) -> None:
    """Each kind of request: 503 within seconds, with the time after which it may be repeated."""
    asked: dict[str, Callable[[], httpx.Response]] = {
        "a list": lambda: session.get("/api/tasks"),
        "a snapshot": lambda: session.get("/api/sync"),
        "a change": lambda: session.post("/api/tasks", json={"title": "kept by the client"}),
        "a password": lambda: post(
            f"{replica.url}/api/token", json={"username": ALICE.username, "password": ALICE.password}, timeout=20
        ),
        "the statistics": lambda: get(f"{replica.url}/ws/stats", timeout=20),
        "a ticket": lambda: session.post("/ws/ticket"),
    }
    for what, ask in asked.items():
        status, seconds, response = timed(ask)
        assert (what, status) == (what, 503)
        assert seconds < 5, what
        assert int(response.headers["Retry-After"]) > 0, what
        assert response.headers["Content-Type"] == "application/problem+json", what
        assert response.json()["status"] == 503, what
    page = get(f"{replica.url}/", headers={"Accept": "text/html"}, cookies={"sessionid": "a" * 32}, timeout=20)
    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (503, "text/html")
    assert page.headers["Refresh"]


def unready(replica: Replica) -> dict[str, Any]:
    status, seconds, response = timed(lambda: get(f"{replica.url}/readyz", timeout=20))
    assert status == 503
    assert seconds < 5  # it answers after 1.5; a probe waits longer than that
    found: dict[str, Any] = response.json()
    return found


def wait_until_ready(replica: Replica, seconds: float) -> None:
    wait_until(lambda: get(f"{replica.url}/readyz").status_code == 200, timeout=seconds, what="/readyz")


@pytest.mark.timeout(180)
async def test_postgresql_is_away_for_a_while(
    postgres_alone: PostgresServer, replica: Replica, sign_in, connect
) -> None:
    """Connections are refused; then all goes on at once. The log has no traceback and no line per attempt."""
    session = sign_in(replica)
    client = await connect(replica, token=session.token)
    await asyncio.to_thread(shut_down, postgres_alone)
    written = replica.log.stat().st_size
    try:
        for _ in range(2):
            assert (await asyncio.to_thread(unready, replica))["database"] == "unreachable"
            await asyncio.to_thread(assert_unavailable, replica, session)
    finally:
        await asyncio.to_thread(postgres_alone.start)
    log = replica.log.read_text()[written:]
    await asyncio.to_thread(wait_until_ready, replica, 5)
    status, seconds, made = await asyncio.to_thread(
        timed, lambda: session.post("/api/tasks", json={"title": "after the outage"})
    )
    assert (status, seconds < 8) == (201, True)
    await client.until(lambda frame: frame.get("data", {}).get("id") == made.json()["id"])
    assert "Traceback" not in log
    assert "ERROR" not in log
    assert "[error" not in log
    assert len(log.splitlines()) < 40, log


@pytest.mark.timeout(120)
def test_the_network_to_postgresql_swallows_everything(
    postgres_alone: PostgresServer, start_replica: Start, sign_in
) -> None:
    """Nothing is refused, nothing answers, as where PostgreSQL hangs: /readyz says so in time, and a request whose
    connection was open gets 503 after 15 seconds."""
    with FaultyLink(postgres_alone) as link:
        replica = start_replica({"DATABASE_URL": link.through(postgres_alone.url("postgres"))})
        session = sign_in(replica)
        assert session.get("/api/tasks").status_code == 200
        with ThreadPoolExecutor(1) as threads:
            link.black_hole()
            hung = threads.submit(timed, lambda: session.post("/api/tasks", json={"title": "hangs"}, timeout=60))
            for _ in range(4):
                assert unready(replica)["database"] == "unreachable"
            assert timed(lambda: get(f"{replica.url}/livez", timeout=20))[1] < 5
            status, seconds, _ = hung.result()
        assert status == 503
        assert seconds < 30
        link.heal()
        wait_until_ready(replica, 10)
        assert session.get("/api/tasks").status_code == 200


def shut_down(server: PostgresServer) -> None:
    """As an operator does: at once, without waiting for clients to leave, and without losing what is committed."""
    assert server.process
    server.send_signal(signal.SIGINT)
    server.process.wait(20)


def restart(server: PostgresServer) -> None:
    shut_down(server)
    server.start()


def fill_pool(session: Session) -> None:
    with ThreadPoolExecutor(12) as threads:
        assert {r.status_code for r in threads.map(lambda _: session.get("/api/tasks"), range(48))} == {200}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("how", ["terminated", "restarted"])
async def test_cut_connections_cost_no_request(postgres_alone, replica, sign_in, connect, how) -> None:
    """The pool is full of connections that a failover has ended: no request and no socket notices."""
    session = sign_in(replica)
    for _ in range(3):
        await asyncio.to_thread(fill_pool, session)
        if how == "restarted":
            await asyncio.to_thread(restart, postgres_alone)
        else:
            with psycopg.connect(postgres_alone.url(), autocommit=True) as admin:
                admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
        for _ in range(12):
            status, seconds, response = await asyncio.to_thread(timed, lambda: session.get("/api/tasks"))
            assert status == 200, response.text
            assert seconds < 5
        await connect(replica, token=session.token)
    assert "Traceback" not in replica.log.read_text()


@pytest.mark.timeout(120)
def test_sqlite_is_locked(sqlite_database: dict[str, str], start_replica: Start, sign_in) -> None:
    """By another process, for longer than a request waits."""
    replica = start_replica(sqlite_database)
    session = sign_in(replica)
    other = sqlite3.connect(sqlite_database["DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    status, seconds, response = timed(lambda: session.post("/api/tasks", json={"title": "kept"}, timeout=30))
    other.execute("ROLLBACK")
    other.close()
    assert status == 503
    assert seconds < 15
    assert int(response.headers["Retry-After"]) >= 1
    assert response.headers["Content-Type"] == "application/problem+json"
    assert session.post("/api/tasks", json={"title": "kept"}).status_code == 201
    assert "Traceback" not in replica.log.read_text()
