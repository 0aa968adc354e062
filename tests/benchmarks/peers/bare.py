"""The least that a server in Python can do, to see what of a delivery is the kernel's.

A subscription in Redis, sockets, and this application's ring. Nobody signs in, there is no log, and a client that reads
slowly ends it.
"""

import os
import select
import socket
from typing import Any

from redis import Redis
from websockets.utils import accept_key

from realtime.transport.frames import Opcode, encode
from realtime.transport.io_uring import SIZE, Recipients, SubmissionRing, send_header


class Client:
    def __init__(self, taken: socket.socket) -> None:
        self._socket = taken
        self.sqe_header = send_header(taken.fileno())

    def write(self, data: bytes, /) -> None:
        raise RuntimeError("the ring takes no more")

    def take_result(self, data: bytes, result: int, /) -> None:
        raise RuntimeError(f"a send came to {result}")


def shake_hands(listener: socket.socket) -> Client:
    taken, _ = listener.accept()
    taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    request = b""
    while b"\r\n\r\n" not in request:
        request += taken.recv(4096)
    key = request.lower().index(b"sec-websocket-key: ") + 19
    answer = accept_key(request[key : key + 24].decode())
    taken.sendall(
        f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {answer}\r\n\r\n".encode()
    )
    return Client(taken)


def waiting(subscription: Any) -> bytes:
    """All that has come, as frames one after the other."""
    frames = []
    while message := subscription.get_message(ignore_subscribe_messages=True):
        frames.append(encode(Opcode.TEXT, message["data"]))
    return b"".join(frames)


def main() -> None:
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=1024)
    subscription = Redis.from_url(os.environ["REDIS_URL"]).pubsub()
    subscription.subscribe("broadcast")
    subscription.get_message(timeout=10)
    ring = SubmissionRing()
    clients: list[Client] = []
    crowds: list[Recipients] = []
    events = select.epoll()
    events.register(listener, select.EPOLLIN)
    events.register(subscription.connection._sock, select.EPOLLIN)
    print("ready", flush=True)
    while True:
        for descriptor, _ in events.poll():
            if descriptor == listener.fileno():
                clients.append(shake_hands(listener))
                crowds = [Recipients(clients[start : start + SIZE]) for start in range(0, len(clients), SIZE)]
            elif data := waiting(subscription):
                for crowd in crowds:
                    ring.write(crowd, data)


if __name__ == "__main__":
    main()
