"""A durable reader of the log: calls a function for each event, at least once, in any number of processes.

    follower = Follower("webhooks", enqueue_deliveries)
    follower.run(stop)

The function is called in the transaction that stores how far the follower has read, so what it writes to the database
is written exactly once. It should do no more than that, since a transaction is open while it runs. The events of one
stream come in order.
"""

import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import DatabaseError, close_old_connections, connections, transaction
from django.db.models.functions import Now
from django.utils import timezone

from realtime import metrics
from realtime.events import listeners
from realtime.events.database import log_alias
from realtime.events.reading import since
from realtime.events.stored_event import Batches, StoredEvent
from realtime.models import Follower as FollowerRow
from realtime.models import FollowerPosition, Stream

logger = logging.getLogger(__name__)

PAGE = 100
"""Events of one stream that are handled in one transaction."""

STREAMS = 1000
"""Streams looked at in one round."""

LONGEST_PAUSE_SECONDS = 60


class FollowedEvent(NamedTuple):
    """An event as a follower gets it; `frame` is what clients were sent, as decoded JSON."""

    stream: str
    seq: int
    frame: dict[str, Any]


class Follower:
    """One reader by name. All processes that give the same name share its work."""

    def __init__(
        self,
        name: str,
        handle: Callable[[FollowedEvent], None],
        *,
        from_start: bool = False,
        max_attempts: int = 20,
        on_gap: Callable[[str, int], None] | None = None,
    ) -> None:
        """`from_start`: begins with the oldest event kept; otherwise with those that come after its first run.

        Where `handle` raises, its writes are rolled back, and the event is tried again after a pause that doubles up to
        a minute. Meanwhile the stream waits and others go on. After `max_attempts` the event is skipped and logged.
        `on_gap(stream, seq)` is called where events before number `seq` were pruned before they were handled. Where it
        raises, the event is tried again likewise.
        """
        self.name = name
        self._handle = handle
        self._from_start = from_start
        self._max_attempts = max_attempts
        self._on_gap = on_gap or self._log_gap
        self._woken = threading.Event()

    def run(self, stop: threading.Event, *, poll_seconds: float = 1.0) -> None:
        """Handles events until `stop` is set: at once those of this process, those of others when it looks again."""
        listeners.register(self._wake, passive=True)
        try:
            while not stop.is_set():
                self._woken.clear()
                try:
                    found = self.run_once()
                except DatabaseError:
                    logger.warning("%s can't read the log; it tries again", self.name, exc_info=True)
                    found = 0
                if not found and not stop.is_set():
                    self._woken.wait(poll_seconds)
                close_old_connections()
        finally:
            listeners.unregister(self._wake)

    def run_once(self) -> int:
        """Handles what there is; returns how many events that were."""
        self._say_alive()
        return sum(self._follow(stream) for stream in self._behind())

    def _wake(self, batches: Batches) -> None:
        self._woken.set()

    def _say_alive(self) -> None:
        """Begins where the log stands now, the first time."""
        alias = log_alias()
        with transaction.atomic(alias):
            changed = FollowerRow.objects.filter(pk=self.name).update(seen_at=Now())
            if changed:
                return
            created = FollowerRow(name=self.name, seen_at=Now())
            FollowerRow.objects.bulk_create([created], ignore_conflicts=True)
            if not self._from_start:
                positions = [
                    FollowerPosition(follower=self.name, stream=stream, seq=head)
                    for stream, head in Stream.objects.values_list("name", "head")
                ]
                FollowerPosition.objects.bulk_create(positions, ignore_conflicts=True, batch_size=1000)

    def _behind(self) -> list[str]:
        """Streams with events that have not been handled, and that need not wait after a failure."""
        connection = connections[log_alias()]
        streams, positions = (connection.ops.quote_name(model._meta.db_table) for model in (Stream, FollowerPosition))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.name FROM {streams} s "  # noqa: S608 -- names of tables of ours
                f"LEFT JOIN {positions} p ON p.stream = s.name AND p.follower = %s "
                "WHERE s.head > COALESCE(p.seq, 0) AND (p.retry_at IS NULL OR p.retry_at <= %s) LIMIT %s",
                [self.name, connection.ops.adapt_datetimefield_value(timezone.now()), STREAMS],
            )
            return [name for (name,) in cursor.fetchall()]

    def _follow(self, stream: str) -> int:
        """Handles the next events of a stream, unless another process does at the moment."""
        alias = log_alias()
        new = FollowerPosition(follower=self.name, stream=stream)
        FollowerPosition.objects.bulk_create([new], ignore_conflicts=True)
        skip_locked = connections[alias].features.has_select_for_update_skip_locked
        with transaction.atomic(alias):
            rows = FollowerPosition.objects.select_for_update(skip_locked=skip_locked)
            position = rows.filter(follower=self.name, stream=stream).first()
            if position is None:
                return 0
            before = position.seq
            self._advance(position, alias)
            FollowerPosition.objects.filter(follower=self.name, stream=stream).update(
                seq=position.seq, failures=position.failures, retry_at=position.retry_at
            )
        return position.seq - before

    def _advance(self, position: FollowerPosition, alias: str) -> None:
        """Moves the position over the events that could be handled, up to the first that could not."""
        for event in since(position.stream, position.seq, PAGE):
            try:
                if event.seq > position.seq + 1:
                    with transaction.atomic(alias):
                        self._on_gap(position.stream, event.seq)
                    position.seq = event.seq - 1  # told, however often the event is tried
                with transaction.atomic(alias):
                    self._handle(FollowedEvent(position.stream, event.seq, json.loads(event.text)))
            except Exception as error:  # noqa: BLE001 -- logged, counted, and the event is tried again
                metrics.follower_errors.labels(self.name).inc()
                if not self._is_given_up(position, event, error):
                    return
            position.seq, position.failures, position.retry_at = event.seq, 0, None

    def _is_given_up(self, position: FollowerPosition, event: StoredEvent, error: Exception) -> bool:
        """Notes a failure. Whether it was the last one that this event is given."""
        position.failures += 1
        if position.failures >= self._max_attempts:
            logger.error("%s skips event %d of %s", self.name, event.seq, position.stream, exc_info=error)
            return True
        pause = min(LONGEST_PAUSE_SECONDS, 2 ** (position.failures - 1))
        position.retry_at = timezone.now() + timedelta(seconds=pause)
        if position.failures == 1:
            what = "%s could not handle event %d of %s yet"
            logger.warning(what, self.name, event.seq, position.stream, exc_info=error)
        return False

    def _log_gap(self, stream: str, seq: int) -> None:
        logger.warning("%s: the events of %s before %d were pruned before they were handled", self.name, stream, seq)
