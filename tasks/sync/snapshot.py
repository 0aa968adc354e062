"""A snapshot: the parts of a person's streams, put together to one JSON object."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from tasks.accounts.models import User
from tasks.accounts.representation import me_json
from tasks.sync.deflate import Piece, store
from tasks.sync.parts import Part, json_bytes, section_names

LONGEST_WAIT = 60.0
"""Seconds for a part that another request makes."""

Futures = Sequence["Future[Part]"]


def done(part: Part) -> "Future[Part]":
    """A part that is there already."""
    future: Future[Part] = Future()
    future.set_result(part)
    return future


def pieces_of(head: Mapping[str, Any], parts: Futures) -> Iterator[Piece]:
    """The JSON object with the fields of `head` and a list for each section. Waits for parts that are being made."""
    yield store(json_bytes(head)[:-1])
    for name in section_names():
        yield store(f',"{name}":['.encode())
        is_first = True
        for part in parts:
            piece = part.result(LONGEST_WAIT)[name]
            if not piece.size:
                continue
            if not is_first:
                yield store(b",")
            yield piece
            is_first = False
        yield store(b"]")
    yield store(b"}")


def head_of(user: User, position: Mapping[str, Any], unreadable: Sequence[str]) -> dict[str, Any]:
    """What a snapshot holds beside its sections."""
    named = {"unreadable": list(unreadable)} if unreadable else {}
    return {**position, **named, "me": me_json(user)}
