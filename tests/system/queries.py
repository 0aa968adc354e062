"""Questions to the database of a replica without any of the application's code: no process has to start for them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import psycopg

Query = Callable[[str], list[tuple[Any, ...]]]


@contextmanager
def reader(url: str) -> Iterator[Query]:
    """query(statement): all rows; each question sees one moment."""
    with ExitStack() as stack:
        connection: Any
        if url.startswith("sqlite"):
            connection = stack.enter_context(closing(sqlite3.connect(url.removeprefix("sqlite:///"))))
        else:
            connection = stack.enter_context(psycopg.connect(url, autocommit=True))
        yield lambda question: connection.execute(question).fetchall()
