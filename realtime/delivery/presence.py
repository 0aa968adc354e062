"""How many connections there are, here and on all replicas. Synchronous; uses the database."""

from datetime import timedelta

from django.db.models.functions import Now

from realtime.models import Instance

REPORT_SECONDS = 4
ALIVE_SECONDS = 12
"""A process that was killed is gone from the statistics after this."""

KEEP_HOURS = 1


def report(instance: str, connections: int, users: int) -> None:
    """Writes this process's row, and deletes those of processes that died long ago. By the database's clock."""
    changed = Instance.objects.filter(pk=instance).update(seen_at=Now(), connections=connections, users=users)
    if not changed:
        Instance.objects.filter(seen_at__lt=Now() - timedelta(hours=KEEP_HOURS)).delete()
        Instance.objects.create(pk=instance, started_at=Now(), seen_at=Now(), connections=connections, users=users)


def forget(instance: str) -> None:
    """Deletes the row: the process ends in order."""
    Instance.objects.filter(pk=instance).delete()


def elsewhere(instance: str) -> tuple[int, int]:
    """The living processes other than `instance`, and their connections."""
    others = Instance.objects.filter(seen_at__gt=Now() - timedelta(seconds=ALIVE_SECONDS)).exclude(pk=instance)
    found = others.values_list("connections", flat=True)
    return len(found), sum(found)
