"""Probes for load balancers: is the process alive, and should it receive traffic."""

import threading
from concurrent.futures import Future

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from realtime.delivery.hub import get_hub

DATABASE_SECONDS = 1.5
"""How long /readyz waits for the database, so that it answers within the 2 seconds that probes commonly allow."""


@never_cache
async def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all; touches nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 with `ok`, or with `degraded` where only Redis is unhealthy; 503 where requests would fail."""
    checks = {"draining": "yes" if get_hub().draining else "no", "database": _database(), "redis": _redis()}
    if checks["draining"] == "yes" or checks["database"] != "ok":
        return JsonResponse({"status": "unavailable", **checks}, status=503)
    return JsonResponse({"status": "degraded" if checks["redis"] == "failing" else "ok", **checks})


def _database() -> str:
    try:
        return _probe.ask().result(DATABASE_SECONDS)
    except TimeoutError:
        return "unreachable"


class _Probe:
    """One query at a time, in a thread of its own, so that a hanging database blocks no other thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer: Future[str] | None = None

    def ask(self) -> "Future[str]":
        """The result of the query in progress, or of a new one."""
        with self._lock:
            if self._answer is None or self._answer.done():
                self._answer = Future()
                # A daemon, so that a hanging database does not hold up the end of the process.
                threading.Thread(target=self._run, args=[self._answer], name="readyz", daemon=True).start()
            return self._answer

    def _run(self, answer: "Future[str]") -> None:
        try:
            answer.set_result(_ask_database())
        except BaseException as error:
            answer.set_exception(error)
            raise
        finally:
            connection.close()


_probe = _Probe()


def _ask_database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if _are_migrations_pending():
            return "migrations are pending: run manage.py migrate"
    except (DatabaseError, InterfaceError):
        return "unreachable"
    return "ok"


_migrated = False


def _are_migrations_pending() -> bool:
    """Checked until there are none; it can't change afterwards for a running process."""
    global _migrated  # noqa: PLW0603 -- a fact about this process that can only become true
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return not _migrated


def _redis() -> str:
    link = get_hub().link
    if not link.reaches_others:
        return "absent"
    return "ok" if link.is_healthy else "failing"
