"""The processes that serve connections, as each of them sees the others."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from realtime.delivery import presence
from realtime.models import Instance

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def age(instance: str, **time: float) -> None:
    Instance.objects.filter(pk=instance).update(seen_at=F("seen_at") - timedelta(**time))


def test_the_others_are_counted() -> None:
    """Not oneself, whose numbers one knows better."""
    assert presence.elsewhere("a") == (0, 0)
    presence.report("a", 100, 10)
    presence.report("b", 5, 4)
    presence.report("c", 0, 0)
    assert presence.elsewhere("a") == (2, 5)
    assert presence.elsewhere("b") == (2, 100)
    assert presence.elsewhere("unknown") == (3, 105)


def test_a_report_replaces_the_one_before() -> None:
    """And says that the process is alive; its start stays."""
    presence.report("b", 5, 4)
    started = Instance.objects.get(pk="b").started_at
    age("b", seconds=presence.ALIVE_SECONDS + 1)
    presence.report("b", 6, 4)
    assert presence.elsewhere("a") == (1, 6)
    assert Instance.objects.get(pk="b").started_at == started


def test_the_dead_do_not_count() -> None:
    """After three beats missed; one that ends in order, at once."""
    presence.report("b", 5, 4)
    presence.report("c", 7, 7)
    age("b", seconds=presence.ALIVE_SECONDS - 1)
    assert presence.elsewhere("a") == (2, 12)
    age("b", seconds=1.5)
    assert presence.elsewhere("a") == (1, 7)
    presence.forget("c")
    assert presence.elsewhere("a") == (0, 0)
    presence.forget("c")


def test_rows_of_the_dead_go_when_a_new_process_comes() -> None:
    """Pods have new names each time; the table does not grow for ever."""
    presence.report("b", 5, 4)
    age("b", hours=2)
    presence.report("c", 1, 1)
    assert list(Instance.objects.values_list("pk", flat=True)) == ["c"]


def test_a_killed_one_is_gone_within_fifteen_seconds() -> None:
    """However late it died after its last report."""
    assert presence.ALIVE_SECONDS + 3 <= 15
    assert presence.ALIVE_SECONDS >= 2 * presence.REPORT_SECONDS
    presence.report("b", 1, 1)
    seen = Instance.objects.get(pk="b").seen_at
    assert abs(timezone.now() - seen) < timedelta(seconds=60)
