"""A WebSocket after its opening handshake: the protocol of its transport, in one small object."""

import asyncio
import contextlib
import logging
from typing import NamedTuple

from realtime.transport import frames
from realtime.transport.frames import FrameReader, Opcode, ViolationError
from realtime.transport.receive_queue import ReceiveQueue
from realtime.transport.receiver import DROPPED, NO_CODE, NullReceiver, Receiver
from realtime.transport.shared_limit import SharedLimit
from realtime.transport.writer import DirectSend, SocketWriter, cut_off

logger = logging.getLogger(__name__)

FREE_FRAMES = 300
"""Control frames and small parts of messages that a client may send at once; see `frames.FREE_FRAMES_PER_SECOND`."""

_NULL_RECEIVER = NullReceiver()


class MessageBounds(NamedTuple):
    """How much a client may send before its messages are complete and the application has taken them."""

    message: int
    """The largest message, in bytes."""
    unfinished: SharedLimit
    """For the sockets of the process together."""


class WebSocket(SocketWriter, asyncio.Protocol):
    """What the application finds as `scope["extensions"]["websocket.writer"]`.

    It takes the transport over from the handshake when the application accepts. A task for each connection would be
    most of what is left then, so an application that needs none gives a receiver to `attach()` and returns.
    """

    __slots__ = ("_attached", "_bounds", "_ignores_input", "_open_sockets", "_peer_code", "_reader", "_receiver")

    def __init__(
        self,
        receiver: Receiver,
        *,
        limit: int,
        too_slow: int,
        bounds: MessageBounds,
        attached: MessageBounds,
        open_sockets: "set[WebSocket]",
    ) -> None:
        """`bounds` hold until a receiver is attached, `attached` from then on; `open_sockets` contains it while it is
        open; `limit` and `too_slow` as in `SocketWriter`."""
        super().__init__(limit, too_slow=too_slow)
        self._receiver: Receiver = receiver
        self._bounds, self._attached = bounds, attached
        self._reader = FrameReader(bounds.message, free_frames=FREE_FRAMES)
        self._open_sockets = open_sockets
        self._peer_code: int | None = None
        self._ignores_input = False

    def attach(self, receiver: Receiver) -> None:
        """Sends all messages to `receiver` from now on, starting with those that `receive()` has not returned yet.

        Call it once, after accepting. The socket then stays open when the application returns; what the application
        sends through ASGI is ignored. The receiver's methods may be called before this returns. Attach when it is known
        who the client is: it may send larger messages from then on.
        """
        before, self._receiver = self._receiver, receiver
        self._bounds.unfinished.release(self)
        self._bounds = self._attached
        self._reader.limit = self._bounds.message
        if isinstance(before, ReceiveQueue):
            before.hand_over(receiver)
        self._count_unfinished()

    def open(self, transport: asyncio.Transport, send: DirectSend | None = None) -> None:
        super().open(transport, send)
        self._open_sockets.add(self)
        if isinstance(self._receiver, ReceiveQueue):
            self._receiver.transport = transport
            self._receiver.on_taken = self._count_unfinished

    # For the transport; see asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Never called: the transport was connected to the handshake."""

    def data_received(self, data: bytes) -> None:
        if self._ignores_input:
            return
        try:
            for opcode, payload in self._reader.read(data):
                self._take(opcode, payload)
                if self._ignores_input:
                    return
            self._count_unfinished()
        except ViolationError as violation:
            self._fail(violation.code, violation.reason)
        except Exception:
            logger.exception("Exception in the receiver of a WebSocket")
            self._fail(frames.INTERNAL_ERROR, "")

    def eof_received(self) -> None:
        """The transport closes itself."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_sockets.discard(self)
        self._ignore_input()
        self.lost()
        code = DROPPED if self._peer_code is None else self.close_sent or self._peer_code
        receiver = self._receiver
        if not isinstance(receiver, ReceiveQueue):  # the application may still call its receive()
            self._receiver = _NULL_RECEIVER  # a receiver refers to this writer: a cycle for the garbage collector
        try:
            receiver.on_close(code)
        except Exception:
            logger.exception("Exception in the receiver of a WebSocket, in on_close()")

    # What has arrived and is not taken

    def give_up(self, limit: SharedLimit) -> None:
        if isinstance(self._receiver, ReceiveQueue):
            self._receiver.drop()
        self._fail(frames.TRY_AGAIN_LATER, "too many unfinished messages")

    def _count_unfinished(self) -> None:
        if not self._ignores_input:
            waiting = self._receiver.size if isinstance(self._receiver, ReceiveQueue) else 0
            self._bounds.unfinished.receive(self, self._reader.held + waiting)

    def _ignore_input(self) -> None:
        self._ignores_input = True
        self._reader.drop()
        self._bounds.unfinished.release(self)

    # Frames

    def _take(self, opcode: Opcode, payload: bytes) -> None:
        if opcode is Opcode.CLOSE:
            self._answer_close(frames.close_code(payload))
        elif self.close_sent is not None:
            self._reader.count_free_frame()
        elif opcode is Opcode.TEXT:
            self._receiver.on_text(frames.text(payload))
        elif opcode is Opcode.BINARY:
            self._receiver.on_bytes(payload)
        elif opcode is Opcode.PING:
            self.write(frames.encode(Opcode.PONG, payload))

    def _answer_close(self, code: int | None) -> None:
        """Completes the closing handshake, begun by either side; the server then ends the connection."""
        self._ignore_input()
        self._peer_code = NO_CODE if code is None else code
        self.send_close_frame(code, at_once=True)  # not counted in the metrics: the peer has closed
        self._end_connection()

    def _fail(self, code: int, reason: str) -> None:
        """Sends the code and hangs up. What the peer still sends is read and dropped: otherwise the kernel's reset
        could overtake the close frame. One that goes on after a close frame is cut off at once."""
        self._ignore_input()
        if self.close_sent is not None and self.transport is not None:
            cut_off(self.transport)
            return
        self.send_close(code, reason, at_once=True)
        self._end_connection()

    def _end_connection(self) -> None:
        """Once all is sent, ends our side; after a violation the peer may still send, and ends the connection."""
        transport = self.transport
        if self._backlog is not None or transport is None or transport.is_closing():
            return
        if self._peer_code is None and transport.can_write_eof():
            with contextlib.suppress(OSError):  # the peer is gone, which the transport has not read yet
                transport.write_eof()
        else:
            transport.close()

    def _caught_up(self) -> None:
        super()._caught_up()
        if self._ignores_input:
            self._end_connection()
