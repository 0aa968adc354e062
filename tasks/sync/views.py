from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from realtime import events
from tasks.accounts.models import User
from tasks.accounts.people import signed_in
from tasks.core.api.private import PrivateView
from tasks.core.streams import user_stream
from tasks.lists.access import lists_visible_to, stream_of, streams_of
from tasks.lists.models import TaskList
from tasks.sync.deflate import Piece, gzipped, plain
from tasks.sync.parts import Form, build
from tasks.sync.shared import Key, shared_parts
from tasks.sync.snapshot import Futures, done, head_of, pieces_of

SMALL_BYTES = 256 * 1024
"""Up to here, uncompressed, a response is made as one."""

CHUNK_BYTES = 64 * 1024


class UnreadableStreams(NotFound):
    def __init__(self, extra: dict[str, list[str]]) -> None:
        super().__init__("None of these streams exists for you.")
        self.extra = extra


class SyncView(PrivateView):
    """`?stream=`, repeated, restricts the response to those streams. `unreadable` names those of them that do not
    exist or that the person may not read; clients drop them. 404 if that is all of them.

    The response is streamed, compressed where the client accepts it, and by columns where it prefers that. Its parts
    are shared, see `tasks.sync.shared`.
    """

    parameters = repeatable_parameters = ("stream",)

    def get(self, request: Request) -> HttpResponseBase:
        person = signed_in(request)
        if not settings.EVERYONE_LIST:
            TaskList.objects.inbox_of(person)  # so that nobody starts without a list
        # First the positions, then the rows: an event between the two is delivered twice rather than never.
        readable = streams_of(person.pk)
        wanted = self.wanted(request) or readable
        unreadable = sorted(wanted - readable)
        if unreadable and not wanted & readable:
            raise UnreadableStreams({"unreadable": unreadable})
        position = events.positions(wanted & readable)
        head = head_of(person, position, unreadable)
        accepted = request.headers.get("Accept-Encoding", "")
        form: Form = "columns" if prefers_columns(request.headers.get("Prefer", "")) else "objects"
        return respond(head, parts_at(position, person, form), form=form, gzip=accepts_gzip(accepted))

    def wanted(self, request: Request) -> set[str]:
        return set(request.query_params.getlist("stream"))


def parts_at(position: Mapping[str, Any], person: User, form: Form) -> Futures:
    """The parts of the position's streams. A list that the person joined meanwhile is left to its event."""
    heads = position["positions"]
    if connection.in_atomic_block:  # what is read here may be rolled back, and must not be shared
        return [done(part) for part in build(heads, form).values()]
    streams = list(heads)
    if len(streams) > 1:
        lists = lists_visible_to(person).values_list("pk", flat=True)
        streams = [user_stream(person.pk), *(stream_of(pk) for pk in lists)]  # in the lists' order
    keys = [Key(position["epoch"], name, heads[name], form) for name in streams if name in heads]
    futures = shared_parts.get(keys)
    return [futures[key] for key in keys]


def respond(head: dict[str, object], parts: Futures, *, form: Form, gzip: bool) -> HttpResponseBase:
    headers = {"Vary": "Accept-Encoding, Prefer", **({"Content-Encoding": "gzip"} if gzip else {})}
    if form == "columns":
        headers["Preference-Applied"] = "columns"
    pieces: Iterable[Piece] = pieces_of(head, parts)
    if all(part.done() for part in parts):
        pieces = list(pieces)
        if sum(piece.size for piece in pieces) <= SMALL_BYTES:
            body = b"".join(gzipped(pieces) if gzip else plain(pieces))
            return HttpResponse(body, content_type="application/json", headers=headers)
    body_parts = chunks(gzipped(pieces) if gzip else plain(pieces))
    return StreamingHttpResponse(body_parts, content_type="application/json", headers=headers)


def chunks(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of about CHUNK_BYTES, so that a slow client holds no more than that in memory."""
    buffer = bytearray()
    for part in parts:
        for start in range(0, len(part), CHUNK_BYTES):
            buffer += part[start : start + CHUNK_BYTES]
            if len(buffer) >= CHUNK_BYTES:
                yield bytes(buffer)
                buffer.clear()
    if buffer:
        yield bytes(buffer)


def accepts_gzip(header: str) -> bool:
    """Whether Accept-Encoding names gzip, or everything, and does not refuse it with q=0."""
    weights = {}
    for part in header.lower().split(","):
        coding, _, parameters = part.partition(";")
        weights[coding.strip()] = parameters.replace(" ", "").removeprefix("q=") or "1"
    return weights.get("gzip", weights.get("*", "0")).strip("0.") != ""


def prefers_columns(header: str) -> bool:
    """Whether Prefer (RFC 7240) names the compact form."""
    return any(part.partition(";")[0].strip().lower() == "columns" for part in header.split(","))
