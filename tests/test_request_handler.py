"""HTTP requests take a bounded number of threads, and health does not wait for them."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path
from prometheus_client import REGISTRY

from tasks.core.api.bodies import OBJECT
from todo_project.request_handler import BusyError, RequestHandler, Threads

gate = threading.Event()
running: list[str] = []


def blocked(request: HttpRequest) -> HttpResponse:
    running.append(threading.current_thread().name)
    gate.wait(30)
    return HttpResponse("done")


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(threading.current_thread().name)


def parts(request: HttpRequest) -> StreamingHttpResponse:
    def made() -> Iterator[bytes]:
        yield b"one,"
        yield b"two"

    return StreamingHttpResponse(made())


urlpatterns = [path("blocked", blocked), path("who", who), path("readyz", who), path("parts", parts)]


@pytest.fixture(autouse=True)
def _only_these_views() -> Iterator[None]:
    gate.clear()
    running.clear()
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"]):
        yield
    gate.set()


@pytest.fixture
def handler() -> RequestHandler:
    return RequestHandler(liveness="/livez", probes={"/readyz"}, threads=2, max_waiting=3)


async def get(
    handler: RequestHandler,
    path: str,
    *,
    method: str = "GET",
    body: bytes = b"",
    kind: bytes = b"application/json",
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body."""
    headers = [(b"host", b"x"), (b"content-type", kind)]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    received.put_nowait({"type": "http.request", "body": body})
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await handler(scope, received.get, send)
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


def figures(handler: RequestHandler) -> tuple[float, ...]:
    """Threads that work, requests that wait, and how many changes there were, and were refused with 503."""
    handler.sample()
    names = ("threads_busy", "requests_waiting", "writes_total", "writes_unavailable_total")
    return tuple(REGISTRY.get_sample_value(f"todo_http_{name}") or 0 for name in names)


async def all_threads_work() -> None:
    async with asyncio.timeout(10):
        while len(running) < 2:
            await asyncio.to_thread(lambda: None)


async def test_requests_take_so_many_threads_and_no_more(handler):
    """Five requests run in two threads: three of them wait."""
    requests = [asyncio.create_task(get(handler, "/blocked")) for _ in range(5)]
    await all_threads_work()
    assert len(running) == 2
    gate.set()
    assert [status for status, _, _ in await asyncio.gather(*requests)] == [200] * 5
    assert len(set(running)) <= 2


async def test_what_is_too_much_is_told_at_once(handler):
    """503 with Retry-After, while those before it are answered in the end."""
    before = figures(handler)
    requests = [asyncio.create_task(get(handler, "/blocked")) for _ in range(5)]
    await all_threads_work()
    assert figures(handler) == (2, 3, *before[2:])
    status, headers, body = await get(handler, "/who", method="PATCH")
    assert (status, headers[b"retry-after"], headers[b"content-type"]) == (503, b"1", b"application/problem+json")
    assert b"Try again" in body
    assert json.loads(body)["request_id"] == headers[b"x-request-id"].decode()
    gate.set()
    assert [status for status, _, _ in await asyncio.gather(*requests)] == [200] * 5
    assert (await get(handler, "/who"))[0] == 200
    assert figures(handler) == (0, 0, before[2] + 1, before[3] + 1)


async def test_health_does_not_wait_for_requests(handler):
    """Liveness takes no thread at all; the other probes have their own."""
    requests = [asyncio.create_task(get(handler, "/blocked")) for _ in range(5)]
    await all_threads_work()
    async with asyncio.timeout(10):
        assert (await get(handler, "/livez"))[0] == 200
        status, _, thread = await get(handler, "/readyz")
    assert status == 200
    assert thread.startswith(b"probe")
    gate.set()
    await asyncio.gather(*requests)


async def test_large_bodies_have_threads_of_their_own(handler):
    """So that few are parsed at once, while other requests go on; a form is never that large."""
    large = b"x" * (OBJECT.bytes + 1)
    assert (await get(handler, "/who", body=large))[2].startswith(b"large-body")
    assert (await get(handler, "/who", body=large[1:]))[2].startswith(b"request")
    for kind in (b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x"):
        status, _, refused = await get(handler, "/who", body=large, kind=kind)
        assert (status, b"at most 262,144 bytes" in refused) == (413, True)
        assert (await get(handler, "/who", body=large[1:], kind=kind))[0] == 200


async def test_a_streamed_answer_arrives_in_its_parts(handler):
    assert await get(handler, "/parts") == (200, {b"Content-Type": b"text/html; charset=utf-8"}, b"one,two")


async def test_a_cancelled_call_keeps_its_place_until_it_ends():
    """Else callers that give up would pile up threads' work without a bound."""
    threads = Threads(1, max_waiting=0, name="one")
    call = asyncio.create_task(threads.call(blocked, HttpRequest()))
    async with asyncio.timeout(10):
        while not running:
            await asyncio.to_thread(lambda: None)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    with pytest.raises(BusyError):
        await threads.call(int)
    gate.set()
    async with asyncio.timeout(10):
        while True:
            try:
                assert await threads.call(int) == 0
                break
            except BusyError:
                await asyncio.to_thread(lambda: None)


async def test_context_that_a_request_sets_is_its_callers():
    """The access log reads the request's id after the request."""
    variable: ContextVar[str] = ContextVar("variable", default="before")
    threads = Threads(1, max_waiting=0, name="one")
    await threads.call(variable.set, "after")
    assert variable.get() == "after"
