"""A WebSocket after its opening handshake: the protocol of its transport, in one small object."""

import logging
from typing import Any, Protocol

from realtime.transport import frames
from realtime.transport.frames import FrameReader, Opcode, ViolationError
from realtime.transport.receive_queue import ReceiveQueue
from realtime.transport.writer import SocketWriter

logger = logging.getLogger(__name__)

NO_CODE = 1005
DROPPED = 1006


class Receiver(Protocol):
    """What a WebSocket tells, on the event loop. None of it may wait; what it raises closes the socket with 1011."""

    def on_text(self, text: str) -> None: ...

    def on_bytes(self, data: bytes) -> None: ...

    def on_close(self, code: int) -> None:
        """The last call: the connection is gone. `code` as in ASGI's `websocket.disconnect`."""


class _Nobody:
    """The receiver of a WebSocket that is gone."""

    def on_text(self, text: str) -> None: ...

    def on_bytes(self, data: bytes) -> None: ...

    def on_close(self, code: int) -> None: ...


_NOBODY = _Nobody()


class WebSocket(SocketWriter):
    """What the application finds as `scope["extensions"]["websocket.writer"]`.

    It takes the transport over from the handshake when the application accepts. A task for each connection is most of
    what is left then, so an application that needs none gives a receiver to `attach()` and returns.
    """

    __slots__ = ("_ignores_input", "_others", "_peer_code", "_reader", "_receiver")

    def __init__(self, receiver: Receiver, *, limit: int, message_limit: int, others: "set[WebSocket]") -> None:
        """`others`: the set in which it stands while it is open."""
        super().__init__(limit)
        self._receiver: Receiver = receiver
        self._reader = FrameReader(message_limit)
        self._others = others
        self._peer_code: int | None = None
        self._ignores_input = False

    def attach(self, receiver: Receiver) -> None:
        """From now on the receiver is told what comes, and first what `receive()` has not given out yet.

        To be called once, after accepting. The socket then stays open when the application returns; what it sends
        through ASGI is ignored. The receiver's methods may be called before this returns.
        """
        before, self._receiver = self._receiver, receiver
        if isinstance(before, ReceiveQueue):
            before.hand_over(receiver)

    def open(self, transport: Any) -> None:
        super().open(transport)
        self._others.add(self)
        if isinstance(self._receiver, ReceiveQueue):
            self._receiver.transport = transport

    # For the transport, under Twisted's names

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._ignores_input:
            return
        try:
            for opcode, payload in self._reader.read(data):
                self._take(opcode, payload)
                if self._ignores_input:
                    return
        except ViolationError as violation:
            self._fail(violation.code, violation.reason)
        except Exception:
            logger.exception("Exception in the receiver of a WebSocket")
            self._fail(frames.INTERNAL_ERROR, "")

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._others.discard(self)
        self._ignores_input = True
        self.lost()
        code = DROPPED if self._peer_code is None else self.close_sent or self._peer_code
        receiver = self._receiver
        if not isinstance(receiver, ReceiveQueue):  # which the application may still ask
            self._receiver = _NOBODY  # a receiver knows this writer: a cycle that only a collection would find
        try:
            receiver.on_close(code)
        except Exception:
            logger.exception("Exception in the receiver of a WebSocket, at its end")

    # Frames

    def _take(self, opcode: Opcode, payload: bytes) -> None:
        if opcode is Opcode.CLOSE:
            self._answer_close(frames.close_code(payload))
        elif self.close_sent is not None:
            pass
        elif opcode is Opcode.TEXT:
            self._receiver.on_text(frames.text(payload))
        elif opcode is Opcode.BINARY:
            self._receiver.on_bytes(payload)
        elif opcode is Opcode.PING:
            self.write(frames.encode(Opcode.PONG, payload))

    def _answer_close(self, code: int | None) -> None:
        """The closing handshake is complete, be it as an answer to ours: it is the server that ends the connection."""
        self._ignores_input = True
        self._peer_code = NO_CODE if code is None else code
        self._send_close(code, at_once=True)  # the peer's doing, which is not counted
        self.transport.loseConnection()

    def _fail(self, code: int, reason: str) -> None:
        """Says why, and hangs up. What the peer still sends is read and dropped, or the kernel's reset would overtake
        the close frame."""
        self._ignores_input = True
        self.send_close(code, reason, at_once=True)
        if self._backlog is None:
            self.transport.loseWriteConnection()

    def _caught_up(self) -> None:
        super()._caught_up()
        if self._ignores_input and self.transport is not None and self.transport.connected:
            self.transport.loseWriteConnection()
