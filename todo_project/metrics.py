"""Metrics of HTTP, the database's pool and the build; the apps have metrics of their own."""

import logging
import platform
import time
from collections.abc import Callable
from functools import cache
from inspect import iscoroutinefunction
from typing import Any

import django
from django.contrib.admindocs.views import simplify_regex
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from realtime.metrics import SECONDS, samplers
from todo_project import VERSION

READS = {"GET", "HEAD", "OPTIONS"}
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
METHODS = READS | WRITES
UNAVAILABLE = 503

http_requests = Counter(
    "todo_http_requests",
    "HTTP requests answered. route: the pattern of the address, or `unmatched`.",
    ["method", "route", "status"],
)
http_seconds = Histogram(
    "todo_http_request_seconds",
    "From the request's first middleware until the answer was ready to be sent.",
    ["method", "route"],
    buckets=SECONDS,
)
# Without labels, so that they are shown from the start: an alert sees the first refusal of a server too.
http_writes = Counter("todo_http_writes", "HTTP requests answered that change something, by their method.")
http_writes_unavailable = Counter("todo_http_writes_unavailable", "Those of them that were answered with 503.")
security_refusals = Counter(
    "todo_security_refusals",
    "Requests refused for their host, their CSRF token, or as suspicious otherwise, by Django's word for it.",
    ["kind"],
)
threads_busy = Gauge("todo_http_threads_busy", "Threads that work on people's requests.", multiprocess_mode="livesum")
requests_waiting = Gauge("todo_http_requests_waiting", "Requests that wait for a thread.", multiprocess_mode="livesum")
pool_connections = Gauge(
    "todo_database_pool_connections",
    "Connections to PostgreSQL in the pool, by state.",
    ["state"],
    multiprocess_mode="livesum",
)
pool_waiting = Gauge(
    "todo_database_pool_waiting", "Threads that wait for a connection of the pool.", multiprocess_mode="livesum"
)
pool_size_max = Gauge("todo_database_pool_size_max", "Connections that the pool may hold.", multiprocess_mode="livesum")
build_info = Gauge(
    "todo_build_info",
    "Always 1; the labels say what is running.",
    ["version", "django", "python"],
    multiprocess_mode="livemax",
)


def prepare() -> None:
    """Called once, by a process that serves."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # else each counter and histogram is followed by a series that nobody asks for
    samplers.append(sample_pool)
    logging.getLogger("django.security").addHandler(SecurityCounter())
    build_info.labels(VERSION, django.get_version(), platform.python_version()).set(1)


class SecurityCounter(logging.Handler):
    """Counts what Django tells its security log, of which most is left out of ours. The kinds are Django's own."""

    def emit(self, record: logging.LogRecord) -> None:
        security_refusals.labels(record.name.removeprefix("django.security.")).inc()


def sample_pool() -> None:
    """Reads the pool's statistics. SQLite has no pool; all of them stay 0."""
    pool = getattr(connection, "pool", None)
    if pool is None:
        return
    stats = pool.get_stats()
    idle = stats.get("pool_available", 0)
    pool_connections.labels("idle").set(idle)
    pool_connections.labels("used").set(stats.get("pool_size", 0) - idle)
    pool_waiting.set(stats.get("requests_waiting", 0))
    pool_size_max.set(stats.get("pool_max", 0))


@sync_and_async_middleware
def HttpMetricsMiddleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:  # noqa: N802
    """Counts and times each request that gets an answer."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response: HttpResponseBase = get_response(request)
        _note(request, response, time.perf_counter() - began)
        return response

    async def async_middleware(request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response: HttpResponseBase = await get_response(request)
        _note(request, response, time.perf_counter() - began)
        return response

    return async_middleware if iscoroutinefunction(get_response) else middleware


def _note(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    route = _readable(request.resolver_match.route) if request.resolver_match else "unmatched"
    method = count_request(request.method, route, response.status_code)
    http_seconds.labels(method, route).observe(seconds)


def count_request(method: str | None, route: str, status: int) -> str:
    """Also of a request that no middleware sees. Returns the method as metrics have it: label values stay in memory, so
    nothing that a client can invent may become one."""
    known = method if method in METHODS else "other"
    http_requests.labels(known, route, status).inc()
    if known in WRITES:
        http_writes.inc()
        if status == UNAVAILABLE:
            http_writes_unavailable.inc()
    return known


@cache
def _readable(route: str) -> str:
    """A pattern without the signs of regular expressions: /api/tasks/<pk>."""
    return simplify_regex(route).rstrip("/") or "/"
