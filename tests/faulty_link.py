"""A network that fails on command: a TCP proxy in front of Redis or PostgreSQL, and the table of what can go wrong.

    with FaultyLink(redis_server) as link:
        env["REDIS_URL"] = link.url         # the server's own URL, by way of the link
        link.delay(0.2)                     # every byte, each way
        link.black_hole(TO_SERVER)          # connections stay open, nothing passes; it arrives once healed
        link.swallow_messages()             # Redis: subscribers miss messages, and nobody is told
        link.cut()                          # all connections are reset; new ones are accepted
        link.refuse()                       # the same, and new ones are refused
        link.heal()

    with outage("hung", redis_server, link):
        ...                                 # it is broken here, and repaired after the block

A link has a thread and an event loop of its own, so that all methods may be called from anywhere, and also while the
test's own loop is busy. Each returns once the change is in force.
"""

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, Self

TO_SERVER, TO_CLIENT = "to the server", "to the client"
BOTH = (TO_SERVER, TO_CLIENT)

CHUNK = 1 << 16
LONGEST_QUEUE = 256
"""Chunks of one connection and direction on their way; then the sender has to wait."""


class Behind(Protocol):
    """What a link can stand in front of: a RedisServer, a PostgresServer, or one of their like."""

    @property
    def port(self) -> int: ...


class Direction:
    """What happens to the bytes that go one way, over all connections. Belongs to the link's loop."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.swallows_all = False
        self.swallowed: Callable[[bytes], bool] | None = None  # which replies of Redis
        self.passable = asyncio.Event()
        self.passable.set()

    def heal(self) -> None:
        self.delay, self.swallows_all, self.swallowed = 0.0, False, None
        self.passable.set()

    def filter(self, data: bytes) -> tuple[bytes, bytes]:
        """What passes, and what has to wait for more."""
        if self.swallows_all:
            return b"", b""
        return without(self.swallowed, data) if self.swallowed else (data, b"")


class FaultyLink:
    """`with` starts and ends it. Its port stays its own while it refuses connections."""

    def __init__(self, server: Behind) -> None:
        self.server = server
        self.accepted = 0
        self._reservation = socket.socket()
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind(("127.0.0.1", 0))
        self.port: int = self._reservation.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"link-{self.port}")
        self._directions: dict[str, Direction] = {}
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()

    def through(self, url: str) -> str:
        """The URL, with the link's port in the place of the server's."""
        return re.sub(rf":{self.server.port}(?=/|$|\?)", f":{self.port}", url)

    @property
    def url(self) -> str:
        """Of a Redis."""
        return self.through(self.server.url)  # type: ignore[attr-defined]

    # What can be done to it

    def delay(self, seconds: float, *ways: str) -> None:
        """Every byte takes `seconds` longer, in each of the ways (both, where none is named). Order is kept."""
        self._each(ways, lambda direction: setattr(direction, "delay", seconds))

    def black_hole(self, *ways: str) -> None:
        """Nothing passes. As with TCP, what was sent meanwhile arrives after `heal()`, unless somebody gave up."""
        self._each(ways, lambda direction: direction.passable.clear())

    def swallow(self, *ways: str) -> None:
        """What is sent is lost without a word and never arrives."""
        self._each(ways, lambda direction: setattr(direction, "swallows_all", True))

    def swallow_messages(self, channel: bytes = b"") -> None:
        """Pub/sub messages of Redis are lost (of channels with `channel` in them); all other replies arrive."""

        def is_message(reply: bytes) -> bool:
            return reply[1:].startswith(b"3\r\n$7\r\nmessage\r\n") and channel in reply.split(b"\r\n", 5)[4]

        self._each((TO_CLIENT,), lambda direction: setattr(direction, "swallowed", is_message))

    def cut(self) -> None:
        """Resets all connections, at both ends."""
        self._run(self._cut())

    def refuse(self) -> None:
        """Resets all connections and refuses new ones."""
        self._run(self._stop_listening())
        self.cut()

    def heal(self) -> None:
        """Everything passes at once again; connections are accepted."""
        self._each(BOTH, Direction.heal)
        self._run(self._listen())

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *exc: object) -> None:
        self._run(self._stop_listening())
        self._run(self._cut())
        self._run(self._gather())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._reservation.close()

    # On the link's loop

    def _run(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def _each(self, ways: Sequence[str], change: Callable[[Direction], Any]) -> None:
        async def apply() -> None:
            for way in ways or BOTH:
                change(self._directions[way])

        self._run(apply())

    async def _listen(self) -> None:
        if not self._directions:
            self._directions = {way: Direction() for way in BOTH}
        if self._listener is None:
            self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=1024)

    async def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _cut(self) -> None:
        for writer in self._writers:
            with contextlib.suppress(OSError):  # one that the other side has closed meanwhile
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
                )  # RST, no FIN
            writer.transport.abort()
        for task in self._connections:
            task.cancel()

    async def _gather(self) -> None:
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.accepted += 1
        self._connections.add(task)
        self._writers.add(back)
        with contextlib.suppress(asyncio.CancelledError, OSError):
            server, forth = await asyncio.open_connection("127.0.0.1", self.server.port)
            self._writers.add(forth)
            try:
                await asyncio.gather(
                    self._pass(client, forth, self._directions[TO_SERVER]),
                    self._pass(server, back, self._directions[TO_CLIENT]),
                )
            finally:
                self._writers.discard(forth)
                forth.close()
        self._connections.discard(task)
        self._writers.discard(back)
        back.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        """Until the sender has ended and all that it sent has arrived; then the receiver is told the end too."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(LONGEST_QUEUE)

        async def read() -> None:
            while data := await reader.read(CHUNK):
                await queue.put((self._loop.time() + direction.delay, data))
            await queue.put((self._loop.time() + direction.delay, b""))

        reading = asyncio.create_task(read())
        try:
            rest = b""
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                await direction.passable.wait()
                if not data:
                    break
                passed, rest = direction.filter(rest + data)
                writer.write(passed)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
            await reading
        finally:
            reading.cancel()


def without(swallowed: Callable[[bytes], bool], data: bytes) -> tuple[bytes, bytes]:
    """The replies in `data` that are not `swallowed`, and the beginning of one that is not whole yet."""
    passed, start = b"", 0
    while (end := end_of_reply(data, start)) is not None:
        reply = data[start:end]
        passed += b"" if swallowed(reply) else reply
        start = end
    return passed, data[start:]


SIZED = re.compile(rb"([$=!*>~%])(-?\d+)\r\n")


def end_of_reply(data: bytes, start: int) -> int | None:
    """Where the Redis reply (RESP 2 or 3) that begins at `start` ends; None while it is not whole."""
    line = data.find(b"\r\n", start)
    if line < 0:
        return None
    end: int | None = line + 2
    sized = SIZED.match(data, start)
    if sized is None:
        return end
    kind, size = sized[1], int(sized[2])
    if kind in b"$=!":
        end = sized.end() + (size + 2 if size >= 0 else 0)
        return end if end <= len(data) else None
    for _ in range(size * (2 if kind == b"%" else 1)):
        end = None if end is None else end_of_reply(data, end)
    return end


# What can go wrong, by name


class Breakable(Behind, Protocol):
    """A server process that can be broken; tests.servers.Server is one."""

    def kill(self) -> None: ...
    def start(self) -> Any: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...


OUTAGES: dict[str, tuple[Callable[[Breakable, FaultyLink], Any], Callable[[Breakable, FaultyLink], Any]]] = {
    "killed": (lambda server, _: server.kill(), lambda server, _: server.start()),
    "hung": (lambda server, _: server.pause(), lambda server, _: server.resume()),
    "cut": (lambda _, link: link.refuse(), lambda _, link: link.heal()),
    "delayed": (lambda _, link: link.delay(0.2), lambda _, link: link.heal()),
    "black hole to the server": (lambda _, link: link.black_hole(TO_SERVER), lambda _, link: link.heal()),
    "black hole to the client": (lambda _, link: link.black_hole(TO_CLIENT), lambda _, link: link.heal()),
    "black hole": (lambda _, link: link.black_hole(), lambda _, link: link.heal()),
    "messages swallowed": (lambda _, link: link.swallow_messages(), lambda _, link: link.heal()),
}
"""How to break it, and how to repair it. "delayed" is 200 ms each way."""


@contextlib.contextmanager
def outage(kind: str, server: Breakable, link: FaultyLink) -> Iterator[None]:
    """The server, or the link in front of it, is broken within the block. `kind` is a key of OUTAGES."""
    begin, end = OUTAGES[kind]
    begin(server, link)
    try:
        yield
    finally:
        end(server, link)
