"""HTTP requests, answered by a bounded number of threads with one visit each.

Django's own ASGI handler visits a thread for each of: the signal at the start, every change between synchronous and
asynchronous middleware, the view, and the end. It makes a new thread, and so a new database connection, for each
request. Those visits cost several times what the view does. Here everything is synchronous, so one visit is enough.
"""

import asyncio
import codecs
import contextvars
import os
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, ParamSpec, TypeVar, cast

from django.core import signals
from django.core.exceptions import RequestAborted, SuspiciousOperation
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.db import close_old_connections
from django.http import FileResponse, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from django.utils.log import log_response

from realtime.attribution import attribution
from tasks.core.api.bodies import OBJECT
from todo_project.metrics import requests_waiting, threads_busy
from todo_project.refusals import note_refusal, refusal, send_json, send_problem

P = ParamSpec("P")
R = TypeVar("R")

Message = dict[str, Any]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

THREADS = 8
"""Requests worked on at once. Python runs one thread at a time, so more of them only wait for the database."""

MAX_WAITING = 256
"""Requests that may wait for a thread; the others get 503 at once."""

LARGE_BODY_THREADS = 2
"""For requests whose body is larger than one object's may be. What such a body becomes takes megabytes."""

PROBE_THREADS = 2
"""For health and metrics, which must not wait behind people's requests."""

RETRY_SECONDS = 1

END = object()


FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}

HEADER_ERRORS = (ValueError, LookupError, TypeError)
"""What Python's parser of header parameters (RFC 2231) raises for what clients may send."""


class ReadableRequest(ASGIRequest):
    """A request whose form fails once if it can't be read: what answers the error looks at the form again."""

    @property
    def is_form(self) -> bool:
        return self.content_type in FORMS

    @property
    def has_known_charset(self) -> bool:
        """Whether its text can be read as UTF-8, which is also assumed of charsets that Python does not know."""
        if not self.encoding:
            return True
        if codecs.lookup(self.encoding).name != "utf-8":
            return False
        self.encoding = "utf-8"  # Django knows no other name for it
        return True

    def _load_post_and_files(self) -> None:
        try:
            super()._load_post_and_files()
        except (MultiPartParserError, *HEADER_ERRORS) as error:
            self._mark_post_parse_error()  # type: ignore[attr-defined]
            raise SuspiciousOperation(f"The form can't be read: {error}") from error


class BusyError(Exception):
    """All threads work, and as many calls as may wait do so."""


class Threads:
    """A fixed number of threads, and a bound on the calls that wait for one. Event loop only."""

    def __init__(self, count: int, *, max_waiting: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._count, self._places = count, count + max_waiting
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def busy(self) -> int:
        """How many threads work."""
        return min(self._taken, self._count)

    @property
    def waiting(self) -> int:
        """How many calls wait for one."""
        return max(self._taken - self._count, 0)

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `function` returns or raises. Context variables that it sets are set for the caller, too.

        Raises BusyError at once when too many calls wait. A call whose caller was cancelled keeps its place until it
        ends, since its thread does, too.
        """
        with self._lock:
            if self._taken == self._places:
                raise BusyError
            self._taken += 1
        context = contextvars.copy_context()

        def work() -> R:
            try:
                return context.run(function, *args, **kwargs)
            finally:
                with self._lock:
                    self._taken -= 1

        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            for variable, value in context.items():
                if variable.get(END) is not value:
                    variable.set(value)


class RequestHandler(ASGIHandler):
    """The ASGI application for HTTP. `probes` are paths with threads of their own; `liveness` needs no thread."""

    def __init__(
        self, *, liveness: str, probes: set[str], threads: int = THREADS, max_waiting: int = MAX_WAITING
    ) -> None:
        super().__init__()
        self._liveness = liveness
        self._probes = probes
        self._request_threads = Threads(threads, max_waiting=max_waiting, name="request")
        self._large_body_threads = Threads(LARGE_BODY_THREADS, max_waiting=max_waiting, name="large-body")
        self._probe_threads = Threads(PROBE_THREADS, max_waiting=max_waiting, name="probe")

    def sample(self) -> None:
        """Sets the gauges of threads and of requests that wait for one."""
        threads_busy.set(self._request_threads.busy + self._large_body_threads.busy)
        requests_waiting.set(self._request_threads.waiting + self._large_body_threads.waiting)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Message, receive: Callable[[], Any], send: Send) -> None:
        """Answers one request. Raises ValueError for anything but HTTP."""
        if scope["type"] != "http":
            raise ValueError(f"Only HTTP is handled here, not {scope['type']}.")
        if scope["path"] == self._liveness:
            await send_json(send, 200, {"status": "ok"})
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        try:
            response = await self._threads_for(scope, body).call(self._respond, scope, body)
        except BusyError:
            body.close()
            more = [(b"retry-after", str(RETRY_SECONDS).encode())]
            await send_problem(scope, send, 503, "The server is busy. Try again in a moment.", more)
            return
        if not response.streaming:
            await self.send_response(response, send)
            return
        try:
            await self._stream(response, receive, send)
        finally:
            await asyncio.to_thread(response.close)

    def _threads_for(self, scope: Message, body: IO[bytes]) -> Threads:
        if scope["path"] in self._probes:
            return self._probe_threads
        return self._large_body_threads if _size(body) > OBJECT.bytes else self._request_threads

    def _respond(self, scope: Message, body: IO[bytes]) -> HttpResponseBase:
        """The whole of a request's work, in one thread: the signals, the middleware, the view and the end."""
        with body:
            set_script_prefix(get_script_prefix(scope))
            signals.request_started.send(sender=self.__class__, scope=scope)
            request, refused = self.create_request(scope, body)
            response = self.get_response(request) if request else cast("HttpResponseBase", refused)
            response._handler_class = self.__class__  # type: ignore[attr-defined]  # the sender of `request_finished`
            if isinstance(response, FileResponse):
                response.block_size = self.chunk_size
            if response.streaming:
                close_old_connections()
            else:
                response.close()
            return response

    def create_request(  # type: ignore[override]  # Django's has no types
        self, scope: Message, body_file: IO[bytes]
    ) -> tuple[ReadableRequest | None, HttpResponse | None]:
        """The request, or the response to one that Django cannot read: its query, its Content-Type or its charset. So
        is a form that is too large.
        """
        try:
            request = ReadableRequest(scope, body_file)
        except HEADER_ERRORS as error:
            return None, _refused(scope, 400, "The request can't be read: a header or the query is not valid.", error)
        if request.is_form and not request.has_known_charset:
            return None, _refused(scope, 415, "A form must be in UTF-8.")
        if request.is_form and _size(body_file) > OBJECT.bytes:
            return None, _refused(scope, 413, f"A form may have at most {OBJECT.bytes:,} bytes.")
        return request, None

    async def _stream(self, response: HttpResponseBase, receive: Callable[[], Any], send: Send) -> None:
        """Sends the parts as they are made, until the client is gone. Any thread makes the next part, so a streamed
        response must not keep a database cursor open."""
        await send({"type": "http.response.start", "status": response.status_code, "headers": _headers(response)})
        parts: Iterator[bytes] = iter(response)
        gone = asyncio.ensure_future(receive())
        try:
            while not gone.done() and (part := await asyncio.to_thread(next, parts, END)) is not END:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()


def _size(body: IO[bytes]) -> int:
    size = body.seek(0, os.SEEK_END)
    body.seek(0)
    return size


def _refused(scope: Message, status: int, detail: str, error: Exception | None = None) -> HttpResponse:
    """The response to a request that no middleware has seen: with an id, counted, and with a line in the log."""
    path, request_id = scope["path"], note_refusal(scope, status)
    with attribution(source="web", request_id=request_id):
        response = refusal(path, status, detail)
    response.headers["X-Request-ID"] = request_id
    reason = f" ({type(error).__name__}: {error})" if error else ""
    log_response("%s: %s%s", response.reason_phrase, path, reason, response=response)
    return response


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    cookies = [
        (b"Set-Cookie", cookie.output(header="").strip().encode("ascii")) for cookie in response.cookies.values()
    ]
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()] + cookies
