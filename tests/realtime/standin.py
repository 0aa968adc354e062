"""A small application on the real server, without Django and the hub: `python -m tests.realtime.standin ADDRESS`.

/echo    uses ASGI's receive and send alone
/attach  attaches a receiver and returns; commands, as JSON: see Talker
/deaf    accepts and never receives
/return  returns after accepting; /raise raises; /refuse does not accept, and /raise-first raises instead
/early   writes before accepting, and tells what came of it; /mistakes the same of ASGI's send
/http/   answers a request with its scope and the size of its body
/large   answers with as many bytes as the query says
/scope   accepts with a subprotocol and a header, and tells the scope; /undecided neither accepts nor refuses
"""

import asyncio
import gc
import json
import os
import resource
import socket
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from realtime.server import drain as draining
from realtime.server import listening
from realtime.server.interfaces import CloseCodes, Limits
from realtime.server.server import Server
from realtime.server.tls import tls_context
from realtime.transport import writer
from realtime.transport.frames import Opcode, encode
from realtime.transport.io_uring import Recipients, SubmissionRing
from realtime.transport.websocket import WebSocket

SEND_LIMIT = 256 * 1024

PART_BYTES = 64 * 1024

talkers: dict[str, "Talker"] = {}
closed: dict[str, int] = {}
ring = SubmissionRing() if os.environ.get("IO_URING") else None
requests: list[str] = []


@cache
def recipients_of(target: WebSocket) -> Recipients:
    return Recipients([target])


def write(target: WebSocket, data: bytes) -> None:
    """As the hub does it: with IO_URING=1 by way of the ring."""
    if ring is None:
        target.write(data)
    else:
        ring.write(recipients_of(target), data)


def garbage() -> list[str]:
    """The types of the server's own objects that only a collection finds. (A transport of asyncio is one, too.)"""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found = [type(one) for one in gc.garbage]
    gc.garbage.clear()
    return [kind.__name__ for kind in found if kind.__module__.startswith(("realtime.", "httptools"))]


class Talker:
    """The receiver of one socket; its name is the query string."""

    def __init__(self, socket: WebSocket, name: str) -> None:
        self.socket = socket
        self.drained = False
        talkers[name] = self
        self.name = name

    def tell(self, **fields: Any) -> None:
        self.socket.write(encode(Opcode.TEXT, json.dumps(fields).encode()))

    def on_text(self, text: str) -> None:
        if not text.startswith("{"):
            self.socket.write(encode(Opcode.TEXT, text.encode()))
            return
        command = json.loads(text)
        target = talkers.get(command.get("to"), self)
        match command["do"]:
            case "burst":
                time.sleep(command.get("after", 0))
                for number in range(command["count"]):
                    write(target.socket, encode(Opcode.TEXT, f"{number} ".encode().ljust(command["size"], b".")))
                self.tell(pending=target.socket.pending)
            case "drain":
                self.task = asyncio.create_task(target.until_drained())
            case "close":
                target.socket.close(command["code"])
            case "bad close":
                try:
                    target.socket.close(1001)
                except ValueError:
                    self.tell(refused=True)
            case "state":
                state = {"pending": target.socket.pending, "drained": target.drained}
                self.tell(closed=closed, tasks=len(asyncio.all_tasks()), requests=len(requests), **state)
            case "garbage":
                talkers.clear()
                self.tell(found=garbage())
                (gc.disable if command["begin"] else gc.enable)()
            case "raise":
                raise RuntimeError("asked for")

    async def until_drained(self) -> None:
        await self.socket.drained()
        self.drained = True

    def on_bytes(self, data: bytes) -> None:
        self.socket.write(encode(Opcode.BINARY, data))

    def on_close(self, code: int) -> None:
        closed[self.name] = code


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await _answer(scope, receive, send)
        return
    await receive()
    if scope["path"] in UNACCEPTED:
        await UNACCEPTED[scope["path"]](receive, send)
    elif scope["path"].startswith("/scope"):
        await _tell_scope(scope, send)
    else:
        await _accept(scope, receive, send)


async def _answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    requests.append(scope["path"])
    if scope["path"].startswith("/http/"):
        await _describe(scope, receive, send)
        return
    if scope["path"] == "/large":
        await _send_large(int(scope["query_string"]), send)
        return
    wait = time.sleep if scope["path"] == "/thread" else None
    seconds = float(scope["query_string"] or 0)
    await (asyncio.to_thread(wait, seconds) if wait else asyncio.sleep(seconds))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"well"})


async def _describe(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The scope and the size of the body, as JSON, in the framing that the path names."""
    size, parts = 0, 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            closed["http"] = size
            return
        size, parts = size + len(message["body"]), parts + 1
        if not message["more_body"]:
            break
    shown = {name: scope[name] for name in scope if name not in ("extensions", "asgi")}
    text = json.dumps({**shown, "size": size}, default=lambda value: value.decode("latin-1")).encode()
    headers = [(b"Content-Length", b"%d" % len(text))] if scope["path"] == "/http/length" else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for part in (text[:10], text[10:]):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


async def _send_large(size: int, send: Any) -> None:
    """From memory, as Django does it."""
    text = b"x" * size
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"%d" % size)]})
    for start in range(0, size, PART_BYTES):
        await send({"type": "http.response.body", "body": text[start : start + PART_BYTES], "more_body": True})
    await send({"type": "http.response.body"})


async def _refuse(receive: Any, send: Any) -> None:
    await send({"type": "websocket.close"})


async def _raise(receive: Any, send: Any) -> None:
    raise RuntimeError("asked for")


async def _hesitate(receive: Any, send: Any) -> None:
    closed["undecided"] = (await receive())["code"]


async def _make_mistakes(receive: Any, send: Any) -> None:
    early = await _mistake(send, {"type": "websocket.send", "text": "too early"})
    await send({"type": "websocket.accept"})
    again = await _mistake(send, {"type": "websocket.accept"})
    both = await _mistake(send, {"type": "websocket.send", "text": "", "bytes": b""})
    neither = await _mistake(send, {"type": "websocket.send", "text": None})
    code = await _mistake(send, {"type": "websocket.close", "code": 0})
    await send({"type": "websocket.send", "text": json.dumps([early, again, both, neither, code])})
    await send({"type": "websocket.send", "bytes": b"bytes"})


UNACCEPTED = {"/refuse": _refuse, "/raise-first": _raise, "/undecided": _hesitate, "/mistakes": _make_mistakes}
"""What happens on these paths in the place of a plain accept."""


async def _tell_scope(scope: dict[str, Any], send: Any) -> None:
    await send({"type": "websocket.accept", "subprotocol": "two", "headers": [(b"X-Header", b"yes")]})
    shown = {name: scope[name] for name in scope if name not in ("extensions", "asgi")}
    await send({"type": "websocket.send", "text": json.dumps(shown, default=lambda value: value.decode("latin-1"))})


async def _accept(scope: dict[str, Any], receive: Any, send: Any) -> None:
    socket = scope.get("extensions", {}).get("websocket.writer")
    before = ""
    if scope["path"] == "/early":
        try:
            before = "no writer" if socket is None else socket.write(b"")
        except RuntimeError as error:
            before = str(error)
    await send({"type": "websocket.accept"})
    match scope["path"]:
        case "/echo":
            await _echo(receive, send)
        case "/attach":
            socket.attach(Talker(socket, scope["query_string"].decode()))
        case "/deaf":
            await asyncio.sleep(60)
        case "/early":
            await send({"type": "websocket.send", "text": before})
            await receive()
        case "/flood":
            for number in range(30_000):
                await send({"type": "websocket.send", "text": f"{number}".ljust(1000)})
        case "/raise":
            await _raise(receive, send)


async def _mistake(send: Any, message: dict[str, Any]) -> str:
    try:
        await send(message)
    except ValueError as error:
        return str(error)
    return "nothing"


async def _echo(receive: Any, send: Any) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({**message, "type": "websocket.send"})
    closed["echo"] = message["code"]


def main(address: str, certificate: str = "", key: str = "") -> None:
    writer.CLOSE_SECONDS = float(os.environ.get("CLOSE_SECONDS", "5"))
    draining.REQUEST_SECONDS = float(os.environ.get("REQUEST_SECONDS", "10"))
    if files := int(os.environ.get("FILES", "0")):
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    listening.DEAD_PEER_SECONDS = int(os.environ.get("DEAD_PEER_SECONDS", "40"))
    if address.isdigit():
        listener = listening.tcp_socket("127.0.0.1", int(address))
    else:
        listener = listening.unix_socket(str(Path(address)))
    # Small, so that sends are short often.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
    limits = {name: float(os.environ[name.upper()]) for name in Limits._fields if name.upper() in os.environ}
    Server(
        application,
        sockets=[listener],
        close_codes=CloseCodes(too_slow=4008, going_away=4503),
        send_limit=SEND_LIMIT,
        drain_seconds=0,
        limits=Limits(**limits),  # type: ignore[arg-type]
        proxy_headers="PROXY" in os.environ,
        tls=tls_context(certificate, key) if certificate else None,
        on_listening=lambda: print("listening", flush=True),
    ).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
