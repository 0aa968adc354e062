"""What a database connection does for the event log: it numbers the transaction's events right before the commit.

Numbering locks the rows of the streams. As the last statement of the transaction it holds them for the commit alone,
and it locks them in the order of their names, so no two transactions can wait for each other. On PostgreSQL it commits
too, and the commit that follows has nothing to do: the `_commit()` of a class below this one comes too late there.

Imported when Django opens its first connection, possibly before the models are there, so `realtime.events.numbering`
gives it the function that finishes a transaction. A project with a backend of its own combines the two:

    class DatabaseWrapper(EventLogMixin, postgis.base.DatabaseWrapper): ...
"""

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from realtime import metrics

logger = logging.getLogger(__name__)


class UnnumberedEventsError(RuntimeError):
    """A transaction was ended behind the connection's back: its change may be committed, its events are not."""


class EventLogMixin(BaseDatabaseWrapper if TYPE_CHECKING else object):  # type: ignore[misc]
    """To be inherited before a `DatabaseWrapper` of Django's. `pending_events` are those of the open transaction."""

    finish_transaction: "ClassVar[staticmethod[[Any, Sequence[Any], Mapping[str, int]], Callable[[], None]]]"
    """Takes the connection, what is pending and the rights that were checked. Writes the events with their numbers;
    returns what is to be called once the transaction has committed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pending_events: list[Any] = []
        self.checked_rights: dict[str, int] = {}
        """Of the open transaction, see `events.hold_rights()`. A savepoint that is rolled back leaves them: what was
        found out inside it may have been remembered."""
        self._events_at_savepoint: list[tuple[str, int]] = []

    def _commit(self) -> None:
        checked, events = self.checked_rights, self._take_pending()
        if not events:
            super()._commit()
            return
        try:
            announce = self.finish_transaction(self, events, checked)
        except BaseException:
            # Not left to the caller: a second commit() would commit the change without its events.
            try:
                self.rollback()
            except Error:
                self.close()
            raise
        super()._commit()
        announce()

    def _rollback(self) -> None:
        self._take_pending()
        super()._rollback()

    def _close(self) -> None:
        self._take_pending()
        super()._close()

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        super().set_autocommit(autocommit, *args, **kwargs)
        if autocommit and (events := self._take_pending()):
            # Neither _commit() nor _rollback() has been called, but the transaction is over.
            metrics.events_unnumbered.inc(len(events))
            told = ", ".join(str(event) for event in events[:10])
            logger.error("A transaction ended without its %d events being numbered: %s", len(events), told)
            raise UnnumberedEventsError(
                f"{len(events)} events were published, but the transaction did not end by the connection's commit() or "
                f"rollback(): {told}. If its changes were committed, run `manage.py new_epoch`."
            )

    def _savepoint(self, sid: str) -> None:
        super()._savepoint(sid)
        self._events_at_savepoint.append((sid, len(self.pending_events)))

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)
        if (index := self._index_of(sid)) is not None:
            del self.pending_events[self._events_at_savepoint[index][1] :]
            del self._events_at_savepoint[index + 1 :]  # this one itself can be rolled back to again

    def _savepoint_commit(self, sid: str) -> None:
        super()._savepoint_commit(sid)
        if (index := self._index_of(sid)) is not None:
            del self._events_at_savepoint[index:]

    def _index_of(self, sid: str) -> int | None:
        """Of the newest savepoint of that name: a name may be used again, and hides the older one as in SQL."""
        with contextlib.suppress(ValueError):
            names = [name for name, _ in self._events_at_savepoint]
            return len(names) - 1 - names[::-1].index(sid)
        return None

    def _take_pending(self) -> list[Any]:
        events, self.pending_events = self.pending_events, []
        self.checked_rights = {}
        self._events_at_savepoint.clear()
        return events
