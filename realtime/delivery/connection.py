"""One signed-in WebSocket: who it is, which streams it follows, and how to write to it. Event loop only."""

import asyncio
from typing import Any

from realtime.delivery.outlet import Outlet
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.messages import Hello, error_frame, frame
from realtime.protocol.payload import Payload


def name_of(number: int) -> str:
    """A connection's number as the log shows it. A number takes half the memory of a name."""
    return f"{number:012x}"


def person_key(user_id: Any) -> str:
    """A user's id in the one form that this process compares: an event's JSON has a UUID as text."""
    return str(user_id)


class Connection:
    """`streams` are the streams whose feeds it is attached to. While `needs_resync`, they may differ from what the
    person may read: `Subscriptions` is finding out."""

    __slots__ = (
        "epoch",
        "expires_at",
        "is_closed",
        "must_reconnect",
        "needs_resync",
        "number",
        "outlet",
        "positions",
        "replayed",
        "streams",
        "sync_task",
        "user_id",
        "was_ready",
    )

    def __init__(
        self, *, user_id: Any, expires_at: float | None, outlet: Outlet, hello: Hello, number: int = 0
    ) -> None:
        """`number` identifies it in the log."""
        self.outlet = outlet
        self.number = number
        self.user_id = user_id
        self.expires_at = expires_at
        self.streams: set[str] = set()
        self.epoch = hello.epoch
        self.positions = hello.positions
        """Where the client stands, until it has caught up; None for one that is live from now on."""
        self.replayed = 0
        """How many past events it has been sent."""
        self.needs_resync = True
        self.must_reconnect = False
        """Whether it is to be closed as soon as it is known with which code."""
        self.is_closed = False
        self.was_ready = False
        self.sync_task: asyncio.Task[None] | None = None

    def send(self, payload: Payload) -> None:
        self.outlet.write(payload)

    def tell(self, kind: str, **fields: Any) -> None:
        """Sends one frame to this connection alone."""
        self.outlet.write(Payload([frame(kind, **fields)]))

    def close(self, code: CloseCode) -> None:
        self.is_closed = True
        self.outlet.close(code)

    def refuse(self, code: CloseCode, detail: str, *, reason: str = "") -> None:
        """Says why, then closes."""
        self.outlet.write(Payload([error_frame(code, detail, reason)]))
        self.close(code)

    async def drained(self) -> None:
        await self.outlet.drained()
