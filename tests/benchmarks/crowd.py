"""Many WebSocket clients in one thread: sockets, epoll and as little else as can be, so that the server is measured."""

import itertools
import select
import socket
import time
from collections.abc import Callable, Iterable
from typing import Self

from websockets.frames import CLOSE, PING

from tests.benchmarks.frames import LONG, PONG, frame_end, frames
from tests.benchmarks.opening import CrowdError, Door, Opening

AT_ONCE = 32
"""Handshakes under way: fewer than the shortest backlog of the servers compared (Twisted's 50)."""

HANDSHAKE_SECONDS = 60

READING = select.EPOLLIN | select.EPOLLET
"""Edge-triggered: the kernel need not look again at what was emptied."""

BUFFER = 1 << 18
ONE_IN = 50
"""Of so many clients one keeps all that it gets, to be looked at afterwards."""


class Crowd:
    """Clients of one server. `total` counts the events that all of them got, `counts` those of each."""

    def __init__(self, port: int, *, greeting: bytes | None = None) -> None:
        """`greeting`: what the frame holds that a server sends once the client is signed in and subscribed."""
        self.total = 0
        self.counts: list[int] = []
        self.kept: dict[int, bytearray] = {}
        self._port = port
        self._greeting = greeting
        self._epoll = select.epoll()
        self._index: dict[int, int] = {}
        self._sockets: list[socket.socket] = []
        self._rests: dict[int, bytes] = {}
        self._buffer = bytearray(BUFFER)

    def connect(self, doors: Iterable[Door], *, at_once: int = AT_ONCE) -> float:
        """Opens one connection for each door; returns the seconds until all of them were signed in and subscribed."""
        began = time.monotonic()
        opening: dict[int, Opening] = {}
        remaining = iter(doors)
        try:
            while True:
                for door in itertools.islice(remaining, at_once - len(opening)):
                    one = Opening(self._port, door, self._greeting)
                    opening[one.socket.fileno()] = one
                    self._epoll.register(one.socket, select.EPOLLIN)
                if not opening:
                    return time.monotonic() - began
                self._let_in(opening)
        finally:
            for one in opening.values():
                one.socket.close()

    def _let_in(self, opening: dict[int, Opening]) -> None:
        """Waits for the next that come in, and takes them from `opening`."""
        ready = self._epoll.poll(HANDSHAKE_SECONDS)
        if not ready:
            raise CrowdError(f"{len(opening)} handshakes were not answered")
        for descriptor, _ in ready:
            if descriptor not in opening:
                self._read(descriptor)
            elif opening[descriptor].read():
                self._adopt(opening.pop(descriptor))

    def _adopt(self, opened: Opening) -> None:
        """From now on what comes is counted."""
        one, index = opened.socket, len(self._sockets)
        self._epoll.modify(one, READING)
        self._sockets.append(one)
        self._index[one.fileno()] = index
        self.counts.append(0)
        if index % ONE_IN == 0:
            self.kept[one.fileno()] = bytearray()
        self._take(one.fileno(), opened.rest)

    # Reading

    def read(self, seconds: float) -> None:
        """Waits at most `seconds` for something to come, and counts the events of all that is here."""
        for descriptor, _ in self._epoll.poll(seconds):
            self._read(descriptor)

    def _read(self, descriptor: int) -> None:
        buffer, number = self._buffer, self._index[descriptor]
        size = self._receive(number)
        end = start = events = 0
        if descriptor not in self._rests and descriptor not in self.kept:
            # The usual case: nothing but events, so hop from header to header.
            while end + 4 <= size and buffer[end + 1] == LONG:
                start, end = end, end + 4 + (buffer[end + 2] << 8 | buffer[end + 3])
                events += 1
            if end > size:
                end, events = start, events - 1
            self.counts[number] += events
            self.total += events
        if end != size:
            self._take(descriptor, bytes(buffer[end:size]))
        if size == BUFFER:
            self._epoll.modify(descriptor, READING)  # there is more: be told again

    def _receive(self, number: int) -> int:
        try:
            size = self._sockets[number].recv_into(self._buffer)
        except BlockingIOError:
            return 0
        if not size:
            raise CrowdError("the server hung up")
        return size

    def _take(self, descriptor: int, data: bytes) -> None:
        """Any bytes, frame by frame."""
        data = self._rests.pop(descriptor, b"") + data
        start = 0
        while (end := frame_end(data, start)) and end <= len(data):
            self._take_frame(self._index[descriptor], data[start] & 15, data[start + 1])
            start = end
        if descriptor in self.kept:
            self.kept[descriptor] += data[:start]
        if start < len(data):
            self._rests[descriptor] = data[start:]

    def _take_frame(self, number: int, opcode: int, size: int) -> None:
        if size == LONG:
            self.counts[number] += 1
            self.total += 1
        elif opcode == PING:
            self._sockets[number].send(PONG)
        elif opcode == CLOSE:
            raise CrowdError("the server closed a connection")

    # Looking back

    def forget(self) -> None:
        """Starts counting from zero."""
        self.total = 0
        self.counts = [0] * len(self.counts)
        for data in self.kept.values():
            data.clear()

    def check(self, number_of: Callable[[bytes], int], expected: int) -> None:
        """Raises CrowdError unless each client got `expected` events, and those who kept theirs got them in order."""
        if wrong := [count for count in self.counts if count != expected]:
            raise CrowdError(f"{len(wrong)} clients got {min(wrong)} to {max(wrong)} events and not {expected}")
        for data in self.kept.values():
            numbers = [number_of(frame.payload) for frame in frames(bytes(data)) if len(frame.payload) >= LONG]
            if numbers and numbers != list(range(numbers[0], numbers[0] + expected)):
                raise CrowdError(f"events came out of order: {numbers[:20]} ...")

    def close(self) -> None:
        for one in self._sockets:
            one.close()
        self._epoll.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
