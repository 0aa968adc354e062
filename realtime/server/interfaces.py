"""What the server's parts know of each other, and what the server knows of the application."""

from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, NamedTuple, Protocol

from realtime.transport.io_uring import SubmissionRing
from realtime.transport.receive_queue import ReceiveQueue
from realtime.transport.shared_limit import SharedLimit
from realtime.transport.websocket import WebSocket

Message = dict[str, Any]
Scope = dict[str, Any]
Application = Callable[[Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


class CloseCodes(NamedTuple):
    """Close codes of the application's protocol that the server uses."""

    too_slow: int
    going_away: int


class Limits(NamedTuple):
    """What a client may take before the application has seen it. Sizes in bytes, times in seconds."""

    body_bytes: int = 10 * 1024 * 1024
    all_bodies_bytes: int = 128 * 1024 * 1024
    """For the bodies of all requests that the application works on."""
    all_heads_bytes: int = 16 * 1024 * 1024
    """For all heads that are not complete, and for what waits behind requests that are not answered yet."""
    all_answers_bytes: int = 64 * 1024 * 1024
    """For what clients have not read of the answers to their requests."""
    first_message_bytes: int = 1024 * 1024
    """Of a WebSocket to which the application has not attached a receiver: nobody has signed in there yet."""
    all_first_messages_bytes: int = 8 * 1024 * 1024
    """For what has arrived at all of these, until it is complete and the application has taken it."""
    message_bytes: int = 1024 * 1024
    """Of the other WebSockets."""
    all_messages_bytes: int = 32 * 1024 * 1024
    requests: int = 1000
    """Requests that the application works on at the same time; the others get 503."""
    first_byte_seconds: float = 60.0
    """How long a new connection may be silent. Browsers open some before they need them."""
    idle_seconds: float = 75.0
    """How long a connection may wait for its next request: longer than proxies keep theirs."""
    head_seconds: float = 20.0
    """For the head of a request, from its first byte."""
    body_seconds: float = 20.0
    """For the body of a request, in addition to what its bytes take at the lowest rate."""
    body_bytes_per_second: int = 8 * 1024
    connect_seconds: float = 20.0
    """For the application to accept or refuse a WebSocket."""
    unread_seconds: float = 30.0
    """After this time, a client that has not read 16 KiB of an answer that waits for it is cut off."""


class Hub(Protocol):
    """What the server starts and stops with itself."""

    def start(self, *, ring: SubmissionRing | None = None) -> None: ...

    async def drain(self, seconds: float) -> None: ...

    async def stop(self) -> None: ...


class AccessLog(Protocol):
    """Is called for each request, and for each step of a WebSocket's handshake."""

    def http(self, *, client: str | None, method: str, target: str, status: int, size: int) -> None: ...

    def websocket(self, action: str, *, client: str | None, target: str) -> None: ...


class Connection(Protocol):
    """A connection that is not a WebSocket (yet)."""

    @property
    def is_busy(self) -> bool:
        """Whether a request is being received or answered."""

    @property
    def idle_since(self) -> float | None:
        """The loop's time since when no request is in progress."""

    def check(self, now: float) -> None:
        """Is called about twice a second: enforces the limits of time."""

    def abort(self) -> None: ...


class ServerContext(Protocol):
    """The server as its connections see it."""

    @property
    def application(self) -> Application: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def access_log(self) -> AccessLog | None: ...

    @property
    def proxy_headers(self) -> bool: ...

    @property
    def is_draining(self) -> bool: ...

    @property
    def connections(self) -> dict[Connection, None]:
        """In the order of their arrival. WebSockets leave it when they are accepted."""

    @property
    def heads(self) -> SharedLimit: ...

    @property
    def bodies(self) -> SharedLimit: ...

    @property
    def answers(self) -> SharedLimit: ...

    @property
    def requests(self) -> int:
        """How many requests the application works on."""

    def make_websocket(self, receive_queue: ReceiveQueue) -> WebSocket: ...

    def run_application(self, coroutine: Coroutine[Any, Any, None], *, is_request: bool = False) -> None:
        """Runs it in a task that the server knows until it ends; those of HTTP requests are counted."""

    def refused(self, client: str | None, status: int, reason: str) -> str:
        """Counts and logs a request that the application does not see. Returns the id that the answer has."""


class Drainable(Protocol):
    """The server as `drain()` sees it."""

    @property
    def hub(self) -> Hub | None: ...

    @property
    def drain_seconds(self) -> float: ...

    @property
    def going_away(self) -> int: ...

    @property
    def websockets(self) -> Collection[WebSocket]: ...

    @property
    def connections(self) -> Collection[Connection]: ...

    def stop_accepting(self) -> None: ...
