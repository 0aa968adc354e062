"""The opening handshake over TCP and Unix sockets, and the change to a `WebSocket`. Event loop only.

Through Twisted's HTTP and Autobahn it takes more time and leaves 25 KB behind, and after a replica has gone thousands
come at once. The package websockets knows what the request must be (RFC 6455, section 4.2).
"""

import asyncio
import logging
import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from daphne.utils import parse_x_forwarded_for
from twisted.internet import protocol
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from realtime.transport import frames
from realtime.transport.frames import Opcode
from realtime.transport.receive_queue import ReceiveQueue
from realtime.transport.websocket import DROPPED, WebSocket

if TYPE_CHECKING:
    from realtime.server.server import Server

FIRST_BYTE_SECONDS = 60.0
"""How long a connection may say nothing. Browsers open some before they know what for."""

MAX_EARLY_BYTES = 64 * 1024
"""What a client may send before the handshake is answered."""

SEND_AHEAD_BYTES = 64 * 1024
"""What may wait in a connection before ASGI's `send` waits too."""

_WANTS_WEBSOCKET = re.compile(rb"\r\nupgrade:[ \t]*websocket[ \t]*\r\n", re.IGNORECASE)

_quiet = logging.getLogger(f"{__name__}.websockets")
_quiet.setLevel(logging.ERROR)


class ProtocolDetectorFactory(protocol.Factory):
    """Makes what connections speak before it is known what they want."""

    noisy = False

    def __init__(self, server: "Server") -> None:
        self._server = server

    def buildProtocol(self, addr: Any) -> "ProtocolDetector":  # noqa: N802 -- Twisted's names, here and below
        return ProtocolDetector(self._server, addr)


class ProtocolDetector(protocol.Protocol):
    """A connection that has said nothing yet. One whose first words are a whole request for a WebSocket gets a
    `Handshake`, every other one Daphne's HTTP, which leads to the same where a later request asks for it."""

    def __init__(self, server: "Server", address: Any) -> None:
        self._server = server
        self._address = address

    def connectionMade(self) -> None:  # noqa: N802
        transport: Any = self.transport
        self._timer = asyncio.get_running_loop().call_later(FIRST_BYTE_SECONDS, transport.abortConnection)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._timer.cancel()
        head_end = data.find(b"\r\n\r\n") + 2
        wants_websocket = head_end > 1 and _WANTS_WEBSOCKET.search(data, 0, head_end)
        server, transport = self._server, self.transport
        following: Any = Handshake(server) if wants_websocket else server.http_factory.buildProtocol(self._address)
        transport.protocol = following  # type: ignore[union-attr]
        following.makeConnection(transport)
        following.dataReceived(data)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802
        self._timer.cancel()


class Handshake:
    """The protocol of a transport from the request for a WebSocket until the application has accepted it.

    To Daphne it is one of its protocols, and stands among `server.connections` until the application ends or has
    attached a receiver.
    """

    application_type = "websocket"

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._transport: Any = None
        self._answer: Response | None = None
        """What the client gets when the application accepts."""
        self._is_over = False
        self._early = b""
        self._inbox: ReceiveQueue | None = None
        self._websocket: WebSocket | None = None
        self._path = ""
        self._client: list[Any] | None = None
        self._began = time.monotonic()

    # For the transport

    def makeConnection(self, transport: Any) -> None:  # noqa: N802
        self._transport = transport
        if (channel := transport.producer) is not None:
            # Not the connection's first request: the HTTP channel would live on, and the request with it.
            transport.unregisterProducer()
            channel.requests.clear()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._is_over:
            return
        if self._websocket is None:
            head, end, data = data.partition(b"\r\n\r\n")
            self._begin(head + end)
        self._early += data
        if len(self._early) > MAX_EARLY_BYTES:
            self._transport.abortConnection()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._is_over = True
        if self._inbox is not None:
            self._inbox.on_close(DROPPED)

    # The request

    def _begin(self, head: bytes) -> None:
        if self._server.is_draining:
            # A status that a proxy understands, which can then ask another replica; a close code would be the client's.
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "This replica is going away")
            return
        checker = ServerProtocol(logger=_quiet)
        checker.receive_data(head)
        request = next(iter(checker.events_received()), None)
        if not isinstance(request, Request) or not _is_well_formed(request):
            self._refuse(HTTPStatus.BAD_REQUEST, "Malformed request")
            return
        answer = checker.accept(request)
        if answer.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            answer.headers["Sec-WebSocket-Version"] = "13"
            self._end_with(answer)
            return
        try:
            scope = self._scope(request)
        except UnicodeDecodeError:
            self._refuse(HTTPStatus.BAD_REQUEST, "Malformed header")
            return
        self._answer = answer
        self._inbox = ReceiveQueue(self._end)
        self._websocket = self._server.make_websocket(self._inbox)
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._server.begin(self, scope, self._inbox, self._websocket)
        self._log("connecting")

    def _scope(self, request: Request) -> dict[str, Any]:
        self._path, _, query = request.path.partition("?")
        root_path, subprotocols = self._server.root_path, []
        headers: dict[bytes, bytes] = {}
        for name, value in request.headers.raw_items():
            match name.lower():
                case "daphne-root-path":
                    root_path = unquote(value)
                    continue
                case "sec-websocket-protocol":
                    subprotocols += [one.strip() for one in value.split(",")]
            if "_" not in name:  # which would be taken for a hyphen
                key, data = name.lower().encode(), value.encode("latin-1")
                headers[key] = headers[key] + b", " + data if key in headers else data
        self._client, server = self._addresses(headers)
        return {
            "type": "websocket",
            "path": unquote(self._path),
            "raw_path": self._path.encode(),
            "root_path": root_path,
            "headers": list(headers.items()),
            "query_string": query.encode(),
            "client": self._client,
            "server": server,
            "subprotocols": subprotocols,
        }

    def _addresses(self, headers: dict[bytes, bytes]) -> tuple[list[Any] | None, list[Any] | None]:
        """The client's, which a proxy may tell, and the server's; None for those of a Unix socket."""
        peer, host = self._transport.getPeer(), self._transport.getHost()
        client, server = ([peer.host, peer.port], [host.host, host.port]) if hasattr(peer, "port") else (None, None)
        if self._server.proxy_forwarded_address_header:
            client, _ = parse_x_forwarded_for(
                headers,
                self._server.proxy_forwarded_address_header,
                self._server.proxy_forwarded_port_header,
                self._server.proxy_forwarded_proto_header,
                client,
            )
        return client, server

    # What the application sends

    async def send(self, message: dict[str, Any]) -> None:
        """ASGI's `send`. It waits while too much is under way: ASGI has no other way to slow an application down."""
        state = self._server.connections.get(self)
        if state is None or "disconnected" in state:
            return
        self.handle_reply(message)
        websocket = self._websocket
        if message["type"] == "websocket.send" and websocket and websocket.pending > SEND_AHEAD_BYTES:
            await websocket.drained()

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Raises ValueError for what may not be sent (now)."""
        match message["type"], self._answer:
            case "websocket.accept", Response() as answer:
                self._accept(answer, message)
            case "websocket.close", Response():
                self._reject(HTTPStatus.FORBIDDEN, "Access denied")
            case "websocket.send", None:
                self._opened.write(_frame(message))
            case "websocket.close", None:
                code = 1000 if message.get("code") is None else message["code"]
                if not frames.may_be_sent(code):
                    raise ValueError(f"close code {code}")
                self._opened.send_close(code)
            case kind, _:
                raise ValueError(f"{kind} can't be sent {'any more' if self._answer is None else 'before accepting'}")

    @property
    def _opened(self) -> WebSocket:
        assert self._websocket is not None  # noqa: S101 -- for the type checker
        return self._websocket

    def _accept(self, answer: Response, message: dict[str, Any]) -> None:
        if (subprotocol := message.get("subprotocol")) is not None:
            answer.headers["Sec-WebSocket-Protocol"] = subprotocol
        for name, value in message.get("headers", ()):
            answer.headers[name.decode("latin-1")] = value.decode("latin-1")
        self._answer = None
        self._send_head(answer.serialize())
        early, self._early = self._early, b""
        self._transport.protocol = self._opened
        self._opened.open(self._transport)
        self._log("connected")
        if early:
            self._opened.dataReceived(early)

    def _send_head(self, data: bytes) -> None:
        """In one system call, for nothing has been sent yet and the kernel has room."""
        sent = 0
        if not self._transport.dataBuffer and not self._transport._tempDataLen:
            try:
                sent = self._transport.socket.send(data)
            except OSError:
                sent = 0
        if sent < len(data):
            self._transport.write(data[sent:])

    def handle_exception(self, exception: BaseException) -> None:
        """The application has raised it."""
        if self._answer is not None:
            self._reject(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error")
        else:
            self._opened.send_close(frames.INTERNAL_ERROR)

    def check_timeouts(self) -> None:
        """Every two seconds. An open WebSocket is left to the kernel, which finds peers that are gone."""
        if self._answer is not None and time.monotonic() - self._began > self._server.websocket_connect_timeout:
            self._reject(HTTPStatus.FORBIDDEN, "Access denied")

    # The end

    def _reject(self, status: HTTPStatus, text: str) -> None:
        """After the application was asked."""
        self._answer = None
        self._log("rejected")
        self._end()
        self._refuse(status, text)

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        self._end_with(ServerProtocol(logger=_quiet).reject(status, f"{text}\n"))

    def _end_with(self, answer: Response) -> None:
        self._is_over = True
        self._transport.write(answer.serialize())
        self._transport.loseConnection()

    def _end(self) -> None:
        """The application will be told no more: either the connection is gone, or another receiver listens."""
        if self in self._server.connections:
            self._server.protocol_disconnected(self)

    def _log(self, action: str) -> None:
        client = "{}:{}".format(*self._client) if self._client else None
        self._server.log_action("websocket", action, {"path": self._path, "client": client})


def _is_well_formed(request: Request) -> bool:
    """What websockets does not look at. With two hosts or origins each reader would take another one for the true."""
    hosts, origins = request.headers.get_all("Host"), request.headers.get_all("Origin")
    try:
        for origin in origins:
            urlsplit(origin)
    except ValueError:
        return False
    return len(hosts) == 1 and len(origins) <= 1 and request.path.startswith("/") and request.path.isascii()


def _frame(message: dict[str, Any]) -> bytes:
    """Of ASGI's `websocket.send`. Raises ValueError."""
    text: Any = message.get("text")
    data: bytes | None = message.get("bytes")
    if (text is None) == (data is None):
        raise ValueError("websocket.send takes either text or bytes")
    return frames.encode(Opcode.TEXT, text.encode()) if data is None else frames.encode(Opcode.BINARY, data)
