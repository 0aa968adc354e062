"""What a WebSocket reports to its application."""

from typing import Protocol

NO_CODE = 1005
"""The code of a close frame without one, as in ASGI's `websocket.disconnect`."""

DROPPED = 1006
"""The code of a connection that ended without a closing handshake."""


class Receiver(Protocol):
    """Gets the messages of a WebSocket. All methods are called on the event loop and must not block.

    An exception raised here closes the socket with 1011.
    """

    def on_text(self, text: str) -> None: ...

    def on_bytes(self, data: bytes) -> None: ...

    def on_close(self, code: int) -> None:
        """The last call: the connection is gone. `code` as in ASGI's `websocket.disconnect`."""


class NullReceiver:
    """The receiver of a WebSocket that is gone."""

    def on_text(self, text: str) -> None: ...

    def on_bytes(self, data: bytes) -> None: ...

    def on_close(self, code: int) -> None: ...
