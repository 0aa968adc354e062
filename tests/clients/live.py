"""A WebSocket client of the application's own protocol (docs/protocol.md), in the test's event loop."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Self, cast

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed

Frame = dict[str, Any]

# Frames of the protocol itself; every other one is an event.
CONTROL = {"ready", "caught_up", "reset", "joined", "left", "heartbeat", "error", "pong"}


class Client:
    """Keeps everything that it receives.

    `frames`: every frame in the order of arrival; `positions`: the newest sequence number received of each stream.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.frames: list[Frame] = []
        self.epoch: str | None = None
        self.positions: dict[str, int] = {}
        self.is_open = True
        self._socket = socket
        self._arrived = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls,
        ws_url: str,
        *,
        token: str | None = None,
        hello: Mapping[str, Any] | None = None,
        origin: str | None = None,
        headers: Mapping[str, str] | None = None,
        at: tuple[str, int] | None = None,
    ) -> Self:
        """With `token` the server subscribes it at once. With `hello` that frame is sent first, its type filled in.

        `at`: the host and port to connect to, whatever the address says.
        """
        address = f"{ws_url}?token={token}" if token is not None else ws_url
        socket = await open_socket(
            address,
            origin=origin,  # type: ignore[arg-type]
            additional_headers=headers,
            max_size=None,
            proxy=None,
            **cast(Any, {"host": at[0], "port": at[1]} if at else {}),
        )
        client = cls(socket)
        if hello is not None:
            client.positions = dict(hello.get("positions") or {})
            await client.send({"type": "hello", **hello})
        return client

    async def _read(self) -> None:
        try:
            async for text in self._socket:
                self._take(json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self.is_open = False
            self._arrived.set()

    def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        if frame["type"] == "ready":
            self.epoch = frame["epoch"]
            self.positions = {**frame["positions"], **self.positions}
        elif frame["type"] == "left":
            self.positions.pop(frame["stream"], None)
        elif "seq" in frame:
            self.positions[frame["stream"]] = frame["seq"]
        self._arrived.set()

    @property
    def hello(self) -> dict[str, Any]:
        """What a new connection has to send in order to continue from here."""
        return {"epoch": self.epoch, "positions": dict(self.positions)}

    def events(self, stream: str | None = None) -> list[Frame]:
        return [
            frame
            for frame in self.frames
            if frame["type"] not in CONTROL and (stream is None or frame["stream"] == stream)
        ]

    def numbers(self, stream: str) -> list[int]:
        """The sequence numbers of the stream's events, in the order of arrival."""
        return [event["seq"] for event in self.events(stream)]

    async def until(self, wanted: str | Callable[[Frame], Any], timeout: float = 10, *, after: int = 0) -> Frame:
        """The first frame of type `wanted`, or for which `wanted` returns true, already received or still to come.

        `after`: how many frames to skip. AssertionError after `timeout` seconds, or when the connection closes.
        """
        matches = (lambda frame: frame["type"] == wanted) if isinstance(wanted, str) else wanted
        seen = after
        try:
            async with asyncio.timeout(timeout):
                while True:
                    while seen < len(self.frames):
                        seen += 1
                        if matches(self.frames[seen - 1]):
                            return self.frames[seen - 1]
                    if not self.is_open:
                        raise AssertionError(f"closed with {self._socket.close_code} before {wanted}: {self._last()}")
                    self._arrived.clear()
                    await asyncio.wait(
                        [self._reader, asyncio.ensure_future(self._arrived.wait())], return_when="FIRST_COMPLETED"
                    )
        except TimeoutError:
            raise AssertionError(f"waited {timeout} s for {wanted}: {self._last()}") from None

    async def until_position(self, stream: str, seq: int, timeout: float = 10) -> None:
        """Returns when event `seq` of the stream has been received."""
        if self.positions.get(stream, 0) < seq:
            await self.until(lambda frame: frame.get("stream") == stream and frame.get("seq", 0) >= seq, timeout)

    async def closed(self, timeout: float | None = 10) -> int | None:
        """Waits for the end of the connection and returns its close code; None if there was none."""
        done, _ = await asyncio.wait([self._reader], timeout=timeout)
        assert done, f"still open after {timeout} s: {self._last()}"
        return self._socket.close_code

    async def send(self, frame: Mapping[str, Any] | str | bytes, *, text: bool | None = None) -> None:
        """An object as JSON, a str as it is, bytes in a binary frame, or with text=True in a text frame."""
        await self._socket.send(json.dumps(frame) if isinstance(frame, Mapping) else frame, text=text)

    def pause(self) -> None:
        """Stops reading, so that the server's bytes pile up."""
        self._socket.transport.pause_reading()

    def resume(self) -> None:
        self._socket.transport.resume_reading()

    async def drop(self) -> None:
        """Ends without a close frame, as a lost network does."""
        self._socket.transport.abort()
        await self._reader

    async def close(self) -> None:
        await self._socket.close()
        await self._reader

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    def _last(self) -> str:
        return f"{len(self.frames)} frames, the last: {self.frames[-3:]}"
