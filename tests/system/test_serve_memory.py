"""What a connection costs."""

import time
from pathlib import Path

import pytest

from tests.cast import ALICE
from tests.realtime.raw import RawSocket
from tests.servers import wait_until
from tests.system.serving import Serve

COUNT = 600
MOST_KILOBYTES = 18


@pytest.fixture
def serve(tmp_path, sqlite_database):
    environment = {**sqlite_database, "WS_MAX_CONNECTIONS_PER_USER": "5000"}
    with Serve(tmp_path, env=environment) as serve:
        yield serve


def kilobytes(serve: Serve) -> int:
    """The memory of its own that the process has."""
    assert serve.process
    lines = Path(f"/proc/{serve.process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))


def files(serve: Serve) -> int:
    assert serve.process
    return len(list(Path(f"/proc/{serve.process.pid}/fd").iterdir()))


def connect(serve: Serve, token: str, count: int) -> list[RawSocket]:
    """Signed in, and told so."""
    sockets = [RawSocket(serve.port, f"/ws/tasks?token={token}") for _ in range(count)]
    for one in sockets:
        while b'"ready"' not in one.frame().payload:
            pass
    return sockets


def test_a_connection_is_small_and_leaves_nothing(serve, sign_in, show):
    """A signed-in connection takes at most 18 KB; when it is gone its file is closed and its memory used again."""
    token = sign_in(serve, ALICE).token
    for one in connect(serve, token, 20):  # the first ones make the process warm
        one.socket.close()
    idle = wait_until(lambda: files(serve) < 100 and files(serve), what="the files to be closed")
    time.sleep(2)
    before = kilobytes(serve)
    sockets = connect(serve, token, COUNT)
    time.sleep(2)
    each = (kilobytes(serve) - before) / len(sockets)
    show(f"{each:.1f} KB per connection, signed in and subscribed, {len(sockets)} open")
    assert each <= MOST_KILOBYTES
    for one in sockets:
        one.socket.close()
    wait_until(lambda: files(serve) <= idle, what="the files to be closed")
