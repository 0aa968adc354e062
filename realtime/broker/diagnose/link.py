"""A connection that knows Redis' protocol and no more, and says what goes wrong where a library would try again."""

import asyncio
import contextlib
import ssl
from typing import Any, Self

import hiredis


class RefusedError(Exception):
    """Redis said no. The text is Redis' own, without the secrets of this connection."""

    @property
    def code(self) -> str:
        """The first word: NOPERM, NOAUTH, LOADING …"""
        return str(self).partition(" ")[0]


class NotRedisError(Exception):
    """What came is not Redis' protocol."""


class Link:
    """Every wait ends after `seconds`, with TimeoutError; a connection that is closed raises ConnectionError."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        self._reader = reader
        self._writer = writer
        self._seconds = seconds
        self._parser = hiredis.Reader(replyError=RefusedError, errors="replace", encoding="utf-8")
        self._secrets: list[str] = []

    @classmethod
    async def open(cls, host: str, port: int, path: str, seconds: float) -> Self:
        async with asyncio.timeout(seconds):
            opening = asyncio.open_unix_connection(path) if path else asyncio.open_connection(host, port)
            return cls(*await opening, seconds)

    async def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        async with asyncio.timeout(self._seconds):
            await self._writer.start_tls(context, server_hostname=name or None)

    async def sign_in(self, username: str, password: str) -> None:
        self._secrets = [password] if password else []
        await self.call("AUTH", *([username] if username else []), password)

    async def call(self, *words: str) -> Any:
        """The reply to a command; raises RefusedError."""
        parts = [word.encode() for word in words]
        self._writer.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts))
        return await self.next()

    async def next(self) -> Any:
        """What comes next, be it a reply or a message."""
        async with asyncio.timeout(self._seconds):
            while True:
                try:
                    found = self._parser.gets()
                except hiredis.ProtocolError as error:
                    raise NotRedisError from error
                if isinstance(found, RefusedError):
                    raise RefusedError(self._without_secrets(str(found)))
                if found is not False:
                    return found
                data = await self._reader.read(65536)
                if not data:
                    raise ConnectionResetError("closed without an answer")
                self._parser.feed(data)

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text

    def close(self) -> None:
        """At once, without a farewell that a hung Redis would not answer."""
        with contextlib.suppress(Exception):
            self._writer.transport.abort()
