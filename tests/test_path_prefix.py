"""Under a path prefix the application refuses, and says why: half of it would work."""

import socket
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.clients import get
from tests.servers import Replica, wait_until
from todo_project import path_prefix


@pytest.mark.parametrize(
    ("scope", "prefix"),
    [
        ({"root_path": "/todo"}, "todo"),
        ({"root_path": "", "headers": [(b"x-forwarded-prefix", b"/todo/")]}, "todo"),
        ({"headers": [(b"x-script-name", b"/a/b")]}, "a/b"),
        ({"root_path": "/", "headers": [(b"x-forwarded-prefix", b"/")]}, ""),
        ({"root_path": ""}, ""),
        ({}, ""),
    ],
)
def test_what_is_a_prefix(scope: dict[str, Any], prefix: str) -> None:
    """The server's --root-path, or what a proxy says that it has removed."""
    assert path_prefix.of({"headers": [], **scope}) == prefix


class UnderAPrefix(Replica):
    def command(self) -> list[str]:
        return [*super().command()[:-1], "--root-path", "/todo", "todo_project.asgi:application"]

    def is_ready(self, log: str) -> bool:
        return "Listening on TCP" in log or "Starting server at" in log


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_with_a_root_path(tmp_path, sqlite_database) -> None:
    """Each request is answered with the reason."""
    with UnderAPrefix(tmp_path, env={**sqlite_database, "LOG_LEVEL": "INFO"}, server="daphne") as replica:
        wait_until(lambda: is_open(replica.port), what="the port")
        for path in ("/", "/todo/", "/login", "/api/tasks", "/livez"):
            response = get(f"{replica.url}{path}")
            assert response.status_code == 421
            assert "path prefix" in response.json()["detail"]


async def test_a_proxy_that_removes_a_prefix(start_replica, sqlite_database) -> None:
    """The page, the API and the socket, which all work without it; the log has one line."""
    replica = start_replica(sqlite_database)
    headers = {"X-Forwarded-Prefix": "/todo"}
    for path in ("/login", "/api/tasks", "/static/x.js"):
        assert get(f"{replica.url}{path}", headers=headers).status_code == 421
    assert get(f"{replica.url}/login").status_code == 200
    async with connect(replica.ws_url, additional_headers=headers) as socket:
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4403
    assert replica.log.read_text().count("came under the path prefix") == 1
