"""A client that reconnects with its positions, as docs/protocol.md requires."""

import asyncio
import random
import time
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.clients.live import Client, Frame

RECONNECT_CODES = {1000, 1001, 1006, 1011, 4008, 4408, 4429, 4503}
"""docs/protocol.md, "Close codes"."""

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0


class ReturningClient:
    """`run` connects, and again after each close, until its task is cancelled.

    `start`: the sequence number of stream `all` when it became live; `closes`: the close codes of its connections,
    "refused" where there was none before `hello`; `away`: the seconds from each close to the next `caught_up`.
    """

    def __init__(self, ws_url: str, token: str) -> None:
        self.ws_url = ws_url
        self.token = token
        self.start = 0
        self.closes: list[int | str | None] = []
        self.away: list[float] = []
        self.client: Client | None = None
        self._frames: list[Frame] = []
        self._hello: dict[str, Any] = {}

    async def run(self) -> None:
        left, tries = time.monotonic(), 0
        while True:
            try:
                client = self.client = await Client.connect(self.ws_url, hello={**self._hello, "token": self.token})
            except (OSError, InvalidHandshake, ConnectionClosed):
                self.closes.append("refused")
            else:
                if await self._is_live(client):
                    self.away += [time.monotonic() - left] if self._hello else []
                    self.start = self.start or client.positions["all"]
                    tries = 0
                code = await client.closed(timeout=None)
                left = time.monotonic()
                self.closes.append(code)
                self._frames += client.frames
                self._hello = client.hello if client.epoch else self._hello
                self.client = None
                assert code in RECONNECT_CODES, code
            await asyncio.sleep(random.uniform(0, min(LONGEST_DELAY, FIRST_DELAY * 2**tries)))
            tries += 1

    async def _is_live(self, client: Client) -> bool:
        """Whether it has received everything that it missed; False if the connection was closed before."""
        try:
            await client.until("caught_up" if self._hello else "ready", timeout=20)
        except AssertionError:
            if client.is_open:
                raise
            return False
        return True

    @property
    def frames(self) -> list[Frame]:
        """Received over all connections, in order."""
        return self._frames + (self.client.frames if self.client else [])

    def numbers(self, stream: str) -> list[int]:
        """The sequence numbers of the stream's events, in the order of arrival."""
        return [frame["seq"] for frame in self.frames if frame.get("stream") == stream and "data" in frame]
