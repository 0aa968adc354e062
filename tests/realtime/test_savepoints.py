"""Savepoints: what they roll back is not published."""

from contextlib import suppress

import pytest
from django.db import transaction

from realtime import events
from tests.realtime.event_log import published
from tests.realtime.notebook import notebook

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


def test_what_a_savepoint_rolls_back_is_not_published() -> None:
    """Also one that was made by hand, which `atomic()` does not know."""
    with transaction.atomic():
        events.publish("s", "kept", 1)
        savepoint = transaction.savepoint()
        events.publish("s", "lost", 1)
        transaction.savepoint_rollback(savepoint)
        events.publish("s", "kept.too", 1)
    assert published() == ["kept", "kept.too"]


def test_savepoints_end_in_any_order() -> None:
    """Rolling back to an outer one takes the inner ones along; one may be rolled back to twice; one released stays."""
    with transaction.atomic():
        outer = transaction.savepoint()
        events.publish("s", "lost", 1)
        inner = transaction.savepoint()
        events.publish("s", "lost", 1)
        transaction.savepoint_commit(inner)
        events.publish("s", "lost", 1)
        transaction.savepoint_rollback(outer)
        events.publish("s", "lost.again", 1)
        transaction.savepoint_rollback(outer)
        events.publish("s", "kept", 1)
        transaction.savepoint_commit(outer)
    assert published() == ["kept"]


def test_a_savepoint_inside_a_failing_block_goes_with_it() -> None:
    """By hand and by `atomic()` mixed."""
    with transaction.atomic():
        savepoint = transaction.savepoint()
        with suppress(ZeroDivisionError), transaction.atomic():
            events.publish("s", "lost", 1)
            raise ZeroDivisionError
        events.publish("s", "kept", 1)
        transaction.savepoint_commit(savepoint)
    assert published() == ["kept"]


def test_a_name_is_used_for_savepoints_again() -> None:
    """As in SQL the newest of a name counts."""
    with transaction.atomic():
        transaction.savepoint()
        transaction.clean_savepoints()
        events.publish("s", "kept", 1)
        again = transaction.savepoint()
        events.publish("s", "lost", 1)
        transaction.savepoint_rollback(again)
    assert published() == ["kept"]


def test_a_live_row_in_a_savepoint_that_is_rolled_back() -> None:
    """Neither row nor event."""
    with notebook() as book:
        with transaction.atomic():
            savepoint = transaction.savepoint()
            book.Folder.objects.create(owner=1, name="a")
            transaction.savepoint_rollback(savepoint)
        assert not book.Folder.objects.exists()
    assert published("user.1") == []
