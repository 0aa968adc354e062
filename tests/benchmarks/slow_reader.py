"""One client that never reads, among others that do: does anybody notice, and what does it cost?"""

import socket
import struct
from dataclasses import dataclass

from websockets.frames import CLOSE

from tests.benchmarks.broadcast import Load, Publisher, broadcast
from tests.benchmarks.contestants import Todo
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.frames import frames
from tests.benchmarks.machine import private_kilobytes
from tests.benchmarks.opening import END_OF_HEAD, Opening
from tests.benchmarks.surroundings import Surroundings
from tests.benchmarks.trial import IN_FLIGHT

SMALL_WINDOW = 4096


@dataclass(frozen=True)
class SlowReader:
    connections: int
    without: Load
    """The others' events before it came."""
    with_it: Load
    """The others' events while it was there."""
    kilobytes: int
    """What the process's memory grew by meanwhile."""
    closed_with: int | None
    """The close code that it found when it read at last."""
    ended: str
    unread_kilobytes: int
    """What lay there for it until then."""


def run(around: Surroundings, *, connections: int, seconds: float) -> SlowReader:
    with Todo(around) as server, Crowd(server.port, greeting=server.greeting) as crowd:
        doors = server.doors(connections + 1)
        crowd.connect(doors[1:])
        with Publisher(server.publisher(), env=server.environment(), log=server.folder / "publisher.txt") as publisher:

            def measure() -> Load:
                return broadcast(crowd, publisher, pid=server.pid, in_flight=IN_FLIGHT, seconds=seconds)

            measure()
            without, before = measure(), private_kilobytes(server.pid)
            slow = Opening(server.port, doors[0], server.greeting)
            slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW)
            with_it = measure()
            grown = private_kilobytes(server.pid) - before
            unread, ended = read_all(slow.socket)
            return SlowReader(
                connections=connections,
                without=without,
                with_it=with_it,
                kilobytes=grown,
                closed_with=close_code(unread),
                ended=ended,
                unread_kilobytes=len(unread) // 1024,
            )


def read_all(one: socket.socket) -> tuple[bytes, str]:
    """What is there, up to the end of the connection if that comes; and how that was."""
    one.settimeout(2)
    data = bytearray()
    try:
        while more := one.recv(1 << 20):
            data += more
    except TimeoutError:
        return bytes(data), "was still connected, within its limit"
    except ConnectionResetError:
        return bytes(data), "was cut off, as it did not answer the close frame either"
    return bytes(data), "was hung up on"


def close_code(data: bytes) -> int | None:
    """The code in the last frame, if that is a close frame."""
    *_, last = [None, *frames(data.partition(END_OF_HEAD)[2])]
    if last is None or last.opcode != CLOSE or len(last.payload) < 2:
        return None
    code: int = struct.unpack("!H", last.payload[:2])[0]
    return code
