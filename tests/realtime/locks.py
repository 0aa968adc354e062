"""Two transactions that meet, on PostgreSQL: one goes on when the other has come to wait for it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

needs_row_locks = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="SQLite has one writer at a time"
)


WAITING = """
    SELECT locks.pid FROM pg_locks AS locks JOIN pg_stat_activity AS activity USING (pid)
    WHERE NOT granted AND datname = current_database()
"""
"""The connections to this database that wait for a lock. Other databases of the server are other tests'."""


def somebody_waits(seconds: float = 3) -> bool:
    """Returns when a transaction waits for a lock, or after so many seconds when none did."""
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(WAITING)
            if cursor.fetchone():
                return True
            time.sleep(0.01)
    return False


@contextmanager
def meanwhile(write: Callable[[], Any]) -> Iterator[None]:
    """Another thread has written, and does not commit until somebody has waited for it; it has when the block ends."""
    written = threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                write()
                written.set()
                somebody_waits()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert written.wait(10)
    try:
        yield
    finally:
        thread.join()
