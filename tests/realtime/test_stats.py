"""The processes that serve connections, as each of them sees the others."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from realtime import stats
from realtime.models import Instance

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def age(instance: str, **time: float) -> None:
    Instance.objects.filter(pk=instance).update(seen_at=F("seen_at") - timedelta(**time))


def test_the_others_are_counted() -> None:
    """Not oneself, whose numbers one knows better."""
    assert stats.elsewhere("a") == (0, 0)
    stats.report("a", 100, 10)
    stats.report("b", 5, 4)
    stats.report("c", 0, 0)
    assert stats.elsewhere("a") == (2, 5)
    assert stats.elsewhere("b") == (2, 100)
    assert stats.elsewhere("unknown") == (3, 105)


def test_a_report_replaces_the_one_before() -> None:
    """And says that the process is alive; its start stays."""
    stats.report("b", 5, 4)
    started = Instance.objects.get(pk="b").started_at
    age("b", seconds=stats.ALIVE_SECONDS + 1)
    stats.report("b", 6, 4)
    assert stats.elsewhere("a") == (1, 6)
    assert Instance.objects.get(pk="b").started_at == started


def test_the_dead_do_not_count() -> None:
    """After three beats missed; one that ends in order, at once."""
    stats.report("b", 5, 4)
    stats.report("c", 7, 7)
    age("b", seconds=stats.ALIVE_SECONDS - 1)
    assert stats.elsewhere("a") == (2, 12)
    age("b", seconds=1.5)
    assert stats.elsewhere("a") == (1, 7)
    stats.forget("c")
    assert stats.elsewhere("a") == (0, 0)
    stats.forget("c")


def test_rows_of_the_dead_go_when_a_new_process_comes() -> None:
    """Pods have new names each time; the table does not grow for ever."""
    stats.report("b", 5, 4)
    age("b", hours=2)
    stats.report("c", 1, 1)
    assert list(Instance.objects.values_list("pk", flat=True)) == ["c"]


def test_a_killed_one_is_gone_within_fifteen_seconds() -> None:
    """However late in its own beat it died."""
    assert stats.ALIVE_SECONDS + 3 <= 15
    assert stats.ALIVE_SECONDS >= 2 * stats.BEAT_SECONDS
    stats.report("b", 1, 1)
    seen = Instance.objects.get(pk="b").seen_at
    assert abs(timezone.now() - seen) < timedelta(seconds=60)
