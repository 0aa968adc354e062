"""Servers delete old events by themselves, one of them for all."""

import time
from functools import partial

import pytest

from tests.servers import manage, wait_until
from tests.system.figures import Figures
from tests.system.queries import reader

AGE = """
from datetime import timedelta
from django.utils import timezone
from realtime.models import Event
from tasks.models import EVERYONE_ID, Task
for number in range(30):
    Task.objects.create(list_id=EVERYONE_ID, title=f"number {number}")
print(Event.objects.update(at=timezone.now() - timedelta(days=10)))
Task.objects.create(list_id=EVERYONE_ID, title="new")
"""


@pytest.mark.timeout(120)
def test_one_replica_deletes_what_is_old(database, start_replica) -> None:
    """And what is new stays. With EVENT_DAYS=0 none is deleted, which another one has to do."""
    old = int(manage("shell", "--verbosity", "0", "--command", AGE, env=database))
    kept = start_replica(database, EVENT_DAYS="0")
    replicas = [*(start_replica(database, EVENT_DAYS="7") for _ in range(2)), kept]
    told = f"{old} events older than 7 days deleted"
    wait_until(lambda: any(told in replica.log.read_text() for replica in replicas), timeout=60, what="the deletion")
    with reader(database["DATABASE_URL"]) as query:
        assert query("SELECT count(*) FROM realtime_event") == [(1,)]
    # Each measures the age of the log, also the one that deletes nothing.
    began = time.time() - 600
    for replica, days, oldest in zip(replicas, (7, 7, 0), (began, began, 0), strict=True):
        assert Figures(replica.url)("realtime_event_days") == days
        wait_until(partial(_is_newer, replica.url, oldest), timeout=30, what="the oldest event's time")
    # By now each has had its turn.
    assert sum(replica.log.read_text().count("events older than") for replica in replicas) == 1
    pruned = [Figures(replica.url)("realtime_events_pruned_total") for replica in replicas]
    assert sorted(pruned) == [0, 0, old]
    assert pruned[2] == 0


def _is_newer(url: str, moment: float) -> bool:
    return Figures(url)("realtime_oldest_event_timestamp_seconds") > moment
