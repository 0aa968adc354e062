"""Finished frames for one socket or for many."""

from collections.abc import Sequence
from typing import Self

from realtime.transport.frames import Opcode, encode


class Payload(bytes):
    """Texts as complete WebSocket frames, one after the other: encoded once, written to any number of sockets."""

    texts: Sequence[str]
    """The same texts, for servers that make the frames themselves."""

    def __new__(cls, texts: Sequence[str]) -> Self:
        payload = super().__new__(cls, b"".join([encode(Opcode.TEXT, text.encode()) for text in texts]))
        payload.texts = texts
        return payload
