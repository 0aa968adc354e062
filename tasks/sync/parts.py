"""What snapshots hold of streams. It does not depend on who asks, so that it can be shared."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, Literal
from uuid import UUID

import orjson
from django.conf import settings

from realtime.events import live
from realtime.events.database import log_alias
from tasks.accounts.models import User
from tasks.accounts.representation import user_json
from tasks.core.bounded import BoundedModel
from tasks.core.rows import rows_of
from tasks.core.streams import EVERYONE_STREAM
from tasks.lists.access import in_lists, lists_of, stream_of
from tasks.lists.models import Membership, TaskList
from tasks.lists.representation import member_json
from tasks.sync.columns import encoded_columns
from tasks.sync.deflate import Piece, compress

CHUNK = 500
"""Rows that are encoded at once."""

STREAMS = 500
"""Streams that are read by one query of each kind."""

FEW_STREAMS = 10
"""Up to here, what each has a bounded number of is read at once. PostgreSQL gets four messages for one otherwise."""

Part = Mapping[str, Piece]
"""For each section of the snapshot the stream's objects as JSON, separated by commas."""

Form = Literal["objects", "columns"]
"""How the objects of a section are written: each by itself, or many of them by columns."""

Represent = Callable[[Any], Mapping[str, Any]]
Section = tuple[str, Represent, Iterator[tuple[str, Iterator[Any]]]]
"""Its name, how its rows are shown, and the rows of each stream, one stream after the other."""


def section_names() -> list[str]:
    return ["users", "members", *(f"{kind.name}s" for kind in live.kinds())]


def build(streams: Collection[str], form: Form = "objects") -> dict[str, Part]:
    """The part of each of these streams as they are now. Memory: a chunk of rows, and the compressed results."""
    encode = encoded if form == "objects" else encoded_columns
    parts: dict[str, Part] = {}
    names = sorted(streams)
    for start in range(0, len(names), STREAMS):
        some = names[start : start + STREAMS]
        found: dict[str, dict[str, Piece]] = {name: dict.fromkeys(section_names(), NOTHING) for name in some}
        for section, represent, groups in _sections_of(some):
            for stream, rows in groups:
                found[stream][section] = compress(encode(map(represent, rows)))
        parts.update(found)
    return parts


NOTHING = compress([])


def _sections_of(streams: Collection[str]) -> Iterator[Section]:
    if EVERYONE_STREAM in streams and settings.EVERYONE_LIST:
        yield "users", user_json, iter([(EVERYONE_STREAM, User.objects.iterator(CHUNK))])
    members = Membership.objects.filter(list__in=lists_of(streams)).select_related("user")
    ordered = members.order_by("list_id", *(Membership._meta.ordering or ["pk"])).iterator(CHUNK)
    yield "members", member_json, groupby(ordered, lambda member: stream_of(member.list_id))
    for kind in live.kinds():
        yield f"{kind.name}s", kind.represent, _rows_of(kind, streams)


def _rows_of(kind: live.Kind, streams: Collection[str]) -> Iterator[tuple[str, Iterator[Any]]]:
    """The rows of each stream, in their own order. What belongs to lists is read list by list, in one query."""
    if kind.parent_kind is not None and kind.parent_kind.model is TaskList:
        key = f"{kind.parent}_id"
        of_lists = kind.model._default_manager.using(log_alias()).filter(in_lists(lists_of(streams), key))
        ordered = of_lists.order_by(key, *(kind.model._meta.ordering or ["pk"]))
        at_once = len(streams) <= FEW_STREAMS and issubclass(kind.model, BoundedModel)
        groups = groupby(rows_of(ordered, with_keys=False, at_once=at_once), attrgetter(key))
        return ((stream_of(UUID(pk)), group) for pk, group in groups)
    if kind.stream is not None:
        by_stream: defaultdict[str | None, list[Any]] = defaultdict(list)
        for row in rows_of(kind.rows_in(streams), at_once=True):
            by_stream[kind.stream(row)].append(row)
        return ((stream, iter(by_stream[stream])) for stream in streams)
    return ((stream, rows_of(kind.rows_in([stream]))) for stream in streams)


def encoded(objects: Iterator[Mapping[str, Any]]) -> Iterable[bytes]:
    """The objects as JSON, a chunk at a time, with commas between all of them."""
    comma = b""
    while chunk := list(islice(objects, CHUNK)):
        yield comma + json_bytes(chunk)[1:-1]
        comma = b","


def json_bytes(value: Any) -> bytes:
    """The same data as the API's renderer writes, compact and in UTF-8. Raises TypeError for what is no JSON."""
    return orjson.dumps(value)
