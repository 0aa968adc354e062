"""What a load balancer asks: is the process alive, and should it get traffic."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from realtime.delivery.hub import get_hub


@never_cache
async def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all; touches nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 with `ok`, or with `degraded` where only Redis is ill; 503 where requests would fail."""
    checks = {"draining": "yes" if get_hub().draining else "no", "database": _database(), "redis": _redis()}
    if checks["draining"] == "yes" or checks["database"] != "ok":
        return JsonResponse({"status": "unavailable", **checks}, status=503)
    return JsonResponse({"status": "degraded" if checks["redis"] == "ill" else "ok", **checks})


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if _are_migrations_pending():
            return "migrations are pending: run manage.py migrate"
    except DatabaseError:
        return "unreachable"
    return "ok"


_migrated = False


def _are_migrations_pending() -> bool:
    """Looked up until there are none: a running process never needs another one."""
    global _migrated  # noqa: PLW0603 -- a fact about this process that can only become true
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return not _migrated


def _redis() -> str:
    wire = get_hub().wire
    if not wire.reaches_others:
        return "absent"
    return "ok" if wire.is_well else "ill"
