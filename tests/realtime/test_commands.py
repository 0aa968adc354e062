"""`prune_events` keeps the log short, `new_epoch` gives it a new identity."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from realtime import events
from realtime.events import retention
from realtime.models import Event, Follower, FollowerPosition, Log, Stream

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def run(name: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, stdout=out, **options)
    return out.getvalue()


def fill(stream: str, *ages: float) -> None:
    """Events of so many days ago, the oldest first."""
    for age in ages:
        events.publish(stream, "thing", age)
        seq = events.heads([stream])[stream]
        Event.objects.filter(stream=stream, seq=seq).update(at=timezone.now() - timedelta(days=age))


def kept(stream: str) -> list[int]:
    return [event.seq for event in events.since(stream, 0)]


def floor(stream: str) -> int:
    return Stream.objects.get(pk=stream).floor


def test_models_and_migrations_agree() -> None:
    """A changed model has its migration, in every app of the project."""
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_old_events_go() -> None:
    """Those of more than a week; each stream keeps its numbers and knows what its oldest is."""
    fill("a", 20, 8, 6, 0)
    fill("b", 0)
    fill("c", 30, 29)
    assert run("prune_events").startswith("4 events older than ")
    assert (kept("a"), floor("a")) == ([3, 4], 3)
    assert (kept("b"), floor("b")) == ([1], 1)
    assert (kept("c"), floor("c")) == ([], 3)
    assert events.heads("abc") == {"a": 4, "b": 1, "c": 2}
    events.publish("c", "thing", "the next")
    assert kept("c") == [3]


def test_how_many_days_can_be_said() -> None:
    """Parts of one, and none, too."""
    fill("a", 3, 1, 0.4)
    run("prune_events", days=2)
    assert kept("a") == [2, 3]
    run("prune_events", days=0.5)
    assert kept("a") == [3]
    run("prune_events", days=0)
    assert (kept("a"), floor("a")) == ([], 4)
    assert run("prune_events", days=0).startswith("0 events")
    assert run("prune_events", days=0, verbosity=0) == ""


def test_the_setting_says_how_many_days(settings: Any) -> None:
    """Where the command does not. A setting that keeps all is no reason to delete, nor to say nothing."""
    fill("a", 3, 1)
    settings.REALTIME = {**settings.REALTIME, "EVENT_DAYS": 2}
    said = run("prune_events")
    assert said.startswith("1 events older than ")
    assert said.endswith(" UTC (2 days) deleted.\n")
    settings.REALTIME = {**settings.REALTIME, "EVENT_DAYS": 0}
    with pytest.raises(CommandError, match=r"EVENT_DAYS is 0, which keeps all events\. Say how many days"):
        run("prune_events")
    assert kept("a") == [2]


def test_nothing_in_between_goes() -> None:
    """Where clocks differ, an event that looks younger than the next one goes with it: a log with a hole is none."""
    fill("a", 9, 1, 9, 1)
    run("prune_events")
    assert (kept("a"), floor("a")) == ([4], 4)


@pytest.mark.parametrize("batch", [1, 2, 3, 100])
def test_the_log_is_pruned_in_batches(batch: int) -> None:
    """None of them holds the database up for long, and all are deleted in the end, of large and of small streams."""
    fill("a", 9, 9, 9, 9, 9, 0)
    fill("b", 9)
    fill("c", 9, 9, 0)
    assert retention.prune(timezone.now() - timedelta(days=7), batch=batch) == 8
    assert [(kept(stream), floor(stream)) for stream in "abc"] == [([6], 6), ([], 2), ([3], 3)]
    assert retention.prune(timezone.now() - timedelta(days=7), batch=batch) == 0


def test_days_that_never_come_are_refused() -> None:
    """One line, no traceback."""
    for days in (-1, 1e12, float("nan"), float("inf")):
        with pytest.raises(CommandError, match="--days must be from 0 to 36500"):
            run("prune_events", days=days)


def test_one_process_of_many_prunes() -> None:
    """The first to come; the others when the time has passed, by the database's clock."""
    epoch = events.epoch()
    fill("a", 9, 0)
    assert retention.prune_if_due(7) == 1
    fill("b", 9)
    assert retention.prune_if_due(7) is None
    assert kept("b") == [1]
    Log.objects.update(pruned_at=timezone.now() - timedelta(minutes=61))
    assert retention.prune_if_due(7) == 1
    assert events.epoch() == epoch


def test_a_log_without_its_row_is_not_pruned() -> None:
    """It has never been asked for, so nobody has read anything."""
    Log.objects.all().delete()
    assert retention.prune_if_due(7) is None


def test_a_followers_events_are_kept_while_it_is_seen() -> None:
    """Those that it has not handled; without a position it has handled none."""
    fill("a", 9, 9, 9)
    fill("b", 9)
    follower = Follower.objects.create(name="f", seen_at=timezone.now())
    FollowerPosition.objects.create(follower="f", stream="a", seq=2)
    assert run("prune_events").startswith("2 events")
    assert (kept("a"), floor("a"), kept("b")) == ([3], 3, [1])
    follower.seen_at = timezone.now() - timedelta(days=8)
    follower.save()
    assert run("prune_events").startswith("2 events")
    assert (kept("a"), kept("b")) == ([], [])


def test_a_new_epoch() -> None:
    """Another than before, in its one row, also in a log that has none yet."""
    Log.objects.all().delete()
    assert run("new_epoch") == f"The log's epoch is now {events.epoch()}.\n"
    before = events.epoch()
    run("new_epoch")
    assert events.epoch() != before
    assert events.positions(["a"])["epoch"] == events.epoch()
    assert Log.objects.count() == 1
