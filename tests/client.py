"""What a test speaks to a server with: `Session` over HTTP, `Client` over a WebSocket."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Self, cast

import httpx
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed

from tests.cast import Person

Frame = dict[str, Any]

# Frames about the conversation; every other one is an event.
CONTROL = {"ready", "caught_up", "reset", "joined", "left", "heartbeat", "error", "pong"}


class Session(httpx.Client):
    """A person signed in to the REST API: session.post("/api/tasks", json={...})."""

    def __init__(self, url: str, person: Person) -> None:
        plain: dict[str, Any] = {"timeout": 30, "trust_env": False, "verify": False}  # no TLS to make ready for
        credentials = {"username": person.username, "password": person.password}
        answer = httpx.post(f"{url}/api/token", json=credentials, **plain)
        answer.raise_for_status()
        self.person = person
        self.token: str = answer.json()["access"]
        self.refresh: str = answer.json()["refresh"]
        super().__init__(base_url=url, headers={"Authorization": f"Bearer {self.token}"}, **plain)


class Client:
    """A WebSocket client that keeps all that it is sent, and where it stands.

    `frames` holds every frame in the order of arrival; `positions` the newest number that it knows of each stream.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.frames: list[Frame] = []
        self.epoch: str | None = None
        self.positions: dict[str, int] = {}
        self.is_open = True
        self._socket = socket
        self._news = asyncio.Event()
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
        """With `token`, the simple client, live at once. With `hello`, that frame is sent first, its type filled in.

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
            self._news.set()

    def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        if frame["type"] == "ready":
            self.epoch = frame["epoch"]
            self.positions = {**frame["positions"], **self.positions}
        elif frame["type"] == "left":
            self.positions.pop(frame["stream"], None)
        elif "seq" in frame:
            self.positions[frame["stream"]] = frame["seq"]
        self._news.set()

    @property
    def hello(self) -> dict[str, Any]:
        """What to say to go on from here over another connection."""
        return {"epoch": self.epoch, "positions": dict(self.positions)}

    def events(self, stream: str | None = None) -> list[Frame]:
        return [
            frame
            for frame in self.frames
            if frame["type"] not in CONTROL and (stream is None or frame["stream"] == stream)
        ]

    def numbers(self, stream: str) -> list[int]:
        """The numbers of the stream's events, as they came."""
        return [event["seq"] for event in self.events(stream)]

    async def until(self, wanted: str | Callable[[Frame], Any], timeout: float = 10, *, after: int = 0) -> Frame:
        """The first frame of type `wanted`, or that `wanted` says yes to, be it here already or to come.

        `after`: how many frames to pass over. Raises AssertionError when the time is over or the connection is closed.
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
                    self._news.clear()
                    await asyncio.wait(
                        [self._reader, asyncio.ensure_future(self._news.wait())], return_when="FIRST_COMPLETED"
                    )
        except TimeoutError:
            raise AssertionError(f"waited {timeout} s in vain for {wanted}: {self._last()}") from None

    async def until_position(self, stream: str, seq: int, timeout: float = 10) -> None:
        """Returns when event `seq` of the stream is here."""
        if self.positions.get(stream, 0) < seq:
            await self.until(lambda frame: frame.get("stream") == stream and frame.get("seq", 0) >= seq, timeout)

    async def closed(self, timeout: float = 10) -> int | None:
        """The code with which the connection was closed, once it is; None where it went without one."""
        done, _ = await asyncio.wait([self._reader], timeout=timeout)
        assert done, f"still open after {timeout} s: {self._last()}"
        return self._socket.close_code

    async def send(self, frame: Mapping[str, Any] | str | bytes, *, text: bool | None = None) -> None:
        """An object as JSON, a str as it is, bytes in a binary frame, or with text=True in one said to be text."""
        await self._socket.send(json.dumps(frame) if isinstance(frame, Mapping) else frame, text=text)

    def pause(self) -> None:
        """Stops reading, so that the server's bytes pile up."""
        self._socket.transport.pause_reading()

    def resume(self) -> None:
        self._socket.transport.resume_reading()

    async def drop(self) -> None:
        """Goes without a word, as a lost network does."""
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
