"""What a connection costs."""

import contextlib
from pathlib import Path

import pytest

from tests.cast import ALICE
from tests.clients.http import Session
from tests.clients.raw import RawSocket
from tests.servers import Serve, wait_until

FIRST, COUNT = 300, 900
AT_ONCE = 50
"""So few that the memory of those in the middle of their handshake, which are many in a storm, does not count."""

MOST_KILOBYTES = 12


class OfItsOwn(Serve):
    """Shares no memory."""

    is_quick = False


@pytest.fixture
def serve(tmp_path, sqlite_database):
    environment = {**sqlite_database, "WS_MAX_CONNECTIONS_PER_USER": "5000"}
    with OfItsOwn(tmp_path, env=environment) as serve:
        yield serve


def kilobytes(serve: Serve) -> int:
    """The memory of its own that the process has."""
    assert serve.process
    lines = Path(f"/proc/{serve.process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))


def sockets_of(serve: Serve) -> int:
    """How many it has open. (Files do not count: each thread that meets a request keeps the database's.)"""
    assert serve.process
    count = 0
    for path in Path(f"/proc/{serve.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            count += str(path.readlink()).startswith("socket:")
    return count


def connect(serve: Serve, token: str, count: int) -> list[RawSocket]:
    """Signed in, and told so."""
    sockets = []
    for _ in range(count // AT_ONCE):
        some = [RawSocket(serve.port, f"/ws/tasks?token={token}") for _ in range(AT_ONCE)]
        for one in some:
            while b'"ready"' not in one.frame().payload:
                pass
        sockets += some
    return sockets


def test_a_connection_is_small_and_leaves_nothing(serve, sign_in, show):
    """A signed-in connection takes at most 12 KB, garbage included; when it is gone its socket is closed."""
    token = sign_in(serve, ALICE).token
    idle = sockets_of(serve)
    sockets = connect(serve, token, FIRST)  # the first ones make the process warm
    before = kilobytes(serve)
    sockets += connect(serve, token, COUNT)
    each = (kilobytes(serve) - before) / COUNT
    for one in sockets:
        one.socket.close()
    wait_until(lambda: sockets_of(serve) <= idle, what="the sockets to be closed")
    show(f"{each:.1f} KB per connection, signed in and subscribed, the {FIRST + 1}st to the {FIRST + COUNT}th")
    assert each <= MOST_KILOBYTES


def test_sockets_without_a_sign_in_hold_little(serve):
    """Of 400 hellos that are never complete 8 MiB are kept, and the largest is 256 KiB; somebody signs in meanwhile."""
    header = b"\x81\xff" + (256 * 1024).to_bytes(8) + bytes(4)
    with RawSocket(serve.port, "/ws/tasks") as one:
        one.send(b"\x81\xff" + (256 * 1024 + 1).to_bytes(8) + bytes(4))
        assert one.frame().code == 1009
    with contextlib.ExitStack() as stack:
        before = kilobytes(serve)
        for _ in range(400):
            one = stack.enter_context(RawSocket(serve.port, "/ws/tasks"))
            one.send(header + bytes(256 * 1024 - 1))
        for one in connect(serve, Session(serve.url, ALICE).token, AT_ONCE):
            stack.enter_context(one)
        assert kilobytes(serve) - before < 48 * 1024
