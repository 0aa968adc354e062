"""Daphne's own command, which knows nothing of the hub."""

import contextlib
import signal
import socket
import sqlite3
import time

from tests.clients import get
from tests.servers import Replica, wait_until


class SilentDaphne(Replica):
    """One that nobody asks anything at its start."""

    def is_ready(self, log: str) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


def test_the_hub_starts_before_the_first_request(tmp_path, sqlite_database, redis_server):
    """It subscribes in Redis and says so."""
    env = {**sqlite_database, "REDIS_URL": redis_server.url}
    with SilentDaphne(tmp_path, env=env, server="daphne") as daphne:
        wait_until(lambda: "✅ Redis pub/sub initialized successfully" in daphne.log.read_text(), what="the line")
        wait_until(lambda: "websocket:broadcast:all" in redis_server.run("PUBSUB", "CHANNELS"), what="the channel")


def test_a_client_cannot_set_the_root_path(tmp_path, sqlite_database):
    """A proxy's rule by path would be passed: /x/admin/ with Daphne-Root-Path: /x."""
    with Replica(tmp_path, env=sqlite_database, server="daphne") as daphne:
        answer = get(f"{daphne.url}/x/livez", headers={"Daphne-Root-Path": "/x"})
        assert answer.status_code == 421


def test_it_ends_while_threads_hang(tmp_path, sqlite_database):
    """SIGTERM with a request that waits for a locked database: the process is gone before it would be killed."""
    path = sqlite_database["DATABASE_URL"].removeprefix("sqlite:///")
    with Replica(tmp_path, env=sqlite_database, server="daphne") as daphne:
        wait_until(lambda: get(f"{daphne.url}/ws/stats").json()["total_instances"] == 1, what="its row")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("BEGIN EXCLUSIVE")
            with socket.create_connection(("127.0.0.1", daphne.port)) as client:
                body = b'{"username": "alice", "password": "wrong"}'
                head = f"POST /api/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
                client.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
                time.sleep(0.5)
                began = time.monotonic()
                daphne.send_signal(signal.SIGTERM)
                assert daphne.process
                daphne.process.wait(25)
                assert time.monotonic() - began < 20
