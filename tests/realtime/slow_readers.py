"""Clients that do not read."""

from collections.abc import Callable
from pathlib import Path

from tests.clients.raw import RawSocket
from tests.realtime.servers import Standin
from tests.realtime.standin import SEND_LIMIT


def fill(connect: Callable[..., RawSocket], name: str) -> tuple[RawSocket, RawSocket, int]:
    """A socket that reads nothing and is close to the limit, one that commands it, and how many frames were sent."""
    slow, other = connect(f"/attach?{name}", receive_buffer=4096), connect(f"/attach?{name}-other")
    sent = 10
    while other.ask("burst", to=name, count=10, size=1000)["pending"] < SEND_LIMIT * 0.9:
        sent += 10
    return slow, other, sent


def check_that_send_waits(standin: Standin, connect: Callable[..., RawSocket]) -> None:
    """ASGI's send waits while 30 MB are to go to a client that does not read; then the client gets all of it."""

    def memory() -> int:
        assert standin.process
        return int(Path(f"/proc/{standin.process.pid}/statm").read_text().split()[1]) * 4096

    other = connect("/echo")
    before = memory()
    slow = connect("/flood", receive_buffer=4096)
    for _ in range(20):
        other.text("others are served meanwhile")
        assert other.frame()
    assert memory() - before < 10_000_000
    for number in range(30_000):
        assert slow.frame().payload.split() == [b"%d" % number]
    assert slow.frame().code == 1000
