"""The clock beside a SQLite file: one that jumps ahead deletes nothing at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from realtime import events
from realtime.events import clock
from realtime.models import PeriodicRun

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_jump_is_doubted_for_a_day(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """By whichever process looks. Put right, or after a day, it counts again; going back is no jump."""
    events.publish("a", "thing", 1)
    began = timezone.now()

    def at(moment: Any) -> bool:
        monkeypatch.setattr(clock, "database_now", lambda: began + moment)
        caplog.clear()
        found = clock.deletion_now()
        assert found in (None, began + moment)
        assert ("nothing old is deleted before" in caplog.text) is (found is None)
        return found is not None

    assert not at(400 * DAY)  # the log says when it was used last, the first time
    assert at(HOUR)
    assert at(23 * HOUR)
    assert not at(400 * DAY)
    assert not at(400 * DAY + 23 * HOUR)
    assert at(2 * DAY - 2 * HOUR)  # it was put right
    assert not at(400 * DAY)
    assert at(401 * DAY)  # a server that was off for so long
    assert at(3 * DAY)
    assert PeriodicRun.objects.count() == 1
