"""What a snapshot holds of one stream. It does not depend on who asks, so that it can be shared."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.conf import settings

from realtime.events import live
from tasks.accounts.models import User
from tasks.accounts.representation import user_json
from tasks.core.streams import EVERYONE_STREAM
from tasks.lists.access import lists_of
from tasks.lists.models import Membership
from tasks.lists.representation import member_json
from tasks.sync.deflate import Piece, compress

CHUNK = 500
"""Rows that are read and encoded at once."""

Part = Mapping[str, Piece]
"""For each section of the snapshot the stream's objects as JSON, separated by commas."""


def sections_of(streams: Collection[str]) -> Iterator[tuple[str, Iterator[Mapping[str, Any]]]]:
    """The streams' objects for each section of the snapshot, read from the database a few at a time."""
    people = User.objects.all() if EVERYONE_STREAM in streams and settings.EVERYONE_LIST else User.objects.none()
    yield "users", map(user_json, people.iterator(CHUNK))
    members = Membership.objects.filter(list__in=lists_of(streams)).select_related("user")
    yield "members", map(member_json, members.iterator(CHUNK))
    for kind in live.kinds():
        yield f"{kind.name}s", map(kind.represent, kind.rows_in(streams).iterator(CHUNK))


def section_names() -> list[str]:
    return ["users", "members", *(f"{kind.name}s" for kind in live.kinds())]


def build(streams: Collection[str]) -> Part:
    """The part of these streams as they are now. Memory: a chunk of rows, and the compressed result."""
    return {name: compress(encoded(objects)) for name, objects in sections_of(streams)}


def encoded(objects: Iterator[Mapping[str, Any]]) -> Iterable[bytes]:
    """The objects as JSON, a chunk at a time, with commas between all of them."""
    comma = ""
    while chunk := list(islice(objects, CHUNK)):
        yield (comma + json_text(chunk)[1:-1]).encode()
        comma = ","


def json_text(value: Any) -> str:
    """As the API's renderer writes it."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
