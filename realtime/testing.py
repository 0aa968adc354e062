"""For a project's own tests.

    async with testing.running_hub(), testing.connect(EventConsumer(), user) as socket:
        await sync_to_async(note.save)()
        assert (await socket.until("note.updated"))["data"]["text"] == "new"

A socket sees what has been committed: use Django's TransactionTestCase, or pytest-django's
`django_db(transaction=True)`. `captured_events()` works in any test.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from asgiref.sync import sync_to_async

from realtime import events
from realtime.auth.tickets import issue_ticket
from realtime.delivery.hub import Hub, get_hub
from realtime.models import Stream

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class ClosedError(Exception):
    """The server has closed the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(f"The socket was closed with {code}")
        self.code = code


class TestSocket:
    """A WebSocket to an ASGI application in this process."""

    __test__ = False  # pytest takes it for tests otherwise

    def __init__(self) -> None:
        self._to_application: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_application: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def send(self, **frame: Any) -> None:
        """Sends a frame: `send(type="ping")`."""
        await self._to_application.put({"type": "websocket.receive", "text": json.dumps(frame)})

    async def receive(self, *, seconds: float = 5.0) -> dict[str, Any]:
        """The next frame. Raises ClosedError, or TimeoutError after `seconds`."""
        async with asyncio.timeout(seconds):
            message = await self._from_application.get()
        if message["type"] == "websocket.close":
            raise ClosedError(message.get("code", 1000))
        frame: dict[str, Any] = json.loads(message["text"])
        return frame

    async def until(self, kind: str, *, seconds: float = 5.0) -> dict[str, Any]:
        """The next frame of this type; others before it are dropped. Raises as `receive()` does."""
        async with asyncio.timeout(seconds):
            while (frame := await self.receive(seconds=seconds))["type"] != kind:
                pass
        return frame


@asynccontextmanager
async def running_hub() -> AsyncIterator[Hub]:
    """The hub of the running event loop, started, and stopped at the end. Each test may have its own."""
    hub = get_hub()
    hub.start()
    try:
        yield hub
    finally:
        await hub.drain(0)
        await hub.stop()


@asynccontextmanager
async def connect(
    application: Application, user: Any = None, *, path: str = "/", hello: Mapping[str, Any] | None = None
) -> AsyncIterator[TestSocket]:
    """A socket, signed in as `user` by a ticket unless that is None, and greeted with `ready`.

    `hello` are more fields of the first frame, as `epoch` and `positions`.
    """
    socket = TestSocket()
    scope: dict[str, Any] = {"type": "websocket", "path": path, "query_string": b"", "headers": []}
    await socket._to_application.put({"type": "websocket.connect"})
    serving = asyncio.ensure_future(application(scope, socket._to_application.get, socket._from_application.put))
    try:
        assert (await socket._from_application.get())["type"] == "websocket.accept"  # noqa: S101 -- for tests
        if user is not None:
            ticket = await sync_to_async(issue_ticket)(user.pk)
            await socket.send(type="hello", ticket=ticket, **(hello or {}))
            await socket.until("ready")
        yield socket
    finally:
        await socket._to_application.put({"type": "websocket.disconnect", "code": 1000})
        await serving


@contextmanager
def captured_events() -> Iterator[list[dict[str, Any]]]:
    """The events that are published inside, as clients get them: the list is filled when the block ends.

    In a test whose transaction is rolled back, too: there, events are numbered when they are published.
    """
    before = dict(Stream.objects.values_list("name", "head"))
    found: list[dict[str, Any]] = []
    yield found
    for name, head in sorted(Stream.objects.values_list("name", "head")):
        after = before.get(name, 0)
        while after < head and (page := events.since(name, after)):
            found += [json.loads(event.text) for event in page]
            after = page[-1].seq
