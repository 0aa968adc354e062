"""A client of the socket: it keeps its place in every stream, and comes back to it after whatever happens."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tasks.accounts.tokens import NOT_VALID

FOR_GOOD = {4400, 4403}
SIGN_IN_AGAIN = 4401
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 30.0


class WatchError(Exception):
    """There is no use in trying again; the text says why."""


class Session:
    """Tokens for one server. Without a password only the one that was given, for as long as it is good."""

    def __init__(self, url: str, *, token: str | None = None) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise WatchError(f"{url} is no address that begins with http:// or https://.")
        self.url = url.rstrip("/")
        self.access = token
        self.refresh: str | None = None

    @property
    def socket_url(self) -> str:
        return "ws" + self.url.removeprefix("http") + "/ws/tasks"

    def sign_in(self, username: str, password: str) -> None:
        self._take(self._post("/api/token", username=username, password=password))

    def renew(self) -> None:
        """Raises WatchError if there is nothing to renew with."""
        if self.refresh is None:
            raise WatchError(NOT_VALID)
        self._take(self._post("/api/token/refresh", refresh=self.refresh))

    def _take(self, pair: dict[str, str]) -> None:
        self.access, self.refresh = pair["access"], pair["refresh"]

    def _post(self, path: str, **body: str) -> dict[str, str]:
        request = Request(  # noqa: S310 -- the scheme was looked at
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                pair: dict[str, str] = json.load(answer)
                return pair
        except HTTPError as error:
            if error.code >= 500:
                raise URLError(f"{self.url} answers {error.code}") from error
            raise WatchError(f"{self.url} says: {_detail(error)}") from error


def _detail(error: HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"


class Watcher:
    """`async for frame in Watcher(session).frames()`: all that the server sends, over any number of connections.

    Frames of the type `offline` (with `reason` and the `seconds` until the next attempt) are its own.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.epoch: str | None = None
        self.positions: dict[str, int] | None = None
        self.failures = 0

    async def frames(self) -> AsyncIterator[dict[str, Any]]:
        while True:
            try:
                async with connect(self.session.socket_url, max_size=None) as socket:
                    await socket.send(json.dumps(self._hello()))
                    async for text in socket:
                        frame = json.loads(text)
                        self._take(frame)
                        yield frame
                reason = "the server closed the connection"
            except ConnectionClosed as closed:
                reason = await self._after(closed)
            except (OSError, WebSocketException, URLError) as error:
                reason = str(error)
            seconds = self._wait()
            yield {"type": "offline", "reason": reason, "seconds": seconds}
            await asyncio.sleep(seconds)

    def _hello(self) -> dict[str, Any]:
        hello: dict[str, Any] = {"type": "hello", "token": self.session.access}
        if self.positions is not None:
            hello |= {"epoch": self.epoch, "positions": self.positions}
        return hello

    def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "ready":
            self.failures = 0
            if self.positions is None or self.epoch != frame["epoch"]:
                self.epoch, self.positions = frame["epoch"], dict(frame["positions"])
        elif self.positions is not None and kind == "left":
            self.positions.pop(frame["stream"], None)
        elif self.positions is not None and "seq" in frame:
            self.positions[frame["stream"]] = frame["seq"]

    async def _after(self, closed: ConnectionClosed) -> str:
        """Why the connection ended, after repairing what can be repaired. Raises WatchError for the rest."""
        code = closed.rcvd.code if closed.rcvd else 1006
        reason = f"closed with {code} {closed.rcvd.reason if closed.rcvd else ''}".strip()
        if code in FOR_GOOD:
            raise WatchError(f"The server does not let this client in: {reason}.")
        if code == SIGN_IN_AGAIN:
            try:
                await asyncio.to_thread(self.session.renew)
            except URLError as error:  # the server is away; it will say 4401 once more
                return str(error.reason)
        return reason

    def _wait(self) -> float:
        """Longer each time, and at random, so that a server that comes back is not run over by all its clients."""
        self.failures += 1
        return random.uniform(SHORTEST_WAIT, min(LONGEST_WAIT, 0.5 * 2**self.failures))  # noqa: S311
