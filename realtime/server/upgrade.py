"""What a request for a WebSocket must be, and how it is answered (RFC 6455, section 4.2)."""

import base64
import binascii
import re
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

from websockets.utils import accept_key

from realtime.server.request_parser import Head, Refusal

_VERSION = "Sec-WebSocket-Version: 13\r\n"
_PROTOCOLS = re.compile(rb"[\t\x20-\x7e]*")
"""A chosen name is sent back."""
_UPGRADE = f"Upgrade: websocket\r\nConnection: Upgrade\r\n{_VERSION}"


def accept_value(head: Head) -> bytes:
    """What proves to the client that its handshake was understood. Raises Refusal for a request that is none."""
    if head.version != "1.1":
        raise Refusal(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.1 is needed")
    if head.method != "GET":
        raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "A WebSocket is opened by GET", headers="Allow: GET\r\n")
    if head.has_body:
        raise Refusal(HTTPStatus.BAD_REQUEST, "A request for a WebSocket has no body")
    connection = head.get_all(b"connection").lower()
    if b"upgrade" not in [option.strip() for option in connection.split(b",")]:
        reason = "The header Connection: Upgrade is missing: a proxy in between may have removed it"
        raise Refusal(HTTPStatus.UPGRADE_REQUIRED, reason, headers=_UPGRADE)
    if head.get(b"sec-websocket-version") != b"13":
        raise Refusal(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Version must be 13", headers=_VERSION)
    key = head.get(b"sec-websocket-key") or b""
    try:
        is_key = len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        is_key = False
    if not is_key:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64")
    if not _PROTOCOLS.fullmatch(head.get_all(b"sec-websocket-protocol")):
        raise Refusal(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Protocol must have names in ASCII, separated by commas")
    try:
        urlsplit(head.get(b"origin") or b"")
    except ValueError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Malformed Origin header") from None
    return accept_key(key.decode()).encode()


def switching_protocols(accept: bytes, subprotocol: str | None, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The answer that opens the WebSocket. Raises ValueError for headers that can't be sent."""
    lines = [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ",
        accept,
        b"\r\n",
    ]
    chosen = [] if subprotocol is None else [(b"Sec-WebSocket-Protocol", subprotocol.encode("ascii"))]
    for name, value in [*chosen, *headers]:
        if any(byte in name + value for byte in b"\r\n\0"):
            raise ValueError(f"Header {name!r} has characters that can't be sent")
        lines.append(b"%b: %b\r\n" % (name, value))
    lines.append(b"\r\n")
    return b"".join(lines)
