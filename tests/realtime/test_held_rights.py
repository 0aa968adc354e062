"""Rights that were checked hold at the commit: nobody commits behind the loss of one."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from realtime import events
from realtime.database_errors import RightsChangedError
from realtime.models import Stream
from tests.realtime.event_log import published
from tests.realtime.locks import needs_row_locks

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


def counted(*streams: str) -> dict[str, int | None]:
    """As a check of rights counts what somebody has lost there."""
    return dict.fromkeys(streams) | dict(Stream.objects.filter(pk__in=streams).values_list("name", "revocations"))


def elsewhere(write: Callable[[], Any]) -> None:
    """Done and committed by another connection."""

    def run() -> None:
        try:
            write()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@needs_row_locks
@pytest.mark.parametrize("loss", [{"revokes": True}, {"leave": [1]}, {"leave": "*"}])
@pytest.mark.parametrize("is_told", [False, True])
def test_a_write_behind_a_loss_commits_nothing(loss: dict[str, Any], is_told: bool) -> None:
    """Its event gets no number, so there is no gap; also where the number is stored. The same again succeeds."""
    seqs: list[int] = []
    on_number = seqs.append if is_told else None
    events.publish("s", "first", 1)

    @transaction.atomic
    def late() -> None:
        events.hold_rights(counted("s"), using="default")
        elsewhere(lambda: events.publish("s", "lost", 1, **loss))
        events.publish("s", "late", 1, on_number=on_number)

    with pytest.raises(RightsChangedError):
        late()
    with transaction.atomic():
        events.hold_rights(counted("s"), using="default")
        events.publish("s", "again", 1, on_number=on_number)
    assert published() == ["first", "lost", "again"]
    assert seqs == ([3] if is_told else [])


@needs_row_locks
def test_each_stream_of_a_transaction_is_compared() -> None:
    """One that has lost nothing does not help the other; what has not been counted is not compared."""
    for stream in ("s", "t"):
        events.publish(stream, "first", 1)

    @transaction.atomic
    def late() -> None:
        events.hold_rights(counted("s", "t"), using="default")
        elsewhere(lambda: events.publish("t", "lost", 1, revokes=True))
        events.publish("s", "late", 1)
        events.publish("t", "late", 1)

    with pytest.raises(RightsChangedError):
        late()
    with transaction.atomic():
        events.hold_rights(counted("s"), using="default")
        elsewhere(lambda: events.publish("t", "lost", 1, revokes=True))
        events.publish("s", "on time", 1)
        events.publish("t", "unasked", 1)
    assert Stream.objects.get(pk="s").head == 2
    assert Stream.objects.get(pk="t").head == 4


@needs_row_locks
def test_what_was_checked_in_a_savepoint_that_is_rolled_back_is_compared() -> None:
    """It may have been remembered; the first count of a transaction counts."""
    events.publish("s", "first", 1)

    @transaction.atomic
    def late() -> None:
        sid = transaction.savepoint()
        events.hold_rights(counted("s"), using="default")
        transaction.savepoint_rollback(sid)
        elsewhere(lambda: events.publish("s", "lost", 1, revokes=True))
        events.hold_rights(counted("s"), using="default")
        events.publish("s", "late", 1)

    with pytest.raises(RightsChangedError):
        late()


def test_one_transaction_holds_nothing_of_another() -> None:
    """After a commit as after a rollback."""
    events.publish("s", "first", 1)
    with transaction.atomic():
        events.hold_rights(counted("s"), using="default")
    events.publish("s", "lost", 1, revokes=True)

    @transaction.atomic
    def late() -> None:
        events.hold_rights(counted("s"), using="default")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        late()
    events.publish("s", "lost", 1, revokes=True)
    events.publish("s", "free", 1)
    assert published()[-1] == "free"


def test_rights_are_checked_in_a_transaction() -> None:
    """Without one they may be gone before they are used: a mistake of the programmer."""
    with pytest.raises(TransactionManagementError):
        events.hold_rights({}, using="default")
